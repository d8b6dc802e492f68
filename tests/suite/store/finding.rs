//! Finding authorizers by what names them: ids, external ids, names.

use wxauth::store::journal::{JournalFilter, JournalKind};
use wxauth::store::observations::ChangeSource;
use wxauth::store::roster::RosterFilter;
use wxauth::store::{Store, StoreError};
use wxauth::wechat::id::UserName;

use super::support::{Place, appid, authorize, key, told};

super::stories! {
    who_is_found_by_id_before_name,
    names_are_found_in_any_case,
    an_original_id_is_found_as_it_is_now,
    an_external_id_belongs_to_one,
    an_external_id_that_is_a_name_too_is_ambiguous,
    an_appid_means_that_account_only,
    finds_no_authorizer_by_a_claimed_id,
    keeps_the_latest_claimed_id,
}

async fn names(store: &Store, who: &str) -> Vec<String> {
    let found = store.find(&key(), who, 10).await.unwrap();
    found.into_iter().filter_map(|row| row.nick_name).collect()
}

async fn who_is_found_by_id_before_name(place: Place) {
    let store = place.open().await;
    let decoy = format!("fan of {} and gh_000000000001 and shop-1", appid(1));
    let seen = vec![told(1, "Real", &[], 0), told(2, &decoy, &[], 0)];
    store.observe(&key(), seen).await.unwrap();
    store
        .set_external_id(&key(), &appid(1), Some("shop-1"))
        .await
        .unwrap();
    for who in [appid(1).as_str(), "gh_000000000001", "shop-1"] {
        assert_eq!(names(&store, who).await, ["Real"], "{who}");
    }
    assert_eq!(names(&store, "fan of").await, [decoy]);
    assert!(names(&store, "nobody").await.is_empty());
}

async fn names_are_found_in_any_case(place: Place) {
    let store = place.open().await;
    let seen = vec![told(1, "Café ÉTOILE", &[], 0), told(2, "示例商店", &[], 0)];
    store.observe(&key(), seen).await.unwrap();
    assert_eq!(names(&store, "étoile").await, ["Café ÉTOILE"]);
    assert_eq!(names(&store, "商店").await, ["示例商店"]);
    assert!(names(&store, "%").await.is_empty());
}

async fn an_original_id_is_found_as_it_is_now(place: Place) {
    let store = place.open().await;
    let named = |number, user_name: &str, as_of| {
        let mut seen = told(number, "Demo", &[], as_of);
        if let Some(profile) = &mut seen.profile {
            profile.user_name = Some(UserName::from_wire(user_name));
        }
        vec![seen]
    };
    let who = async |id: &str| {
        let row = store.identified(&key(), id).await.unwrap();
        row.map(|row| row.appid)
    };
    for (number, user_name, as_of) in [(1, "gh_old", 0), (1, "gh_new", 1), (2, "gh_n", 0)] {
        let seen = named(number, user_name, as_of);
        store.observe(&key(), seen).await.unwrap();
    }
    assert_eq!(who("gh_old").await, None);
    assert_eq!(who("gh_new").await, Some(appid(1)));
    assert_eq!(who("gh_n").await, Some(appid(2)));
    // Two that have one id are both found, and neither is identified.
    let same = named(2, "gh_new", 1);
    store.observe(&key(), same).await.unwrap();
    assert_eq!(who("gh_new").await, None);
    let found = store.find(&key(), "gh_new", 10).await.unwrap();
    assert_eq!(found.len(), 2);
    store.forget(&key(), &appid(1)).await.unwrap();
    assert_eq!(who("gh_new").await, Some(appid(2)));
}

async fn an_external_id_belongs_to_one(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    authorize(&store, 2).await;
    store
        .set_external_id(&key(), &appid(1), Some("shop"))
        .await
        .unwrap();
    store
        .set_external_id(&key(), &appid(1), Some("shop"))
        .await
        .unwrap();
    let taken = store.set_external_id(&key(), &appid(2), Some("shop")).await;
    assert_eq!(taken, Err(StoreError::Taken { appid: appid(1) }));
    let unknown = store
        .set_external_id(&key(), &appid(3), Some("other"))
        .await;
    assert_eq!(
        unknown,
        Err(StoreError::UnknownAuthorizer { appid: appid(3) })
    );
    store
        .set_external_id(&key(), &appid(1), None)
        .await
        .unwrap();
    store
        .set_external_id(&key(), &appid(2), Some("shop"))
        .await
        .unwrap();
    // What WeChat says later does not touch it.
    store
        .observe(&key(), vec![told(2, "Demo", &[], 10)])
        .await
        .unwrap();
    let row = store.authorizer(&key(), &appid(2)).await.unwrap().unwrap();
    assert_eq!(row.external_id.as_deref(), Some("shop"));
}

async fn an_external_id_that_is_a_name_too_is_ambiguous(place: Place) {
    let store = place.open().await;
    let seen = vec![told(1, "River", &[], 0), told(2, "Hill", &[], 0)];
    store.observe(&key(), seen).await.unwrap();
    let set = async |id: &str| {
        let id = Some(id).filter(|id| !id.is_empty());
        store.set_external_id(&key(), &appid(2), id).await.unwrap();
    };
    set("River").await;
    assert_eq!(names(&store, "River").await, ["River", "Hill"]);
    // Of a whole id the launch page may still be sure.
    let identified = store.identified(&key(), "River").await.unwrap();
    assert_eq!(identified.map(|row| row.appid), Some(appid(2)));
    // A part of a name does not make an id ambiguous, nor does a name that was changed.
    set("Riv").await;
    assert_eq!(names(&store, "Riv").await, ["Hill"]);
    set("River").await;
    let renamed = vec![told(1, "Stream", &[], 1)];
    store.observe(&key(), renamed).await.unwrap();
    assert_eq!(names(&store, "River").await, ["Hill"]);
    set("").await;
    assert!(names(&store, "River").await.is_empty());
}

async fn an_appid_means_that_account_only(place: Place) {
    let store = place.open().await;
    let (first, unknown) = (appid(1), appid(9));
    let seen = vec![
        told(1, "Real", &[], 0),
        told(2, first.as_str(), &[], 0),
        told(3, unknown.as_str(), &[], 0),
        told(4, "gh_000000000001", &[], 0),
        told(5, "gh_000000000009", &[], 0),
    ];
    store.observe(&key(), seen).await.unwrap();
    for who in [first.as_str(), "gh_000000000001"] {
        assert_eq!(names(&store, who).await, ["Real"], "{who}");
    }
    for who in [unknown.as_str(), "gh_000000000009"] {
        assert!(names(&store, who).await.is_empty(), "{who}");
    }
    // Two that have it as an id are both shown.
    let id = Some(first.as_str());
    store.set_external_id(&key(), &appid(4), id).await.unwrap();
    let both = store.find(&key(), first.as_str(), 10).await.unwrap();
    let both: Vec<_> = both.into_iter().map(|row| row.appid).collect();
    assert_eq!(both, [appid(1), appid(4)]);
    assert_eq!(
        store.identified(&key(), first.as_str()).await.unwrap(),
        None
    );
}

async fn finds_no_authorizer_by_a_claimed_id(place: Place) {
    let store = place.open().await;
    let seen = vec![told(1, "River", &[], 0), told(2, "Hill", &[], 0)];
    store.observe(&key(), seen).await.unwrap();
    let claim = async |claimed: &str| {
        let (key, appid) = (key(), appid(2));
        let claimed = store.claim_external_id(&key, &appid, claimed, ChangeSource::Event);
        claimed.await.unwrap();
    };
    for claimed in ["River", appid(1).as_str(), "gh_000000000001"] {
        claim(claimed).await;
        assert_eq!(names(&store, claimed).await, ["River"], "{claimed}");
    }
    for claimed in ["shop-1", appid(9).as_str()] {
        claim(claimed).await;
        assert!(names(&store, claimed).await.is_empty(), "{claimed}");
        let identified = store.identified(&key(), claimed).await.unwrap();
        assert_eq!(identified, None, "{claimed}");
    }
    // The same id given by the operator is the operator's.
    let id = Some("shop-1");
    store.set_external_id(&key(), &appid(1), id).await.unwrap();
    claim("shop-1").await;
    assert_eq!(names(&store, "shop-1").await, ["River"]);
}

async fn keeps_the_latest_claimed_id(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    let claim = async |number: u32, claimed: &str| {
        let source = ChangeSource::Redeem;
        let appid = appid(number);
        store
            .claim_external_id(&key(), &appid, claimed, source)
            .await
    };
    for claimed in ["a", "b", "b"] {
        claim(1, claimed).await.unwrap();
    }
    let unknown = claim(3, "c").await;
    assert_eq!(
        unknown,
        Err(StoreError::UnknownAuthorizer { appid: appid(3) })
    );
    // Neither what WeChat says later nor the operator's own id touches it.
    let seen = vec![told(1, "Demo", &[], 10)];
    store.observe(&key(), seen).await.unwrap();
    let id = Some("shop");
    store.set_external_id(&key(), &appid(1), id).await.unwrap();
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    assert_eq!(row.claimed_external_id.as_deref(), Some("b"));
    assert_eq!(row.external_id.as_deref(), Some("shop"));
    let filter = RosterFilter {
        search: Some("b".to_owned()),
        ..RosterFilter::default()
    };
    let listed = store.page(&key(), &filter, None, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    let filter = JournalFilter {
        limit: 10,
        ..JournalFilter::default()
    };
    let journal = store.journal(&key(), &filter).await.unwrap();
    let claimed: Vec<_> = journal
        .iter()
        .filter(|entry| entry.what == JournalKind::ExternalIdClaimed)
        .map(|entry| (entry.who.as_str(), &entry.detail["claimed_external_id"]))
        .collect();
    assert_eq!(claimed, [("redeem", &"b".into()), ("redeem", &"a".into())]);
}
