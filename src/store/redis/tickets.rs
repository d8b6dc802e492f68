//! Tickets: one hash, by fingerprint.

use std::collections::HashMap;

use redis::Value;
use serde::{Deserialize, Serialize};

use crate::store::encryption::StoredSecret;
use crate::store::ops::tickets::{self, Arrival, StoredTicket};
use crate::store::record::Ticket;
use crate::store::tickets::TicketSource;
use crate::store::{PlatformKey, StoreError};

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// A ticket as it is kept. Times are Unix seconds.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Kept {
    /// The order of arrival: the greatest is the newest.
    pub(super) number: i64,
    pub(super) received_at: i64,
    pub(super) source: String,
    /// Absent once it is too old to be of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<StoredSecret>,
}

impl Kept {
    fn arrival(&self) -> Arrival {
        Arrival {
            number: self.number,
            received_at: self.received_at,
        }
    }
}

/// Every ticket that is kept, as it was read, and the numbers of those that a plan adds.
pub(super) struct KeptTickets {
    /// When they were read, in Unix seconds.
    now: i64,
    /// The number given last, as it was read.
    counter: Option<String>,
    /// The number that the plan gave last.
    counted: Option<i64>,
    newest: Option<Arrival>,
    first: Option<i64>,
    by_fingerprint: HashMap<String, (Kept, String)>,
}

impl RedisStore {
    pub(in crate::store) async fn put_ticket(
        &self,
        key: &PlatformKey,
        ticket: Ticket,
    ) -> Result<bool, StoreError> {
        let names = self.names(key);
        self.may_write_secrets(&names).await?;
        let mut attempts = 0;
        loop {
            let mut kept = self.kept_tickets(&names).await?;
            let mut plan = Plan::new(&names);
            let added = self.plan_ticket(&mut plan, &names, &mut kept, &ticket, false)?;
            if self.apply(&plan, true).await?.is_some() {
                return Ok(added);
            }
            self.again(&mut attempts).await?;
        }
    }

    /// Plans to keep a ticket and to let go of the old ones; whether it is a new one.
    pub(super) fn plan_ticket(
        &self,
        plan: &mut Plan,
        names: &Names,
        kept: &mut KeptTickets,
        ticket: &Ticket,
        is_current: bool,
    ) -> Result<bool, StoreError> {
        let tickets = names.tickets();
        let fingerprint = &ticket.fingerprint;
        kept.expect(plan, names, fingerprint);
        let stored = kept.stored();
        let decided = tickets::keep(&stored, kept.first, ticket, is_current, self.now());
        if decided.is_new {
            let ticket = Kept {
                number: kept.number(plan, names, ticket.received_at, decided.number),
                received_at: ticket.received_at,
                source: ticket.source.clone(),
                value: ticket.value.clone(),
            };
            plan.set_field(&tickets, fingerprint, &self.json(&tickets, &ticket)?);
        }
        for other in decided.forgotten {
            plan.delete_field(&tickets, other);
        }
        for other in decided.expired {
            if let Some((old, _)) = kept.by_fingerprint.get_mut(other) {
                old.value = None;
                plan.set_field(&tickets, other, &self.json(&tickets, old)?);
            }
        }
        Ok(decided.is_new)
    }

    pub(super) async fn kept_tickets(&self, names: &Names) -> Result<KeptTickets, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.cmd("GET").arg(names.ticket_count());
        pipeline.cmd("HGETALL").arg(names.tickets());
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil);
        let counter = self.redis().read(next())?;
        let texts: HashMap<String, String> = self.redis().read(next())?;
        let mut by_fingerprint = HashMap::with_capacity(texts.len());
        for (fingerprint, text) in texts {
            let ticket = self.ticket(&fingerprint, &text)?;
            by_fingerprint.insert(fingerprint, (ticket, text));
        }
        Ok(KeptTickets::of(counter, by_fingerprint, self.now()))
    }

    pub(super) fn ticket(&self, fingerprint: &str, text: &str) -> Result<Kept, StoreError> {
        serde_json::from_str(text).map_err(|error| self.damaged(fingerprint, error))
    }

    /// The tickets whose values are stored, in the order of arrival.
    pub(in crate::store) async fn tickets(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<Ticket>, StoreError> {
        let tickets = self.kept_tickets(&self.names(key)).await?.in_order();
        let tickets = tickets.into_iter().filter(|ticket| ticket.value.is_some());
        Ok(tickets.collect())
    }

    /// Plans a ticket that is brought in the place of the one that is stored.
    pub(super) fn plan_kept(
        &self,
        plan: &mut Plan,
        names: &Names,
        kept: &mut KeptTickets,
        ticket: &Ticket,
    ) -> Result<(), StoreError> {
        let number = kept.expect(plan, names, &ticket.fingerprint);
        let number = number.map(|known| known.number);
        let ticket_kept = Kept {
            number: match number {
                Some(number) => number,
                None => kept.foreign_number(plan, names, ticket.received_at),
            },
            received_at: ticket.received_at,
            source: ticket.source.clone(),
            value: ticket.value.clone(),
        };
        let (key, text) = (names.tickets(), self.json("tickets", &ticket_kept)?);
        plan.set_field(&key, &ticket.fingerprint, &text);
        Ok(())
    }
}

impl KeptTickets {
    fn of(
        counter: Option<String>,
        by_fingerprint: HashMap<String, (Kept, String)>,
        now: i64,
    ) -> Self {
        let arrivals = || by_fingerprint.values().map(|(kept, _)| kept.arrival());
        Self {
            newest: arrivals().max_by_key(|arrival| arrival.number),
            first: arrivals().map(|arrival| arrival.number).min(),
            counted: None,
            now,
            counter,
            by_fingerprint,
        }
    }

    /// The ticket with this fingerprint.
    pub(super) fn ticket(&self, fingerprint: &str) -> Option<Ticket> {
        let (kept, _) = self.by_fingerprint.get(fingerprint)?;
        Some(Ticket {
            fingerprint: fingerprint.to_owned(),
            received_at: kept.received_at,
            source: kept.source.clone(),
            value: kept.value.clone(),
        })
    }

    /// The tickets in the order of arrival.
    pub(super) fn in_order(&self) -> Vec<Ticket> {
        let mut names: Vec<(i64, &String)> = self
            .by_fingerprint
            .iter()
            .map(|(fingerprint, (kept, _))| (kept.number, fingerprint))
            .collect();
        names.sort_unstable();
        let names = names.into_iter();
        names.filter_map(|(_, name)| self.ticket(name)).collect()
    }

    /// The ticket with this fingerprint; the plan rests on its being as it was read.
    pub(super) fn expect(
        &self,
        plan: &mut Plan,
        names: &Names,
        fingerprint: &str,
    ) -> Option<&Kept> {
        let found = self.by_fingerprint.get(fingerprint);
        let text = found.map(|(_, text)| text.as_str());
        plan.expect_field(&names.tickets(), fingerprint, text);
        found.map(|(kept, _)| kept)
    }

    /// All tickets, without their values.
    fn stored(&self) -> Vec<StoredTicket> {
        let tickets = self.by_fingerprint.iter();
        let tickets = tickets.map(|(fingerprint, (kept, _))| StoredTicket {
            fingerprint: fingerprint.clone(),
            arrival: kept.arrival(),
            source: TicketSource::from_word(&kept.source),
            has_value: kept.value.is_some(),
        });
        tickets.collect()
    }

    /// Plans the number of a ticket that was received elsewhere.
    pub(super) fn foreign_number(
        &mut self,
        plan: &mut Plan,
        names: &Names,
        received_at: i64,
    ) -> i64 {
        let decided =
            tickets::number_of_foreign_ticket(received_at, self.newest, self.first, self.now);
        self.number(plan, names, received_at, decided)
    }

    /// Plans the number of another ticket: the one that was decided, or the next one.
    fn number(
        &mut self,
        plan: &mut Plan,
        names: &Names,
        received_at: i64,
        decided: Option<i64>,
    ) -> i64 {
        if let Some(number) = decided {
            self.first = Some(number);
            return number;
        }
        let last = self.counted.unwrap_or_else(|| {
            // Two that arrive at once must not get the same number.
            plan.expect(&names.ticket_count(), self.counter.as_deref());
            let counted = self.counter.as_ref().and_then(|last| last.parse().ok());
            counted
                .max(self.newest.map(|newest| newest.number))
                .unwrap_or(0)
                .max(0)
        });
        let number = last + 1;
        plan.set(&names.ticket_count(), &number.to_string());
        self.counted = Some(number);
        self.newest = Some(Arrival {
            number,
            received_at,
        });
        self.first = self.first.or(self.counted);
        number
    }
}
