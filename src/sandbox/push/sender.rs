//! The task that sends what falls due.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::events;
use crate::sandbox::Sandbox;
use crate::sandbox::state::pushing::Due;

/// The longest sleep: the sandbox's clock keeps the machine's pace between the rings of the bell.
const LONGEST: u64 = 600;

/// Sends until `stopped`, and then what waits in the queue and can go at once.
pub async fn run(sandbox: Sandbox, mut stopped: watch::Receiver<bool>) {
    let bell = sandbox.inner.lock().pushing.bell.clone();
    let mut on_their_way = JoinSet::new();
    loop {
        let stopping = *stopped.borrow();
        let (due, wait) = {
            let mut world = sandbox.inner.lock();
            let mut due = Vec::new();
            if !stopping {
                due.extend(world.take_tickets(events::ticket));
            }
            due.extend(world.take_queued());
            (due, world.next_due())
        };
        for due in due {
            on_their_way.spawn(hand_over(sandbox.clone(), due));
        }
        if stopping && on_their_way.is_empty() {
            return;
        }
        // What is due but on its way to a busy address is looked at when that one comes free.
        let wait = wait.and_then(|seconds| u64::try_from(seconds).ok());
        let wait = wait.filter(|seconds| *seconds > 0).unwrap_or(LONGEST);
        tokio::select! {
            () = bell.notified() => {}
            Some(_) = on_their_way.join_next() => {}
            () = sleep(Duration::from_secs(wait.min(LONGEST))) => {}
            _ = stopped.wait_for(|stopped| *stopped), if !stopping => {}
        }
    }
}

async fn hand_over(sandbox: Sandbox, due: Due) {
    let sent = super::send(&sandbox.inner, &due.push, None, 1).await;
    if let Err(error) = sent {
        tracing::warn!(kind = due.push.kind, %error, "a push was given up");
    }
    sandbox.inner.lock().finish_due(&due);
    sandbox.inner.wake_writer();
}
