//! What a link is refused for and warned of before it is made.

use wxauth::flow::{FlowError, LinkOptions, LinkRefusal, LinkWarning, ReleaseState};
use wxauth::store::observations::Observation;
use wxauth::store::roster::AccountStatus;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{PermissionSetId, UserName};
use wxauth::wechat::link::{AuthType, LinkHosts, LinkKind};

use super::bench::Bench;
use crate::store::support::{appid, at, listed, secret, sets, told};

pub fn options(bench: &Bench) -> LinkOptions {
    LinkOptions {
        kind: LinkKind::Pc,
        auth_type: AuthType::MiniProgram,
        only: None,
        permission_ids: Vec::new(),
        redirect_uri: Some("https://platform.example.com/back".to_owned()),
        launch_domain: Some("platform.example.com".to_owned()),
        release: ReleaseState {
            released: Some(true),
            test_list: Vec::new(),
        },
        hosts: LinkHosts::at(bench.platform.api().base()),
    }
}

/// Account `number` of this kind, active.
fn account(number: u32, kind: AccountKind) -> Observation {
    let mut seen = told(number, "Shop", &[1], 0);
    let profile = seen.profile.as_mut().unwrap();
    profile.kind = kind;
    profile.account_status = AccountStatus::Normal;
    profile.refresh_token = Some(secret("refresh"));
    seen
}

async fn warnings(bench: &Bench, options: &LinkOptions) -> Vec<LinkWarning> {
    bench.platform.judge_link(options).await.unwrap()
}

#[tokio::test]
async fn a_link_of_a_released_platform_has_no_warnings() {
    let bench = Bench::new().await;
    assert_eq!(warnings(&bench, &options(&bench)).await, []);
    let without = LinkOptions {
        launch_domain: None,
        ..options(&bench)
    };
    assert_eq!(
        warnings(&bench, &without).await,
        [LinkWarning::LaunchDomainUnknown]
    );
}

#[tokio::test]
async fn before_the_release_only_the_test_list_authorizes() {
    let bench = Bench::new().await;
    bench.observe(account(1, AccountKind::MiniProgram)).await;
    bench.observe(account(2, AccountKind::MiniProgram)).await;
    let test_list = vec![UserName::from_wire("gh_000000000001")];
    for (released, only, warned) in [
        (Some(true), None, None),
        (Some(false), None, Some(false)),
        (None, None, Some(true)),
        (Some(false), Some(1), None),
        (None, Some(1), None),
        (Some(false), Some(2), Some(false)),
        // One that the store does not know may be on the list or not.
        (None, Some(3), Some(true)),
    ] {
        let options = LinkOptions {
            release: ReleaseState {
                released,
                test_list: test_list.clone(),
            },
            only: only.map(appid),
            ..options(&bench)
        };
        let expected: Vec<_> = warned
            .map(|unknown| LinkWarning::NotReleased { unknown })
            .into_iter()
            .collect();
        let found = warnings(&bench, &options).await;
        assert_eq!(found, expected, "{released:?} {only:?}");
    }
}

#[tokio::test]
async fn sets_are_judged_by_the_account_asked_for_and_else_by_the_kinds_offered() {
    let bench = Bench::new().await;
    bench
        .observe(account(1, AccountKind::OfficialAccount))
        .await;
    bench.observe(account(2, AccountKind::Unknown)).await;
    // 1 is for official accounts, 17 for mini programs, 9999 is not in the catalogue.
    for (auth_type, only, ids, refused) in [
        (AuthType::MiniProgram, None, &[17][..], &[][..]),
        (AuthType::MiniProgram, None, &[1, 17], &[1]),
        (AuthType::Both, None, &[1, 17], &[]),
        (AuthType::MiniProgram, None, &[9999], &[]),
        // An account asked for by name comes before the type of the link.
        (AuthType::MiniProgram, Some(1), &[1, 17], &[17]),
        (AuthType::MiniProgram, Some(2), &[1, 17], &[1]),
        (AuthType::MiniProgram, Some(3), &[1, 17], &[1]),
    ] {
        let options = LinkOptions {
            auth_type,
            only: only.map(appid),
            permission_ids: sets(ids),
            ..options(&bench)
        };
        let found = match bench.platform.judge_link(&options).await {
            Ok(_) => Vec::new(),
            Err(FlowError::Link(refusals)) => match &refusals[..] {
                [LinkRefusal::SetsFitNoKind { ids, .. }] => ids.clone(),
                _ => panic!("{refusals:?}"),
            },
            Err(error) => panic!("{error:?}"),
        };
        assert_eq!(found, sets(refused), "{auth_type:?} {only:?} {ids:?}");
    }
}

#[tokio::test]
async fn sets_that_take_something_away_are_warned_of() {
    let bench = Bench::new().await;
    let asked = LinkOptions {
        permission_ids: sets(&[17, 18, 25, 9999]),
        ..options(&bench)
    };
    assert_eq!(
        warnings(&bench, &asked).await,
        [
            LinkWarning::ExclusiveSet(PermissionSetId(18)),
            LinkWarning::TakesVersionRelease,
            LinkWarning::ExclusiveSet(PermissionSetId(25)),
            LinkWarning::UnknownSet(PermissionSetId(9999)),
        ]
    );
}

#[tokio::test]
async fn a_narrowed_update_of_an_active_account_needs_consent() {
    let bench = Bench::new().await;
    bench.observe(account(1, AccountKind::MiniProgram)).await;
    bench.observe(account(2, AccountKind::MiniProgram)).await;
    bench.revoke(2, at(10)).await;
    bench.observe(listed(3, None, 0, 0)).await;
    for (number, ids, warned) in [
        (1, &[17][..], true),
        (1, &[], false),
        (2, &[17], false),
        (3, &[17], false),
        (4, &[17], false),
    ] {
        let asked = LinkOptions {
            only: Some(appid(number)),
            permission_ids: sets(ids),
            ..options(&bench)
        };
        let found = warnings(&bench, &asked).await;
        assert_eq!(found.iter().any(LinkWarning::needs_consent), warned);
        let appid = appid(number);
        let expected = warned.then_some(LinkWarning::NarrowsActive { appid });
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }
}
