//! WeChat's own diagnosis calls: quota and its clears, rid, callback check, addresses.

use jiff::{Timestamp, ToSpan, tz};
use serde_json::json;

use crate::api::Call;
use crate::store::journal::{JournalEntry, JournalFilter, JournalKind};
use crate::wechat::account::AccountKind;
use crate::wechat::wire::{ApiQuota, CallbackCheck, LoggedRequest};

use super::{Caller, FlowError, Platform};

/// Clears of all counters that an account has in a month, whoever makes them (rule R28).
pub const CLEARS_A_MONTH: u64 = 10;
/// Clears of single paths that it has.
pub const PATH_CLEARS_A_MONTH: u64 = 50;

/// Journal entries read from the store at once.
const PAGE: usize = 1_000;

/// The platform's calls whose quota an operator asks for, those first that end a day the soonest.
pub const COMPONENT_PATHS: [&str; 6] = [
    Call::ComponentToken.path(),
    Call::AuthorizerToken.path(),
    Call::PreAuthCode.path(),
    Call::QueryAuth.path(),
    Call::AuthorizerInfo.path(),
    Call::AuthorizerList.path(),
];

/// The calls for a merchant of this kind whose quota an operator asks for.
#[must_use]
pub fn merchant_paths(kind: AccountKind) -> &'static [&'static str] {
    match kind {
        AccountKind::MiniProgram => &[
            "/wxa/commit",
            "/wxa/submit_audit",
            "/wxa/getwxacodeunlimit",
            "/cgi-bin/message/subscribe/send",
            "/cgi-bin/message/custom/send",
        ],
        AccountKind::Channels | AccountKind::Store => &[
            "/channels/ec/order/list/get",
            "/channels/ec/product/list/get",
        ],
        _ => &[
            "/cgi-bin/message/custom/send",
            "/cgi-bin/message/template/send",
            "/cgi-bin/user/get",
            "/cgi-bin/menu/create",
            "/cgi-bin/media/upload",
        ],
    }
}

/// What is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clear<'a> {
    /// Every counter, with a token.
    All,
    /// Every counter, with the platform's appsecret: when no token can be had any more.
    BySecret,
    /// The counter of one path.
    Path(&'a str),
}

impl Clear<'_> {
    /// How many of its kind an account has in a month.
    #[must_use]
    pub fn a_month(self) -> u64 {
        match self {
            Self::All | Self::BySecret => CLEARS_A_MONTH,
            Self::Path(_) => PATH_CLEARS_A_MONTH,
        }
    }
}

impl Platform {
    /// Today's quota of a path for `caller`.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn quota(&self, caller: &Caller, path: &str) -> Result<ApiQuota, FlowError> {
        self.as_caller(caller, |token| async move {
            self.api().api_quota(&token, path).await
        })
        .await
    }

    /// How many clears of this kind were made this month (Beijing) from this store: the console and
    /// other programs may have made more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clears_this_month(
        &self,
        caller: &Caller,
        clear: Clear<'_>,
    ) -> Result<u64, FlowError> {
        let of_path = matches!(clear, Clear::Path(_));
        let counts = |entry: &JournalEntry| {
            entry.what == JournalKind::QuotaCleared
                && entry.appid.as_ref() == caller.appid()
                && entry.detail["path"].is_string() == of_path
        };
        let mut filter = JournalFilter {
            appid: caller.appid().cloned(),
            since: Some(month_start(self.clock().now())),
            before: None,
            limit: PAGE,
        };
        let mut count = 0;
        loop {
            let page = self.store().journal(self.key(), &filter).await?;
            count += page.iter().filter(|entry| counts(entry)).count() as u64;
            match page.last() {
                Some(last) if page.len() == PAGE => filter.before = Some(last.id),
                _ => return Ok(count),
            }
        }
    }

    /// Clears counters and notes it in the journal; whether it could be noted comes back, for what
    /// is spent is spent.
    ///
    /// # Errors
    /// What WeChat or the token says; [`FlowError::NoAppsecret`].
    pub async fn clear_quota(&self, caller: &Caller, clear: Clear<'_>) -> Result<bool, FlowError> {
        let api = self.api();
        match clear {
            Clear::All => {
                let own = self.component_appid().as_str();
                let appid = caller.appid().map_or(own, |appid| appid.as_str());
                self.as_caller(caller, |token| async move {
                    api.clear_quota(&token, appid).await
                })
                .await?;
            }
            Clear::Path(path) => {
                self.as_caller(caller, |token| async move {
                    api.clear_path_quota(&token, path).await
                })
                .await?;
            }
            Clear::BySecret => {
                let appsecret = self.options().credentials.appsecret.read().await?;
                let appsecret = appsecret.ok_or(FlowError::NoAppsecret)?;
                let platform = self.component_appid();
                api.clear_quota_by_secret(platform, &appsecret, caller.appid())
                    .await?;
            }
        }
        let detail = match clear {
            Clear::All => json!({ "by": "token" }),
            Clear::BySecret => json!({ "by": "appsecret" }),
            Clear::Path(path) => json!({ "by": "token", "path": path }),
        };
        let what = JournalKind::QuotaCleared;
        let noted = self.store().note(self.key(), what, caller.appid(), detail);
        let noted = noted.await;
        if let Err(error) = &noted {
            tracing::debug!(%error, "the clear is not noted");
        }
        Ok(noted.is_ok())
    }

    /// The request with this rid, which `caller`'s account made in the last seven days.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn logged_request(
        &self,
        caller: &Caller,
        rid: &str,
    ) -> Result<LoggedRequest, FlowError> {
        self.as_caller(caller, |token| async move {
            self.api().logged_request(&token, rid).await
        })
        .await
    }

    /// Has WeChat look at the receiver.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn callback_check(
        &self,
        caller: &Caller,
        action: &str,
        operator: &str,
    ) -> Result<CallbackCheck, FlowError> {
        self.as_caller(caller, |token| async move {
            self.api().callback_check(&token, action, operator).await
        })
        .await
    }

    /// The addresses of the API.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn api_addresses(&self, caller: &Caller) -> Result<Vec<String>, FlowError> {
        self.as_caller(caller, |token| async move {
            self.api().api_addresses(&token).await
        })
        .await
    }

    /// The addresses that pushes come from.
    ///
    /// # Errors
    /// What WeChat or the token says.
    pub async fn push_addresses(&self, caller: &Caller) -> Result<Vec<String>, FlowError> {
        self.as_caller(caller, |token| async move {
            self.api().push_addresses(&token).await
        })
        .await
    }
}

/// The first moment of this month in Beijing, by whose calendar WeChat counts.
fn month_start(now: Timestamp) -> Timestamp {
    let beijing = tz::TimeZone::fixed(tz::offset(8));
    let today = now.to_zoned(beijing);
    let first = today.first_of_month().and_then(|day| day.start_of_day());
    // Within the calendar there is always such a day; else count the last 31 days.
    first.map_or_else(
        |_| now.saturating_sub(744.hours()).unwrap_or(now),
        |day| day.timestamp(),
    )
}
