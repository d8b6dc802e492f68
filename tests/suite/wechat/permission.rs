//! Permission sets by number and by name.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::PermissionSetId;
use wxauth::wechat::permission::{self, resolve};

fn id(text: &str) -> Option<u32> {
    resolve(text).ok().map(|id| id.0)
}

fn candidates(text: &str) -> Vec<u32> {
    resolve(text)
        .unwrap_err()
        .candidates
        .iter()
        .map(|id| id.0)
        .collect()
}

#[test]
fn a_set_is_found_by_number_by_name_and_by_a_part_that_is_its_own() {
    assert_eq!(id("1"), Some(1));
    assert_eq!(id(" 18 "), Some(18));
    assert_eq!(id("9001"), Some(9001), "newer than the catalogue");
    assert_eq!(id("消息管理"), Some(1));
    assert_eq!(id("message management"), Some(1));
    assert_eq!(id("Get mini-program code"), Some(17));
    assert_eq!(id("开发与数据分析"), Some(18));
}

#[test]
fn a_name_that_two_sets_share_is_answered_with_both() {
    assert_eq!(candidates("开放平台账号管理"), [24, 25]);
    assert!(candidates("管理").len() > 10);
    assert!(candidates("no such set").is_empty());
    assert!(candidates("").is_empty());
    assert!(candidates("0").is_empty());
}

#[test]
fn sets_fit_the_accounts_of_their_table() {
    let fits = |id, kind| permission::get(PermissionSetId(id)).unwrap().fits(kind);
    assert!(fits(1, AccountKind::OfficialAccount));
    assert!(!fits(1, AccountKind::MiniProgram));
    assert!(fits(18, AccountKind::MiniProgram));
    assert!(fits(160, AccountKind::Channels));
    assert!(fits(129, AccountKind::Store));
    assert!(fits(189, AccountKind::Other));
    assert!(fits(1, AccountKind::Unknown));
    assert!(permission::get(PermissionSetId(9001)).is_none());
}

#[test]
fn the_catalogue_parses_and_every_set_resolves_by_its_number() {
    assert!(permission::all().len() >= 117);
    for set in permission::all() {
        assert_eq!(resolve(&set.id.to_string()), Ok(set.id));
    }
    let exclusive = permission::get(PermissionSetId(18)).unwrap();
    assert_eq!(exclusive.mutually_exclusive, Some(true));
}

#[test]
fn every_set_has_one_number_a_source_and_both_names_where_one_is_known() {
    let mut seen = BTreeSet::new();
    for set in permission::all() {
        assert!(seen.insert(set.id), "{} twice", set.id);
        assert!(
            set.source_url.starts_with("https://"),
            "{} has no source",
            set.id
        );
        assert_eq!(set.name_zh.is_empty(), set.name_en.is_empty(), "{}", set.id);
        assert!(
            !set.name_zh.is_empty() || set.uncertain,
            "{} without a name",
            set.id
        );
        assert!(
            set.mutually_exclusive.is_some() || set.uncertain,
            "{}",
            set.id
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,30}") {
        let _ = resolve(&text);
    }

    #[test]
    fn a_name_finds_its_set_alone_or_among_the_candidates(index in 0..permission::all().len()) {
        let set = &permission::all()[index];
        prop_assume!(!set.name_zh.is_empty());
        match resolve(&set.name_zh) {
            Ok(id) => prop_assert_eq!(id, set.id),
            Err(unknown) => prop_assert!(unknown.candidates.contains(&set.id)),
        }
    }
}
