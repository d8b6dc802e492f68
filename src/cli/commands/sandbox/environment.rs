//! `sandbox env`: lines for a shell that point a program at the sandbox.

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::text;

use super::{Control, Reach};

/// Variables of the platform set, and the field of the sandbox's own description behind each.
const VARIABLES: [(&str, &str); 9] = [
    ("WXAUTH_SANDBOX_URL", "url"),
    ("WXAUTH_API_BASE", "url"),
    ("WXAUTH_COMPONENT_APPID", "component_appid"),
    ("WXAUTH_COMPONENT_APPSECRET", "component_appsecret"),
    ("WXAUTH_COMPONENT_VERIFY_TICKET", "component_verify_ticket"),
    ("WXAUTH_TOKEN", "token"),
    ("WXAUTH_ENCODING_AES_KEY", "encoding_aes_key"),
    ("WXAUTH_REDIRECT_URI", "redirect_uri"),
    ("WXAUTH_LAUNCH_DOMAIN", "launch_domain"),
];

pub(super) async fn run(context: &Context, reach: &Reach) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, reach);
    let mut card: Value = control.get("status").await?;
    // A sandbox hosted for this command alone is found where `sandbox start` will listen.
    let base = control.session().await?.link_base();
    card["url"] = base.as_str().trim_end_matches('/').into();
    let pairs: serde_json::Map<String, Value> = VARIABLES
        .iter()
        .map(|(name, field)| ((*name).to_owned(), card[*field].clone()))
        .collect();
    console.document(&pairs, |out| {
        for (name, field) in VARIABLES {
            // The sandbox's own values hold nothing a shell would take for more than text.
            writeln!(
                out,
                "export {name}='{}'",
                card[field].as_str().unwrap_or_default()
            )?;
        }
        Ok(())
    })?;
    if control.session().await?.is_brief() {
        console.warn(text!(
            "no sandbox is running: these values hold once `wxauth sandbox start` runs",
            "沙箱未运行：`wxauth sandbox start` 启动后以下值才有效"
        ));
    }
    Ok(Exit::Done)
}
