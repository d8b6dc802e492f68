//! Work on events: claimed by one process at a time, finished, forwarded.

use std::time::Duration;

use jiff::Timestamp;

use super::events::{EventOutcome, EventRecord, ForwardState};
use super::handle::on_engine;
use super::{PlatformKey, Store, StoreError};

/// The most events that one claim takes.
pub(super) const CLAIM_LIMIT: usize = 500;

impl Store {
    /// Claims pending events for work, the oldest first, at most `limit` and at most 500: those
    /// that nobody claimed, whose claim ran out, or whose claimer's process has ended. A claim ends
    /// after `claim_life` on the machine's clock. No two get the same one.
    ///
    /// # Errors
    /// When the store, or the folder of holders beside it, cannot be written.
    pub async fn claim_events(
        &self,
        key: &PlatformKey,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let limit = limit.min(CLAIM_LIMIT);
        let claimed = on_engine!(self, engine => engine.claim_events(key, limit, claim_life))?;
        self.all_with_secrets(key, claimed).await
    }

    /// Claims one event as [`Store::claim_events`] does; `None` when it is not to be had.
    ///
    /// # Errors
    /// When the store, or the folder of holders beside it, cannot be written.
    pub async fn claim_event(
        &self,
        key: &PlatformKey,
        id: i64,
        claim_life: Duration,
    ) -> Result<Option<EventRecord>, StoreError> {
        let claimed = on_engine!(self, engine => engine.claim_event(key, id, claim_life))?;
        self.with_secrets(key, claimed).await
    }

    /// Ends the work on a pending event; one that ended before keeps its outcome. `detail` never
    /// holds a secret. With [`EventOutcome::Pending`] only `detail` is noted, and the event is to
    /// be had again when its claim runs out. When `code_spent`, the code is taken out.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn finish_event(
        &self,
        key: &PlatformKey,
        id: i64,
        outcome: EventOutcome,
        detail: serde_json::Value,
        code_spent: bool,
    ) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.finish_event(key, id, outcome, &detail, code_spent))
    }

    /// Claims events that are to be forwarded, on which no work is left or which need not wait for
    /// it ([`NewEvent::forward_early`]), and whose time for the next try has come, as
    /// [`Store::claim_events`] does. Those about an authorizer come one after the other: none while
    /// an earlier one is on its way. Nobody's claim on the work is touched.
    ///
    /// [`NewEvent::forward_early`]: super::events::NewEvent::forward_early
    ///
    /// # Errors
    /// When the store, or the folder of holders beside it, cannot be written.
    pub async fn claim_forwards(
        &self,
        key: &PlatformKey,
        limit: usize,
        claim_life: Duration,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let limit = limit.min(CLAIM_LIMIT);
        let claimed = on_engine!(self, engine => engine.claim_forwards(key, limit, claim_life))?;
        self.all_with_secrets(key, claimed).await
    }

    /// Notes how forwarding went and ends the claim. What was to be sent is dropped unless `state`
    /// is pending; it is then to be had again from `retry_at` on, at once without one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn note_forward(
        &self,
        key: &PlatformKey,
        id: i64,
        state: ForwardState,
        detail: Option<&str>,
        retry_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        on_engine!(self, engine => engine.note_forward(key, id, state, detail, retry_at))
    }

    /// Gives up forwarding events that arrived before `before`, and drops what was to be sent. How
    /// many.
    ///
    /// # Errors
    /// When the store cannot be written; what was given up until then stays so.
    pub async fn give_up_forwards(
        &self,
        key: &PlatformKey,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        on_engine!(self, engine => engine.give_up_forwards(key, before))
    }
}
