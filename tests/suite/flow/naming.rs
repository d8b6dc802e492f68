//! WHO: one authorizer, or several as candidates, or none.

use wxauth::flow::FlowError;
use wxauth::store::observations::ChangeSource;
use wxauth::wechat::id::UserName;

use super::bench::Bench;
use crate::store::support::{appid, key, told};

/// Those that `who` means, by number: one, the candidates, or none.
async fn meant(bench: &Bench, who: &str) -> Vec<u32> {
    let number = |found: &wxauth::wechat::id::Appid| {
        let numbers = 0..10;
        let mut numbers = numbers.filter(|number| appid(*number) == *found);
        numbers.next().unwrap()
    };
    match bench.platform.authorizer(who).await {
        Ok(row) => vec![number(&row.appid)],
        Err(FlowError::Ambiguous {
            who: named,
            candidates,
        }) => {
            assert_eq!(named, who);
            assert!(candidates.len() > 1, "{candidates:?}");
            candidates.iter().map(|row| number(&row.appid)).collect()
        }
        Err(FlowError::UnknownAuthorizer { who: named }) => {
            assert_eq!(named, who);
            Vec::new()
        }
        Err(error) => panic!("{error}"),
    }
}

async fn bench(names: &[(u32, &str)]) -> Bench {
    let bench = Bench::new().await;
    let seen = names
        .iter()
        .map(|(number, name)| told(*number, name, &[], 0));
    let seen = seen.collect();
    bench.store().observe(&key(), seen).await.unwrap();
    bench
}

async fn set(bench: &Bench, number: u32, external_id: &str) {
    let (key, appid) = (key(), appid(number));
    let set = bench
        .store()
        .set_external_id(&key, &appid, Some(external_id));
    set.await.unwrap();
}

#[tokio::test]
async fn whatever_means_two_authorizers_is_ambiguous() {
    let first = appid(1);
    let bench = bench(&[
        (1, "River"),
        (2, "River"),
        (3, "Riverside"),
        (4, "Hill"),
        (5, "Lake"),
    ])
    .await;
    let alone: [(&str, &[u32]); 6] = [
        ("Hill", &[4]),
        ("hill", &[4]),
        ("Riverside", &[3]),
        // A whole name and a part of one.
        ("River", &[1, 2, 3]),
        ("i", &[1, 2, 3, 4]),
        ("Sea", &[]),
    ];
    for (who, expected) in alone {
        assert_eq!(meant(&bench, who).await, expected, "{who}");
    }
    for empty in ["", " ", "\t"] {
        assert!(meant(&bench, empty).await.is_empty(), "{empty:?}");
    }
    // An external id and a name; an external id and an appid; one and an original id.
    set(&bench, 4, "Lake").await;
    assert_eq!(meant(&bench, "Lake").await, [4, 5]);
    set(&bench, 5, "Lak").await;
    assert_eq!(meant(&bench, "Lak").await, [5]);
    set(&bench, 2, first.as_str()).await;
    assert_eq!(meant(&bench, first.as_str()).await, [1, 2]);
    set(&bench, 3, "gh_000000000001").await;
    assert_eq!(meant(&bench, "gh_000000000001").await, [1, 3]);
    // An appid that nobody has is not looked for among external ids.
    set(&bench, 5, "wx00000000000000ff").await;
    assert!(meant(&bench, "wx00000000000000ff").await.is_empty());
    // Two with one original id.
    let mut twin = told(5, "Lake", &[], 1);
    if let Some(profile) = &mut twin.profile {
        profile.user_name = Some(UserName::from_wire("gh_000000000004"));
    }
    bench.store().observe(&key(), vec![twin]).await.unwrap();
    assert_eq!(meant(&bench, "gh_000000000004").await, [4, 5]);
}

#[tokio::test]
async fn a_claimed_id_neither_means_an_authorizer_nor_makes_another_ambiguous() {
    let bench = bench(&[(1, "River"), (2, "Hill"), (3, "Lake")]).await;
    set(&bench, 1, "shop-1").await;
    let claim = async |number: u32, claimed: &str| {
        let (key, appid) = (key(), appid(number));
        let source = ChangeSource::Event;
        let claimed = bench
            .store()
            .claim_external_id(&key, &appid, claimed, source);
        claimed.await.unwrap();
    };
    for claimed in ["shop-2", "wx00000000000000ff", "gh_0000000000ff"] {
        claim(2, claimed).await;
        claim(3, claimed).await;
        assert!(meant(&bench, claimed).await.is_empty(), "{claimed}");
    }
    let first = appid(1);
    let others = ["shop-1", first.as_str(), "gh_000000000001", "River", "Riv"];
    for claimed in others {
        claim(2, claimed).await;
        claim(3, claimed).await;
        assert_eq!(meant(&bench, claimed).await, [1], "{claimed}");
    }
}
