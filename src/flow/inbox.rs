//! Pushed events: accepted durably at once, worked off afterwards.
//!
//! Accepting is one act of the store, after which WeChat may be told `success`. What an event asks
//! for (exchange a code, confirm an end) comes later and is claimed, so that of several processes
//! one does it, and another takes over when that one dies.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::api::ApiError;
use crate::store::events::{Accepted, EventOutcome, EventRecord, NewEvent};
use crate::store::launches::Launch;
use crate::store::observations::ChangeSource;
use crate::store::validity::{is_ahead, is_within, push_time};
use crate::sys::clock::timestamp;
use crate::sys::crash;
use crate::wechat::errcode;
use crate::wechat::event::{AuthorizationEvent, Event, EventKind};
use crate::wechat::id::Appid;
use crate::wechat::limits;
use crate::wechat::secret::Secret;

use super::launch::own_id_for;
use super::redeem::is_spent;
use super::{Exchange, FlowError, MintPolicy, Platform, RequiredSets};

/// How long one process may work on an event before another takes it over.
const CLAIM: Duration = Duration::from_secs(60);
/// How far apart two clocks may be for an event to still count as older than the store.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How long an event whose work fails is tried again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// How long an end may take to be known to all of WeChat's servers.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);
/// Notes that WeChat was asked once about an end and did not confirm it.
const UNCONFIRMED: &str = "unconfirmed";
/// How long a code lives whose event does not tell it: spec/events.md §3.2.
const CODE_LIFE: SignedDuration = SignedDuration::from_hours(1);

/// Whether codes that come with events and redirects are exchanged here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeExchange {
    /// Yes, where `mint` allows.
    Always,
    /// No: another program exchanges them, and grants are read from WeChat's list and info.
    Never,
}

/// What became of an event's authorization code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFate {
    /// The event has none.
    None,
    /// It was exchanged here, by the event or by the redirect.
    Spent,
    /// It is unspent as far as is known.
    Unspent,
}

/// An event worked off.
#[derive(Debug)]
pub struct EventWork {
    /// Its number.
    pub id: i64,
    /// Its `InfoType`.
    pub info_type: String,
    /// Whom it is about.
    pub appid: Option<Appid>,
    /// How it ended; still pending when it is going to be tried again.
    pub outcome: EventOutcome,
    /// What became of its code.
    pub code: CodeFate,
    /// Why it failed, or will be tried again.
    pub error: Option<FlowError>,
}

/// What working an event off found.
enum Found {
    Exchanged(Exchange),
    /// The grants were read; the code was left alone, or WeChat no longer took it.
    Read {
        code_spent: bool,
    },
    Ended,
    /// WeChat tells of an end that it does not confirm yet.
    Unconfirmed,
    /// The store knows better already.
    Older,
    Nothing,
}

impl Platform {
    /// Takes an event over, durably; a ticket is usable from then on. WeChat may be told `success`
    /// when this returned. `text` is the decrypted event: the same text again changes nothing.
    /// `forward` is kept with it for whoever it is to be passed on to: where `exchange` or `mint`
    /// leaves codes to the backend, without waiting for the work here, which is then for our roster
    /// alone and may take longer than a code lives.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn accept_event(
        &self,
        event: &Event,
        text: &str,
        exchange: CodeExchange,
        forward: Option<String>,
    ) -> Result<Accepted, FlowError> {
        let grant = match &event.kind {
            EventKind::Authorized(grant) | EventKind::UpdateAuthorized(grant) => Some(grant),
            _ => None,
        };
        let ticket = match &event.kind {
            EventKind::Ticket(ticket) => Some(ticket.clone()),
            _ => None,
        };
        let pre_auth_code = grant.and_then(|grant| grant.pre_auth_code.as_ref());
        let (received_at, created_at) = (self.clock().now(), event.created_at.map(timestamp));
        let ends = |grant: &AuthorizationEvent| grant.code_expires_at.map(timestamp);
        let registered = event.registration_code();
        let (code, code_expires_at) = match (grant, registered) {
            (None, Some(code)) => (
                Some(code),
                Some(push_time(created_at, received_at).unwrap_or(received_at) + CODE_LIFE),
            ),
            _ => (
                grant.and_then(|grant| grant.code.clone()),
                grant.and_then(ends),
            ),
        };
        let ended = matches!(event.kind, EventKind::Unauthorized(_));
        let new = NewEvent {
            received_at,
            created_at,
            info_type: event.info_type.clone(),
            appid: event.about().cloned(),
            fingerprint: Secret::new(text).fingerprint(),
            fields: event.without_secrets(),
            needs_work: grant.is_some() || code.is_some() || ended,
            ticket,
            code,
            code_expires_at,
            pre_auth_code_fingerprint: pre_auth_code.map(Secret::fingerprint),
            forward,
            forward_early: !self.exchanges(exchange),
        };
        crash::point("event:received");
        let accepted = self.store().accept_event(self.key(), new).await?;
        crash::point("event:accepted");
        Ok(accepted)
    }

    /// Works one accepted event off, unless another process is at it.
    ///
    /// # Errors
    /// When the store fails. What WeChat says is in [`EventWork::error`].
    pub async fn work_event(
        &self,
        id: i64,
        exchange: CodeExchange,
        required: &RequiredSets,
    ) -> Result<Option<EventWork>, FlowError> {
        match self.store().claim_event(self.key(), id, CLAIM).await? {
            Some(record) => Ok(Some(self.work(record, exchange, required).await?)),
            None => Ok(None),
        }
    }

    /// Works off one event that is left: of a process that died, or one to be tried again. `None`
    /// when there is none to be had. They are claimed one by one: a claim must not run out while
    /// its holder is at another event.
    ///
    /// # Errors
    /// As [`Platform::work_event`].
    pub async fn work_event_left(
        &self,
        exchange: CodeExchange,
        required: &RequiredSets,
    ) -> Result<Option<EventWork>, FlowError> {
        match self.store().claim_events(self.key(), 1, CLAIM).await?.pop() {
            Some(record) => Ok(Some(self.work(record, exchange, required).await?)),
            None => Ok(None),
        }
    }

    async fn work(
        &self,
        record: EventRecord,
        exchange: CodeExchange,
        required: &RequiredSets,
    ) -> Result<EventWork, FlowError> {
        let found = self.find_out(&record, exchange, required).await;
        crash::point("event:worked");
        let has_code = record.code.is_some();
        let (outcome, detail, spent, error) = match found {
            Ok(Found::Exchanged(by)) => {
                let by = match by {
                    Exchange::ThisCall => "event",
                    Exchange::Before => "redirect",
                    Exchange::LostAnswer => "lost_answer",
                };
                (EventOutcome::Done, json!({"exchanged_by": by}), true, None)
            }
            Ok(Found::Read { code_spent }) => {
                (EventOutcome::Done, json!({"read": true}), code_spent, None)
            }
            Ok(Found::Ended) => (EventOutcome::Done, json!({"ended": true}), false, None),
            // The claim runs out by itself within a minute, and then WeChat is asked once more.
            Ok(Found::Unconfirmed) => (
                EventOutcome::Pending,
                json!({UNCONFIRMED: true}),
                false,
                None,
            ),
            Ok(Found::Older) => (EventOutcome::Ignored, json!({"older": true}), false, None),
            Ok(Found::Nothing) => (EventOutcome::Done, json!({}), false, None),
            Err(FlowError::Store(error)) => return Err(error.into()),
            Err(error) => {
                let age = self.clock().now().duration_since(record.received_at);
                if is_worth_another_try(&error) && age < PATIENCE {
                    // The claim runs out by itself, and then somebody tries again.
                    return Ok(EventWork {
                        id: record.id,
                        info_type: record.info_type,
                        appid: record.appid,
                        outcome: EventOutcome::Pending,
                        code: fate(has_code, false),
                        error: Some(error),
                    });
                }
                let detail = json!({"error": limits::cut(error.to_string(), limits::TEXT)});
                let spent = matches!(error, FlowError::ExchangedForOther { .. });
                (EventOutcome::Failed, detail, spent, Some(error))
            }
        };
        self.store()
            .finish_event(self.key(), record.id, outcome, detail, spent)
            .await?;
        crash::point("event:finished");
        Ok(EventWork {
            id: record.id,
            info_type: record.info_type,
            appid: record.appid,
            outcome,
            code: fate(has_code, spent),
            error,
        })
    }

    async fn find_out(
        &self,
        record: &EventRecord,
        exchange: CodeExchange,
        required: &RequiredSets,
    ) -> Result<Found, FlowError> {
        let Some(appid) = &record.appid else {
            return Ok(Found::Nothing);
        };
        if record.info_type == "unauthorized" {
            let ended = self.confirm_ended(appid, ChangeSource::Event).await?;
            return Ok(match ended {
                true => Found::Ended,
                false if self.may_be_early(record) => Found::Unconfirmed,
                false => Found::Older,
            });
        }
        let launch = self.settled_launch(record, appid).await?;
        if self.knows_better(record, appid).await? {
            return Ok(Found::Older);
        }
        let found = match &record.code {
            Some(code) if self.exchanges(exchange) => {
                let from = ChangeSource::Event;
                let code = code.clone();
                match self
                    .redeem_code(from, code, Some(appid), required, &[])
                    .await
                {
                    Ok(redeemed) if redeemed.authorizer.appid != *appid => {
                        // The grant is kept under the account that WeChat names; what the one of the
                        // event granted is told by its info, whatever that says.
                        match self.look_at(appid, ChangeSource::Event).await {
                            Err(FlowError::Store(error)) => return Err(error.into()),
                            _ => {
                                return Err(FlowError::ExchangedForOther {
                                    appid: appid.clone(),
                                    other: redeemed.authorizer.appid,
                                });
                            }
                        }
                    }
                    Ok(redeemed) => Found::Exchanged(redeemed.by),
                    // The redirect's exchange, or somebody else's, was first.
                    Err(FlowError::Api(error)) if is_spent(&error) => {
                        // One that authorizes nothing any more has an old event.
                        match self.confirm_ended(appid, ChangeSource::Event).await? {
                            true => Found::Older,
                            false => Found::Read { code_spent: true },
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
            _ => {
                self.look_at(appid, ChangeSource::Event).await?;
                Found::Read { code_spent: false }
            }
        };
        let own = launch.and_then(|launch| own_id_for(&launch, appid));
        if let Some(own) = own {
            self.take_own_id(appid, &own, ChangeSource::Event).await?;
        }
        Ok(found)
    }

    /// Whether an end that WeChat denies may be so young that its other servers do not know it, and
    /// was not asked for twice.
    fn may_be_early(&self, record: &EventRecord) -> bool {
        let now = self.clock().now();
        let created_at = push_time(record.created_at, record.received_at);
        created_at.is_some_and(|at| is_within(at, now, SETTLING))
            && record.detail.get(UNCONFIRMED).is_none()
    }

    /// Whether codes are exchanged here, for `mint` as well.
    pub(super) fn exchanges(&self, exchange: CodeExchange) -> bool {
        exchange == CodeExchange::Always && matches!(self.options().mint, MintPolicy::Wxauth)
    }

    /// The link that the event came from, with whom it led to noted.
    async fn settled_launch(
        &self,
        record: &EventRecord,
        appid: &Appid,
    ) -> Result<Option<Launch>, FlowError> {
        let Some(code) = &record.pre_auth_code_fingerprint else {
            return Ok(None);
        };
        self.store().settle_launch(self.key(), code, appid).await?;
        Ok(self.store().launch(self.key(), code).await?)
    }

    /// Whether the store speaks of a moment clearly after the event: it came late. What WeChat asked
    /// now says is right in any case: this saves the question.
    async fn knows_better(&self, record: &EventRecord, appid: &Appid) -> Result<bool, FlowError> {
        let Some(created_at) = push_time(record.created_at, record.received_at) else {
            return Ok(false);
        };
        let Some(row) = self.store().authorizer(self.key(), appid).await? else {
            return Ok(false);
        };
        let now = self.clock().now();
        let later = |moment: Option<Timestamp>| {
            moment.is_some_and(|at| at > created_at + SKEW && !is_ahead(at, now))
        };
        Ok(later(row.revoked_at) || (row.has_refresh_token && later(row.synced_at)))
    }
}

fn fate(has_code: bool, spent: bool) -> CodeFate {
    match (has_code, spent) {
        (false, _) => CodeFate::None,
        (true, true) => CodeFate::Spent,
        (true, false) => CodeFate::Unspent,
    }
}

/// Whether the same work may succeed in a minute.
fn is_worth_another_try(error: &FlowError) -> bool {
    match error {
        FlowError::Api(ApiError::Refused { refusal, .. }) => {
            // Busy, out of quota, or a credential that an operator is about to mend.
            errcode::is_transient(refusal.errcode)
                || refusal.errcode == errcode::QUOTA_USED_UP
                || refusal.errcode == errcode::ADDRESS_NOT_LISTED
                || errcode::is_credential(refusal.errcode)
        }
        FlowError::Api(_)
        | FlowError::Command(_)
        | FlowError::NoTicket
        | FlowError::TicketDead { .. }
        | FlowError::NoAppsecret
        | FlowError::ExchangeLost { .. }
        | FlowError::ExchangeNotStored { .. }
        | FlowError::LockTimeout { .. } => true,
        _ => false,
    }
}
