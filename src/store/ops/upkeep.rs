//! Changes of single rows of the roster.

use serde_json::json;

use crate::store::StoreError;
use crate::store::journal::JournalKind;
use crate::store::observations::ChangeSource;
use crate::store::records::Records;
use crate::store::roster::AuthorizationStatus;
use crate::store::validity::knows_later;
use crate::wechat::id::Appid;

use super::journal::Note;
use super::roster::RosterRow;

/// Notes that the merchant ended the authorization at `at`. `false` when nothing changes: it is not
/// known or ended already, or the row speaks of a later moment.
pub(in crate::store) fn revoke(
    records: &mut Records,
    appid: &Appid,
    at: i64,
    source: ChangeSource,
    now: i64,
) -> bool {
    let Some(authorizer) = records.authorizers.get_mut(appid) else {
        return false;
    };
    let Some(row) = &mut authorizer.row else {
        return false;
    };
    if knows_later(row.as_of, at, now) || row.status == AuthorizationStatus::Revoked {
        return false;
    }
    row.status = AuthorizationStatus::Revoked;
    row.revoked_at = Some(at);
    row.revoked_source = Some(source.as_str().to_owned());
    row.as_of = at;
    // A token that WeChat no longer takes must not be handed out as fresh.
    authorizer.cap_expiry(at);
    let note = Note::new(at, source, JournalKind::Revoked, json!({}));
    records.note(appid, [note]);
    true
}

/// Sets or removes the operator's own id of `appid`.
///
/// # Errors
/// When another has it, or the authorizer is not known.
pub(in crate::store) fn set_external_id(
    records: &mut Records,
    appid: &Appid,
    external_id: Option<&str>,
    now: i64,
) -> Result<(), StoreError> {
    let owner = external_id.and_then(|id| records.external_ids.get(id));
    if let Some(other) = owner.filter(|owner| *owner != appid) {
        let appid = other.clone();
        return Err(StoreError::Taken { appid });
    }
    row(records, appid)?.external_id = external_id.map(str::to_owned);
    let detail = json!({ "external_id": external_id });
    let source = ChangeSource::Operator;
    let note = Note::new(now, source, JournalKind::ExternalIdSet, detail);
    records.note(appid, [note]);
    Ok(())
}

/// Notes the id that a visitor's own `state` brought; the one that is noted changes nothing.
///
/// # Errors
/// When the authorizer is not known.
pub(in crate::store) fn claim_external_id(
    records: &mut Records,
    appid: &Appid,
    claimed: &str,
    source: ChangeSource,
    now: i64,
) -> Result<(), StoreError> {
    let row = row(records, appid)?;
    if row.claimed_external_id.as_deref() == Some(claimed) {
        return Ok(());
    }
    row.claimed_external_id = Some(claimed.to_owned());
    let detail = json!({ "claimed_external_id": claimed });
    let what = JournalKind::ExternalIdClaimed;
    records.note(appid, [Note::new(now, source, what, detail)]);
    Ok(())
}

/// Drops all that is stored of an authorizer but its history; whether there was anything.
pub(in crate::store) fn forget(records: &mut Records, appid: &Appid, now: i64) -> bool {
    let had_anything = std::mem::take(&mut records.has_anything);
    if had_anything {
        let source = ChangeSource::Operator;
        let note = Note::new(now, source, JournalKind::Forgotten, json!({}));
        records.note(appid, [note]);
    }
    had_anything
}

fn row<'a>(records: &'a mut Records, appid: &Appid) -> Result<&'a mut RosterRow, StoreError> {
    let authorizer = records.authorizers.get_mut(appid);
    let row = authorizer.and_then(|authorizer| authorizer.row.as_mut());
    row.ok_or_else(|| StoreError::UnknownAuthorizer {
        appid: appid.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::authorizers::AuthorizerRecords;
    use super::super::roster::tests::row;
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn appid(number: u32) -> Appid {
        Appid::from_wire(format!("wx{number:016}"))
    }

    /// One authorizer, whose row speaks of this moment.
    fn known(as_of: i64, expires_at: Option<i64>) -> Records {
        let authorizer = AuthorizerRecords {
            row: Some(row(as_of)),
            expires_at,
            ..AuthorizerRecords::default()
        };
        Records {
            authorizers: [(appid(1), authorizer)].into(),
            ..Records::default()
        }
    }

    #[test]
    fn revoked_authorizer_has_no_fresh_token() {
        let mut records = known(NOW - 100, Some(NOW + 7000));
        let source = ChangeSource::Event;
        assert!(revoke(&mut records, &appid(1), NOW, source, NOW));
        let note = Note::new(NOW, source, JournalKind::Revoked, json!({}));
        assert_eq!(records.notes, [(Some(appid(1)), note)]);
        let authorizer = &records.authorizers[&appid(1)];
        let row = authorizer.row.as_ref().unwrap();
        assert_eq!(row.status, AuthorizationStatus::Revoked);
        assert_eq!((row.revoked_at, row.as_of), (Some(NOW), NOW));
        assert_eq!(row.revoked_source.as_deref(), Some("event"));
        assert_eq!(authorizer.expires_at, Some(NOW));
        // The first end stays.
        assert!(!revoke(&mut records, &appid(1), NOW + 1, source, NOW + 1));
        let row = records.authorizers[&appid(1)].row.as_ref().unwrap();
        assert_eq!(row.revoked_at, Some(NOW));
        assert_eq!(records.notes.len(), 1);
    }

    #[test]
    fn token_that_ended_before_the_authorization_stays_as_it_is() {
        for ended in [None, Some(NOW - 50)] {
            let mut records = known(NOW - 100, ended);
            let source = ChangeSource::Event;
            assert!(revoke(&mut records, &appid(1), NOW, source, NOW));
            assert_eq!(records.authorizers[&appid(1)].expires_at, ended);
        }
    }

    #[test]
    fn end_from_before_the_row_or_of_a_stranger_is_none() {
        let revoke = |as_of, number, at| {
            let mut records = known(as_of, None);
            revoke(&mut records, &appid(number), at, ChangeSource::Sync, NOW)
        };
        assert!(!revoke(NOW - 10, 1, NOW - 11));
        assert!(revoke(NOW - 10, 1, NOW - 10));
        // A row of the future proves nothing.
        assert!(revoke(NOW + 3600, 1, NOW - 10));
        assert!(!revoke(NOW - 10, 2, NOW));
    }

    #[test]
    fn external_id_belongs_to_one_authorizer() {
        let set = |number, owner: Option<Appid>| {
            let mut records = known(NOW, None);
            let owners = owner.map(|owner| ("shop-7".to_owned(), owner));
            records.external_ids = owners.into_iter().collect();
            let result = set_external_id(&mut records, &appid(number), Some("shop-7"), NOW);
            let row = records.authorizers[&appid(1)].row.clone();
            result.map(|()| (row.unwrap().external_id, records.notes))
        };
        let taken = set(1, Some(appid(2)));
        assert!(matches!(taken, Err(StoreError::Taken { appid: other }) if other == appid(2)));
        let (external_id, notes) = set(1, Some(appid(1))).unwrap();
        assert_eq!(external_id.as_deref(), Some("shop-7"));
        assert_eq!(notes[0].1.detail, json!({ "external_id": "shop-7" }));
        let unknown = set(3, None);
        assert!(matches!(unknown, Err(StoreError::UnknownAuthorizer { .. })));
    }

    #[test]
    fn claimed_id_is_journalled_when_it_changes() {
        let mut records = known(NOW, None);
        let mut claim = |claimed| {
            let source = ChangeSource::Event;
            claim_external_id(&mut records, &appid(1), claimed, source, NOW).unwrap();
            let row = records.authorizers[&appid(1)].row.as_ref().unwrap();
            assert_eq!(row.claimed_external_id.as_deref(), Some(claimed));
            records.notes.len()
        };
        assert_eq!([claim("a"), claim("a"), claim("b")], [1, 1, 2]);
        let note = &records.notes[1].1;
        assert_eq!(note.what, JournalKind::ExternalIdClaimed);
        assert_eq!(note.source, ChangeSource::Event);
    }

    #[test]
    fn forgetting_is_journalled_where_there_was_something() {
        let mut records = Records::default();
        assert!(!forget(&mut records, &appid(1), NOW));
        assert!(records.notes.is_empty());
        records.has_anything = true;
        assert!(forget(&mut records, &appid(1), NOW));
        assert!(!records.has_anything);
        assert_eq!(records.notes[0].1.what, JournalKind::Forgotten);
    }
}
