//! Whose grant differs, as a function of what is stored and what is asked.

use jiff::Timestamp;
use wxauth::flow::grants::ConfiguredSets;
use wxauth::flow::{AskedSets, Drift, RequiredSets, judge};
use wxauth::store::roster::{AccountStatus, AuthorizationStatus, Authorizer};
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, PermissionSetId};

fn sets(ids: &[u32]) -> Vec<PermissionSetId> {
    ids.iter().copied().map(PermissionSetId).collect()
}

/// A mini program in order that granted these.
fn granting(ids: &[u32]) -> Authorizer {
    Authorizer {
        appid: Appid::from_wire("wx0123456789abcdef"),
        user_name: None,
        nick_name: None,
        external_id: None,
        claimed_external_id: None,
        kind: AccountKind::MiniProgram,
        principal_name: None,
        status: AuthorizationStatus::Active,
        account_status: AccountStatus::Normal,
        authorized_at: None,
        permission_ids: sets(ids),
        pending_ids: Vec::new(),
        token_expires_at: None,
        has_refresh_token: true,
        synced_at: Some(Timestamp::UNIX_EPOCH),
        revoked_at: None,
        revoked_source: None,
    }
}

fn asked(configured: Option<&[u32]>, required: &[u32]) -> AskedSets {
    let kind = AccountKind::MiniProgram;
    let mut asked = AskedSets::default();
    if let Some(ids) = configured {
        asked.configured = ConfiguredSets {
            by_kind: vec![(kind, sets(ids))],
        };
    }
    if !required.is_empty() {
        asked.required = RequiredSets {
            by_kind: vec![(kind, sets(required))],
        };
    }
    asked
}

/// Missing, extra, pending, conflict.
#[track_caller]
fn assert_lists(drift: Option<Drift>, lists: [&[u32]; 4]) {
    let drift = drift.expect("it can be judged");
    let found = [
        &drift.missing,
        &drift.extra,
        &drift.pending,
        &drift.conflict,
    ];
    assert_eq!(found.map(Clone::clone), lists.map(sets));
}

#[test]
fn who_granted_what_is_asked_does_not_differ() {
    let asked = asked(Some(&[17, 30, 25]), &[17]);
    assert_lists(judge(granting(&[17, 25, 30]), &asked), [&[]; 4]);
}

#[test]
fn required_is_missing_and_what_was_taken_out_of_the_console_is_extra() {
    let asked = asked(Some(&[17, 30]), &[30, 17]);
    let drift = judge(granting(&[17, 31, 36]), &asked);
    assert_lists(drift, [&[30], &[31, 36], &[], &[]]);
}

#[test]
fn without_a_word_on_what_is_offered_nothing_is_extra_or_in_conflict() {
    let drift = judge(granting(&[17, 31]), &asked(None, &[18]));
    assert_lists(drift, [&[18], &[], &[], &[]]);
}

#[test]
fn an_exclusive_set_that_was_left_out_is_in_conflict_and_an_ordinary_one_is_not() {
    let asked = asked(Some(&[17, 18, 30]), &[18]);
    assert_lists(judge(granting(&[17]), &asked), [&[18], &[], &[], &[18]]);
}

#[test]
fn a_granted_set_that_waits_is_pending_and_not_missing() {
    let mut authorizer = granting(&[17, 18]);
    authorizer.pending_ids = sets(&[18]);
    let drift = judge(authorizer, &asked(None, &[17, 18]));
    assert_lists(drift, [&[], &[], &[18], &[]]);
}

#[test]
fn sets_are_required_of_those_who_can_grant_them() {
    let asked = AskedSets {
        required_of_all: sets(&[18, 1, 9999]),
        ..AskedSets::default()
    };
    // 1 is an official account's; of 9999 nobody knows whose it is.
    assert_lists(judge(granting(&[17]), &asked), [&[18, 9999], &[], &[], &[]]);
}

#[test]
fn of_an_ended_authorization_everything_required_is_missing() {
    let mut authorizer = granting(&[17, 18]);
    authorizer.status = AuthorizationStatus::Revoked;
    let drift = judge(authorizer, &asked(Some(&[17]), &[17]));
    assert_lists(drift, [&[17], &[], &[], &[]]);
}

#[test]
fn an_unsynced_account_is_judged_by_what_its_exchange_gave_or_not_at_all() {
    let mut exchanged = granting(&[17, 30]);
    exchanged.kind = AccountKind::Unknown;
    exchanged.synced_at = None;
    // The kind is the one that its sets are for.
    let asked = asked(None, &[18]);
    assert_lists(judge(exchanged.clone(), &asked), [&[18], &[], &[], &[]]);
    exchanged.permission_ids = Vec::new();
    assert_eq!(judge(exchanged, &asked), None);
    let mut listed = granting(&[]);
    listed.synced_at = None;
    assert_eq!(judge(listed, &asked), None);
}
