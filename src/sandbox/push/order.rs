//! Pushes on order: any InfoType, any message, and the faults a receiver must stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::AddressError;
use super::envelope::Unsendable;
use super::{events, messages, xml};
use crate::sandbox::Sandbox;
use crate::sandbox::state::World;
use crate::sandbox::state::pushing::{Manner, Outcome, Push};

/// The most that one order repeats.
const REPEATS: u32 = 100;

/// What to push.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// An `InfoType`, known or not. Either this or `message`.
    info_type: Option<String>,
    /// A `MsgType` or an `Event`, for the messages address.
    message: Option<String>,
    /// The platform; the first one when absent.
    component_appid: Option<String>,
    /// The account it is about; one that authorized the platform when absent.
    appid: Option<String>,
    /// Another address than the platform's own; its failures raise no alarm.
    to: Option<String>,
    /// Fields to set, by paths like `info.name`.
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// `wrong`: the signatures are.
    signature: Option<Signature>,
    /// `previous`: encrypted with the EncodingAESKey before the present one.
    key: Option<Key>,
    /// A message as WeChat stores get it: JSON inside and outside.
    #[serde(default)]
    json: bool,
    /// `false`: values are escaped instead of standing in CDATA.
    cdata: Option<bool>,
    /// How often the very same bytes are sent.
    repeat: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Signature {
    Right,
    Wrong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    Present,
    Previous,
}

/// What came of an order: of repeated pushes the first that failed, else the last.
#[derive(Debug, Serialize)]
pub struct Pushed {
    kind: String,
    count: usize,
    /// What the receiver made of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No platform has the appid.
    #[error("no platform has this appid: {0}")]
    UnknownPlatform(String),
    /// No account has the id.
    #[error("no account has this id: {0}")]
    UnknownAccount(String),
    /// Neither or both of the two.
    #[error("an order names either info_type or message")]
    Kind,
    /// JSON is a manner of messages.
    #[error("events come as XML only; JSON is for messages")]
    Json,
    /// A field's name or value cannot stand in XML.
    #[error("no field can be set so: {0}")]
    Field(String),
    /// Too many or none at all.
    #[error("a push is repeated 1 to {REPEATS} times")]
    Repeat,
    /// An address given is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// It cannot be sent.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
}

impl Refused {
    /// A word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::UnknownPlatform(_) => "unknown_platform",
            Self::UnknownAccount(_) => "unknown_account",
            Self::Kind | Self::Json | Self::Field(_) | Self::Repeat | Self::Address(_) => "push",
            Self::Unsendable(Unsendable::NoReceiver { .. }) => "no_receiver",
            Self::Unsendable(Unsendable::NoPreviousKey) => "no_previous_key",
            Self::Unsendable(_) => "push",
        }
    }
}

/// Pushes what is ordered, at once, and waits for the answer.
pub async fn perform(sandbox: &Sandbox, order: &Order) -> Result<Pushed, Refused> {
    let times = order.repeat.unwrap_or(1);
    if !(1..=REPEATS).contains(&times) {
        return Err(Refused::Repeat);
    }
    let push = compose(&mut sandbox.inner.lock(), order)?;
    let outcomes = super::send(&sandbox.inner, &push, order.to.as_deref(), times).await?;
    let count = outcomes.len();
    let told = (outcomes.iter())
        .find(|outcome| !outcome.delivered)
        .or(outcomes.last())
        .ok_or(Refused::Repeat)?;
    Ok(Pushed {
        kind: push.kind,
        count,
        outcome: told.clone(),
    })
}

fn compose(world: &mut World, order: &Order) -> Result<Push, Refused> {
    let platform = match &order.component_appid {
        Some(appid) => world
            .platform_index(appid)
            .ok_or_else(|| Refused::UnknownPlatform(appid.clone()))?,
        None => 0,
    };
    let account = match &order.appid {
        Some(id) => world
            .account_index(id)
            .ok_or_else(|| Refused::UnknownAccount(id.clone()))?,
        None => world
            .roster(platform)
            .accounts()
            .first()
            .copied()
            .unwrap_or(0),
    };
    let changes = changes(&order.fields)?;
    let cdata = order.cdata.unwrap_or(true);
    let manner = Manner {
        wrong_signature: order.signature == Some(Signature::Wrong),
        previous_key: order.key == Some(Key::Previous),
        json: order.json,
    };
    let change = |fields: &mut Vec<xml::Field>| {
        for (path, value) in &changes {
            xml::set(fields, path, value);
        }
    };
    match (&order.info_type, &order.message) {
        (Some(_), None) if order.json => Err(Refused::Json),
        (Some(info_type), None) => {
            let mut fields = events::plausible(world, platform, account, info_type);
            change(&mut fields);
            let about = (info_type != "component_verify_ticket").then_some(account);
            let mut push = events::event(platform, about, info_type, &fields, cdata);
            push.manner = manner;
            Ok(push)
        }
        (None, Some(kind)) => Ok(messages::message(
            world, platform, account, kind, manner, cdata, change,
        )),
        _ => Err(Refused::Kind),
    }
}

fn changes(fields: &BTreeMap<String, Value>) -> Result<Vec<(String, String)>, Refused> {
    (fields.iter())
        .map(|(path, value)| match value {
            Value::String(text) if xml::is_path(path) => Ok((path.clone(), text.clone())),
            Value::Number(number) if xml::is_path(path) => Ok((path.clone(), number.to_string())),
            _ => Err(Refused::Field(path.clone())),
        })
        .collect()
}
