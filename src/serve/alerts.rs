//! Alerts: what an operator must know of without looking, sent to a webhook.
//!
//! A trouble is told once when it begins, again when it gets worse and every 6 hours while it
//! lasts, and once when it is over. That a merchant ended its authorization is no state but an
//! event, and told once.

mod ledger;
mod trouble;
mod webhook;

use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use crate::store::events::EventOutcome;
use crate::sys::clock::Clock;
use crate::sys::http::HttpClientError;
use crate::sys::sync::lock;

use super::health::{self, LATE, Standing, TicketState};
use super::shared::Shared;
use super::{ForwardResult, Hosted, Notice, ServeOptions};
use ledger::Ledger;
use trouble::{Message, Topic, Trouble};
use webhook::Webhook;

/// How often is looked whether tickets came and what is to be told again.
const LOOK: Duration = Duration::from_secs(60);
/// Alerts waiting to be sent; with more the webhook is down, and open troubles are told again.
const WAITING: usize = 100;
/// How long alerts are still sent when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);
/// Failed rounds of the refresher in a row that are a trouble.
const ROUNDS: u32 = 3;
/// Tries to pass something on in vain that are a trouble.
const TRIES: u32 = 3;
const ALARM: SignedDuration = SignedDuration::from_hours(2);

/// Watches what happens.
pub(super) struct Alerts {
    ledger: Mutex<Ledger>,
    clock: Clock,
    sender: mpsc::Sender<Message>,
    receiver: Mutex<Option<mpsc::Receiver<Message>>>,
    webhook: Webhook,
}

impl Alerts {
    /// The alerts of a server, when it has a webhook.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub(super) fn of(options: &ServeOptions) -> Result<Option<Self>, HttpClientError> {
        let Some(alerts) = &options.alerts else {
            return Ok(None);
        };
        let first = options.platforms.first();
        let clock = first.map_or_else(Clock::system, |hosted| hosted.platform.clock().clone());
        let (sender, receiver) = mpsc::channel(WAITING);
        Ok(Some(Self {
            ledger: Mutex::default(),
            clock,
            sender,
            receiver: Mutex::new(Some(receiver)),
            webhook: Webhook::new(alerts, options.ca_file.as_ref())?,
        }))
    }

    fn take_receiver(&self) -> Option<mpsc::Receiver<Message>> {
        let mut receiver = lock(&self.receiver);
        receiver.take()
    }

    /// Takes a notice; never waits.
    pub(super) fn consider(&self, notice: &Notice) {
        match notice {
            // Only a write shows that the store is well; an event is written before its notice.
            Notice::EventAccepted { platform, .. } | Notice::StoreRecovered { platform } => {
                self.change(|ledger, now| ledger.set(platform, Topic::Store, None, now));
            }
            Notice::StoreFailed { platform, error } => {
                let trouble = Some(Trouble::StoreFailing(error.clone()));
                self.change(|ledger, now| ledger.set(platform, Topic::Store, trouble, now));
            }
            Notice::ClockFault { platform, fault } => {
                let trouble = fault.as_ref().map(|_| Trouble::ClockFault);
                self.change(|ledger, now| ledger.set(platform, Topic::Clock, trouble, now));
            }
            Notice::AnotherHolder { platform, holder } => {
                let trouble = holder.as_ref().map(Trouble::another_holder);
                self.change(|ledger, now| ledger.set(platform, Topic::Holder, trouble, now));
            }
            Notice::EventWorked {
                platform,
                info_type,
                appid: Some(appid),
                outcome: EventOutcome::Done,
                ..
            } if info_type == "unauthorized" => {
                let trouble = Trouble::MerchantEnded(appid.clone());
                let since = self.clock.now();
                self.send(Message::new(platform, trouble, since, false));
            }
            Notice::Refreshed {
                platform,
                failed,
                refreshed,
                died,
                dead,
                error,
            } => {
                let failed = failed.saturating_sub(*died);
                let in_vain = error.is_some() || (failed > 0 && *refreshed == 0);
                self.change(|ledger, now| {
                    let tokens =
                        (!dead.is_empty()).then(|| Trouble::RefreshTokenDead(dead.clone()));
                    let mut messages = ledger.set(platform, Topic::RefreshToken, tokens, now);
                    let rounds = ledger.count(platform, Topic::Refresh, in_vain);
                    let trouble = (rounds >= ROUNDS)
                        .then(|| Trouble::RefreshFailing(error.clone().unwrap_or_default()));
                    if trouble.is_some() || (!in_vain && failed == 0) {
                        messages.extend(ledger.set(platform, Topic::Refresh, trouble, now));
                    }
                    messages
                });
            }
            Notice::Forwarded {
                platform,
                result,
                tries,
                ..
            } => {
                let trouble = match result {
                    ForwardResult::Delivered { .. } => None,
                    ForwardResult::Retrying { .. } if *tries < TRIES => return,
                    ForwardResult::Retrying { why } | ForwardResult::Failed { why } => {
                        Some(Trouble::ForwardFailing(why.clone()))
                    }
                    ForwardResult::Dropped => Some(Trouble::ForwardFailing(
                        "the queue of messages is full".to_owned(),
                    )),
                };
                self.change(|ledger, now| ledger.set(platform, Topic::Forward, trouble, now));
            }
            _ => {}
        }
    }

    fn change(&self, act: impl FnOnce(&mut Ledger, Timestamp) -> Vec<Message>) {
        let now = self.clock.now();
        let messages = act(&mut lock(&self.ledger), now);
        for message in messages {
            self.send(message);
        }
    }

    fn send(&self, message: Message) {
        // A full queue: the ledger tells an open trouble again.
        let _ = self.sender.try_send(message);
    }

    /// Looks at the tickets and at the store, and for what is to be told again.
    async fn look(&self, platforms: &[Hosted], began: Timestamp) {
        for hosted in platforms {
            let platform = hosted.appid();
            match health::standing(hosted).await {
                Some(Ok(standing)) => {
                    let trouble = late(&standing, began, self.clock.now());
                    self.change(|ledger, now| ledger.set(platform, Topic::Ticket, trouble, now));
                }
                failed => {
                    let why = match failed {
                        Some(Err(error)) => error.to_string(),
                        _ => "it does not answer".to_owned(),
                    };
                    let trouble = Some(Trouble::StoreFailing(why));
                    self.change(|ledger, now| ledger.set(platform, Topic::Store, trouble, now));
                }
            }
        }
        self.change(Ledger::due_again);
    }

    async fn deliver(&self, shared: &Shared, message: &Message) {
        let error = self.webhook.send(message).await.err();
        shared.tell(&Notice::AlertSent {
            kind: message.trouble.kind(),
            error,
        });
    }
}

/// How late the ticket is. A platform that never had one counts from the server's start.
fn late(standing: &Standing, began: Timestamp, now: Timestamp) -> Option<Trouble> {
    // Of a time in the future its own alert tells.
    let age = now.duration_since(standing.ticket_at.unwrap_or(began));
    match standing.ticket(now) {
        TicketState::Dead => Some(Trouble::TicketDead),
        _ if age >= ALARM => Some(Trouble::TicketAlarm),
        _ if age >= LATE => Some(Trouble::TicketLate),
        _ => None,
    }
}

/// Sends alerts until `stop` says so, and then what is left for a few seconds.
pub(super) async fn run(shared: Shared, mut stop: watch::Receiver<bool>) {
    let Some(alerts) = &shared.inner.alerts else {
        return;
    };
    let Some(mut receiver) = alerts.take_receiver() else {
        return;
    };
    let looking = async {
        let began = alerts.clock.now();
        let mut tickets = shared.inner.tickets.subscribe();
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                Ok(()) = tickets.changed() => {}
            }
            alerts.look(&shared.options().platforms, began).await;
        }
    };
    let sending = async {
        while let Some(message) = receiver.recv().await {
            alerts.deliver(&shared, &message).await;
        }
    };
    tokio::select! {
        () = async { tokio::join!(looking, sending); } => {}
        _ = stop.wait_for(|stopped| *stopped) => {}
    }
    let _ = tokio::time::timeout(FAREWELL, async {
        while let Ok(message) = receiver.try_recv() {
            alerts.deliver(&shared, &message).await;
        }
    })
    .await;
}
