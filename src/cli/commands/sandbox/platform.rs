//! `sandbox platform`: what the operator sets in WeChat's console.

use clap::Args;
use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr;

use crate::cli::commands::link;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::{Lang, Phrase, text};
use crate::wechat::id::PermissionSetId;

use super::{Control, Reach};

/// Show or change a platform of the sandbox, as in WeChat's console
///
/// Without flags the platform is shown. An empty text takes a receiving address away.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox platform\n  wxauth sandbox platform --events-url http://127.0.0.1:9/events --messages-url 'http://127.0.0.1:9/messages/$APPID$'\n  wxauth sandbox platform --permissions 1,11,15 --released false\n  wxauth sandbox platform --permissions +73,-18"
)]
pub struct PlatformArgs {
    /// The platform; the first one without this
    #[arg(value_name = "APPID")]
    appid: Option<String>,
    /// Push tickets and authorization events there (授权事件接收URL)
    #[arg(long, value_name = "URL")]
    events_url: Option<String>,
    /// Push messages of accounts there, $APPID$ standing for the account (消息与事件接收URL)
    #[arg(long, value_name = "URL")]
    messages_url: Option<String>,
    /// Make another EncodingAESKey and keep the present one as the previous
    #[arg(long)]
    rotate_key: bool,
    /// Push tickets or stop pushing them
    #[arg(long, value_name = "true|false")]
    tickets: Option<bool>,
    /// The permission sets it offers; +SET adds one to them, -SET takes one away
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "SETS",
        allow_hyphen_values = true
    )]
    permissions: Option<Vec<String>>,
    /// Whether it passed its full release (全网发布)
    #[arg(long, value_name = "true|false")]
    released: Option<bool>,
    /// Original ids (gh_…) that may authorize before the release
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    test_list: Option<Vec<String>>,
    /// Addresses that may call the API; an empty text lets everybody in
    #[arg(long, value_delimiter = ',', value_name = "IPS")]
    ip_whitelist: Option<Vec<String>>,
    /// The domain of launch page and redirect address (授权发起页域名)
    #[arg(long, value_name = "HOST")]
    launch_domain: Option<String>,
    /// Where a confirmation without a link leads
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<String>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

impl PlatformArgs {
    /// The sets as they are to be; `None` leaves them. A list of signed ones changes the present.
    async fn offered(
        &self,
        control: &Control<'_>,
    ) -> Result<Option<Vec<PermissionSetId>>, CliError> {
        let Some(words) = self.permissions.as_deref() else {
            return Ok(None);
        };
        let words: Vec<_> = words.iter().map(|word| word.trim()).collect();
        let signed = |word: &&str| word.starts_with(['+', '-']);
        let mut sets = Vec::new();
        if words.iter().any(signed) {
            if let Some(plain) = words.iter().find(|word| !signed(word)) {
                return Err(CliError::usage(text!(
                    "`{plain}` has no sign, and others have one",
                    "`{plain}` 没有加减号，而其他项有"
                ))
                .hint(text!(
                    "`17,18` is the whole list, `+17,-18` changes the present one",
                    "`17,18` 表示完整列表，`+17,-18` 表示在现有列表上增减"
                )));
            }
            let whose = json!({ "component_appid": self.appid });
            let present: Value = control.post("platform", &whose).await?;
            sets = serde_json::from_value(present["permission_ids"].clone()).unwrap_or_default();
        }
        for word in words {
            let named = link::sets(&[word.trim_start_matches(['+', '-']).to_owned()])?;
            match word.starts_with('-') {
                true => sets.retain(|id| !named.contains(id)),
                false => sets.extend(named),
            }
        }
        sets.sort_unstable();
        sets.dedup();
        Ok(Some(sets))
    }

    fn changes(&self, sets: Option<Vec<PermissionSetId>>) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        let text = |value: &Option<String>| value.clone().map(Value::from);
        // A single empty entry is what an empty text is split into.
        let list = |value: &Option<Vec<String>>| {
            let entries = value.as_deref()?;
            let entries: Vec<_> = entries.iter().filter(|entry| !entry.is_empty()).collect();
            Some(json!(entries))
        };
        put("component_appid", text(&self.appid));
        put("events_url", text(&self.events_url));
        put("messages_url", text(&self.messages_url));
        put("rotate_key", self.rotate_key.then(|| true.into()));
        put("ticket_pushes", self.tickets.map(Value::from));
        put("permission_ids", sets.map(|sets| json!(sets)));
        put("released", self.released.map(Value::from));
        put("test_list", list(&self.test_list));
        put("ip_whitelist", list(&self.ip_whitelist));
        put("launch_domain", text(&self.launch_domain));
        put("redirect_uri", text(&self.redirect_uri));
        body.into()
    }
}

pub(super) async fn run(context: &Context, args: PlatformArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, &args.reach);
    let sets = args.offered(&control).await?;
    let platform: Value = control.post("platform", &args.changes(sets)).await?;
    console.document(&platform, |out| {
        let lang = console.lang();
        ROWS.iter().try_for_each(|(english, chinese, field)| {
            let label = lang.choose(english, chinese);
            let gap = " ".repeat(22_usize.saturating_sub(label.width()));
            writeln!(out, "{label}{gap}{}", shown(&platform[*field], lang))
        })
    })?;
    Ok(Exit::Done)
}

/// Changes the first platform of this context's sandbox; answers what it is now.
///
/// # Errors
/// When the sandbox cannot be reached or refuses.
#[cfg(feature = "serve")]
pub async fn change(context: &Context, changes: &Value) -> Result<Value, CliError> {
    let reach = Reach::default();
    Control::new(context, &reach)
        .post("platform", changes)
        .await
}

/// What is shown to people, and from which field.
const ROWS: [(&str, &str, &str); 14] = [
    ("Platform", "平台", "component_appid"),
    ("Appsecret", "Appsecret", "component_appsecret"),
    ("Token", "消息校验Token", "token"),
    ("EncodingAESKey", "消息加解密Key", "encoding_aes_key"),
    (
        "Previous key",
        "旧消息加解密Key",
        "previous_encoding_aes_key",
    ),
    ("Events URL", "授权事件接收URL", "events_url"),
    ("Messages URL", "消息与事件接收URL", "messages_url"),
    ("Tickets are pushed", "推送 ticket", "ticket_pushes"),
    ("Released", "已全网发布", "released"),
    ("Test list", "授权测试列表", "test_list"),
    ("IP whitelist", "白名单IP", "ip_whitelist"),
    ("Launch domain", "授权发起页域名", "launch_domain"),
    ("Redirect URI", "回调 URI", "redirect_uri"),
    ("Permission sets", "权限集", "permission_ids"),
];

fn shown(value: &Value, lang: Lang) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => Phrase::Yes.text(lang).to_owned(),
        Value::Bool(false) => Phrase::No.text(lang).to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(entries) if entries.is_empty() => "–".to_owned(),
        Value::Array(entries) => {
            let entries = entries.iter().map(|entry| shown(entry, lang));
            entries.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
