//! `store info`: where the state lives, what is in it, and whether it is safe there.

use std::collections::BTreeMap;
use std::io;

use clap::Args;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page, Tone};
use crate::lang::{Text, text};
use crate::store::transfer::{EncryptionState, Holding};
use crate::store::{PlatformKey, Store, StoreLocation};

use super::{moved, place, risk};

/// Show where the state lives, what is in it and how it is kept
///
/// Every platform in the store with the number of its records, the profile's own first. Of a Redis
/// also its version, role, replicas and persistence, with a warning where keys could get lost.
/// Nothing is changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth store info\n  wxauth --sandbox store info -o json")]
pub struct InfoArgs {}

#[derive(Serialize)]
struct InfoRow {
    kind: &'static str,
    store: String,
    exists: bool,
    schema_version: Option<i64>,
    min_reader: Option<i64>,
    bytes: Option<u64>,
    encrypted: Option<EncryptionState>,
    redis: Option<RedisPart>,
    platforms: Vec<PlatformPart>,
    warnings: Vec<Text>,
}

#[derive(Serialize)]
struct PlatformPart {
    component_appid: String,
    realm: String,
    /// Whether it is the profile's.
    own: bool,
    records: BTreeMap<String, u64>,
}

/// What the server says of itself; null where its user may not ask.
#[derive(Serialize)]
struct RedisPart {
    server: Option<String>,
    version: Option<String>,
    mode: Option<String>,
    role: Option<String>,
    replicas: Option<u64>,
    appendonly: Option<bool>,
    save: Option<String>,
    eviction: Option<String>,
    memory: Option<u64>,
}

pub(super) async fn run(context: &Context, _: InfoArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let location = context.store_location().await?;
    let own = context.key().await?;
    let mut row = InfoRow {
        kind: match &location {
            StoreLocation::Sqlite(_) => "sqlite",
            StoreLocation::Memory => "memory",
            StoreLocation::Redis(_) => "redis",
        },
        store: place::shown(&location),
        exists: false,
        schema_version: None,
        min_reader: None,
        bytes: None,
        encrypted: None,
        redis: None,
        platforms: Vec::new(),
        warnings: Vec::new(),
    };
    let is_absent = matches!(&location, StoreLocation::Sqlite(path) if !path.exists());
    if !is_absent {
        let store = context.open_store(&location).await?;
        look(&mut row, &store, &own).await?;
    }
    console.document(&row, |out| screen(out, &row, &console))?;
    Ok(Exit::Done)
}

async fn look(row: &mut InfoRow, store: &Store, own: &PlatformKey) -> Result<(), CliError> {
    let info = store.info().await?;
    row.exists = info.min_reader.is_some();
    row.min_reader = info.min_reader;
    row.schema_version = info.min_reader.map(|_| info.schema_version);
    row.bytes = info.bytes;
    let risks = store.risks().await?;
    row.warnings.extend(risks.iter().map(risk::warning));
    #[cfg(feature = "redis")]
    if let Some(facts) = store.facts().await? {
        row.redis = Some(RedisPart {
            server: facts.server,
            version: facts.version,
            mode: facts.mode,
            role: facts.role,
            replicas: facts.replicas,
            appendonly: facts.appendonly,
            save: facts.save,
            eviction: facts.eviction,
            memory: facts.memory,
        });
    }
    if !row.exists {
        return Ok(());
    }
    row.encrypted = Some(store.encryption_state().await?);
    let mut keys = store.platforms().await?;
    keys.sort_by_key(|key| key != own);
    for key in keys {
        let Holding { key, records } = store.holding(&key).await?;
        row.platforms.push(PlatformPart {
            own: key == *own,
            component_appid: key.component_appid.as_str().to_owned(),
            realm: key.realm,
            records: moved::owned(&records),
        });
    }
    Ok(())
}

fn screen(out: &mut Page, row: &InfoRow, console: &Console) -> io::Result<()> {
    let lang = console.lang();
    out.put(lang.choose("Store     ", "存储      "));
    out.paint(Tone::Strong, &row.store);
    writeln!(out)?;
    let mut line = |english: &str, chinese: &str, said: Text| {
        let title = lang.choose(english, chinese);
        out.put(title);
        out.prose(said.of(lang), title.width());
    };
    let layout = match (row.schema_version, row.min_reader) {
        (Some(version), Some(reader)) => text!(
            "{version}, for programs from layout {reader} on",
            "{version}，结构版本 {reader} 起的程序可用"
        ),
        _ => text!("nothing is stored yet", "尚无数据"),
    };
    line("Layout    ", "结构版本  ", layout);
    if let Some(bytes) = row.bytes {
        line(
            "Size      ",
            "大小      ",
            text!("{bytes} bytes", "{bytes} 字节"),
        );
    }
    if let Some(encrypted) = &row.encrypted {
        let keys = encrypted.key_ids.join(", ");
        let said = match (encrypted.key_ids.is_empty(), encrypted.plain_text) {
            (true, false) => text!("none stored", "尚无"),
            (true, true) => text!("in plain text", "未加密（明文）"),
            (false, false) => text!("encrypted with {keys}", "已用密钥 {keys} 加密"),
            (false, true) => text!(
                "encrypted with {keys}, some in plain text",
                "已用密钥 {keys} 加密，部分未加密"
            ),
        };
        line("Secrets   ", "敏感信息  ", said);
    }
    if let Some(redis) = &row.redis {
        line("Server    ", "服务器    ", Text::same(server(redis)));
        line("Kept      ", "持久化    ", Text::same(kept(redis)));
    }
    for platform in &row.platforms {
        let counts = moved::in_order(&platform.records).join(", ");
        let (appid, realm) = (&platform.component_appid, &platform.realm);
        let said = match platform.own {
            true => text!(
                "{appid} ({realm}), this profile's: {counts}",
                "{appid}（{realm}），当前档案：{counts}"
            ),
            false => text!(
                "{appid} ({realm}): {counts}",
                "{appid}（{realm}）：{counts}"
            ),
        };
        line("Platform  ", "平台      ", said);
    }
    for warning in &row.warnings {
        let title = lang.choose("Warning   ", "警告      ");
        out.put(title);
        out.paint_prose(Tone::Warn, warning.of(lang), title.width());
    }
    Ok(())
}

fn server(redis: &RedisPart) -> String {
    let word = |part: &Option<String>| part.clone().unwrap_or_else(|| "?".to_owned());
    format!(
        "{} {}, {}, {}, replicas {}",
        word(&redis.server),
        word(&redis.version),
        word(&redis.mode),
        word(&redis.role),
        redis
            .replicas
            .map_or("?".to_owned(), |count| count.to_string()),
    )
}

fn kept(redis: &RedisPart) -> String {
    let word = |part: Option<&str>| match part {
        None => "?".to_owned(),
        Some("") => "\"\"".to_owned(),
        Some(part) => part.to_owned(),
    };
    let appendonly = match redis.appendonly {
        None => "?",
        Some(true) => "yes",
        Some(false) => "no",
    };
    format!(
        "appendonly {appendonly}, save {}, maxmemory-policy {}",
        word(redis.save.as_deref()),
        word(redis.eviction.as_deref()),
    )
}
