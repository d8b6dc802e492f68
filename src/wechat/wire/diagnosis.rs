//! The answers of WeChat's own diagnosis calls: quota, rid, callback check, addresses.

use serde::{Deserialize, Serialize};

use super::lenient;
use super::reply::{Expected, FieldError, Reply};
use crate::wechat::limits::{self, is_id};

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RateLimit {
    /// Calls allowed in the span.
    pub call_count: u64,
    /// The span in seconds.
    pub refresh_second: u64,
}

/// What `openapi/quota/get` says of one path: spec api.md §5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiQuota {
    /// Calls allowed in a day.
    pub daily_limit: u64,
    /// Calls made today; WeChat's counter is about 1 % off.
    pub used: u64,
    /// Calls left today.
    pub remain: u64,
    /// The account's own limit of calls in a short span, where the path has one.
    pub rate_limit: Option<RateLimit>,
    /// The limit of one platform's calls for the account, where the path has one.
    pub component_rate_limit: Option<RateLimit>,
}

impl ApiQuota {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when one of the three figures of the day is absent.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        let quota = reply
            .object::<WireQuota>("quota")
            .ok_or(FieldError::Missing("quota"))?;
        let figure = |value: Option<i64>, name| value.map(count).ok_or(FieldError::Missing(name));
        let rate = |name| {
            let limit = reply.object::<WireRate>(name)?;
            Some(RateLimit {
                call_count: count(limit.call_count?),
                refresh_second: count(limit.refresh_second?),
            })
        };
        Ok(Self {
            daily_limit: figure(quota.daily_limit, "daily_limit")?,
            used: figure(quota.used, "used")?,
            remain: figure(quota.remain, "remain")?,
            rate_limit: rate("rate_limit"),
            component_rate_limit: rate("component_rate_limit"),
        })
    }
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireQuota {
    #[serde(deserialize_with = "lenient::integer")]
    daily_limit: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    used: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    remain: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireRate {
    #[serde(deserialize_with = "lenient::integer")]
    call_count: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    refresh_second: Option<i64>,
}

/// The longest text of a logged request that is shown, in characters.
const LOGGED: usize = 16 * limits::TEXT;

/// What `openapi/rid/get` says of a request: spec api.md §5.6. The texts are as they were sent, and
/// so may hold tokens and secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// When it was made, in Unix seconds.
    pub invoke_time: i64,
    /// How long WeChat took, in milliseconds.
    pub cost_in_ms: Option<i64>,
    /// Its address with the query.
    pub request_url: String,
    /// What was sent.
    pub request_body: String,
    /// What was answered.
    pub response_body: String,
    /// The caller's address.
    pub client_ip: Option<String>,
}

impl LoggedRequest {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when the request or its time is absent.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        let request = reply
            .inner("request")
            .ok_or(FieldError::Missing("request"))?;
        let text = |name| limits::cut(request.text(name).unwrap_or_default(), LOGGED);
        Ok(Self {
            invoke_time: request
                .integer("invoke_time")
                .ok_or(FieldError::Missing("invoke_time"))?,
            cost_in_ms: request.integer("cost_in_ms"),
            request_url: text("request_url"),
            request_body: text("request_body"),
            response_body: text("response_body"),
            client_ip: request.text("client_ip"),
        })
    }
}

/// What `callback/check` found: spec api.md §5.7.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallbackCheck {
    /// The addresses that the receiver's name has.
    pub dns: Vec<CallbackName>,
    /// One packet to each of them.
    pub ping: Vec<CallbackPing>,
}

/// An address of the receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallbackName {
    /// The address.
    #[serde(deserialize_with = "lenient::name")]
    pub ip: Option<String>,
    /// The operator whose name server answered.
    #[serde(deserialize_with = "lenient::name")]
    pub real_operator: Option<String>,
}

/// One packet to the receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallbackPing {
    /// Where it went.
    #[serde(deserialize_with = "lenient::name")]
    pub ip: Option<String>,
    /// The operator it was sent from.
    #[serde(deserialize_with = "lenient::name")]
    pub from_operator: Option<String>,
    /// `0%` or `100%`: a single packet is sent.
    #[serde(deserialize_with = "lenient::name")]
    pub package_loss: Option<String>,
    /// How long it took, with its unit: `23.079ms`.
    #[serde(deserialize_with = "lenient::name")]
    pub time: Option<String>,
}

impl CallbackCheck {
    /// Reads it from an answer that is no refusal; what was not asked for is empty.
    ///
    /// # Errors
    /// None: both parts may be absent.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        Ok(Self {
            dns: reply.sequence("dns"),
            ping: reply.sequence("ping"),
        })
    }
}

/// What `get_api_domain_ip` and `getcallbackip` list: addresses, and perhaps ranges of them.
///
/// # Errors
/// [`FieldError`] when there is no list of addresses.
pub fn addresses(reply: &Reply<'_>) -> Result<Vec<String>, FieldError> {
    let field = "ip_list";
    let listed = reply.raw(field).ok_or(FieldError::Missing(field))?;
    let listed: Vec<String> = serde_json::from_str(listed.get()).unwrap_or_default();
    match !listed.is_empty() && listed.iter().all(|address| is_id(address)) {
        true => Ok(listed),
        false => Err(FieldError::Malformed {
            field,
            expected: Expected::Addresses,
        }),
    }
}
