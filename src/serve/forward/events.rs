//! Events: from the store, one after the other, ten tries within about an hour.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};

use crate::flow::FlowError;
use crate::store::StoreError;
use crate::store::events::{EventRecord, ForwardState};

use super::super::server::{Stop, stopped};
use super::super::shared::Shared;
use super::super::{ForwardResult, Hosted, Notice};
use super::Forwarder;
use super::parcel::event_parcel;

/// Tries in all.
const TRIES: u32 = 10;
/// The wait after the first; each further one is twice as long, so that the last try comes after
/// three quarters of an hour.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// How many are claimed together.
const BATCH: usize = 8;
/// How long they are ours: as long as that many can take.
const CLAIM: Duration = Duration::from_secs(120);
/// Between two looks for those whose next try is due.
const LOOK: Duration = Duration::from_secs(5);

pub(super) async fn run(shared: Shared, mut stop: Stop) {
    let Some(forwarder) = shared.forwarder() else {
        return;
    };
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            () = forwarder.events.notified() => {}
            _ = look.tick() => {}
        }
        pass_on(&shared, forwarder).await;
    }
    // What the last work of the server made ready; the rest stays in the store for the next start.
    pass_on(&shared, forwarder).await;
}

async fn pass_on(shared: &Shared, forwarder: &Forwarder) {
    for hosted in &shared.options().platforms {
        if let Err(error) = pass_on_of(shared, forwarder, hosted).await {
            shared.tell(&Notice::StoreFailed {
                platform: hosted.appid().clone(),
                error: error.to_string(),
            });
        }
    }
}

async fn pass_on_of(
    shared: &Shared,
    forwarder: &Forwarder,
    hosted: &Hosted,
) -> Result<(), FlowError> {
    let (store, key) = (hosted.platform.store(), hosted.platform.key());
    loop {
        let batch = store.claim_forwards(key, BATCH, CLAIM).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for record in batch {
            let own = hosted.platform.own_ids(&record).await?;
            let parcel = event_parcel(
                forwarder.options(),
                hosted.appid(),
                &record,
                &own,
                hosted.platform.clock().now(),
            );
            let sent = forwarder.send(&parcel, Some(record.id)).await;
            note(shared, hosted, &record, sent).await?;
        }
    }
}

async fn note(
    shared: &Shared,
    hosted: &Hosted,
    record: &EventRecord,
    sent: Result<u16, String>,
) -> Result<(), StoreError> {
    let tries = tries_before(record) + 1;
    let detail = |end: &str| format!("{tries} tries: {end}");
    let (state, detail, retry_at, result) = match sent {
        Ok(status) => {
            let result = ForwardResult::Delivered { status };
            let detail = detail(&format!("it answered {status}"));
            (ForwardState::Delivered, detail, None, result)
        }
        Err(why) if tries < TRIES => {
            let detail = detail(&why);
            let result = ForwardResult::Retrying { why };
            let retry_at = next_try(hosted, tries);
            (ForwardState::Pending, detail, Some(retry_at), result)
        }
        Err(why) => {
            let detail = detail(&why);
            let result = ForwardResult::Failed { why };
            (ForwardState::Failed, detail, None, result)
        }
    };
    let (store, key) = (hosted.platform.store(), hosted.platform.key());
    store
        .note_forward(key, record.id, state, Some(&detail), retry_at)
        .await?;
    shared.tell(&Notice::Forwarded {
        platform: hosted.appid().clone(),
        event: Some(record.id),
        result,
        tries,
    });
    Ok(())
}

/// How many tries the note of the last one counts.
fn tries_before(record: &EventRecord) -> u32 {
    let detail = record.forward_detail.as_deref().unwrap_or_default();
    let count = detail.split(' ').next().unwrap_or_default();
    count.parse().unwrap_or_default()
}

fn next_try(hosted: &Hosted, tries: u32) -> Timestamp {
    let waits = ExponentialBuilder::default()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(Duration::from_secs(60 * 60))
        .with_factor(2.0)
        .with_jitter()
        .with_max_times(TRIES as usize)
        .build();
    let wait = waits.take(tries as usize).last().unwrap_or(FIRST_WAIT);
    hosted.platform.clock().now() + wait
}
