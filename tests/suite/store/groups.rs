use std::sync::Arc;

use tokio::task::JoinSet;
use wxauth::store::{StoreError, StoreLocation};

use super::support::{Place, appid, authorize, key, lease, new_token, owner, stored};

super::stories! {
    a_failing_neighbour_undoes_nobody_else,
    many_callers_are_all_answered,
    an_act_is_done_though_its_caller_is_gone,
}

async fn a_failing_neighbour_undoes_nobody_else(place: Place) {
    let store = place.open().await;
    let mut tasks = JoinSet::new();
    for number in 0..200 {
        let store = store.clone();
        tasks.spawn(async move {
            if number % 2 == 0 {
                authorize(&store, number).await;
            } else {
                // Nobody has this appid, so the act fails within the common transaction.
                let unknown = store.set_external_id(&key(), &appid(9000), Some("x")).await;
                assert_eq!(
                    unknown,
                    Err(StoreError::UnknownAuthorizer { appid: appid(9000) })
                );
            }
        });
    }
    tasks.join_all().await;
    for number in (0..200).step_by(2) {
        assert!(
            store
                .authorizer(&key(), &appid(number))
                .await
                .unwrap()
                .is_some()
        );
    }
}

async fn many_callers_are_all_answered(place: Place) {
    let store = Arc::new(place.open().await);
    let mut tasks = JoinSet::new();
    for number in 0..300 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let (held, ..) = lease(&store, &owner(number)).await;
            store
                .commit_refresh(&held, new_token("access", None))
                .await
                .unwrap();
            stored(&store, &owner(number)).await.generation
        });
    }
    let generations = tasks.join_all().await;
    assert!(generations.len() == 300 && generations.iter().all(|number| *number > 0));
}

async fn an_act_is_done_though_its_caller_is_gone(place: Place) {
    let store = place.open().await;
    let (held, ..) = lease(&store, &owner(1)).await;
    {
        let mut act = Box::pin(store.commit_refresh(&held, new_token("access", None)));
        // One poll hands the act over; then its caller goes away.
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(act.as_mut().poll(context).is_ready())
        });
        polled.await;
    }
    // In a file the writer works in order: once this is answered, the former act has been done. A
    // Redis is told of it by another task.
    lease(&store, &owner(2)).await;
    let done = async || {
        let token = store.token(&key(), &owner(1)).await.unwrap();
        token.is_some_and(|token| token.generation > 0)
    };
    let in_order = matches!(
        place.location,
        StoreLocation::Sqlite(_) | StoreLocation::Memory
    );
    for _ in 0..1000 {
        if in_order || done().await {
            break;
        }
    }
    assert!(done().await);
}
