//! Pushes on their way, the receivers they go to, and what became of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::{World, check_accounts, mark};

/// Seconds between two ticket pushes.
pub const TICKET_PUSH_SECONDS: i64 = 600;
/// Failures in a row after which a receiver gets nothing for a while (MarkFail).
const BURST: u32 = 5;
/// Seconds of that while.
const PAUSE_SECONDS: i64 = 60;
/// How many finished pushes can be looked at.
const KEPT: usize = 200;

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
    queue: BTreeMap<u64, Push>,
    last_number: u64,
    busy: BTreeSet<(u8, Target)>,
    receivers: BTreeMap<(u8, Target), Receiver>,
    tickets: BTreeMap<u8, i64>,
    alarms: Vec<Alarm>,
    sent: VecDeque<Sent>,
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

    fn first_for(&self, platform: u8, target: Target) -> Option<Due> {
        let mut waiting = self.queue.iter();
        let (number, push) =
            waiting.find(|(_, push)| (push.platform, push.target) == (platform, target))?;
        Some(Due {
            number: Some(*number),
            push: push.clone(),
        })
    }

    fn is_free(&self, platform: u8, target: Target, now: i64) -> bool {
        !self.busy.contains(&(platform, target)) && self.pause_left(platform, target, now) == 0
    }

    fn pause_left(&self, platform: u8, target: Target, now: i64) -> i64 {
        let until = self.receiver(platform, target).paused_until;
        // A clock that was set back must not pause for hours.
        until
            .map(|until| until - now)
            .filter(|left| (1..=PAUSE_SECONDS).contains(left))
            .unwrap_or(0)
    }

    fn ticket_wait(&self, platform: u8, now: i64) -> i64 {
        let last = self.tickets.get(&platform);
        last.map(|last| last + TICKET_PUSH_SECONDS - now)
            .filter(|wait| (1..=TICKET_PUSH_SECONDS).contains(wait))
            .unwrap_or(0)
    }
}

impl World {
    /// Puts a push in the queue, if the platform has the address it is for.
    pub fn enqueue(&mut self, push: Push) {
        if self.receiving_url(&push).is_none() {
            return;
        }
        self.pushing.last_number += 1;
        let number = self.pushing.last_number;
        mark(&mut self.changes, format!("push/{number}"), &push);
        self.pushing.queue.insert(number, push);
        self.pushing.bell.notify_one();
    }

    /// The address that a push goes to, with the account's appid in it.
    pub fn receiving_url(&self, push: &Push) -> Option<String> {
        let platform = self.platform(push.platform);
        match push.target {
            Target::Events => platform.events_url.clone(),
            Target::Messages => {
                let account = push.addressee.as_ref()?.account;
                let url = platform.messages_url.as_ref()?;
                Some(url.replace("$APPID$", &self.naming().appid(account)))
            }
        }
    }

    /// The tickets that are due, as `ticket` makes them.
    pub fn take_tickets(&mut self, ticket: impl Fn(&Self, u8) -> Push) -> Vec<Due> {
        let now = self.now();
        let mut due = Vec::new();
        for platform in 0..self.platforms.len() as u8 {
            if self.expects_tickets(platform)
                && self.pushing.is_free(platform, Target::Events, now)
                && self.pushing.ticket_wait(platform, now) == 0
            {
                self.pushing.tickets.insert(platform, now);
                self.pushing.busy.insert((platform, Target::Events));
                let push = ticket(self, platform);
                due.push(Due { number: None, push });
            }
        }
        due
    }

    /// The queue's pushes that go now, at most one for each address.
    pub fn take_queued(&mut self) -> Vec<Due> {
        let now = self.now();
        let mut due = Vec::new();
        for platform in 0..self.platforms.len() as u8 {
            for target in [Target::Events, Target::Messages] {
                if self.pushing.is_free(platform, target, now)
                    && let Some(next) = self.pushing.first_for(platform, target)
                {
                    self.pushing.busy.insert((platform, target));
                    due.push(next);
                }
            }
        }
        due
    }

    /// Seconds until something is due by itself.
    pub fn next_due(&self) -> Option<i64> {
        let now = self.now();
        let tickets = (0..self.platforms.len() as u8)
            .filter(|platform| self.expects_tickets(*platform))
            .map(|platform| {
                let pause = self.pushing.pause_left(platform, Target::Events, now);
                pause.max(self.pushing.ticket_wait(platform, now))
            });
        let queued = (self.pushing.queue.values())
            .map(|push| self.pushing.pause_left(push.platform, push.target, now));
        tickets.chain(queued).min()
    }

    fn expects_tickets(&self, index: u8) -> bool {
        let platform = self.platform(index);
        platform.events_url.is_some() && platform.tickets_stopped_at.is_none()
    }

    /// A push that was due ended: the queue goes on without it.
    pub fn finish_due(&mut self, due: &Due) {
        let key = (due.push.platform, due.push.target);
        self.pushing.busy.remove(&key);
        if let Some(number) = due.number {
            self.pushing.queue.remove(&number);
            self.changes.insert(format!("push/{number}"), None);
        }
        self.mark_pushing();
    }

    /// Notes what became of a push, and whether it was one to the platform's own `receiver`.
    pub fn note_sent(&mut self, push: &Push, sent: Sent, own_receiver: bool) {
        if own_receiver {
            self.judge(push, &sent);
        }
        let pushing = &mut self.pushing;
        pushing.sent.push_back(sent);
        if pushing.sent.len() > KEPT {
            pushing.sent.pop_front();
        }
        self.mark_pushing();
    }

    fn judge(&mut self, push: &Push, sent: &Sent) {
        let now = self.now();
        let key = (push.platform, push.target);
        let receiver = self.pushing.receivers.entry(key).or_default();
        receiver.paused_until = None;
        if sent.outcome.delivered {
            receiver.failures = 0;
            return;
        }
        receiver.failures += 1;
        if receiver.failures.is_multiple_of(BURST) {
            receiver.paused_until = Some(now + PAUSE_SECONDS);
        }
        let Some(reason) = sent.outcome.problems.first().cloned() else {
            return;
        };
        let what = match push.kind.as_str() {
            "component_verify_ticket" => "ticket",
            _ => "message",
        };
        let how = match reason.kind.as_str() {
            "timeout" => "timeout",
            _ => "failure",
        };
        let kind = format!("{what}_{how}");
        let alarms = &mut self.pushing.alarms;
        let known = alarms.iter().position(|alarm| {
            alarm.component_appid == sent.component_appid
                && alarm.target == push.target
                && alarm.kind == kind
        });
        let before = known.map_or(0, |index| alarms.remove(index).count);
        alarms.push(Alarm {
            component_appid: sent.component_appid.clone(),
            target: push.target,
            kind,
            count: before + 1,
            last_at: sent.at.clone(),
            reason,
            sample: sent.outcome.body.clone(),
        });
    }

    /// The addresses of a platform changed: what failed before counts no more, and a ticket is due.
    pub fn receivers_changed(&mut self, platform: u8) {
        self.pushing.receivers.retain(|(of, _), _| *of != platform);
        self.pushing.tickets.remove(&platform);
        self.mark_pushing();
        self.pushing.bell.notify_one();
    }

    /// Keeps a customer-service text for the release check, which empties the list.
    pub fn keep_customer_text(&mut self, text: CustomerText) {
        if check_accounts::is_one(text.account) {
            self.pushing.customer_texts.push(text);
            self.pushing.progress.notify_waiters();
        }
    }

    /// Ticket pushes were taken up again.
    pub fn push_ticket_now(&mut self, platform: u8) {
        self.pushing.tickets.remove(&platform);
        self.mark_pushing();
        self.pushing.bell.notify_one();
    }

    fn mark_pushing(&mut self) {
        let saved = self.pushing.saved();
        mark(&mut self.changes, "pushing".to_owned(), &saved);
    }
}
