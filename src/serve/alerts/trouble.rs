//! What an alert says.

use jiff::Timestamp;

use crate::flow::AnotherHolder;
use crate::wechat::id::{Appid, ComponentAppid};

/// Appids in one alert, at most: robots take short texts only.
const NAMED: usize = 10;

/// What a trouble is about: of each topic a platform has one trouble at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    Ticket,
    Clock,
    Holder,
    Refresh,
    RefreshToken,
    Forward,
    Store,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    TicketLate,
    TicketAlarm,
    TicketDead,
    ClockFault,
    AnotherHolder {
        since: Timestamp,
        component_token: bool,
        authorizers: Vec<Appid>,
    },
    MerchantEnded(Appid),
    RefreshFailing(String),
    /// All whose token is dead.
    RefreshTokenDead(Vec<Appid>),
    ForwardFailing(String),
    StoreFailing(String),
}

impl Trouble {
    pub(super) fn another_holder(another: &AnotherHolder) -> Self {
        Self::AnotherHolder {
            since: another.since,
            component_token: another.component_token(),
            authorizers: another.authorizers(),
        }
    }

    /// When it began, where that was before it was noticed.
    pub(super) fn began(&self) -> Option<Timestamp> {
        match self {
            Self::AnotherHolder { since, .. } => Some(*since),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::TicketLate => "ticket_late",
            Self::TicketAlarm => "ticket_alarm",
            Self::TicketDead => "ticket_dead",
            Self::ClockFault => "clock_fault",
            Self::AnotherHolder { .. } => "another_holder",
            Self::MerchantEnded(_) => "merchant_ended",
            Self::RefreshFailing(_) => "refresh_failing",
            Self::RefreshTokenDead(_) => "refresh_token_dead",
            Self::ForwardFailing(_) => "forward_failing",
            Self::StoreFailing(_) => "store_failing",
        }
    }

    /// Whether whoever was told `earlier` knows of this: the same kind with other details is the same
    /// trouble, but a further merchant is news.
    pub(super) fn is_told_by(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::RefreshTokenDead(now), Self::RefreshTokenDead(before)) => {
                now.iter().all(|appid| before.contains(appid))
            }
            // One program requests all of them; that it requests component tokens, too, is news.
            (
                Self::AnotherHolder {
                    component_token: now,
                    ..
                },
                Self::AnotherHolder {
                    component_token: before,
                    ..
                },
            ) => *before || !*now,
            _ => self.kind() == earlier.kind(),
        }
    }

    pub(super) fn severity(&self) -> &'static str {
        match self {
            Self::TicketLate
            | Self::AnotherHolder { .. }
            | Self::MerchantEnded(_)
            | Self::ForwardFailing(_) => "warning",
            Self::TicketAlarm
            | Self::TicketDead
            | Self::ClockFault
            | Self::RefreshFailing(_)
            | Self::RefreshTokenDead(_)
            | Self::StoreFailing(_) => "critical",
        }
    }

    fn english(&self) -> String {
        match self {
            Self::TicketLate => "no component_verify_ticket for 25 minutes".to_owned(),
            Self::TicketAlarm => {
                "no component_verify_ticket for 2 hours; the last one dies after 12".to_owned()
            }
            Self::TicketDead => {
                "the last component_verify_ticket is dead: no token can be made until one comes"
                    .to_owned()
            }
            Self::ClockFault => "ticket or component token were stored with a time in the future: this machine's clock was ahead then, or is behind now".to_owned(),
            Self::AnotherHolder {
                component_token,
                authorizers,
                ..
            } => {
                let of_authorizers = match named(authorizers) {
                    (names, 0) if authorizers.len() == 1 => {
                        format!("the access token of {names}")
                    }
                    (names, 0) => format!("the access tokens of {names}"),
                    (names, more) => format!("the access tokens of {names} and {more} more"),
                };
                let tokens = match (component_token, authorizers.is_empty()) {
                    (true, true) => "the component token".to_owned(),
                    (true, false) => format!("the component token and {of_authorizers}"),
                    (false, _) => of_authorizers,
                };
                format!(
                    "another program requests tokens of this platform: WeChat refused {tokens} before expiry although wxauth had requested no other; let that program take tokens from wxauth"
                )
            }
            Self::MerchantEnded(appid) => format!("{appid} ended its authorization"),
            Self::RefreshFailing(why) if why.is_empty() => "tokens cannot be refreshed".to_owned(),
            Self::RefreshFailing(why) => format!("tokens cannot be refreshed: {why}"),
            Self::RefreshTokenDead(appids) => match named(appids) {
                (names, 0) if appids.len() == 1 => {
                    format!("the refresh token of {names} is dead: it has to authorize again")
                }
                (names, 0) => {
                    format!("the refresh tokens of {names} are dead: they have to authorize again")
                }
                (names, more) => format!(
                    "the refresh tokens of {names} and {more} more are dead: they have to authorize again"
                ),
            },
            Self::ForwardFailing(why) => {
                format!("the backend does not take what is passed on: {why}")
            }
            Self::StoreFailing(why) => format!("the store fails: {why}"),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::TicketLate => "超过 25 分钟未收到 component_verify_ticket".to_owned(),
            Self::TicketAlarm => {
                "超过 2 小时未收到 component_verify_ticket，最后一个将在 12 小时后失效".to_owned()
            }
            Self::TicketDead => {
                "component_verify_ticket 已失效，收到新的之前无法获取令牌".to_owned()
            }
            Self::ClockFault => {
                "ticket 或 component_access_token 的保存时间在将来：保存时本机时钟偏快，或现在偏慢"
                    .to_owned()
            }
            Self::AnotherHolder {
                component_token,
                authorizers,
                ..
            } => {
                let of_authorizers = match named(authorizers) {
                    (names, 0) => format!("{names} 的授权方令牌"),
                    (names, _) => format!("{names} 等 {} 个账号的授权方令牌", authorizers.len()),
                };
                let tokens = match (component_token, authorizers.is_empty()) {
                    (true, true) => "平台令牌".to_owned(),
                    (true, false) => format!("平台令牌和{of_authorizers}"),
                    (false, _) => of_authorizers,
                };
                format!(
                    "有其他程序在获取本平台的令牌：微信在到期前拒绝了{tokens}，而 wxauth 并未获取新令牌；请让该程序从 wxauth 取得令牌"
                )
            }
            Self::MerchantEnded(appid) => format!("{appid} 已取消授权"),
            Self::RefreshFailing(why) if why.is_empty() => "令牌刷新失败".to_owned(),
            Self::RefreshFailing(why) => format!("令牌刷新失败：{why}"),
            Self::RefreshTokenDead(appids) => match named(appids) {
                (names, 0) => format!("{names} 的刷新令牌已失效，需要商家重新授权"),
                (names, _) => format!(
                    "{names} 等 {} 个账号的刷新令牌已失效，需要商家重新授权",
                    appids.len()
                ),
            },
            Self::ForwardFailing(why) => format!("转发到后端失败：{why}"),
            Self::StoreFailing(why) => format!("存储不可用：{why}"),
        }
    }
}

/// The first appids as one text, and how many more there are.
fn named(appids: &[Appid]) -> (String, usize) {
    let shown: Vec<&str> = appids.iter().take(NAMED).map(Appid::as_str).collect();
    (shown.join(", "), appids.len() - shown.len())
}

/// An alert as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) platform: ComponentAppid,
    pub(super) trouble: Trouble,
    /// When the trouble began.
    pub(super) since: Timestamp,
    /// Whether it is over.
    pub(super) resolved: bool,
}

impl Message {
    pub(super) fn new(
        platform: &ComponentAppid,
        trouble: Trouble,
        since: Timestamp,
        resolved: bool,
    ) -> Self {
        Self {
            platform: platform.clone(),
            trouble,
            since,
            resolved,
        }
    }

    pub(super) fn english(&self) -> String {
        let text = self.trouble.english();
        match self.resolved {
            true => format!("resolved: {text}"),
            false => text,
        }
    }

    pub(super) fn chinese(&self) -> String {
        let text = self.trouble.chinese();
        match self.resolved {
            true => format!("已恢复：{text}"),
            false => text,
        }
    }
}
