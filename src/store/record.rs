//! The neutral form of what a store holds: what goes into files and from one store to another.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

use crate::store::StoreError;
use crate::store::encryption::{Cipher, Field, StoredSecret};
use crate::store::words::words;
use crate::wechat::id::PermissionSetId;
use crate::wechat::secret::Secret;

words! {
    /// A kind of record. Leases, holders, fences and unfinished passes are no records: they speak
    /// of processes that run, and are not moved.
    RecordKind {
        /// Verify tickets, also those that are only recognised by now.
        Tickets => "tickets",
        /// The platform's token and those of its authorizers.
        Tokens => "tokens",
        /// The roster, with what WeChat said about each.
        Authorizers => "authorizers",
        /// Authorization codes that were exchanged, by fingerprint.
        RedeemedCodes => "redeemed_codes",
        /// The last complete pass over the account list.
        Syncs => "syncs",
        /// The journal.
        Journal => "journal",
        /// Pushed events.
        Events => "events",
        /// How many messages arrived.
        MessageCounts => "message_counts",
        /// Messages kept whole.
        Messages => "messages",
        /// Links that were made.
        Launches => "launches",
    }
}

impl RecordKind {
    /// Those whose records have secrets.
    pub(in crate::store) const WITH_SECRETS: [Self; 3] =
        [Self::Tickets, Self::Tokens, Self::Events];

    /// Whether its records have no name of their own, so that only their whole content tells one
    /// from another.
    pub(in crate::store) fn is_log(self) -> bool {
        matches!(self, Self::Journal | Self::Messages)
    }
}

/// One record. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "record", rename_all = "snake_case")]
pub(in crate::store) enum Record {
    Ticket(Ticket),
    Token(Token),
    Authorizer(Box<Row>),
    RedeemedCode(Code),
    Sync(Pass),
    Journal(Entry),
    Event(Box<Event>),
    MessageCount(Count),
    Message(Message),
    Launch(Launch),
}

/// What serde would derive reads every kind in two ways, for either order of the two fields: as much
/// code again as everything else about records.
impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            kind: &'a str,
            // Borrowed: there may be secrets in it.
            #[serde(borrow)]
            record: &'a RawValue,
        }

        fn of<T: DeserializeOwned, E: Error>(record: &RawValue) -> Result<T, E> {
            serde_json::from_str(record.get()).map_err(E::custom)
        }

        let Envelope { kind, record } = Envelope::deserialize(deserializer)?;
        Ok(match kind {
            "ticket" => Self::Ticket(of(record)?),
            "token" => Self::Token(of(record)?),
            "authorizer" => Self::Authorizer(of(record)?),
            "redeemed_code" => Self::RedeemedCode(of(record)?),
            "sync" => Self::Sync(of(record)?),
            "journal" => Self::Journal(of(record)?),
            "event" => Self::Event(of(record)?),
            "message_count" => Self::MessageCount(of(record)?),
            "message" => Self::Message(of(record)?),
            "launch" => Self::Launch(of(record)?),
            _ => return Err(D::Error::custom(format!("`{kind}` is no kind of record"))),
        })
    }
}

/// A verify ticket.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Ticket {
    pub(in crate::store) fingerprint: String,
    pub(in crate::store) received_at: i64,
    pub(in crate::store) source: String,
    pub(in crate::store) value: Option<StoredSecret>,
}

/// A token without its lease.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Token {
    /// An appid; empty for the platform's own.
    pub(in crate::store) owner: String,
    pub(in crate::store) access: Option<StoredSecret>,
    pub(in crate::store) refresh: Option<StoredSecret>,
    pub(in crate::store) refresh_as_of: Option<i64>,
    pub(in crate::store) issued_at: Option<i64>,
    /// For how many seconds it counted as valid then.
    pub(in crate::store) lifetime: Option<i64>,
    pub(in crate::store) expires_at: Option<i64>,
    pub(in crate::store) generation: i64,
    /// When a call began that may end this token and of whose end nothing is known.
    pub(in crate::store) unsettled_since: Option<i64>,
    pub(in crate::store) used_at: Option<i64>,
}

/// A row of the roster.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Row {
    pub(in crate::store) appid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) user_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) nick_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) claimed_external_id: Option<String>,
    pub(in crate::store) account_kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) principal_name: Option<String>,
    pub(in crate::store) status: String,
    pub(in crate::store) account_status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) authorized_at: Option<i64>,
    #[serde(default)]
    pub(in crate::store) permission_ids: Vec<PermissionSetId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::store) pending_ids: Vec<PermissionSetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) synced_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) revoked_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) revoked_source: Option<String>,
    pub(in crate::store) as_of: i64,
    /// What WeChat said, a JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) details: Option<String>,
}

/// An authorization code that was exchanged.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Code {
    pub(in crate::store) fingerprint: String,
    pub(in crate::store) appid: String,
    pub(in crate::store) redeemed_at: i64,
}

/// The last complete pass over the account list.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Pass {
    pub(in crate::store) started_at: i64,
    pub(in crate::store) finished_at: i64,
    pub(in crate::store) total: i64,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Entry {
    pub(in crate::store) at: i64,
    pub(in crate::store) who: String,
    pub(in crate::store) host: String,
    pub(in crate::store) command: String,
    pub(in crate::store) appid: Option<String>,
    pub(in crate::store) what: String,
    pub(in crate::store) detail: Json,
}

/// An event, without who works on it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Event {
    pub(in crate::store) fingerprint: String,
    pub(in crate::store) received_at: i64,
    pub(in crate::store) created_at: Option<i64>,
    pub(in crate::store) info_type: String,
    pub(in crate::store) appid: Option<String>,
    pub(in crate::store) fields: Json,
    pub(in crate::store) outcome: String,
    pub(in crate::store) detail: Json,
    pub(in crate::store) finished_at: Option<i64>,
    pub(in crate::store) repeats: i64,
    pub(in crate::store) code: Option<StoredSecret>,
    pub(in crate::store) code_expires_at: Option<i64>,
    pub(in crate::store) pre_auth_code_fingerprint: Option<String>,
    pub(in crate::store) forward: Option<String>,
    pub(in crate::store) forward_detail: Option<String>,
    pub(in crate::store) forward_after: Option<i64>,
    pub(in crate::store) forward_payload: Option<StoredSecret>,
    pub(in crate::store) forward_early: bool,
}

/// How many messages of a kind an account received.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Count {
    pub(in crate::store) account: String,
    pub(in crate::store) what: String,
    pub(in crate::store) count: i64,
    pub(in crate::store) last_at: i64,
}

/// A message kept whole.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Message {
    pub(in crate::store) received_at: i64,
    pub(in crate::store) account: String,
    pub(in crate::store) what: String,
    pub(in crate::store) body: String,
}

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(in crate::store) struct Launch {
    pub(in crate::store) pre_auth_code_fingerprint: String,
    pub(in crate::store) made_at: i64,
    pub(in crate::store) expires_at: i64,
    pub(in crate::store) external_id: Option<String>,
    pub(in crate::store) claimed_external_id: Option<String>,
    pub(in crate::store) only: Option<String>,
    pub(in crate::store) permission_ids: Vec<PermissionSetId>,
    pub(in crate::store) source: String,
    pub(in crate::store) state: Option<String>,
    pub(in crate::store) appid: Option<String>,
}

impl Record {
    pub(in crate::store) fn kind(&self) -> RecordKind {
        match self {
            Self::Ticket(_) => RecordKind::Tickets,
            Self::Token(_) => RecordKind::Tokens,
            Self::Authorizer(_) => RecordKind::Authorizers,
            Self::RedeemedCode(_) => RecordKind::RedeemedCodes,
            Self::Sync(_) => RecordKind::Syncs,
            Self::Journal(_) => RecordKind::Journal,
            Self::Event(_) => RecordKind::Events,
            Self::MessageCount(_) => RecordKind::MessageCounts,
            Self::Message(_) => RecordKind::Messages,
            Self::Launch(_) => RecordKind::Launches,
        }
    }

    /// What tells it from others of its kind in every store; of a log its whole content.
    pub(in crate::store) fn identity(&self) -> String {
        match self {
            Self::Ticket(ticket) => ticket.fingerprint.clone(),
            Self::Token(token) => token.owner.clone(),
            Self::Authorizer(row) => row.appid.clone(),
            Self::RedeemedCode(code) => code.fingerprint.clone(),
            Self::Sync(_) => String::new(),
            Self::Event(event) => event.fingerprint.clone(),
            Self::MessageCount(count) => format!("{} {}", count.account, count.what),
            Self::Launch(launch) => launch.pre_auth_code_fingerprint.clone(),
            Self::Journal(_) | Self::Message(_) => {
                let content = serde_json::to_string(self).unwrap_or_default();
                Secret::new(content).fingerprint()
            }
        }
    }

    /// The secrets in it, with their owner; those of other kinds have none.
    fn secrets(&mut self) -> (&str, Vec<(Field, &mut Option<StoredSecret>)>) {
        match self {
            Self::Ticket(Ticket {
                fingerprint, value, ..
            }) => (fingerprint, vec![(Field::Ticket, value)]),
            Self::Token(Token {
                owner,
                access,
                refresh,
                ..
            }) => (
                owner,
                vec![(Field::AccessToken, access), (Field::RefreshToken, refresh)],
            ),
            Self::Event(event) => {
                let Event {
                    fingerprint,
                    code,
                    forward_payload,
                    ..
                } = &mut **event;
                (
                    fingerprint,
                    vec![
                        (Field::Code, code),
                        (Field::ForwardPayload, forward_payload),
                    ],
                )
            }
            _ => ("", Vec::new()),
        }
    }

    /// Takes the secrets out, in an order that [`Record::put_secrets`] keeps.
    pub(in crate::store) fn take_secrets(&mut self) -> Vec<Option<StoredSecret>> {
        let (_, secrets) = self.secrets();
        secrets
            .into_iter()
            .map(|(_, secret)| secret.take())
            .collect()
    }

    /// Puts secrets in.
    pub(in crate::store) fn put_secrets(
        &mut self,
        secrets: impl IntoIterator<Item = Option<StoredSecret>>,
    ) {
        let (_, places) = self.secrets();
        for ((_, place), secret) in places.into_iter().zip(secrets) {
            *place = secret;
        }
    }

    /// Replaces each secret for which there is another; how many there were.
    pub(in crate::store) fn convert_secrets(
        &mut self,
        mut other: impl FnMut(&str, Field, &StoredSecret) -> Option<StoredSecret>,
    ) -> u64 {
        let (owner, secrets) = self.secrets();
        let mut converted = 0;
        for (field, secret) in secrets {
            if let Some(new) = secret.as_ref().and_then(|old| other(owner, field, old)) {
                *secret = Some(new);
                converted += 1;
            }
        }
        converted
    }

    pub(in crate::store) fn has_secrets(&self) -> bool {
        match self {
            Self::Ticket(ticket) => ticket.value.is_some(),
            Self::Token(token) => token.access.is_some() || token.refresh.is_some(),
            Self::Event(event) => event.code.is_some() || event.forward_payload.is_some(),
            _ => false,
        }
    }

    /// The ids of the keys that its secrets are encrypted with, `None` for those in plain text.
    pub(in crate::store) fn key_ids(&mut self) -> Vec<Option<String>> {
        let (_, secrets) = self.secrets();
        let secrets = secrets.iter().filter_map(|(_, secret)| secret.as_ref());
        let secrets = secrets.filter(|secret| !secret.text().is_empty());
        secrets
            .map(|secret| secret.key_id().map(str::to_owned))
            .collect()
    }

    /// The record with its secrets in plain text.
    ///
    /// # Errors
    /// As [`Cipher::decrypt`].
    pub(in crate::store) fn decrypt(mut self, cipher: &Cipher) -> Result<Self, StoreError> {
        let (owner, secrets) = self.secrets();
        for (field, secret) in secrets {
            if let Some(stored) = secret {
                *stored = StoredSecret::plain(&cipher.decrypt(owner, field, stored)?);
            }
        }
        Ok(self)
    }

    /// The record, whose secrets are in plain text, as it is stored.
    pub(in crate::store) fn encrypt(mut self, cipher: &Cipher) -> Self {
        let (owner, secrets) = self.secrets();
        for (field, secret) in secrets {
            if let Some(stored) = secret {
                *stored = cipher.encrypt(owner, field, &Secret::new(stored.text()));
            }
        }
        self
    }

    /// A record of a kind from an object with its fields.
    pub(in crate::store) fn from_object(
        kind: RecordKind,
        object: Json,
    ) -> Result<Self, serde_json::Error> {
        use serde_json::from_value as of;
        Ok(match kind {
            RecordKind::Tickets => Self::Ticket(of(object)?),
            RecordKind::Tokens => Self::Token(of(object)?),
            RecordKind::Authorizers => Self::Authorizer(of(object)?),
            RecordKind::RedeemedCodes => Self::RedeemedCode(of(object)?),
            RecordKind::Syncs => Self::Sync(of(object)?),
            RecordKind::Journal => Self::Journal(of(object)?),
            RecordKind::Events => Self::Event(of(object)?),
            RecordKind::MessageCounts => Self::MessageCount(of(object)?),
            RecordKind::Messages => Self::Message(of(object)?),
            RecordKind::Launches => Self::Launch(of(object)?),
        })
    }

    /// Its fields.
    pub(in crate::store) fn to_object(&self) -> Result<Map<String, Json>, serde_json::Error> {
        let object = match self {
            Self::Ticket(record) => serde_json::to_value(record),
            Self::Token(record) => serde_json::to_value(record),
            Self::Authorizer(record) => serde_json::to_value(record),
            Self::RedeemedCode(record) => serde_json::to_value(record),
            Self::Sync(record) => serde_json::to_value(record),
            Self::Journal(record) => serde_json::to_value(record),
            Self::Event(record) => serde_json::to_value(record),
            Self::MessageCount(record) => serde_json::to_value(record),
            Self::Message(record) => serde_json::to_value(record),
            Self::Launch(record) => serde_json::to_value(record),
        };
        match object? {
            Json::Object(object) => Ok(object),
            _ => Ok(Map::new()),
        }
    }

    /// The record without anything secret; `None` when nothing worth moving is left.
    pub(in crate::store) fn without_secrets(mut self) -> Option<Self> {
        match &mut self {
            Self::Token(_) => return None,
            Self::Ticket(ticket) => ticket.value = None,
            Self::Event(event) => {
                event.code = None;
                // It holds what WeChat sent, codes and tickets too.
                event.forward_payload = None;
            }
            Self::Authorizer(_)
            | Self::RedeemedCode(_)
            | Self::Sync(_)
            | Self::Journal(_)
            | Self::MessageCount(_)
            | Self::Message(_)
            | Self::Launch(_) => {}
        }
        Some(self)
    }
}
