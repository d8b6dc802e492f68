//! How an event begins, how the work on it ends, and which events stay.

use jiff::Timestamp;

use crate::store::encryption::{Cipher, Field};
use crate::store::events::{EventOutcome, ForwardState, NewEvent};
use crate::store::record::Event;
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

/// How long a code lives whose event does not tell it, in seconds: spec/events.md §3.2.
const CODE_LIFE: i64 = 3600;
/// How long an event that is to be forwarded stays however many there are, in seconds.
const UNDELIVERED: i64 = 24 * 3600;

/// An event as it is kept first.
pub(in crate::store) fn accept(event: &NewEvent, cipher: &Cipher) -> Event {
    let outcome = event.first_outcome();
    let received_at = event.received_at.as_second();
    let encrypt = |field, secret: &Secret| cipher.encrypt(&event.fingerprint, field, secret);
    let payload = event.forward.as_ref().map(Secret::new);
    let (code, payload) = (event.code.as_ref(), payload.as_ref());
    Event {
        fingerprint: event.fingerprint.clone(),
        received_at,
        created_at: event.created_at.map(Timestamp::as_second),
        info_type: event.info_type.clone(),
        appid: event.appid.as_ref().map(Appid::to_string),
        fields: event.fields.clone(),
        outcome: outcome.as_str().to_owned(),
        detail: serde_json::Value::Null,
        finished_at: (outcome != EventOutcome::Pending).then_some(received_at),
        repeats: 0,
        code: code.map(|code| encrypt(Field::Code, code)),
        code_expires_at: event.code_expires_at.map(Timestamp::as_second),
        pre_auth_code_fingerprint: event.pre_auth_code_fingerprint.clone(),
        forward: payload.map(|_| ForwardState::Pending.to_string()),
        forward_detail: None,
        forward_after: None,
        forward_payload: payload.map(|payload| encrypt(Field::ForwardPayload, payload)),
        forward_early: event.forward_early,
    }
}

/// What is noted about the work on an event.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store) struct Noted {
    pub(in crate::store) outcome: EventOutcome,
    /// When the work ended; `None` while it did not.
    pub(in crate::store) finished_at: Option<i64>,
}

/// Notes the outcome of an event of which `before` became so far; `None` when the work on it ended
/// before: its outcome stays.
pub(in crate::store) fn finish(before: &str, outcome: EventOutcome, now: i64) -> Option<Noted> {
    (before == EventOutcome::Pending.as_str()).then(|| Noted {
        outcome,
        finished_at: (outcome != EventOutcome::Pending).then_some(now),
    })
}

/// What is noted about an event that waited too long for the backend.
pub(in crate::store) const GIVEN_UP: (ForwardState, &str) = (ForwardState::Failed, "too old");

/// When the code of an event ends that was received then.
pub(in crate::store) fn code_end(received_at: i64, told: Option<i64>) -> i64 {
    told.unwrap_or_else(|| received_at.saturating_add(CODE_LIFE))
}

/// Whether an event stays although there are more than are to be kept: because of the work on it, or
/// for a day because it is on its way to the backend.
pub(in crate::store) fn is_needed(
    outcome: &str,
    forward: Option<&str>,
    received_at: i64,
    now: i64,
) -> bool {
    outcome == EventOutcome::Pending.as_str()
        || (forward == Some(ForwardState::Pending.as_str()) && received_at >= now - UNDELIVERED)
}

#[cfg(test)]
mod tests {
    use crate::sys::clock::timestamp;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn event(needs_work: bool, forward: Option<&str>) -> NewEvent {
        NewEvent {
            received_at: timestamp(NOW),
            created_at: None,
            info_type: "authorized".to_owned(),
            appid: Some(Appid::from_wire("wx0000000000000001")),
            fingerprint: "event".to_owned(),
            fields: serde_json::json!({}),
            ticket: None,
            code: None,
            code_expires_at: None,
            pre_auth_code_fingerprint: None,
            needs_work,
            forward: forward.map(str::to_owned),
            forward_early: false,
        }
    }

    #[test]
    fn event_without_work_is_done_when_it_arrives() {
        let done = accept(&event(false, None), &Cipher::of_a_test());
        assert_eq!(
            (done.outcome.as_str(), done.finished_at),
            ("done", Some(NOW))
        );
        let pending = accept(&event(true, None), &Cipher::of_a_test());
        assert_eq!(
            (pending.outcome.as_str(), pending.finished_at),
            ("pending", None)
        );
    }

    #[test]
    fn event_is_forwarded_also_without_a_payload_of_its_own() {
        assert_eq!(
            accept(&event(true, None), &Cipher::of_a_test()).forward,
            None
        );
        let forwarded = accept(&event(true, Some("")), &Cipher::of_a_test());
        assert_eq!(forwarded.forward.as_deref(), Some("pending"));
        assert!(forwarded.forward_payload.unwrap().text().is_empty());
    }

    #[test]
    fn first_outcome_stays() {
        let failed = |before| finish(before, EventOutcome::Failed, NOW);
        let noted = failed("pending").unwrap();
        assert_eq!(
            (noted.outcome, noted.finished_at),
            (EventOutcome::Failed, Some(NOW))
        );
        for before in ["done", "ignored", "failed", "of a newer program"] {
            assert_eq!(failed(before), None);
        }
        let goes_on = finish("pending", EventOutcome::Pending, NOW).unwrap();
        assert_eq!(goes_on.finished_at, None);
    }

    #[test]
    fn code_ends_after_an_hour_unless_told() {
        assert_eq!(code_end(NOW, None), NOW + 3600);
        assert_eq!(code_end(NOW, Some(NOW + 5)), NOW + 5);
    }

    #[test]
    fn event_on_its_way_stays_for_a_day() {
        let day = 24 * 3600;
        assert!(is_needed("pending", None, NOW - 9 * day, NOW));
        assert!(is_needed("done", Some("pending"), NOW - day, NOW));
        assert!(!is_needed("done", Some("pending"), NOW - day - 1, NOW));
        assert!(!is_needed("done", Some("delivered"), NOW, NOW));
        assert!(!is_needed("done", None, NOW, NOW));
    }
}
