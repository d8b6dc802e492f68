//! Which authorizers an argument means, where several have it as an id or a name.

use wxauth::store::roster::{AccountStatus, AuthorizationStatus, Authorizer};
use wxauth::store::search::{Meant, decide, identified};
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, UserName};

const FIRST: &str = "wx0000000000000001";
const SECOND: &str = "wx0000000000000002";
const UNKNOWN: &str = "wx0000000000000009";
const ORIGINAL: &str = "gh_000000000001";

fn row(appid: &str) -> Authorizer {
    Authorizer {
        appid: Appid::from_wire(appid),
        user_name: None,
        nick_name: None,
        external_id: None,
        claimed_external_id: None,
        kind: AccountKind::Unknown,
        principal_name: None,
        status: AuthorizationStatus::Active,
        account_status: AccountStatus::Normal,
        authorized_at: None,
        permission_ids: Vec::new(),
        pending_ids: Vec::new(),
        token_expires_at: None,
        has_refresh_token: true,
        synced_at: None,
        revoked_at: None,
        revoked_source: None,
    }
}

fn named(appid: &str, name: &str) -> Authorizer {
    Authorizer {
        nick_name: Some(name.to_owned()),
        ..row(appid)
    }
}

fn external(appid: &str, id: &str) -> Authorizer {
    Authorizer {
        external_id: Some(id.to_owned()),
        ..row(appid)
    }
}

fn original(appid: &str, id: &str) -> Authorizer {
    Authorizer {
        user_name: Some(UserName::from_wire(id)),
        ..row(appid)
    }
}

/// The appids that are meant; `None` where parts of names decide.
fn meant(who: &str, exact: Vec<Authorizer>) -> Option<Vec<String>> {
    match decide(who, exact) {
        Meant::These(rows) => Some(rows.iter().map(|row| row.appid.to_string()).collect()),
        Meant::PartOfName => None,
    }
}

fn these(appids: &[&str]) -> Option<Vec<String>> {
    Some(appids.iter().map(ToString::to_string).collect())
}

#[test]
fn reads_the_shape_of_an_id_as_an_id_only() {
    let others = || vec![external(FIRST, UNKNOWN), named(SECOND, UNKNOWN)];
    assert_eq!(meant(UNKNOWN, others()), these(&[]));
    assert_eq!(identified(UNKNOWN, others()), None);
}

#[test]
fn finds_an_id_whatever_others_are_named() {
    assert_eq!(meant(FIRST, vec![row(FIRST)]), these(&[FIRST]));
    let by_name = vec![named(SECOND, FIRST), row(FIRST)];
    assert_eq!(meant(FIRST, by_name), these(&[FIRST]));
    let by_original = vec![original(FIRST, ORIGINAL), named(SECOND, ORIGINAL)];
    assert_eq!(meant(ORIGINAL, by_original), these(&[FIRST]));
    // Also an id of a shape that is not known yet.
    let odd = vec![named(SECOND, "fn1"), row("fn1")];
    assert_eq!(meant("fn1", odd), these(&["fn1"]));
}

#[test]
fn reports_every_authorizer_that_has_the_id() {
    let both = vec![external(SECOND, FIRST), row(FIRST)];
    assert_eq!(meant(FIRST, both.clone()), these(&[FIRST, SECOND]));
    assert_eq!(identified(FIRST, both), None);
    let twice = vec![original(SECOND, ORIGINAL), original(FIRST, ORIGINAL)];
    assert_eq!(meant(ORIGINAL, twice), these(&[FIRST, SECOND]));
}

#[test]
fn an_external_id_does_not_hide_a_name() {
    let alone = || vec![external(FIRST, "shop")];
    assert_eq!(meant("shop", alone()), these(&[FIRST]));
    let both = || vec![named(SECOND, "shop"), external(FIRST, "shop")];
    assert_eq!(meant("shop", both()), these(&[FIRST, SECOND]));
    assert_eq!(
        identified("shop", both()).map(|row| row.appid.to_string()),
        Some(FIRST.to_owned())
    );
    // One that is called by its external id is one.
    let same = Authorizer {
        external_id: Some("shop".to_owned()),
        ..named(FIRST, "shop")
    };
    assert_eq!(meant("shop", vec![same.clone(), same]), these(&[FIRST]));
}

#[test]
fn a_whole_name_is_a_part_of_a_name() {
    assert_eq!(meant("shop", vec![named(FIRST, "shop")]), None);
    assert_eq!(meant("shop", Vec::new()), None);
    assert_eq!(identified("shop", vec![named(FIRST, "shop")]), None);
}

#[test]
fn a_claimed_id_means_none() {
    let claimed = Authorizer {
        claimed_external_id: Some("shop".to_owned()),
        ..row(FIRST)
    };
    assert_eq!(meant("shop", vec![claimed.clone()]), None);
    assert_eq!(identified("shop", vec![claimed]), None);
}
