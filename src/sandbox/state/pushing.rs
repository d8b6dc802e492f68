//! Pushes on their way, the receivers they go to, and what became of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// Seconds between two ticket pushes.
pub const TICKET_PUSH_SECONDS: i64 = 600;
/// Seconds after which a ticket is pushed that came due because the clock was moved: clients that
/// follow this clock, twice a second, know of it by then.
const FOLLOWED_SECONDS: i64 = 3;
/// Seconds that a receiver gets nothing after a burst of failures.
pub const PAUSE_SECONDS: i64 = 60;

/// Which of a platform's two receiving addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// 授权事件接收URL
    Events,
    /// 消息与事件接收URL
    Messages,
}

/// How a push differs from a plain one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manner {
    /// The signatures are wrong.
    pub wrong_signature: bool,
    /// Encrypted with the previous EncodingAESKey.
    pub previous_key: bool,
    /// A store message: JSON inside and outside.
    pub json: bool,
}

/// The account that a message is for, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// The account by number.
    pub account: u32,
    /// The writer.
    pub openid: String,
}

/// A push, encrypted only when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The platform by number.
    pub platform: u8,
    /// Its receiving address.
    pub target: Target,
    /// `InfoType`, or `MsgType` or `Event` of a message.
    pub kind: String,
    /// The account it is about, by number.
    pub account: Option<u32>,
    /// Whom a message is for; none on the events address.
    pub addressee: Option<Addressee>,
    /// What is encrypted.
    pub text: String,
    /// How it differs from a plain one.
    pub manner: Manner,
}

/// Why a push counts as failed, or what is odd about an answer that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `timeout`, `not_reached`, `broken_off`, `redirect`, `status`, `too_long`, `empty`,
    /// `byte_order_mark`, `json`, `other_body`, `reply`, `white_space`
    pub kind: String,
    /// What was found, where that says more.
    pub detail: Option<String>,
}

/// What became of a push.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Whether the receiver answered as it must.
    pub delivered: bool,
    /// HTTP status, if there was an answer.
    pub http_status: Option<u16>,
    /// The beginning of the answer's body.
    pub body: Option<String>,
    /// The decrypted passive reply to a message.
    pub reply: Option<String>,
    /// Seconds until the answer or the failure.
    pub elapsed: f64,
    /// What was wrong or odd.
    pub problems: Vec<Problem>,
}

/// A finished push, as scripts see it.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Sandbox time, RFC 3339.
    pub at: String,
    /// The platform.
    pub component_appid: String,
    /// Its receiving address.
    pub target: Target,
    /// `InfoType`, or `MsgType` or `Event` of a message.
    pub kind: String,
    /// The account it is about.
    pub appid: Option<String>,
    /// Where it went.
    pub url: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How one receiving address fares.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Receiver {
    /// Failures in a row.
    pub failures: u32,
    /// Until when nothing is pushed there.
    pub paused_until: Option<i64>,
}

/// Failures of one kind at one receiving address, as WeChat alarms its operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alarm {
    /// The platform.
    pub component_appid: String,
    /// Its receiving address.
    pub target: Target,
    /// `ticket_timeout`, `ticket_failure`, `message_timeout` or `message_failure`
    pub kind: String,
    /// How often.
    pub count: u64,
    /// Sandbox time of the last one, RFC 3339.
    pub last_at: String,
    /// What was wrong the last time.
    pub reason: Problem,
    /// The beginning of the last answer's body.
    pub sample: Option<String>,
}

/// A customer-service text that a platform sent for one of the release check's accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerText {
    /// The account by number.
    pub account: u32,
    /// Whom it went to.
    pub openid: String,
    /// What it says.
    pub content: String,
}

/// Everything about pushes that the world knows.
#[derive(Default)]
pub struct Pushing {
    /// Rings when there may be something to send.
    pub bell: Arc<Notify>,
    /// Rings when a platform did what the release check waits for.
    pub progress: Arc<Notify>,
    /// Waiting pushes by number, those on their way included.
    pub(super) queue: BTreeMap<u64, Push>,
    pub(super) last_number: u64,
    pub(super) busy: BTreeSet<(u8, Target)>,
    pub(super) receivers: BTreeMap<(u8, Target), Receiver>,
    pub(super) tickets: BTreeMap<u8, i64>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) sent: VecDeque<Sent>,
    /// Of the release check's accounts only.
    pub customer_texts: Vec<CustomerText>,
}

/// What of it lasts beside the queue.
#[derive(Default, Serialize, Deserialize)]
pub struct SavedPushing {
    receivers: Vec<(u8, Target, Receiver)>,
    tickets: Vec<(u8, i64)>,
    alarms: Vec<Alarm>,
}

/// A push that shall be sent now: its number in the queue, if it has one.
pub struct Due {
    /// The number in the queue; none for a ticket.
    pub number: Option<u64>,
    /// The push.
    pub push: Push,
}

impl Pushing {
    /// What was kept. Unless tickets keep their rhythm, one is due at once.
    pub fn restore(saved: SavedPushing, queue: BTreeMap<u64, Push>, keeps_rhythm: bool) -> Self {
        let tickets = if keeps_rhythm {
            saved.tickets
        } else {
            Vec::new()
        };
        Self {
            last_number: queue.keys().next_back().copied().unwrap_or(0),
            queue,
            receivers: (saved.receivers.into_iter())
                .map(|(platform, target, receiver)| ((platform, target), receiver))
                .collect(),
            tickets: tickets.into_iter().collect(),
            alarms: saved.alarms,
            ..Self::default()
        }
    }

    /// What lasts beside the queue.
    pub fn saved(&self) -> SavedPushing {
        SavedPushing {
            receivers: (self.receivers.iter())
                .map(|((platform, target), receiver)| (*platform, *target, receiver.clone()))
                .collect(),
            tickets: self.tickets.iter().map(|(key, at)| (*key, *at)).collect(),
            alarms: self.alarms.clone(),
        }
    }

    /// The last finished pushes, oldest first.
    pub fn sent(&self) -> &VecDeque<Sent> {
        &self.sent
    }

    /// Failures so far.
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// How a receiving address fares.
    pub fn receiver(&self, platform: u8, target: Target) -> Receiver {
        let known = self.receivers.get(&(platform, target));
        known.cloned().unwrap_or_default()
    }

    pub(super) fn first_for(&self, platform: u8, target: Target) -> Option<Due> {
        let mut waiting = self.queue.iter();
        let (number, push) =
            waiting.find(|(_, push)| (push.platform, push.target) == (platform, target))?;
        Some(Due {
            number: Some(*number),
            push: push.clone(),
        })
    }

    pub(super) fn is_free(&self, platform: u8, target: Target, now: i64) -> bool {
        !self.busy.contains(&(platform, target)) && self.pause_left(platform, target, now) == 0
    }

    pub(super) fn pause_left(&self, platform: u8, target: Target, now: i64) -> i64 {
        let until = self.receiver(platform, target).paused_until;
        // A clock that was set back must not pause for hours.
        until
            .map(|until| until - now)
            .filter(|left| (1..=PAUSE_SECONDS).contains(left))
            .unwrap_or(0)
    }

    /// The clock was moved to `now`: of tickets that came due by that the next is a little later.
    pub(super) fn clock_moved(&mut self, now: i64) {
        for last in self.tickets.values_mut() {
            let wait = *last + TICKET_PUSH_SECONDS - now;
            if !(1..=TICKET_PUSH_SECONDS).contains(&wait) {
                *last = now + FOLLOWED_SECONDS - TICKET_PUSH_SECONDS;
            }
        }
    }

    pub(super) fn ticket_wait(&self, platform: u8, now: i64) -> i64 {
        let last = self.tickets.get(&platform);
        last.map(|last| last + TICKET_PUSH_SECONDS - now)
            .filter(|wait| (1..=TICKET_PUSH_SECONDS).contains(wait))
            .unwrap_or(0)
    }
}
