//! `store import --layout`: what an SDK keeps of the platform.

use crate::cli::context::Context;
use crate::cli::error::{CliError, lent};
use crate::cli::exit::Exit;
use crate::console::Console;
use crate::lang::{Lang, Text, text};
use crate::store::{Layout, Slot, Source, Taken};

use super::moved;

/// Takes over what lies among the keys that the profile describes.
pub(super) async fn import(
    context: &Context,
    console: &Console,
    dry_run: bool,
) -> Result<Exit, CliError> {
    let backend = context.described_backend().await?;
    let platform = context.platform().await?;
    let taken = platform.take_over(&backend).await?;
    let missing = missing(backend.layout(), &taken);
    let hints = hints(backend.layout(), &taken);
    let Taken {
        content, strangers, ..
    } = taken;
    let source = Source::Content(content);
    let mut carried = source
        .carry(platform.key(), platform.store(), !dry_run)
        .await?;
    if strangers > 0 {
        *carried.skipped.entry("authorizers").or_default() += strangers;
    }
    moved::report(console, &[carried])?;
    for line in missing {
        console.note(line);
    }
    if dry_run {
        console.note(text!("nothing was written", "没有写入任何内容"));
    }
    for line in hints {
        console.hint(line);
    }
    Ok(Exit::Done)
}

/// What the keys did not give.
fn missing(layout: Layout, taken: &Taken) -> Vec<Text> {
    let mut missing = Vec::new();
    if let Some(gap) = &taken.ticket {
        let why = lent::gap(layout, &Slot::Ticket, gap);
        missing.push(Text::each(|lang| {
            let why = why.of(lang);
            match lang {
                Lang::En => format!("not taken: the ticket: {why}"),
                Lang::Zh => format!("未导入：ticket：{why}"),
            }
        }));
    }
    if let Some(gap) = &taken.component_token {
        let why = lent::gap(layout, &Slot::ComponentToken, gap);
        missing.push(Text::each(|lang| {
            let why = why.of(lang);
            match lang {
                Lang::En => format!("not taken: the component token: {why}"),
                Lang::Zh => format!("未导入：component_access_token：{why}"),
            }
        }));
    }
    let endless = taken.endless;
    if endless > 0 {
        missing.push(text!(
            "not taken: tokens without an end ({endless}): nobody says how long they live",
            "未导入：{endless} 个没有过期时间的令牌：无法得知其有效期"
        ));
    }
    if !layout.keeps_refresh_tokens() {
        missing.push(text!(
            "not taken: refresh tokens: {layout} leaves them to the backend's own database",
            "未导入：refresh_token：{layout} 由后端自己的数据库保存"
        ));
    }
    let without = taken.without_token;
    if without > 0 {
        missing.push(text!(
            "not taken: the access tokens of {without} authorizers of the roster, which do not lie there",
            "未导入：名册中 {without} 个授权方的 access_token，键中没有"
        ));
    }
    let strangers = taken.strangers;
    if strangers > 0 {
        missing.push(text!(
            "left behind: {strangers} authorizers whose tokens lie there and who are not in the roster",
            "未采用：{strangers} 个授权方有令牌，但不在名册中"
        ));
    }
    missing
}

/// What to run then.
fn hints(layout: Layout, taken: &Taken) -> Vec<Text> {
    let mut hints = Vec::new();
    if taken.ticket.is_some() {
        hints.push(text!(
            "give the ticket by hand: `wxauth ticket set`, or let WeChat push it: `wxauth serve`",
            "手动提供 ticket：`wxauth ticket set`，或由微信推送：`wxauth serve`"
        ));
    }
    if taken.strangers > 0 {
        hints.push(text!(
            "bring the roster up to date, then import again: `wxauth authorizers sync`",
            "先同步名册，再重新导入：`wxauth authorizers sync`"
        ));
    } else if !layout.keeps_refresh_tokens() {
        hints.push(text!(
            "fetch the refresh tokens from WeChat's list: `wxauth authorizers recover`",
            "从微信的授权方列表取回 refresh_token：`wxauth authorizers recover`"
        ));
    }
    hints
}
