//! `auth_type`: the kinds of account that a link offers.

use std::fmt;
use std::str::FromStr;

use crate::wechat::account::AccountKind;

/// The kinds of account that a link offers. 7 is not documented, 0 never was a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthType {
    /// Subscription and service accounts.
    OfficialAccount = 1,
    /// Mini programs.
    MiniProgram = 2,
    /// Official accounts and mini programs.
    Both = 3,
    /// Mini-program promoters (小程序推客).
    Promoter = 4,
    /// Channels accounts.
    Channels = 5,
    /// Official accounts, mini programs and channels.
    All = 6,
    /// Sales assistants (带货助手).
    SalesAssistant = 8,
}

/// A text that names no [`AuthType`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no account type of a link")]
pub struct UnknownAuthType(pub String);

impl AuthType {
    /// Every value, by ascending number.
    pub const ALL: [Self; 7] = [
        Self::OfficialAccount,
        Self::MiniProgram,
        Self::Both,
        Self::Promoter,
        Self::Channels,
        Self::All,
        Self::SalesAssistant,
    ];

    /// The number in the link.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The value of that number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|value| value.number() == number)
    }

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfficialAccount => "official-account",
            Self::MiniProgram => "mini-program",
            Self::Both => "both",
            Self::Promoter => "promoter",
            Self::Channels => "channels",
            Self::All => "all",
            Self::SalesAssistant => "sales-assistant",
        }
    }

    /// The kinds of account that the page offers for it.
    #[must_use]
    pub const fn kinds(self) -> &'static [AccountKind] {
        match self {
            Self::OfficialAccount => &[AccountKind::OfficialAccount],
            Self::MiniProgram => &[AccountKind::MiniProgram],
            Self::Both => &[AccountKind::OfficialAccount, AccountKind::MiniProgram],
            Self::Channels => &[AccountKind::Channels],
            Self::All => &[
                AccountKind::OfficialAccount,
                AccountKind::MiniProgram,
                AccountKind::Channels,
            ],
            Self::Promoter | Self::SalesAssistant => &[AccountKind::Other],
        }
    }
}

impl fmt::Display for AuthType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for AuthType {
    type Err = UnknownAuthType;

    fn from_str(text: &str) -> Result<Self, UnknownAuthType> {
        Self::ALL
            .into_iter()
            .find(|value| value.as_str() == text)
            .ok_or_else(|| UnknownAuthType(text.to_owned()))
    }
}
