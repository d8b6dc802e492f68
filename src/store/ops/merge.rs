//! What becomes of a record that is brought to a store: nothing newer is overwritten.

use crate::store::record::{Count, Event, Launch, Record, Row, Ticket, Token};

/// What became of a record that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Placed {
    /// It is stored, or part of it where another part stood newer.
    Written,
    /// It stood there already.
    Same,
    /// What stands is newer.
    Newer,
    /// It is stored but for its external id, which another authorizer has there.
    WithoutExternalId,
}

/// What to do with an offered record.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "each is matched where it was made"
)]
pub(super) enum Verdict {
    /// This is to be stored, made of what stood and what was offered.
    Write(Record),
    /// All of it stands already.
    Same,
    /// What stands is newer.
    Newer,
}

/// Judges an offered record against the one of the same identity.
pub(super) fn judge(standing: Option<Record>, offered: Record) -> Verdict {
    let Some(standing) = standing else {
        return Verdict::Write(offered);
    };
    let merged = match (&standing, &offered) {
        (Record::Ticket(standing), Record::Ticket(offered)) => {
            Record::Ticket(ticket(standing.clone(), offered))
        }
        (Record::Token(standing), Record::Token(offered)) => {
            Record::Token(token(standing.clone(), offered))
        }
        (Record::Authorizer(standing), Record::Authorizer(offered)) => {
            Record::Authorizer(Box::new(row(standing, offered)))
        }
        (Record::Sync(before), Record::Sync(after)) => {
            let is_newer = after.finished_at > before.finished_at;
            if is_newer { &offered } else { &standing }.clone()
        }
        (Record::Event(standing), Record::Event(offered)) => {
            Record::Event(Box::new(event(standing, offered)))
        }
        (Record::MessageCount(standing), Record::MessageCount(offered)) => {
            Record::MessageCount(count(standing.clone(), offered))
        }
        (Record::Launch(standing), Record::Launch(offered)) => {
            Record::Launch(launch(standing.clone(), offered))
        }
        _ => standing.clone(),
    };
    if merged != standing {
        Verdict::Write(merged)
    } else if merged == offered {
        Verdict::Same
    } else {
        Verdict::Newer
    }
}

/// Takes the operator's own id out of a row that is brought when `owner`, another authorizer, has it.
pub(super) fn place_external_id(row: &mut Row, owner: Option<&str>) -> Placed {
    if owner.is_none_or(|owner| owner == row.appid) {
        return Placed::Written;
    }
    row.external_id = None;
    Placed::WithoutExternalId
}

/// A ticket counts from when it was first met.
fn ticket(mut standing: Ticket, offered: &Ticket) -> Ticket {
    standing.received_at = standing.received_at.min(offered.received_at);
    if standing.value.is_none() {
        standing.value.clone_from(&offered.value);
    }
    standing
}

/// Access and refresh token are judged apart: a list told one, a refresh the other.
fn token(mut standing: Token, offered: &Token) -> Token {
    let brings = |has: bool, lacks: bool, is_newer: bool| has && (lacks || is_newer);
    if brings(
        offered.refresh.is_some(),
        standing.refresh.is_none(),
        offered.refresh_as_of > standing.refresh_as_of,
    ) {
        standing.refresh.clone_from(&offered.refresh);
        standing.refresh_as_of = offered.refresh_as_of;
    }
    if brings(
        offered.access.is_some(),
        standing.access.is_none(),
        (offered.issued_at, offered.generation) > (standing.issued_at, standing.generation)
            && offered.access != standing.access,
    ) {
        standing.access.clone_from(&offered.access);
        standing.issued_at = offered.issued_at;
        standing.lifetime = offered.lifetime;
        standing.expires_at = offered.expires_at;
        standing.unsettled_since = offered.unsettled_since;
        // Whoever compares generations must see that it is another token.
        standing.generation = offered.generation.max(standing.generation + 1);
    }
    standing.used_at = standing.used_at.max(offered.used_at);
    standing
}

fn row(standing: &Row, offered: &Row) -> Row {
    let (newer, older) = if offered.as_of > standing.as_of {
        (offered, standing)
    } else {
        (standing, offered)
    };
    Row {
        // The operator's own word, which no moment of WeChat's makes older.
        external_id: standing
            .external_id
            .clone()
            .or_else(|| offered.external_id.clone()),
        claimed_external_id: newer
            .claimed_external_id
            .clone()
            .or_else(|| older.claimed_external_id.clone()),
        details: newer.details.clone().or_else(|| older.details.clone()),
        ..newer.clone()
    }
}

/// What was done about it in one store needs not be done again in the other.
fn event(standing: &Event, offered: &Event) -> Event {
    const PENDING: &str = "pending";
    let mut merged = standing.clone();
    if standing.outcome == PENDING && offered.outcome != PENDING {
        merged.outcome.clone_from(&offered.outcome);
        merged.detail = offered.detail.clone();
        merged.finished_at = offered.finished_at;
        merged.code = None;
    }
    if standing.forward.as_deref() == Some(PENDING)
        && offered.forward.as_deref().is_some_and(|to| to != PENDING)
    {
        merged.forward.clone_from(&offered.forward);
        merged.forward_detail.clone_from(&offered.forward_detail);
        merged.forward_after = None;
        merged.forward_payload = None;
    }
    merged.repeats = merged.repeats.max(offered.repeats);
    merged
}

fn count(mut standing: Count, offered: &Count) -> Count {
    standing.count = standing.count.max(offered.count);
    standing.last_at = standing.last_at.max(offered.last_at);
    standing
}

fn launch(mut standing: Launch, offered: &Launch) -> Launch {
    if standing.appid.is_none() {
        standing.appid.clone_from(&offered.appid);
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_id_of_another_is_left_behind() {
        let row = || Row {
            appid: "wx0000000000000001".to_owned(),
            user_name: None,
            nick_name: None,
            external_id: Some("shop-7".to_owned()),
            claimed_external_id: None,
            account_kind: "unknown".to_owned(),
            principal_name: None,
            status: "active".to_owned(),
            account_status: "normal".to_owned(),
            authorized_at: None,
            permission_ids: Vec::new(),
            pending_ids: Vec::new(),
            synced_at: None,
            revoked_at: None,
            revoked_source: None,
            as_of: 0,
            details: None,
        };
        for owner in [None, Some("wx0000000000000001")] {
            let mut placed = row();
            assert_eq!(place_external_id(&mut placed, owner), Placed::Written);
            assert_eq!(placed, row());
        }
        let mut placed = row();
        let without = place_external_id(&mut placed, Some("wx0000000000000002"));
        assert_eq!(without, Placed::WithoutExternalId);
        assert_eq!(placed.external_id, None);
    }
}
