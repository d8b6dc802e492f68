//! `store import --layout` and `store export --layout`: what an SDK keeps of the platform.

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::{CliError, lent};
use crate::cli::exit::Exit;
use crate::console::Console;
use crate::flow::{FlowError, Gave, Locked, NotGiven, TicketStays};
use crate::lang::{Lang, Text, text};
use crate::store::layouts::{Layout, Slot};
use crate::store::transfer::{Source, Taken};

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
    moved::report(console, &[carried], dry_run)?;
    for line in missing {
        console.note(line);
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
        let what = text!("not taken: the ticket", "未导入：ticket");
        missing.push(because(&what, &why));
    }
    if let Some(gap) = &taken.component_token {
        let why = lent::gap(layout, &Slot::ComponentToken, gap);
        let what = text!(
            "not taken: the component token",
            "未导入：component_access_token"
        );
        missing.push(because(&what, &why));
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

/// Puts what the store holds among the keys that the profile describes.
pub(super) async fn export(context: &Context, dry_run: bool) -> Result<Exit, CliError> {
    let console = context.records()?;
    moved::check_columns(&console, dry_run)?;
    let backend = context.recipient().await?;
    let platform = context.platform().await?;
    let (layout, address) = (backend.layout(), backend.address());
    if !dry_run {
        let question = text!(
            "put the ticket and the tokens of this platform among the keys of {layout} in {address}?",
            "将该平台的 ticket 和令牌写入 {address} 中 {layout} 的键？"
        );
        if !input::confirm(context, question).await? {
            console.note(text!("nothing was written", "没有写入任何内容"));
            return Ok(Exit::Done);
        }
    }
    context.show_progress(text!("Copying", "正在复制"));
    let gave = platform.give_to(&backend, !dry_run).await;
    context.hide_progress();
    let Gave {
        mut carried,
        kept,
        both_mint,
    } = gave?;
    if kept.locked.is_some() {
        // It is known that not everything is there.
        carried.found = None;
    }
    moved::report(&console, &[carried], dry_run)?;
    for line in not_given(layout, &kept) {
        console.note(line);
    }
    if let Some(Locked { key, waited, .. }) = kept.locked {
        return Err(FlowError::SdkLockTimeout { key, waited }.into());
    }
    if dry_run {
        return Ok(Exit::Done);
    }
    if kept.unsettled > 0 {
        console.hint(text!(
            "let a refresh settle what is doubtful, then export again: `wxauth authorizers refresh`",
            "先通过刷新消除不确定状态，再重新导出：`wxauth authorizers refresh`"
        ));
    }
    if kept.without_token > 0 {
        console.hint(text!(
            "let a refresh make those that are missing, then export again: `wxauth authorizers refresh --due-within 2h`",
            "先刷新缺少的令牌，再重新导出：`wxauth authorizers refresh --due-within 2h`"
        ));
    }
    if both_mint {
        console.hint(text!(
            "one of the two may mint from now on; where that is the backend: `wxauth profile set mint never`",
            "此后只应由一方签发令牌；若由后端签发：`wxauth profile set mint never`"
        ));
    }
    Ok(Exit::Done)
}

/// What the keys were not given.
fn not_given(layout: Layout, kept: &NotGiven) -> Vec<Text> {
    let mut lines = Vec::new();
    match &kept.ticket {
        None => {}
        Some(TicketStays::None) => lines.push(text!(
            "not given: the ticket: the store has none that lives",
            "未写入：ticket：存储中没有有效的 ticket"
        )),
        Some(TicketStays::OtherThere) => lines.push(text!(
            "left alone: the ticket that lies there is not known for an older one",
            "未改动：键中的 ticket 并不能确认更旧"
        )),
        Some(TicketStays::Gone) => lines.push(text!(
            "not given: the ticket: it came longer ago than {layout} keeps tickets",
            "未写入：ticket：已超过 {layout} 保留 ticket 的时间"
        )),
        Some(TicketStays::Locked) => lines.push(text!(
            "not given: the ticket, as the lock of {layout} was held all the time",
            "未写入：ticket，{layout} 的锁一直被占用"
        )),
        Some(TicketStays::Gap(gap)) => {
            let why = lent::gap(layout, &Slot::Ticket, gap);
            let what = text!("not given: the ticket", "未写入：ticket");
            lines.push(because(&what, &why));
        }
    }
    let newer = kept.newer;
    if newer > 0 {
        lines.push(text!(
            "left alone: {newer} tokens that live longer there",
            "未改动：{newer} 个令牌在键中的有效期更长"
        ));
    }
    let gone = kept.gone;
    if gone > 0 {
        lines.push(text!(
            "not given: {gone} tokens with less life than {layout} leaves them",
            "未写入：{gone} 个令牌剩余有效期过短，{layout} 已不会使用"
        ));
    }
    let unsettled = kept.unsettled;
    if unsettled > 0 {
        lines.push(text!(
            "not given: {unsettled} tokens that a call whose end is unknown may have replaced",
            "未写入：{unsettled} 个令牌可能已被一次结果未知的调用替换"
        ));
    }
    if let Some(Locked {
        count: count @ 1.., ..
    }) = kept.locked
    {
        lines.push(text!(
            "not given: {count} tokens, as the lock of {layout} was held all the time",
            "未写入：{count} 个令牌，{layout} 的锁一直被占用"
        ));
    }
    let without = kept.without_token;
    if without > 0 {
        lines.push(text!(
            "not given: the tokens of {without} authorizers, of whom the store has no live one",
            "未写入：{without} 个授权方在存储中没有有效的 access_token"
        ));
    }
    if let Some((count, slot, gap)) = &kept.gaps {
        let why = lent::gap(layout, slot, gap);
        let what = text!("not given: {count} tokens", "未写入：{count} 个令牌");
        lines.push(because(&what, &why));
    }
    // PowerWeChat has them beside the tokens.
    if !layout.keeps_refresh_tokens() && layout != Layout::Powerwechat {
        lines.push(text!(
            "not given: refresh tokens: {layout} leaves them to the backend's own database",
            "未写入：refresh_token：{layout} 由后端自己的数据库保存"
        ));
    }
    lines
}

/// What did not happen, and why.
fn because(what: &Text, why: &Text) -> Text {
    Text::each(|lang| {
        let (what, why) = (what.of(lang), why.of(lang));
        match lang {
            Lang::En => format!("{what}: {why}"),
            Lang::Zh => format!("{what}：{why}"),
        }
    })
}
