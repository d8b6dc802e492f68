//! Which tickets are kept, in which order, and for how long.

use jiff::SignedDuration;

use crate::store::record::Ticket;
use crate::store::tickets::TicketSource;
use crate::store::validity::TICKET_LIFE;
use crate::store::validity::{believed, latest_believed};

/// How long a pushed ticket is recognised. Those that people and programs keep are recognised for
/// ever, because they may be offered again at any time.
pub(in crate::store) const TICKET_MEMORY: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What a stored ticket is to its place among the others. Times are Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Arrival {
    /// Its number: the greatest arrived last.
    pub(in crate::store) number: i64,
    /// When it was received.
    pub(in crate::store) received_at: i64,
}

/// The tickets that WeChat may still accept, the newest first, of those that are stored, in the order of
/// their arrival.
///
/// None was received before one that arrived earlier: where a clock says so, it was behind, and the
/// earlier ticket's time counts.
pub(in crate::store) fn usable_tickets(mut stored: Vec<Ticket>, now: i64) -> Vec<Ticket> {
    let mut earliest = i64::MIN;
    for ticket in &mut stored {
        if ticket.received_at <= latest_believed(now) {
            earliest = earliest.max(ticket.received_at);
            ticket.received_at = earliest;
        }
    }
    stored.retain(|ticket| !is_expired(ticket.received_at, now));
    stored.reverse();
    stored
}

/// The number of a ticket that was received elsewhere, by a backend or for another store; `None` when
/// it takes the next one, as those received here do. It is not the newest when it was received before
/// the newest of the stored ones, as far as times can be believed; the first of them has the number
/// `first`.
pub(in crate::store) fn number_of_foreign_ticket(
    received_at: i64,
    newest: Option<Arrival>,
    first: Option<i64>,
    now: i64,
) -> Option<i64> {
    let newest = newest.and_then(|newest| believed(Some(newest.received_at), now))?;
    let is_older = believed(Some(received_at), now).is_none_or(|at| at < newest);
    first.filter(|_| is_older).map(|first| first - 1)
}

/// A ticket that is stored, also one of which only the fingerprint is kept by now.
#[derive(Clone, Debug)]
pub(in crate::store) struct StoredTicket {
    pub(in crate::store) fingerprint: String,
    pub(in crate::store) arrival: Arrival,
    /// `None` for a source that only a newer program knows.
    pub(in crate::store) source: Option<TicketSource>,
    pub(in crate::store) has_value: bool,
}

/// What is to be done when a ticket arrives; the others by their fingerprints.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Kept<'stored> {
    /// Whether it is stored as one that arrives now.
    pub(in crate::store) is_new: bool,
    /// Its number, where it is not the next one.
    pub(in crate::store) number: Option<i64>,
    /// Those of which only the fingerprint stays.
    pub(in crate::store) expired: Vec<&'stored str>,
    /// Those of which nothing stays.
    pub(in crate::store) forgotten: Vec<&'stored str>,
}

/// Decides what becomes of a ticket that arrives, and of the stored ones. `first` is the lowest
/// number that is given; this ticket itself does not age.
///
/// A known ticket is not stored again, so that a replay cannot make it valid. It arrives anew where
/// `is_current`, WeChat having made the push now, and where the newest stored ticket was received in
/// the future: this machine's clock was ahead then and was put right since.
pub(in crate::store) fn keep<'stored>(
    stored: &'stored [StoredTicket],
    first: Option<i64>,
    ticket: &Ticket,
    is_current: bool,
    now: i64,
) -> Kept<'stored> {
    let arrivals = stored.iter().map(|old| old.arrival);
    let newest = arrivals.max_by_key(|arrival| arrival.number);
    let is_newest_ahead = newest.is_some_and(|newest| newest.received_at > latest_believed(now));
    let mut kept = Kept {
        is_new: true,
        number: None,
        expired: Vec::new(),
        forgotten: Vec::new(),
    };
    for old in stored {
        let (name, received_at) = (old.fingerprint.as_str(), old.arrival.received_at);
        let is_pushed = old.source == Some(TicketSource::Push);
        if name == ticket.fingerprint {
            kept.is_new = is_current && is_newest_ahead;
        } else if is_pushed && received_at < now - TICKET_MEMORY.as_secs() {
            kept.forgotten.push(name);
        } else if old.has_value && is_expired(received_at, now) {
            kept.expired.push(name);
        }
    }
    if ticket.source == TicketSource::Layout.as_str() {
        kept.number = number_of_foreign_ticket(ticket.received_at, newest, first, now);
    }
    kept
}

/// Whether WeChat no longer accepts a ticket that was received then.
fn is_expired(received_at: i64, now: i64) -> bool {
    received_at < now - TICKET_LIFE.as_secs()
}

#[cfg(test)]
mod tests {
    use crate::wechat::secret::Secret;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;

    fn ticket(text: &str, age: i64, source: TicketSource) -> Ticket {
        Ticket {
            fingerprint: Secret::new(text).fingerprint(),
            received_at: NOW - age,
            source: source.to_string(),
            value: None,
        }
    }

    fn stored(number: i64, text: &str, age: i64, source: TicketSource) -> StoredTicket {
        StoredTicket {
            fingerprint: Secret::new(text).fingerprint(),
            arrival: Arrival {
                number,
                received_at: NOW - age,
            },
            source: Some(source),
            has_value: true,
        }
    }

    #[test]
    fn ticket_expires_after_12_hours_and_a_pushed_one_is_forgotten_after_90_days() {
        let stored = [
            stored(1, "forgotten", 90 * DAY + 1, TicketSource::Push),
            stored(2, "remembered", 90 * DAY, TicketSource::Push),
            stored(3, "set", 91 * DAY, TicketSource::Set),
            stored(4, "valid", 12 * HOUR, TicketSource::Push),
        ];
        let new = ticket("new", 0, TicketSource::Push);
        let kept = keep(&stored, Some(1), &new, true, NOW);
        assert!(kept.is_new);
        assert_eq!(kept.number, None);
        assert_eq!(kept.forgotten, [&stored[0].fingerprint]);
        assert_eq!(
            kept.expired,
            [&stored[1].fingerprint, &stored[2].fingerprint]
        );
    }

    #[test]
    fn emptied_ticket_is_not_emptied_again() {
        let mut old = stored(1, "old", 13 * HOUR, TicketSource::Push);
        old.has_value = false;
        let new = ticket("new", 0, TicketSource::Push);
        let stored = [old];
        let kept = keep(&stored, Some(1), &new, true, NOW);
        assert!(kept.expired.is_empty());
    }

    #[test]
    fn known_ticket_is_not_new_and_does_not_age() {
        let stored = [stored(1, "ticket", 91 * DAY, TicketSource::Push)];
        let again = ticket("ticket", 0, TicketSource::Environment);
        let kept = keep(&stored, Some(1), &again, true, NOW);
        assert!(!kept.is_new);
        assert!(kept.expired.is_empty() && kept.forgotten.is_empty());
    }

    #[test]
    fn known_ticket_arrives_anew_when_the_newest_is_of_the_future() {
        let again = ticket("ticket", 0, TicketSource::Push);
        let ahead = stored(2, "ahead", -72 * HOUR, TicketSource::Push);
        let stored = [stored(1, "ticket", HOUR, TicketSource::Push), ahead];
        assert!(keep(&stored, Some(1), &again, true, NOW).is_new);
        // A replay of an old push.
        assert!(!keep(&stored, Some(1), &again, false, NOW).is_new);
        assert!(!keep(&stored[..1], Some(1), &again, true, NOW).is_new);
        let ahead = ticket("ahead", 0, TicketSource::Push);
        assert!(keep(&stored, Some(1), &ahead, true, NOW).is_new);
    }

    #[test]
    fn ticket_of_an_sdk_takes_its_place_by_the_time_it_was_received() {
        let stored = [
            stored(4, "first", 2 * HOUR, TicketSource::Push),
            stored(5, "newest", HOUR, TicketSource::Push),
        ];
        let number = |age, source| {
            let new = ticket("new", age, source);
            keep(&stored, Some(4), &new, false, NOW).number
        };
        assert_eq!(number(HOUR + 1, TicketSource::Layout), Some(3));
        assert_eq!(number(HOUR, TicketSource::Layout), None);
        // Received here, it is the newest whatever the clock says.
        assert_eq!(number(HOUR + 1, TicketSource::Push), None);
        // A time in the future proves nothing.
        assert_eq!(number(-120, TicketSource::Layout), Some(3));
    }

    #[test]
    fn tickets_are_usable_for_12_hours_in_the_order_of_arrival() {
        // The clock was set back between the second and the third.
        let ages = [12 * HOUR + 1, HOUR, 13 * HOUR];
        let stored = ages.map(|age| ticket("ticket", age, TicketSource::Push));
        let usable = usable_tickets(stored.to_vec(), NOW);
        let received_at: Vec<i64> = usable.iter().map(|ticket| ticket.received_at).collect();
        assert_eq!(received_at, [NOW - HOUR, NOW - HOUR]);
        let sources = ["third", "second", "first"];
        let named = |name| ticket(name, 0, TicketSource::Set);
        let usable = usable_tickets(["first", "second", "third"].map(named).to_vec(), NOW);
        let expected = sources.map(|name| named(name).fingerprint);
        let found: Vec<&str> = usable
            .iter()
            .map(|ticket| ticket.fingerprint.as_str())
            .collect();
        assert_eq!(found, expected);
    }
}
