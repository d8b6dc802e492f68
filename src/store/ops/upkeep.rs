//! Changes of single rows of the roster.

use serde_json::json;

use crate::store::validity::knows_later;
use crate::store::{AuthorizationStatus, ChangeSource, JournalKind, StoreError};
use crate::wechat::id::Appid;

use super::journal::Note;
use super::roster::RosterRow;

/// Notes that the merchant ended the authorization at `at`; `None` when nothing changes: it is ended
/// already, or the row speaks of a later moment. `expires_at` is of the stored access token.
pub(in crate::store) fn revoke(
    row: &mut RosterRow,
    expires_at: &mut Option<i64>,
    at: i64,
    source: ChangeSource,
    now: i64,
) -> Option<Note> {
    if knows_later(row.as_of, at, now) || row.status == AuthorizationStatus::Revoked {
        return None;
    }
    row.status = AuthorizationStatus::Revoked;
    row.revoked_at = Some(at);
    row.revoked_source = Some(source.as_str().to_owned());
    row.as_of = at;
    // A token that WeChat no longer takes must not be handed out as fresh.
    *expires_at = expires_at.map(|ends| ends.min(at));
    Some(Note::new(at, source, JournalKind::Revoked, json!({})))
}

/// Sets or removes the operator's own id of `appid`; `owner` has that id so far.
///
/// # Errors
/// When another has it, or the authorizer is not known.
pub(in crate::store) fn set_external_id(
    row: Option<&mut RosterRow>,
    appid: &Appid,
    external_id: Option<&str>,
    owner: Option<Appid>,
    now: i64,
) -> Result<Note, StoreError> {
    if let Some(other) = owner.filter(|owner| owner != appid) {
        return Err(StoreError::Taken { appid: other });
    }
    let row = row.ok_or_else(|| unknown(appid))?;
    row.external_id = external_id.map(str::to_owned);
    let detail = json!({ "external_id": external_id });
    let source = ChangeSource::Operator;
    Ok(Note::new(now, source, JournalKind::ExternalIdSet, detail))
}

/// Notes the id that a visitor's own `state` brought; `None` when it is the one that is noted.
///
/// # Errors
/// When the authorizer is not known.
pub(in crate::store) fn claim_external_id(
    row: Option<&mut RosterRow>,
    appid: &Appid,
    claimed: &str,
    source: ChangeSource,
    now: i64,
) -> Result<Option<Note>, StoreError> {
    let row = row.ok_or_else(|| unknown(appid))?;
    if row.claimed_external_id.as_deref() == Some(claimed) {
        return Ok(None);
    }
    row.claimed_external_id = Some(claimed.to_owned());
    let detail = json!({ "claimed_external_id": claimed });
    let what = JournalKind::ExternalIdClaimed;
    Ok(Some(Note::new(now, source, what, detail)))
}

/// What the journal keeps of an authorizer that was dropped.
pub(in crate::store) fn forgotten(now: i64) -> Note {
    Note::new(
        now,
        ChangeSource::Operator,
        JournalKind::Forgotten,
        json!({}),
    )
}

fn unknown(appid: &Appid) -> StoreError {
    let appid = appid.clone();
    StoreError::UnknownAuthorizer { appid }
}

#[cfg(test)]
mod tests {
    use super::super::roster::tests::row;
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn appid(number: u32) -> Appid {
        Appid::from_wire(format!("wx{number:016}"))
    }

    #[test]
    fn revoked_authorizer_has_no_fresh_token() {
        let (mut row, mut expires_at) = (row(NOW - 100), Some(NOW + 7000));
        let note = revoke(&mut row, &mut expires_at, NOW, ChangeSource::Event, NOW).unwrap();
        assert_eq!(
            note,
            Note::new(NOW, ChangeSource::Event, JournalKind::Revoked, json!({}))
        );
        assert_eq!(row.status, AuthorizationStatus::Revoked);
        assert_eq!((row.revoked_at, row.as_of), (Some(NOW), NOW));
        assert_eq!(row.revoked_source.as_deref(), Some("event"));
        assert_eq!(expires_at, Some(NOW));
        // The first end stays.
        let again = revoke(
            &mut row,
            &mut expires_at,
            NOW + 1,
            ChangeSource::Sync,
            NOW + 1,
        );
        assert_eq!((again, row.revoked_at), (None, Some(NOW)));
    }

    #[test]
    fn token_that_ended_before_the_authorization_stays_as_it_is() {
        for ended in [None, Some(NOW - 50)] {
            let (mut row, mut expires_at) = (row(NOW - 100), ended);
            revoke(&mut row, &mut expires_at, NOW, ChangeSource::Event, NOW).unwrap();
            assert_eq!(expires_at, ended);
        }
    }

    #[test]
    fn end_from_before_the_row_is_none() {
        let revoke = |as_of, at| revoke(&mut row(as_of), &mut None, at, ChangeSource::Sync, NOW);
        assert_eq!(revoke(NOW - 10, NOW - 11), None);
        assert!(revoke(NOW - 10, NOW - 10).is_some());
        // A row of the future proves nothing.
        assert!(revoke(NOW + 3600, NOW - 10).is_some());
    }

    #[test]
    fn external_id_belongs_to_one_authorizer() {
        fn set(row: Option<&mut RosterRow>, owner: Option<Appid>) -> Result<Note, StoreError> {
            set_external_id(row, &appid(1), Some("shop-7"), owner, NOW)
        }
        let mut known = row(NOW);
        let taken = set(Some(&mut known), Some(appid(2)));
        assert!(matches!(taken, Err(StoreError::Taken { appid: other }) if other == appid(2)));
        assert_eq!(known.external_id, None);
        let note = set(Some(&mut known), Some(appid(1))).unwrap();
        assert_eq!(note.detail, json!({ "external_id": "shop-7" }));
        assert_eq!(known.external_id.as_deref(), Some("shop-7"));
        let unknown = set(None, None);
        assert!(matches!(unknown, Err(StoreError::UnknownAuthorizer { .. })));
    }

    #[test]
    fn claimed_id_is_journalled_when_it_changes() {
        let mut known = row(NOW);
        let mut claim = |claimed| {
            let source = ChangeSource::Event;
            claim_external_id(Some(&mut known), &appid(1), claimed, source, NOW).unwrap()
        };
        assert!(claim("a").is_some());
        assert!(claim("a").is_none());
        let note = claim("b").unwrap();
        assert_eq!(note.what, JournalKind::ExternalIdClaimed);
        assert_eq!(note.source, ChangeSource::Event);
        assert_eq!(known.claimed_external_id.as_deref(), Some("b"));
    }
}
