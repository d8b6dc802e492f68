use wxauth::store::launches::{Launch, LaunchSource};

use super::support::{Place, appid, at, key, other_key, sets};

super::stories! {
    a_launch_is_found_by_its_code_and_by_its_state,
    who_confirmed_first_stays,
    launches_are_counted_by_source,
}

pub fn launch(code: &str, made_at: i64) -> Launch {
    Launch {
        pre_auth_code_fingerprint: code.to_owned(),
        made_at: at(made_at),
        expires_at: at(made_at + 1800),
        external_id: Some("shop-7".to_owned()),
        claimed_external_id: None,
        only: Some(appid(7)),
        permission_ids: sets(&[1, 15]),
        source: LaunchSource::Link,
        state: None,
        appid: None,
    }
}

async fn a_launch_is_found_by_its_code_and_by_its_state(place: Place) {
    let store = place.open().await;
    let of_operator = launch("code", 0);
    let of_page = Launch {
        state: Some("state".to_owned()),
        permission_ids: Vec::new(),
        only: None,
        external_id: None,
        claimed_external_id: Some("claimed-7".to_owned()),
        source: LaunchSource::Page,
        ..launch("other code", 1)
    };
    for launch in [&of_operator, &of_page] {
        store.put_launch(&key(), launch.clone()).await.unwrap();
    }
    let found = store.launch(&key(), "code").await.unwrap();
    assert_eq!(found, Some(of_operator));
    let found = store.launch_by_state(&key(), "state").await.unwrap();
    assert_eq!(found, Some(of_page));
    assert_eq!(store.launch_by_state(&key(), "code").await.unwrap(), None);
    assert_eq!(store.launch(&other_key(), "code").await.unwrap(), None);
}

async fn who_confirmed_first_stays(place: Place) {
    let store = place.open().await;
    store.put_launch(&key(), launch("code", 0)).await.unwrap();
    for number in [7, 8] {
        store
            .settle_launch(&key(), "code", &appid(number))
            .await
            .unwrap();
    }
    let found = store.launch(&key(), "code").await.unwrap().unwrap();
    assert_eq!(found.appid, Some(appid(7)));
    // A link that was made elsewhere is nothing to settle.
    store
        .settle_launch(&key(), "unknown", &appid(7))
        .await
        .unwrap();
    assert_eq!(store.launch(&key(), "unknown").await.unwrap(), None);
}

async fn launches_are_counted_by_source(place: Place) {
    let store = place.open().await;
    for second in [-90_000, -3600, 0] {
        let page = Launch {
            source: LaunchSource::Page,
            ..launch(&format!("page{second}"), second)
        };
        store.put_launch(&key(), page).await.unwrap();
    }
    store.put_launch(&key(), launch("link", 0)).await.unwrap();
    let count = |source, since| {
        let store = store.clone();
        async move {
            store
                .count_launches(&key(), source, at(since))
                .await
                .unwrap()
        }
    };
    assert_eq!(count(LaunchSource::Page, -86_400).await, 2);
    assert_eq!(count(LaunchSource::Page, 0).await, 1);
    assert_eq!(count(LaunchSource::Link, -86_400).await, 1);
}
