//! What a check found, in words: what is so, and what to do about it.

use jiff::{SignedDuration, Timestamp};

use crate::cli::error::{CliError, lent, told};
use crate::console::when;
use crate::flow::{AnotherHolder, ClockFault, EarlyRefusals, Finding, FlowError};
use crate::lang::{Lang, Text, text};
use crate::store::layouts::Slot;
use crate::store::tokens::TokenOwner;
use crate::wechat::id::PermissionSetId;

fn span(span: SignedDuration, lang: Lang) -> String {
    when::duration(span.as_secs(), lang)
}

fn listed(ids: &[PermissionSetId]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(", ")
}

/// The words of a finding.
pub(in crate::cli::commands) fn finding(finding: &Finding) -> Text {
    match finding {
        Finding::TicketFresh(age) => Text::each(|lang| {
            let age = span(*age, lang);
            text!("received {age} ago", "{age} 前收到")
                .of(lang)
                .to_owned()
        }),
        Finding::TicketLate(age) => Text::each(|lang| {
            let age = span(*age, lang);
            text!(
                "the newest ticket is {age} old, and WeChat pushes one every 10 minutes: see the receiver, `wxauth ticket request`",
                "最新 ticket 已是 {age} 前的，微信每 10 分钟推送一次：请检查接收端，`wxauth ticket request`"
            )
            .of(lang)
            .to_owned()
        }),
        Finding::TicketAhead(ahead) => Text::each(|lang| {
            let ahead = span(*ahead, lang);
            text!(
                "the newest ticket was stored with a time that lies {ahead} in the future, so its age is not known",
                "最新 ticket 的保存时间在 {ahead} 之后的将来，无法得知其接收时间"
            )
            .of(lang)
            .to_owned()
        }),
        Finding::ClockAgrees => text!(
            "no stored time lies in the future",
            "存储的时间均不晚于当前时间"
        ),
        Finding::ClockFault(fault) => clock_fault(fault),
        Finding::SoleHolder => text!(
            "wxauth's own calls met no refused token in the last 24 hours",
            "最近 24 小时内，wxauth 自身的调用中没有令牌在到期前被拒绝"
        ),
        Finding::AnotherHolder(refusals) => another_holder(refusals),
        Finding::TicketGone(age) => Text::each(|lang| {
            let gone = no_ticket(*age, lang);
            text!(
                "{gone}; the component token still lives: `wxauth ticket request`",
                "{gone}；component_access_token 尚有效：`wxauth ticket request`"
            )
            .of(lang)
            .to_owned()
        }),
        Finding::NothingLives(age) => Text::each(|lang| {
            let gone = no_ticket(*age, lang);
            text!(
                "no live ticket and no live component token ({gone}): `wxauth ticket request`",
                "没有有效的 ticket，也没有有效的 component_access_token（{gone}）：`wxauth ticket request`"
            )
            .of(lang)
            .to_owned()
        }),
        Finding::TicketByProgram => text!(
            "`ticket_command` prints the ticket when it is needed, and it is not run here",
            "ticket 由 `ticket_command` 在需要时给出，此处不运行它"
        ),
        Finding::TicketElsewhere => text!(
            "tokens are borrowed, so the ticket is the lender's",
            "令牌由其他后端提供，ticket 由其持有"
        ),
        Finding::TokenLives => text!("alive", "有效"),
        Finding::TokenRenewable => text!(
            "none that lives; the next command that needs one makes it",
            "当前没有有效令牌，下次需要时会自动获取"
        ),
        Finding::TokenWithoutTicket => text!(
            "no live component token, and without a live ticket none can be made: `wxauth ticket request`",
            "没有有效的 component_access_token，且无有效 ticket，无法获取：`wxauth ticket request`"
        ),
        Finding::TokenWithoutSecret => text!(
            "no live component token, and without the appsecret none can be made: `wxauth profile set appsecret`",
            "没有有效的 component_access_token，且未设置 appsecret，无法获取：`wxauth profile set appsecret`"
        ),
        Finding::TokenLent(layout) => {
            text!("borrowed from the keys of {layout}", "取自 {layout} 的键")
        }
        Finding::TokenMintable(layout) => text!(
            "the keys of {layout} hold none; the next command that needs one mints it and writes it back",
            "{layout} 的键中当前没有令牌；下次需要时会签发并写回"
        ),
        Finding::NotLent(layout, gap) => lent::gap(*layout, &Slot::ComponentToken, gap),
        Finding::LenderFailed(error) => lent::failed(error),
        Finding::TokenBorrowed => text!(
            "borrowed from `token_command` when it is needed",
            "需要时由 `token_command` 提供"
        ),
        Finding::NobodyLends => text!(
            "tokens are borrowed, and no token_command gives them: `wxauth profile set token_command 'PROGRAM ARGS'`, or `wxauth profile set mint wxauth` when nobody else mints",
            "令牌应由其他后端提供，但未设置 token_command：`wxauth profile set token_command 'PROGRAM ARGS'`；若无其他持有者，`wxauth profile set mint wxauth`"
        ),
        Finding::LifeShort(left) if left.is_zero() => {
            text!("no live token", "没有有效令牌")
        }
        Finding::LifeShort(left) => Text::each(|lang| {
            let left = span(*left, lang);
            text!("only {left} of life left", "有效期仅剩 {left}")
                .of(lang)
                .to_owned()
        }),
        other => merchant(other),
    }
}

/// What is stored with a time in the future, and what that means.
pub(in crate::cli::commands) fn clock_fault(fault: &ClockFault) -> Text {
    let tokens = fault.authorizer_tokens;
    Text::each(|lang| {
        let parts = [
            (fault.ticket, text!("the ticket", "ticket")),
            (
                fault.component_token,
                text!("the component token", "平台令牌"),
            ),
            (
                tokens > 0,
                match tokens {
                    1 => text!("1 access token", "1 个授权方令牌"),
                    _ => text!("{tokens} access tokens", "{tokens} 个授权方令牌"),
                },
            ),
            (fault.last_sync, text!("the last sync", "最近一次同步")),
        ];
        let parts = parts.iter().filter(|(is_among, _)| *is_among);
        let parts: Vec<_> = parts.map(|(_, part)| part.of(lang)).collect();
        let what = parts.join(lang.choose(", ", "、"));
        let ahead = fault.ahead.map(|ahead| span(ahead, lang));
        match (lang, ahead) {
            (Lang::En, Some(ahead)) => format!(
                "clock fault: stored with a time up to {ahead} in the future: {what}; the clock was ahead then, or is behind now: `wxauth doctor`"
            ),
            (Lang::En, None) => format!(
                "clock fault: stored with a time in the future: {what}; the clock was ahead then, or is behind now: `wxauth doctor`"
            ),
            (Lang::Zh, Some(ahead)) => format!(
                "时钟异常：{what}的保存时间在将来（最多 {ahead}）；保存时本机时钟偏快，或现在偏慢：`wxauth doctor`"
            ),
            (Lang::Zh, None) => format!(
                "时钟异常：{what}的保存时间在将来；保存时本机时钟偏快，或现在偏慢：`wxauth doctor`"
            ),
        }
    })
}

/// What shows that another program requests tokens, and what to do.
fn another_holder(refusals: &EarlyRefusals) -> Text {
    let count = refusals.count;
    let (tokens, command) = match &refusals.owner {
        TokenOwner::Component => (
            match count {
                1 => text!("the component token", "平台令牌"),
                _ => text!("{count} component tokens", "{count} 个平台令牌"),
            },
            "wxauth token component".to_owned(),
        ),
        TokenOwner::Authorizer(appid) => (
            match count {
                1 => text!("the access token", "授权方令牌"),
                _ => text!("{count} access tokens", "{count} 个授权方令牌"),
            },
            format!("wxauth token authorizer {appid}"),
        ),
    };
    Text::each(|lang| {
        let tokens = tokens.of(lang);
        let (first, latest) = (span(refusals.first, lang), span(refusals.latest, lang));
        match lang {
            Lang::En => format!(
                "WeChat refused {tokens} before expiry although wxauth had requested no other (first {first} ago, last {latest} ago): another program requests tokens; find it and let it take them from `{command}`, or share them: `wxauth help minting`"
            ),
            Lang::Zh => format!(
                "微信在到期前拒绝了{tokens}，而 wxauth 并未获取新令牌（最早 {first} 前，最近 {latest} 前）：有其他程序在获取令牌；请找到它，改为通过 `{command}` 取得，或共用令牌：`wxauth help minting`"
            ),
        }
    })
}

/// The same of all owners, in short.
pub(in crate::cli::commands) fn holders(another: &AnotherHolder, now: Timestamp) -> Text {
    let authorizers = another.authorizers().len();
    let parts = [
        (
            another.component_token(),
            text!("the component token", "平台令牌"),
        ),
        (
            authorizers > 0,
            match authorizers {
                1 => text!("the access token of 1 authorizer", "1 个授权方的令牌"),
                _ => text!(
                    "access tokens of {authorizers} authorizers",
                    "{authorizers} 个授权方的令牌"
                ),
            },
        ),
    ];
    let ago = |at: Timestamp| now.duration_since(at).max(SignedDuration::ZERO);
    let (first, latest) = (ago(another.since), ago(another.latest));
    Text::each(|lang| {
        let parts = parts.iter().filter(|(is_among, _)| *is_among);
        let parts: Vec<_> = parts.map(|(_, part)| part.of(lang)).collect();
        let tokens = parts.join(lang.choose(" and ", "和"));
        let (first, latest) = (span(first, lang), span(latest, lang));
        match lang {
            Lang::En => format!(
                "another program requests tokens of this platform: WeChat refused {tokens} before expiry (first {first} ago, last {latest} ago): `wxauth check`"
            ),
            Lang::Zh => format!(
                "有其他程序在获取本平台的令牌：微信在到期前拒绝了{tokens}（最早 {first} 前，最近 {latest} 前）：`wxauth check`"
            ),
        }
    })
}

fn no_ticket(age: Option<SignedDuration>, lang: Lang) -> String {
    match age {
        Some(age) => {
            let age = span(age, lang);
            text!(
                "the newest ticket is {age} old, past its 12 hours",
                "最新 ticket 已是 {age} 前的，超过 12 小时"
            )
        }
        None => text!("no ticket was ever received", "从未收到 ticket"),
    }
    .of(lang)
    .to_owned()
}

/// What is found of merchants and of WeChat's list of them.
fn merchant(finding: &Finding) -> Text {
    match finding {
        Finding::Authorized => text!("the authorization stands", "授权有效"),
        Finding::PendingExchange => text!(
            "authorized, but its code was never exchanged: `wxauth authorizers recover`",
            "已授权，但授权码未换取：`wxauth authorizers recover`"
        ),
        Finding::NoRefreshToken => text!(
            "no refresh token is stored: `wxauth authorizers recover`",
            "未保存刷新令牌：`wxauth authorizers recover`"
        ),
        Finding::Ended(_) => text!(
            "the merchant ended the authorization: send a link, `wxauth link`",
            "授权方已解除授权：发送授权链接，`wxauth link`"
        ),
        Finding::SetsGranted => text!("all required sets are granted", "必需的权限集均已授权"),
        Finding::SetsMissing(ids) => {
            let ids = listed(ids);
            text!(
                "required and not granted: {ids}; `wxauth authorizers guide WHO --for update`",
                "缺少必需的权限集：{ids}；`wxauth authorizers guide WHO --for update`"
            )
        }
        Finding::SetsUnknown => text!(
            "what was granted is not known: `wxauth authorizers sync --full`",
            "授权的权限集未知：`wxauth authorizers sync --full`"
        ),
        Finding::ListAgrees(total) => text!(
            "WeChat's list and the store name the same {total} accounts",
            "微信的授权方列表与本地一致，共 {total} 个"
        ),
        Finding::NotListed => text!(
            "not in WeChat's list any more: `wxauth authorizers sync`",
            "已不在微信的授权方列表中：`wxauth authorizers sync`"
        ),
        Finding::NotStored => text!(
            "in WeChat's list and not in the store: `wxauth authorizers sync`",
            "微信的列表中有，本地没有：`wxauth authorizers sync`"
        ),
        Finding::ListNeedsToken => text!(
            "no live component token is at hand, and none is asked for here: `wxauth token component` makes one",
            "当前没有有效的 component_access_token，此处不会获取：可执行 `wxauth token component`"
        ),
        Finding::ListRefused(error) => CliError::from(FlowError::from(error.clone()))
            .message()
            .clone(),
        Finding::ListNotLent(error) => {
            let (why, _) = told(error);
            match &**error {
                FlowError::Command(_) => Text::each(|lang| {
                    let why = why.of(lang);
                    match lang {
                        Lang::En => format!("`token_command` gave no token: {why}"),
                        Lang::Zh => format!("`token_command` 未给出令牌：{why}"),
                    }
                }),
                _ => why,
            }
        }
        Finding::ListMoved => text!(
            "the list moved while it was read: run it again",
            "读取期间列表发生变化：请重试"
        ),
        _ => Text::default(),
    }
}
