//! What is sent to the backend, byte for byte.

use hyper::body::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::flow::OwnIds;
use crate::store::events::EventRecord;
use crate::wechat::event::{Event, EventKind};
use crate::wechat::id::ComponentAppid;
use crate::wechat::message::Message;
use crate::wechat::xml;

use super::super::opening::Incoming;
use super::super::{ForwardForm, ForwardOptions};

/// One request to the backend.
pub(in super::super) struct Parcel {
    pub(super) query: Option<String>,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

const JSON: &str = "application/json";
/// What a push without a content type is: WeChat's are XML.
const XML: &str = "text/xml";

/// What is kept with an event until it is passed on. It says itself what it is, so that the next
/// start may have other options.
#[derive(Default, Serialize, Deserialize)]
struct Payload {
    /// As received, still encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    untouched: Option<Untouched>,
    /// The ticket, which the record has no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Untouched {
    query: String,
    content_type: Option<String>,
    body: String,
}

/// What the store keeps with an event for [`event_parcel`].
pub(in super::super) fn event_payload(
    options: &ForwardOptions,
    event: &Event,
    incoming: &Incoming,
) -> String {
    let payload = match (options.form, &event.kind) {
        (ForwardForm::Untouched, _) => Payload {
            untouched: Some(Untouched {
                query: incoming.query.clone(),
                content_type: incoming.content_type.clone(),
                body: String::from_utf8_lossy(&incoming.body).into_owned(),
            }),
            ticket: None,
        },
        (ForwardForm::Json, EventKind::Ticket(ticket)) if options.with_secrets => Payload {
            untouched: None,
            ticket: Some(ticket.expose().to_owned()),
        },
        (ForwardForm::Json, _) => return String::new(),
    };
    // Texts alone: there is nothing that could fail.
    serde_json::to_string(&payload).unwrap_or_default()
}

/// An event as it is passed on once the work on it is done.
pub(super) fn event_parcel(
    options: &ForwardOptions,
    platform: &ComponentAppid,
    record: &EventRecord,
    own: &OwnIds,
    now: Timestamp,
) -> Parcel {
    let payload = record.forward_payload.as_deref().unwrap_or_default();
    let payload: Payload = serde_json::from_str(payload).unwrap_or_default();
    if let Some(untouched) = payload.untouched {
        return Parcel {
            query: Some(untouched.query),
            content_type: untouched.content_type.unwrap_or_else(|| XML.to_owned()),
            body: untouched.body.into(),
        };
    }
    let mut parcel = json!({
        "platform": platform,
        "kind": "event",
        "id": record.id,
        "info_type": record.info_type,
        "appid": record.appid,
        "external_id": own.external_id,
        "claimed_external_id": own.claimed_external_id,
        "received_at": record.received_at,
        "created_at": record.created_at,
        "fields": record.fields,
        "code": code_of(record, options.with_secrets, now),
    });
    if let Some(ticket) = payload.ticket.filter(|_| options.with_secrets) {
        parcel["ticket"] = ticket.into();
    }
    json_parcel(&parcel)
}

/// Whether the event's code can still be exchanged, and what it is.
fn code_of(record: &EventRecord, with_secrets: bool, now: Timestamp) -> Value {
    let mut told = Map::new();
    let dead = record.code_expires_at.is_some_and(|at| at <= now);
    let exchanged = record.detail.get("exchanged_by").is_some();
    let state = match &record.code {
        Some(code) if !dead => {
            if with_secrets {
                told.insert("value".to_owned(), code.expose().into());
            }
            told.insert("expires_at".to_owned(), json!(record.code_expires_at));
            "unspent"
        }
        // The field stays in the event, masked; the code leaves it when it is spent or dead.
        _ if !brought_code(record) => "none",
        _ if dead && !exchanged => "expired",
        _ => "spent",
    };
    told.insert("state".to_owned(), state.into());
    Value::Object(told)
}

/// Whether there was a code in the event; that of a registration which failed is none.
fn brought_code(record: &EventRecord) -> bool {
    let has = |name| record.fields.get(name).is_some();
    has("AuthorizationCode") || (has("auth_code") && record.code_expires_at.is_some())
}

/// A message as it is passed on.
pub(in super::super) fn message_parcel(
    options: &ForwardOptions,
    platform: &ComponentAppid,
    account: &str,
    what: &str,
    message: Option<&Message>,
    text: &str,
    incoming: &Incoming,
) -> Parcel {
    if options.form == ForwardForm::Untouched {
        let content_type = incoming.content_type.clone();
        return Parcel {
            query: Some(incoming.query.clone()),
            content_type: content_type.unwrap_or_else(|| XML.to_owned()),
            body: incoming.body.clone(),
        };
    }
    json_parcel(&json!({
        "platform": platform,
        "kind": "message",
        "account": account,
        "from": message.map(|message| &message.from),
        "what": what,
        "message": fields_of(text),
    }))
}

/// All that a message says; what is neither XML nor JSON as one text.
fn fields_of(text: &str) -> Value {
    if let Ok(fields) = serde_json::from_str(text) {
        return fields;
    }
    xml::parse(text).map_or_else(|_| json!({ "raw": text }), |fields| fields.to_json())
}

fn json_parcel(value: &Value) -> Parcel {
    Parcel {
        query: None,
        content_type: JSON.to_owned(),
        body: value.to_string().into(),
    }
}
