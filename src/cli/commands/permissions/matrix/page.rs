//! The matrix as one page for a browser: everything inside, nothing loaded from elsewhere.
//!
//! The rows travel as compact JSON, a letter for each state; the page's script draws those in
//! sight only, so that many thousand merchants scroll well.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::console::{Console, Next};
use crate::flow::grants::GrantState;
use crate::lang::{Text, clean, text};
use crate::store::roster::AuthorizationStatus;
use crate::sys::files;
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

use super::Merchants;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const TITLE: &str = "权限集授权矩阵 · Permission sets";

/// What the script reads.
#[derive(Serialize)]
struct Data<'a> {
    lang: &'static str,
    platform: &'a str,
    made: jiff::Timestamp,
    kinds: Vec<&'static str>,
    statuses: Vec<&'static str>,
    sets: Vec<Set>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Set {
    id: PermissionSetId,
    zh: &'static str,
    en: &'static str,
    known: bool,
    exclusive: bool,
    uncertain: bool,
}

/// Appid, name, places in the lists of kinds and statuses, and a letter for each set.
#[derive(Serialize)]
struct Row(String, String, usize, usize, String);

pub(super) async fn save(
    merchants: &Merchants<'_>,
    console: &Console,
    path: &Path,
) -> Result<(), CliError> {
    if let Some(folder) = path.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(
            CliError::usage(text!("cannot write {}", "无法写入 {}", path.display())).cause(text!(
                "there is no folder {}",
                "文件夹 {} 不存在",
                folder.display()
            )),
        );
    }
    let mut rows = Vec::new();
    merchants
        .each(|account| {
            let name = account.nick_name.as_deref().unwrap_or_default();
            let states = merchants.matrix.states(account);
            rows.push(Row(
                account.appid.to_string(),
                clean(name).into_owned(),
                place(&AccountKind::ALL, &account.kind),
                place(AuthorizationStatus::ALL, &account.status),
                states.into_iter().map(letter).collect(),
            ));
            Ok(Next::More)
        })
        .await?;
    let key = merchants.context.key().await?;
    let count = rows.len();
    let data = Data {
        lang: console.lang().choose("en", "zh"),
        platform: key.component_appid.as_str(),
        made: merchants.context.clock().now(),
        kinds: AccountKind::ALL.map(AccountKind::as_str).to_vec(),
        statuses: AuthorizationStatus::ALL
            .iter()
            .map(|s| s.as_str())
            .collect(),
        sets: merchants.matrix.sets().iter().map(|id| set(*id)).collect(),
        rows,
    };
    let page = page(&data, console.lang().tag()).map_err(|error| {
        CliError::new(
            crate::cli::exit::Kind::Internal,
            text!("the matrix has no JSON form", "该矩阵无法表示为 JSON"),
        )
        .cause(Text::same(error.to_string()))
    })?;
    files::replace_private(path, page.as_bytes()).map_err(|error| {
        CliError::usage(text!("cannot write {}", "无法写入 {}", path.display()))
            .cause(Text::same(error.to_string()))
            .hint(text!(
                "name a file in a folder that is yours",
                "请指定你有写权限的文件夹中的文件"
            ))
    })?;
    console.note(text!(
        "saved to {} ({count} accounts)",
        "已保存到 {}（{count} 个账号）",
        path.display()
    ));
    Ok(())
}

fn page(data: &Data<'_>, lang: &str) -> Result<String, serde_json::Error> {
    // Within a script element only `<` can end it or begin a comment.
    let json = serde_json::to_string(data)?.replace('<', "\\u003c");
    let digest = ring::digest::digest(&ring::digest::SHA256, SCRIPT.as_bytes());
    let script_hash = format!("sha256-{}", STANDARD.encode(digest.as_ref()));
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + json.len());
    let mut rest = PAGE;
    // One pass over the template: a name that looks like a place in it stays a name.
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        page.push_str(match name {
            "lang" => lang,
            "title" => TITLE,
            "style" => STYLE,
            "script_hash" => &script_hash,
            "data" => &json,
            _ => SCRIPT,
        });
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

fn set(id: PermissionSetId) -> Set {
    let known = permission::get(id);
    Set {
        id,
        zh: known.map_or("", |set| &set.name_zh),
        en: known.map_or("", |set| &set.name_en),
        known: known.is_some(),
        exclusive: known.is_some_and(|set| set.mutually_exclusive == Some(true)),
        uncertain: known.is_none_or(|set| set.uncertain),
    }
}

fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| other == one).unwrap_or(0)
}

fn letter(state: Option<GrantState>) -> char {
    match state {
        None => '-',
        Some(GrantState::Granted) => 'g',
        Some(GrantState::Missing) => 'm',
        Some(GrantState::HeldElsewhere) => 'h',
        Some(GrantState::NotConfigured) => 'n',
        Some(GrantState::Unknown) => 'u',
    }
}
