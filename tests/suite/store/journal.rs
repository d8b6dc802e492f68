use serde_json::json;
use wxauth::store::journal::{JournalFilter, JournalKind};
use wxauth::store::observations::ChangeSource;

use super::support::{Place, appid, at, authorize, key, other_key, told};

super::stories! {
    entries_come_back_newest_first_and_in_pages,
    the_store_notes_who_changed_what,
}

async fn entries_come_back_newest_first_and_in_pages(place: Place) {
    let store = place.open().await;
    let seen = vec![
        told(1, "One", &[1], 0),
        told(2, "Two", &[1], 1),
        told(1, "One", &[1, 2], 2),
        told(1, "One", &[1, 2, 3], 3),
    ];
    store.observe(&key(), seen).await.unwrap();
    let filter = JournalFilter {
        limit: 2,
        appid: Some(appid(1)),
        ..JournalFilter::default()
    };
    let first = store.journal(&key(), &filter).await.unwrap();
    let times: Vec<_> = first.iter().map(|entry| entry.at).collect();
    assert_eq!(times, [at(3), at(2)]);
    let next = JournalFilter {
        before: Some(first[1].id),
        ..filter
    };
    let rest = store.journal(&key(), &next).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].what, JournalKind::Authorized);
    assert_eq!(rest[0].detail, json!({ "permission_ids": [1] }));
    let since = JournalFilter {
        limit: 9,
        since: Some(at(2)),
        ..JournalFilter::default()
    };
    assert_eq!(store.journal(&key(), &since).await.unwrap().len(), 2);
    assert!(
        store
            .journal(&other_key(), &since)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn the_store_notes_who_changed_what(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    store
        .set_external_id(&key(), &appid(1), Some("shop"))
        .await
        .unwrap();
    store
        .mark_revoked(&key(), &appid(1), at(0), ChangeSource::Event)
        .await
        .unwrap();
    store.forget(&key(), &appid(1)).await.unwrap();
    let (what, detail) = (JournalKind::OptionSet, json!({"value": "1"}));
    store.note(&key(), what, None, detail).await.unwrap();
    let filter = JournalFilter {
        limit: 9,
        ..JournalFilter::default()
    };
    let journal = store.journal(&key(), &filter).await.unwrap();
    let entries: Vec<_> = journal
        .iter()
        .map(|e| (e.what.as_str(), e.who.as_str()))
        .collect();
    let expected = [
        ("option_set", "operator"),
        ("forgotten", "operator"),
        ("revoked", "event"),
        ("external_id_set", "operator"),
        ("authorized", "sync"),
    ];
    assert_eq!(entries, expected);
    assert!(
        journal
            .iter()
            .all(|e| e.host == "workshop" && e.command == "wxauth story")
    );
}
