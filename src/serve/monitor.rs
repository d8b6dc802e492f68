//! What the server notices by looking: whether clocks can be believed, and whether another program
//! requests tokens.
//!
//! It looks every minute and whenever a ticket came, and tells what began and what is over.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, timeout};

use crate::flow::{AnotherHolder, ClockFault};
use crate::store::validity::TOLERANCE;

use super::server::Stop;
use super::shared::Shared;
use super::{Hosted, Notice, health};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(60);

/// Runs until `stop` says so.
pub(super) async fn run(shared: Shared, stop: Stop) {
    let mut platforms = JoinSet::new();
    for index in 0..shared.options().platforms.len() {
        platforms.spawn(look_after(shared.clone(), index, stop.clone()));
    }
    while platforms.join_next().await.is_some() {}
}

async fn look_after(shared: Shared, index: usize, mut stop: Stop) {
    let hosted = &shared.options().platforms[index];
    let mut tickets = shared.inner.tickets.subscribe();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = Seen::now(hosted);
    loop {
        let ticket_came = tokio::select! {
            _ = looks.tick() => false,
            Ok(()) = tickets.changed() => true,
            _ = stop.wait_for(|stopped| *stopped) => return,
        };
        seen.look(&shared, hosted, ticket_came).await;
    }
}

/// What was seen at the last look.
struct Seen {
    at: Timestamp,
    measured: Instant,
    clock_fault: Option<ClockFault>,
    another_holder: Option<AnotherHolder>,
}

impl Seen {
    fn now(hosted: &Hosted) -> Self {
        Self {
            at: hosted.platform.clock().now(),
            measured: Instant::now(),
            clock_fault: None,
            another_holder: None,
        }
    }

    async fn look(&mut self, shared: &Shared, hosted: &Hosted, ticket_came: bool) {
        self.compare_clocks(shared, hosted);
        self.look_for_holder(shared, hosted).await;
        // A store that fails is told by those who need it.
        let Some(Ok(standing)) = health::standing(hosted).await else {
            return;
        };
        let mut fault = standing.clock_fault(self.at);
        if ticket_came
            && fault
                .as_ref()
                .is_some_and(|fault| fault.component_token && !fault.ticket)
        {
            // The clock is right again, as the ticket shows: a token in place of the one that is not
            // valid. Whoever needs one next meets the reason why there is none.
            let _ = hosted.platform.component_token().await;
            if let Some(Ok(standing)) = health::standing(hosted).await {
                fault = standing.clock_fault(self.at);
            }
        }
        if fault.is_some() != self.clock_fault.is_some() {
            shared.tell(&Notice::ClockFault {
                platform: hosted.appid().clone(),
                fault: fault.clone(),
            });
        }
        self.clock_fault = fault;
    }

    /// Tells that another program requests tokens; again when it turns out that it requests component
    /// tokens, too. An alert that is sent again later names the authorizers of then.
    async fn look_for_holder(&mut self, shared: &Shared, hosted: &Hosted) {
        let looking = hosted.platform.another_holder();
        let Ok(Ok(found)) = timeout(health::PATIENCE, looking).await else {
            return;
        };
        let is_news = match (&found, &self.another_holder) {
            (Some(now), Some(before)) => now.component_token() && !before.component_token(),
            (now, before) => now.is_some() != before.is_some(),
        };
        let notice = Notice::AnotherHolder {
            platform: hosted.appid().clone(),
            holder: found.clone(),
        };
        if is_news {
            shared.tell(&notice);
        } else if let (true, Some(alerts)) = (found != self.another_holder, &shared.inner.alerts) {
            alerts.consider(&notice);
        }
        self.another_holder = found;
    }

    /// Tells when the clock was set back since the last look.
    fn compare_clocks(&mut self, shared: &Shared, hosted: &Hosted) {
        let passed = SignedDuration::try_from(self.measured.elapsed()).unwrap_or_default();
        let (expected, now) = (self.at + passed, hosted.platform.clock().now());
        let back = expected.duration_since(now);
        if back > TOLERANCE {
            shared.tell(&Notice::ClockSetBack {
                platform: hosted.appid().clone(),
                by: back,
            });
        }
        (self.at, self.measured) = (now, Instant::now());
    }
}
