//! How a merchant's grant stands towards what a call needs (spec R5 to R8, R24).

use wxauth::flow::grants::{ConfiguredSets, GrantState, state_of};
use wxauth::store::roster::{AccountStatus, AuthorizationStatus, Authorizer};
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, PermissionSetId};

fn ids(numbers: &[u32]) -> Vec<PermissionSetId> {
    numbers.iter().copied().map(PermissionSetId).collect()
}

/// A merchant that was synced and granted these sets.
fn merchant(kind: AccountKind, granted: &[u32]) -> Authorizer {
    Authorizer {
        kind,
        permission_ids: ids(granted),
        status: AuthorizationStatus::Active,
        synced_at: Some(jiff::Timestamp::UNIX_EPOCH),
        ..blank()
    }
}

fn blank() -> Authorizer {
    Authorizer {
        appid: Appid::from_wire("wx0123456789abcdef"),
        user_name: None,
        nick_name: None,
        external_id: None,
        claimed_external_id: None,
        kind: AccountKind::Unknown,
        principal_name: None,
        status: AuthorizationStatus::PendingExchange,
        account_status: AccountStatus::Normal,
        authorized_at: None,
        permission_ids: Vec::new(),
        pending_ids: Vec::new(),
        token_expires_at: None,
        has_refresh_token: false,
        synced_at: None,
        revoked_at: None,
        revoked_source: None,
    }
}

fn state(needs: &[u32], account: &Authorizer, configured: Option<&[u32]>) -> GrantState {
    let configured = configured.map(ids);
    state_of(&ids(needs), account.kind, account, configured.as_deref())
}

use AccountKind::{MiniProgram, OfficialAccount};
use GrantState::{Granted, HeldElsewhere, Missing, NotConfigured, Unknown};

#[test]
fn any_one_of_the_sets_within_the_kind_is_enough() {
    let shop = merchant(MiniProgram, &[30]);
    assert_eq!(state(&[3, 30], &shop, None), Granted);
    // Its sets may be many; the one of another kind does not help.
    assert_eq!(state(&[3, 30], &merchant(MiniProgram, &[3]), None), Missing);
    assert_eq!(
        state(&[3, 30], &merchant(OfficialAccount, &[3]), None),
        Granted
    );
    // A set newer than the catalogue is not ruled out.
    assert_eq!(
        state(&[9001], &merchant(MiniProgram, &[9001]), None),
        Granted
    );
}

#[test]
fn a_set_that_is_not_granted_is_missing_until_something_tells_more() {
    let shop = merchant(MiniProgram, &[17]);
    assert_eq!(state(&[19], &shop, None), Missing);
    assert_eq!(state(&[19], &shop, Some(&[17, 19])), Missing);
    assert_eq!(state(&[18], &shop, None), Missing);
}

#[test]
fn what_the_platform_does_not_offer_has_to_be_configured_first() {
    let shop = merchant(MiniProgram, &[17]);
    assert_eq!(state(&[18], &shop, Some(&[17])), NotConfigured);
    assert_eq!(state(&[18], &shop, Some(&[])), NotConfigured);
    // What was taken out of the configuration stays granted (R8).
    assert_eq!(state(&[17], &shop, Some(&[18])), Granted);
}

#[test]
fn an_exclusive_set_missing_beside_others_is_probably_held_elsewhere() {
    let shop = merchant(MiniProgram, &[17]);
    assert_eq!(state(&[18], &shop, Some(&[17, 18])), HeldElsewhere);
    // Nothing at all was granted: that tells nothing of another holder.
    assert_eq!(
        state(&[18], &merchant(MiniProgram, &[]), Some(&[17, 18])),
        Missing
    );
    // 19 is enough too, and nobody can keep that away.
    assert_eq!(state(&[18, 19], &shop, Some(&[17, 18, 19])), Missing);
    assert_eq!(state(&[18, 19], &shop, Some(&[17, 18])), HeldElsewhere);
    // Whether 171 is exclusive is not known: no suspicion on that.
    assert_eq!(state(&[171], &shop, Some(&[17, 171])), Missing);
}

#[test]
fn an_ended_authorization_is_missing_whatever_it_had_granted() {
    let mut shop = merchant(MiniProgram, &[18]);
    shop.status = AuthorizationStatus::Revoked;
    assert_eq!(state(&[18], &shop, Some(&[18])), Missing);
}

#[test]
fn what_wechat_has_not_told_is_unknown() {
    let mut shop = merchant(MiniProgram, &[17]);
    shop.synced_at = None;
    assert_eq!(state(&[18], &shop, None), Unknown);
    // What an exchange told counts before the first sync.
    assert_eq!(state(&[17], &shop, None), Granted);
    assert_eq!(
        state(&[18], &merchant(AccountKind::Unknown, &[17]), None),
        Unknown
    );
    assert_eq!(
        state(&[18], &merchant(OfficialAccount, &[1]), None),
        Unknown
    );
    assert_eq!(state(&[], &merchant(MiniProgram, &[17]), None), Unknown);
    assert_eq!(state(&[18], &blank(), None), Unknown);
}

#[test]
fn what_was_declared_for_one_kind_says_nothing_of_another() {
    let configured = ConfiguredSets {
        by_kind: vec![(MiniProgram, ids(&[17, 18]))],
    };
    assert_eq!(configured.of(MiniProgram), Some(&*ids(&[17, 18])));
    assert_eq!(configured.of(OfficialAccount), None);
    assert_eq!(configured.offers(PermissionSetId(18)), Some(true));
    assert_eq!(configured.offers(PermissionSetId(19)), Some(false));
    assert_eq!(ConfiguredSets::default().offers(PermissionSetId(18)), None);
}

#[test]
fn a_state_has_one_name_everywhere() {
    for state in GrantState::ALL {
        let json = serde_json::to_value(state).expect("a word");
        assert_eq!(json, state.as_str());
    }
}
