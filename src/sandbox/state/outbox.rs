//! The queue of pushes: what goes in, what is due, and what the end of a push changes.

use super::pushing::{Alarm, CustomerText, Due, PAUSE_SECONDS, Push, Sent, Target};
use super::{World, check_accounts, mark};

/// Failures in a row after which a receiver gets nothing for a while (MarkFail).
const BURST: u32 = 5;
/// How many finished pushes can be looked at.
const KEPT: usize = 200;

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

    /// The clock was moved to where it is now.
    pub fn clock_moved(&mut self) {
        let now = self.now();
        self.pushing.clock_moved(now);
        self.mark_pushing();
        self.pushing.bell.notify_one();
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
