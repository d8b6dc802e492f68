//! Events for the platform itself: tickets, authorizations, and what other services report (the
//! notes on pushes, sections 3 and 4).

mod kinds;
mod masking;
mod written;

use std::fmt;

use serde_json::Value;

pub use self::kinds::{INFO_TYPES, InfoType};
pub use self::masking::masked;
pub use self::written::{authorization_xml, ticket_xml, unauthorized_xml, unknown_xml};
use super::id::Appid;
use super::limits;
use super::secret::Secret;
use super::xml::{self, Element, XmlError};

/// An event, decrypted and read.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// `AppId`: the platform's.
    pub component_appid: String,
    /// `CreateTime` in Unix seconds.
    pub created_at: Option<i64>,
    /// `InfoType` as it stands.
    pub info_type: String,
    /// What it means for the platform.
    pub kind: EventKind,
    /// Everything in it, unknown fields too. It holds secrets.
    pub fields: Element,
}

/// What an event means for the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A new `component_verify_ticket`.
    Ticket(Secret),
    /// A merchant authorized the platform.
    Authorized(AuthorizationEvent),
    /// A merchant changed what is granted.
    UpdateAuthorized(AuthorizationEvent),
    /// A merchant ended the authorization.
    Unauthorized(Appid),
    /// The result of something else; unknown types too.
    Other {
        /// The account it is about, when it names exactly one.
        about: Option<Appid>,
    },
}

/// What `authorized` and `updateauthorized` bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationEvent {
    /// `AuthorizerAppid`: the merchant's account.
    pub appid: Appid,
    /// `AuthorizationCode`, to be exchanged once.
    pub code: Option<Secret>,
    /// The code's end in Unix seconds.
    pub code_expires_at: Option<i64>,
    /// `PreAuthCode` of the link that was used.
    pub pre_auth_code: Option<Secret>,
}

/// Why a message is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is no XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// A field is missing that its kind always has.
    #[error("the event has no {name}")]
    Missing {
        /// The field.
        name: &'static str,
    },
    /// A ticket, code or id that has not the shape of one: [`limits`].
    #[error("{name} of the event is not printable ASCII without white space, or too long")]
    Malformed {
        /// The field.
        name: &'static str,
    },
}

/// Below this a time is no point in time but a number of seconds: 2001 is long over.
const EARLIEST: i64 = 1_000_000_000;
/// The result of a quick registration.
const REGISTRATION: &str = "notify_third_fasteregister";
/// Fields that name the account an event is about.
const ACCOUNT_FIELDS: [&str; 4] = [
    "appid",
    "authorizer_appid",
    "verify_appid",
    "AuthorizerAppid",
];

impl Event {
    /// Reads a decrypted event.
    ///
    /// # Errors
    /// [`EventError`] when it is no XML, lacks `InfoType`, `AppId` or a field that its kind always
    /// has, or has a malformed one. An unknown `InfoType` is no error.
    pub fn parse(xml: &str) -> Result<Self, EventError> {
        let fields = xml::parse(xml)?;
        let info_type = needed(&fields, "InfoType")?.to_owned();
        let component_appid = needed(&fields, "AppId")?.to_owned();
        let created_at = number(&fields, "CreateTime");
        let authorizer = || {
            let name = "AuthorizerAppid";
            let appid = needed(&fields, name)?;
            match limits::is_id(appid) {
                true => Ok(Appid::from_wire(appid)),
                false => Err(EventError::Malformed { name }),
            }
        };
        let authorization = || {
            let expires = number(&fields, "AuthorizationCodeExpiredTime");
            Ok::<_, EventError>(AuthorizationEvent {
                appid: authorizer()?,
                code: secret(&fields, "AuthorizationCode")?,
                code_expires_at: expires.and_then(|at| absolute(at, created_at)),
                pre_auth_code: secret(&fields, "PreAuthCode")?,
            })
        };
        let kind = match info_type.as_str() {
            "component_verify_ticket" => {
                let name = "ComponentVerifyTicket";
                EventKind::Ticket(secret(&fields, name)?.ok_or(EventError::Missing { name })?)
            }
            "authorized" => EventKind::Authorized(authorization()?),
            "updateauthorized" => EventKind::UpdateAuthorized(authorization()?),
            "unauthorized" => EventKind::Unauthorized(authorizer()?),
            _ => EventKind::Other {
                about: about(&fields),
            },
        };
        Ok(Self {
            component_appid,
            created_at,
            info_type,
            kind,
            fields,
        })
    }

    /// Whom it is about, where it is about an account.
    #[must_use]
    pub fn about(&self) -> Option<&Appid> {
        match &self.kind {
            EventKind::Ticket(_) => None,
            EventKind::Authorized(grant) | EventKind::UpdateAuthorized(grant) => Some(&grant.appid),
            EventKind::Unauthorized(appid) => Some(appid),
            EventKind::Other { about } => about.as_ref(),
        }
    }

    /// The authorization code that a quick registration which went well brings beside the head
    /// (`auth_code`, notes on pushes, section 4). It tells no end of its life.
    #[must_use]
    pub fn registration_code(&self) -> Option<Secret> {
        let went_well = self.info_type == REGISTRATION && number(&self.fields, "status") == Some(0);
        went_well
            .then(|| secret(&self.fields, "auth_code").ok().flatten())
            .flatten()
    }

    /// All fields with the ticket and the codes masked.
    #[must_use]
    pub fn without_secrets(&self) -> Value {
        masked(self.to_json())
    }

    /// All fields, tickets and codes too.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.fields.to_json()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Event")
            .field("component_appid", &self.component_appid)
            .field("created_at", &self.created_at)
            .field("info_type", &self.info_type)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

fn needed<'a>(fields: &'a Element, name: &'static str) -> Result<&'a str, EventError> {
    filled(fields, name).ok_or(EventError::Missing { name })
}

fn filled<'a>(fields: &'a Element, name: &str) -> Option<&'a str> {
    fields.text_of(name).filter(|text| !text.is_empty())
}

/// A ticket or code; `None` when it is absent or empty.
fn secret(fields: &Element, name: &'static str) -> Result<Option<Secret>, EventError> {
    match filled(fields, name).map(Secret::new) {
        Some(secret) if !limits::is_token(&secret) => Err(EventError::Malformed { name }),
        secret => Ok(secret),
    }
}

fn number(fields: &Element, name: &str) -> Option<i64> {
    filled(fields, name)?.parse().ok()
}

/// The page's table says seconds, real events bring a point in time.
fn absolute(time: i64, created_at: Option<i64>) -> Option<i64> {
    if time < EARLIEST {
        created_at?.checked_add(time)
    } else {
        Some(time)
    }
}

fn about(fields: &Element) -> Option<Appid> {
    let lists = fields.children.iter().filter(|child| child.name == "list");
    let mut found: Vec<&str> = std::iter::once(fields)
        .chain(lists)
        .flat_map(|element| ACCOUNT_FIELDS.map(|name| filled(element, name)))
        .flatten()
        .collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [one] if limits::is_id(one) => Some(Appid::from_wire(one)),
        _ => None,
    }
}
