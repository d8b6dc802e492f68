//! What failures of a verb mean to an operator.

use crate::flow::{ExternalIdError, FlowError, StateError, Wanted};
use crate::lang::{Lang, Text, text};
use crate::store::roster::Authorizer;
use crate::store::tokens::TokenOwner;
use crate::wechat::{errcode, limits};

use super::{CliError, lent, link};
use crate::cli::exit::Kind;

impl From<FlowError> for CliError {
    fn from(error: FlowError) -> Self {
        let message = said(&error);
        let new = |kind| Self::new(kind, message.clone());
        match error {
            FlowError::Store(error) => error.into(),
            FlowError::Api(error) => error.into(),
            FlowError::Command(error) => error.into(),
            FlowError::Redirect(error) => error.into(),
            FlowError::State(_) => new(Kind::Usage)
                .hint(text!("the own state that travels with a link has 128 bytes at most", "随链接传递的自定义 state 最多 128 字节")),
            FlowError::ExternalId(_) => new(Kind::Usage)
                .hint(text!("choose an id of your own, such as `shop-42`", "请使用您自己的编号，例如 `shop-42`")),
            FlowError::NoTicket => new(Kind::ActionRequired)
                .cause(text!("WeChat pushes one every 10 minutes to the authorization event URL", "微信每 10 分钟向授权事件接收 URL 推送一次"))
                .hint(text!("give the newest one: `wxauth ticket set`, or `WXAUTH_COMPONENT_VERIFY_TICKET`", "提供最新的 ticket：`wxauth ticket set`，或 `WXAUTH_COMPONENT_VERIFY_TICKET`"))
                .hint(text!("if none arrives, ask WeChat to push again: `wxauth ticket request`", "若一直未收到，请微信重新推送：`wxauth ticket request`")),
            FlowError::TicketDead { received_at } => new(Kind::ActionRequired)
                .cause(text!("it was received at {received_at}, and none came since", "该 ticket 接收于 {received_at}，此后未再收到"))
                .hint(text!("give a newer one: `wxauth ticket set`", "提供较新的 ticket：`wxauth ticket set`"))
                .hint(text!("if none arrives, ask WeChat to push again: `wxauth ticket request`", "若一直未收到，请微信重新推送：`wxauth ticket request`")),
            FlowError::NoAppsecret => new(Kind::ActionRequired)
                .hint(text!("store it: `wxauth profile set appsecret`, or set `WXAUTH_COMPONENT_APPSECRET`", "保存：`wxauth profile set appsecret`，或设置 `WXAUTH_COMPONENT_APPSECRET`")),
            FlowError::Backend(error) => lent::silent(error),
            FlowError::NotLent {
                layout,
                address,
                wanted,
                gap,
            } => lent::not_lent(layout, &address, &wanted, &gap),
            FlowError::LentTooShort { .. } => new(Kind::ActionRequired)
                .cause(text!("wxauth borrows it and does not mint another", "该令牌取自后端，wxauth 不会另行签发"))
                .hint(text!("ask for less life, or wait until the backend renews it", "要求更短的有效期，或等待后端更新令牌")),
            FlowError::SdkLockTimeout { .. } => new(Kind::Store)
                .cause(text!("its own lock, which ends by itself within a minute when its holder died", "这是后端 SDK 自己的锁；若持有者已退出，一分钟内会自行失效"))
                .hint(text!("run the command again; wait longer with `--lock-timeout 90s`", "请重新运行该命令；要等待更久：`--lock-timeout 90s`")),
            FlowError::NotMinting(wanted) => not_minting(&new(Kind::ActionRequired), &wanted),
            FlowError::LockTimeout { .. } => {
                new(Kind::Store)
                .hint(text!("look what that process does; wait longer with `--lock-timeout 60s`", "查看该进程的状况；要等待更久：`--lock-timeout 60s`"))
            }
            FlowError::UnknownAuthorizer { .. } => new(Kind::Usage)
                .hint(text!("`wxauth authorizers list` shows the merchants, `wxauth authorizers sync` pulls them", "`wxauth authorizers list` 列出商家，`wxauth authorizers sync` 从微信拉取")),
            FlowError::Ambiguous { candidates, .. } => {
                candidates.iter().map(candidate).fold(new(Kind::Usage), Self::cause).hint(text!("give the appid", "请给出 appid"))
            }
            FlowError::Ended { .. } => new(Kind::ActionRequired)
                .code(errcode::NOT_AUTHORIZED)
                .cause(text!("WeChat answers 61003: the merchant withdrew, and only the merchant can authorize again", "微信返回 61003：商家已取消授权，只有商家可以重新授权"))
                .hint(text!("send a new link: `wxauth link`", "发送新链接：`wxauth link`")),
            FlowError::NoRefreshToken { appid } => new(Kind::ActionRequired)
                .cause(text!("its authorization code was never exchanged, or WeChat's list has not been read", "其授权码从未换取，或尚未读取微信的授权方列表"))
                .hint(text!("look again: `wxauth authorizers sync`, then `wxauth authorizers show {appid}`", "重新查看：先 `wxauth authorizers sync`，再 `wxauth authorizers show {appid}`"))
                .hint(
                    text!("else the merchant has to change a permission set on the page of a new link: an \
                     unchanged confirmation brings no code", "否则商家须在新链接的授权页上改动一个权限集：不作改动的确认不会产生授权码"),
                ),
            FlowError::RefreshTokenDead { appid } => new(Kind::ActionRequired)
                .code(errcode::INVALID_REFRESH_TOKEN)
                .cause(text!("WeChat answers 61023, and neither its info nor its list has another refresh token", "微信返回 61023，且授权方信息与列表中均无其他 refresh_token"))
                .hint(text!("send a new link: `wxauth link --for {appid}`", "发送新链接：`wxauth link --for {appid}`")),
            FlowError::ExchangeLost { candidates } => {
                let error = new(Kind::Unreachable)
                    .cause(text!("whether WeChat took the code is not known, so it was not sent again", "无法确定微信是否已接受该授权码，因此没有再次发送"))
                    .hint(text!("pull the list: `wxauth authorizers sync`; a merchant shown as pending_exchange \
                           means that the code is unspent: run this command again", "拉取列表：`wxauth authorizers sync`；若商家显示为 pending_exchange，说明授权码尚未使用，可重新运行本命令"));
                candidates.iter().fold(error, |error, appid| {
                    error.cause(text!("new or without a refresh token: {appid}", "新增或没有 refresh_token 的账号：{appid}"))
                })
            }
            FlowError::ExchangedForOther { appid, other } => new(Kind::Unreachable)
                .cause(text!("the grant is stored for {other}; nothing of it was stored for {appid}", "该授权已保存在 {other} 名下；没有为 {appid} 保存任何内容"))
                .hint(text!("see what WeChat says of both: `wxauth authorizers sync`, then `wxauth authorizers show {appid}`", "查看微信对两者的说法：先 `wxauth authorizers sync`，再 `wxauth authorizers show {appid}`")),
            FlowError::NotAToken { .. } => new(Kind::ActionRequired)
                .cause(text!("a token is printable ASCII without white space, {} characters at most", "令牌应为不含空白的可打印 ASCII 字符，最多 {} 个", limits::TOKEN))
                .hint(text!("look at what `token_command` prints, or what the backend keeps in its Redis", "检查 `token_command` 的输出，或后端保存在 Redis 中的内容")),
            FlowError::Link(refusals) => refusals.iter().fold(new(Kind::Usage), link::refusal),
            FlowError::Shrinking { missing, .. } => {
                let shown: Vec<_> = missing.iter().take(5).map(ToString::to_string).collect();
                new(Kind::ActionRequired)
                    .cause(text!("among them: {}", "其中包括：{}", shown.join(", ")))
                    .cause(text!("everything else was stored; nobody was marked as ended", "其余内容已保存；没有商家被标记为取消授权"))
                    .hint(text!("if that is right: `wxauth authorizers sync --allow-shrink`", "若情况属实：`wxauth authorizers sync --allow-shrink`"))
            }
            FlowError::ListUnstable { .. } => new(Kind::Unreachable)
                .cause(text!("what was found is stored; nobody was marked as ended", "已找到的内容已保存；没有商家被标记为取消授权"))
                .hint(text!("run the command again", "请重新运行该命令")),
            FlowError::Abandoned => new(Kind::Interrupted),
            FlowError::ExchangeNotStored { appid, .. } => new(Kind::Store)
                .cause(text!("the code is spent; WeChat keeps the refresh token", "授权码已使用；refresh_token 仍保存在微信"))
                .hint(text!("once the store works: `wxauth authorizers sync`, then `wxauth authorizers show {appid}`", "存储恢复后：先 `wxauth authorizers sync`，再 `wxauth authorizers show {appid}`")),
            FlowError::Broken { .. } => new(Kind::Internal),
        }
    }
}

/// An authorizer that an ambiguous argument may mean.
fn candidate(row: &Authorizer) -> Text {
    let shown = |prefix: &str, text: &Option<String>, suffix: &str| {
        let text = text.as_ref();
        text.map_or_else(String::new, |text| format!("{prefix}{text}{suffix}"))
    };
    let (appid, name) = (&row.appid, shown(" ", &row.nick_name, ""));
    Text::new(
        format!(
            "{appid}{name}{}{}",
            shown(" (", &row.principal_name, ")"),
            shown(", external id `", &row.external_id, "`")
        ),
        format!(
            "{appid}{name}{}{}",
            shown("（", &row.principal_name, "）"),
            shown("，外部编号 `", &row.external_id, "`")
        ),
    )
}

fn not_minting(error: &CliError, wanted: &Wanted) -> CliError {
    let error = error.clone();
    match wanted {
        Wanted::ComponentToken | Wanted::AuthorizerToken(_) => error
            .cause(text!("`mint` is `never`, and no `token_command` gives us theirs", "`mint` 为 `never`，且没有 `token_command` 提供对方的令牌"))
            .hint(text!("name a program that prints the token they hold: `wxauth profile set token_command 'PROGRAM ARGS'`", "指定输出对方所持令牌的程序：`wxauth profile set token_command 'PROGRAM ARGS'`"))
            .hint(own()),
        Wanted::Exchange => error
            .cause(text!("exchanging a code mints a token and spends the code: the other holder has to do it", "换取授权码会签发令牌并消耗该授权码，须由另一持有方完成"))
            .hint(text!("give the code to the backend that holds this platform", "将授权码交给持有该平台的后端"))
            .hint(own()),
        Wanted::Refresh => {
            error.cause(text!("refreshing would end the tokens the other holder uses", "刷新会使另一持有方正在使用的令牌失效")).hint(own())
        }
    }
}

fn own() -> Text {
    text!(
        "if nobody else holds this platform, let wxauth mint: `wxauth profile set mint wxauth` or \
         `WXAUTH_MINT=wxauth`",
        "若没有其他持有方，可由 wxauth 签发令牌：`wxauth profile set mint wxauth` 或 `WXAUTH_MINT=wxauth`"
    )
}

/// Whose token it is.
#[must_use]
pub fn whose(owner: &TokenOwner) -> Text {
    match owner {
        TokenOwner::Component => text!("the component token", "平台的 component_access_token"),
        TokenOwner::Authorizer(appid) => text!("the token of {appid}", "{appid} 的令牌"),
    }
}

/// A failure in one sentence with what led to it, and what to do next where that does not depend
/// on the verb.
#[must_use]
pub fn told(error: &FlowError) -> (Text, Vec<Text>) {
    let known: CliError = match error {
        FlowError::NotLent {
            layout,
            address,
            wanted,
            gap,
        } => lent::not_lent(*layout, address, wanted, gap),
        FlowError::Backend(error) => lent::silent(error.clone()),
        FlowError::Store(error) => error.clone().into(),
        FlowError::Command(error) => {
            let said = Text::new(error.to_string(), super::outside::command(error));
            return (said, Vec::new());
        }
        FlowError::Api(error) => return (super::api::told(error), Vec::new()),
        other => return (said(other), Vec::new()),
    };
    let said = Text::each(|lang| {
        let mut parts = vec![known.told.message.of(lang)];
        parts.extend(known.told.causes.iter().map(|cause| cause.of(lang)));
        parts.join(lang.choose(": ", "："))
    });
    (said, known.told.hints)
}

fn said(error: &FlowError) -> Text {
    if let FlowError::LentTooShort { owner, expires_at } = error {
        let whose = whose(owner);
        return Text::each(|lang| {
            let whose = whose.of(lang);
            match lang {
                Lang::En => format!(
                    "{whose} that the backend holds ends at {expires_at}, sooner than asked for"
                ),
                Lang::Zh => format!("后端所持{whose}将于 {expires_at} 失效，早于所要求的时间"),
            }
        });
    }
    let FlowError::LockTimeout {
        owner,
        holder,
        host,
        process_id,
        waited,
    } = error
    else {
        return Text::new(error.to_string(), chinese(error));
    };
    let (whose, waited) = (whose(owner), waited.as_secs());
    Text::each(|lang| {
        let whose = whose.of(lang);
        match lang {
            Lang::En => format!(
                "process {process_id} on {host} (`{holder}`) has been refreshing {whose} for \
                 longer than {waited} s"
            ),
            Lang::Zh => {
                format!("{host} 上的进程 {process_id}（`{holder}`）刷新 {whose} 已超过 {waited} 秒")
            }
        }
    })
}

fn chinese(error: &FlowError) -> String {
    match error {
        // These speak for themselves.
        FlowError::Store(_)
        | FlowError::Backend(_)
        | FlowError::NotLent { .. }
        | FlowError::LentTooShort { .. }
        | FlowError::Api(_)
        | FlowError::Command(_)
        | FlowError::Redirect(_) => String::new(),
        FlowError::State(error) => match error {
            StateError::Missing => "没有 state",
            StateError::Foreign => "该 state 不是本平台生成的",
            StateError::Expired => "该 state 已过期",
            StateError::TooLong => "自定义 state 过长",
        }
        .to_owned(),
        FlowError::ExternalId(error) => match error {
            ExternalIdError::Empty => "外部编号不能为空",
            ExternalIdError::TooLong => "外部编号最多 128 字节",
            ExternalIdError::WechatId => "外部编号不能是 appid 或 gh_ 原始 ID 的形式",
            ExternalIdError::Control => "外部编号不能包含控制字符",
        }
        .to_owned(),
        FlowError::NoTicket => "尚未收到 component_verify_ticket".to_owned(),
        FlowError::TicketDead { .. } => {
            "最新的 component_verify_ticket 已超过 12 小时有效期".to_owned()
        }
        FlowError::NoAppsecret => "平台的 appsecret 未知".to_owned(),
        FlowError::SdkLockTimeout { key, waited } => {
            format!("等待 {} 秒后，后端的进程仍持有锁 `{key}`", waited.as_secs())
        }
        FlowError::NotMinting(_) => "该平台的令牌由他方签发".to_owned(),
        FlowError::LockTimeout { .. } => "另一个进程持有该令牌的租约".to_owned(),
        FlowError::UnknownAuthorizer { who } => format!("没有匹配 `{who}` 的授权方"),
        FlowError::Ambiguous { who, .. } => format!("`{who}` 匹配多个授权方"),
        FlowError::Ended { appid } => format!("{appid} 已取消授权"),
        FlowError::NoRefreshToken { appid } => format!("没有 {appid} 的 refresh_token"),
        FlowError::RefreshTokenDead { appid } => format!("{appid} 的 refresh_token 已失效"),
        FlowError::ExchangeLost { .. } => "换取授权码的响应已丢失".to_owned(),
        FlowError::ExchangedForOther { appid, other } => {
            format!("已换取 {appid} 的授权码，但微信返回的是 {other} 的授权")
        }
        FlowError::NotAToken { .. } => "所提供的内容不是令牌".to_owned(),
        FlowError::Link(_) => "该链接无法使用".to_owned(),
        FlowError::Shrinking { missing, known } => format!(
            "微信的授权方列表缺少 {} 个授权方（共 {known} 个）",
            missing.len()
        ),
        FlowError::ListUnstable { .. } => "授权方列表一直在变化".to_owned(),
        FlowError::Abandoned => "等待另一持有方期间已放弃".to_owned(),
        FlowError::ExchangeNotStored { source, .. } => {
            let source = CliError::from(source.clone());
            format!(
                "授权码已换取，但存储失败：{}",
                source.message().of(Lang::Zh)
            )
        }
        FlowError::Broken { detail } => format!("内部任务失败：{detail}"),
    }
}
