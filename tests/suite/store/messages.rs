use tokio::task::JoinSet;
use wxauth::store::messages::{
    MessageCount, MessageFilter, MessageOutcome, MessageRecord, NewMessage,
};

use super::support::{Place, at, key, new_message, other_key};

super::stories! {
    messages_are_counted_by_account_and_kind,
    bodies_are_kept_when_asked_for,
}

async fn messages_are_counted_by_account_and_kind(place: Place) {
    let store = place.open().await;
    let mut tasks = JoinSet::new();
    for number in 0..500 {
        let store = store.clone();
        let what = if number % 5 == 0 {
            "event/subscribe"
        } else {
            "text"
        };
        tasks.spawn(async move {
            let message = NewMessage {
                what: what.to_owned(),
                received_at: at(number),
                ..new_message(&number.to_string(), Some(number))
            };
            let outcome = store.count_message(&key(), message).await.unwrap();
            assert_eq!(outcome, MessageOutcome::New);
        });
    }
    tasks.join_all().await;
    let count = |what: &str, count, last| MessageCount {
        account: "gh_1".to_owned(),
        what: what.to_owned(),
        count,
        last_at: at(last),
    };
    let counts = store.message_counts(&key()).await.unwrap();
    assert_eq!(
        counts,
        [count("event/subscribe", 100, 495), count("text", 400, 499)]
    );
    assert!(store.message_counts(&other_key()).await.unwrap().is_empty());
    let all = MessageFilter {
        limit: 9,
        ..MessageFilter::default()
    };
    assert!(store.messages(&key(), &all).await.unwrap().is_empty());
}

async fn bodies_are_kept_when_asked_for(place: Place) {
    let store = place.open().await;
    for (number, account) in ["gh_1", "gh_2", "gh_1"].into_iter().enumerate() {
        let message = MessageRecord {
            id: 0,
            received_at: at(0),
            account: account.to_owned(),
            what: "text".to_owned(),
            body: format!("<xml>{number}</xml>"),
        };
        store.keep_message(&key(), message).await.unwrap();
    }
    let of_one = MessageFilter {
        account: Some("gh_1".to_owned()),
        before: None,
        limit: 1,
    };
    let newest = store.messages(&key(), &of_one).await.unwrap();
    assert_eq!((newest.len(), newest[0].body.as_str()), (1, "<xml>2</xml>"));
    let next = MessageFilter {
        before: Some(newest[0].id),
        ..of_one
    };
    let older = store.messages(&key(), &next).await.unwrap();
    assert_eq!(older[0].body, "<xml>0</xml>");
}
