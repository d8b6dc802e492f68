//! The sender of pushes: tickets and authorization events as they fall due, and any push on order.
//!
//! The merchant's acts put events into the world's queue ([`announce`]); a task beside the server
//! ([`sender`]) takes what is due, at most one push at a time for each receiving address, seals it
//! ([`envelope`]), hands it over and judges the answer ([`delivery`]). There is one try: what fails
//! becomes an alarm.

pub mod address;
pub mod announce;
mod delivery;
mod envelope;
mod events;
mod messages;
pub mod order;
pub mod release_check;
mod reply;
pub mod sender;
mod xml;

use std::borrow::Cow;

pub use delivery::Clients;

use self::envelope::{Letter, Unsendable};
use super::Inner;
use super::state::journal::{Entry, Outcome as JournalOutcome};
use super::state::pushing::{Outcome, Push, Sent};
use crate::sys::clock::timestamp;

/// Seals a push, sends it `times` times as the same bytes, and notes what became of each.
async fn send(
    inner: &Inner,
    push: &Push,
    to: Option<&str>,
    times: u32,
) -> Result<Vec<Outcome>, Unsendable> {
    let (letter, platform) = {
        let world = inner.lock();
        let platform = world.platform(push.platform).clone();
        (envelope::seal(&world, push, to)?, platform)
    };
    let mut outcomes = Vec::new();
    for _ in 0..times {
        let outcome = delivery::deliver(&inner.clients, &letter, push, &platform).await;
        note(inner, push, &letter, &outcome, to.is_none());
        let answered = outcome.http_status.is_some();
        outcomes.push(outcome);
        if !answered {
            // Who does not answer is not waited for again and again.
            break;
        }
    }
    Ok(outcomes)
}

fn note(inner: &Inner, push: &Push, letter: &Letter, outcome: &Outcome, own_receiver: bool) {
    let mut world = inner.lock();
    let at = world.milliseconds();
    let told = match outcome.problems.first() {
        Some(problem) if !outcome.delivered => {
            JournalOutcome::Fault(Cow::Owned(problem.kind.clone()))
        }
        _ => JournalOutcome::Answered,
    };
    world.journal.note(Entry {
        at,
        method: Cow::Borrowed("PUSH"),
        path: Cow::Owned(push.kind.clone()),
        platform: Some(push.platform),
        account: push.account,
        outcome: told,
    });
    let mut url = letter.url.clone();
    url.set_query(None);
    let sent = Sent {
        at: timestamp(world.now()).to_string(),
        component_appid: world.platform(push.platform).appid.clone(),
        target: push.target,
        kind: push.kind.clone(),
        appid: push.account.map(|index| world.naming().appid(index)),
        url: url.into(),
        outcome: outcome.clone(),
    };
    world.note_sent(push, sent, own_receiver);
    drop(world);
    inner.wake_writer();
}
