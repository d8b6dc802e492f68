//! Kinds of account.

use serde::{Deserialize, Serialize};

/// What sort of account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 订阅号.
    Subscription,
    /// 服务号.
    Service,
    /// 小程序.
    MiniProgram,
    /// 小商店.
    SmallShop,
    /// 视频号.
    Channels,
    /// 微信小店: authorized through the service market, without a link.
    Store,
    /// 带货助手.
    SalesAssistant,
    /// 供货商: without a link, like a store.
    Supplier,
    /// 小游戏: cannot authorize.
    MiniGame,
    /// 试用小程序: cannot authorize.
    Trial,
}

/// Kinds that share an interface; the words that scripts see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Subscription and service accounts.
    OfficialAccount,
    /// Mini programs, small shops, mini games and trials.
    MiniProgram,
    /// Channels.
    Channels,
    /// WeChat stores.
    Store,
    /// Everything newer.
    Other,
}

impl Kind {
    /// The family, as scripts see it.
    pub fn family(self) -> Family {
        match self {
            Self::Subscription | Self::Service => Family::OfficialAccount,
            Self::MiniProgram | Self::SmallShop | Self::MiniGame | Self::Trial => {
                Family::MiniProgram
            }
            Self::Channels => Family::Channels,
            Self::Store => Family::Store,
            Self::SalesAssistant | Self::Supplier => Family::Other,
        }
    }

    /// Whether accounts of this kind can authorize a platform at all (rule R4).
    pub fn can_authorize(self) -> bool {
        !matches!(self, Self::MiniGame | Self::Trial)
    }

    /// Whether the authorization page can be opened by a link for this kind.
    pub fn has_link(self) -> bool {
        self.can_authorize() && !matches!(self, Self::Store | Self::Supplier)
    }

    /// Whether the page of a link with this `auth_type` offers the kind; `None` for a value that
    /// is not documented.
    pub fn offered_by(self, auth_type: u32) -> Option<bool> {
        let family = self.family();
        let offered = match auth_type {
            1 => family == Family::OfficialAccount,
            2 => family == Family::MiniProgram,
            3 => matches!(family, Family::OfficialAccount | Family::MiniProgram),
            4 => false,
            5 => family == Family::Channels,
            6 => matches!(
                family,
                Family::OfficialAccount | Family::MiniProgram | Family::Channels
            ),
            8 => self == Self::SalesAssistant,
            _ => return None,
        };
        Some(offered)
    }

    /// `service_type_info.id` of an info answer.
    pub fn service_type(self) -> u32 {
        match self {
            Self::Service => 2,
            Self::SmallShop => 10,
            Self::MiniGame => 4,
            Self::Trial => 12,
            _ => 0,
        }
    }
}
