//! What WeChat refuses while a token is requested, what is tried once more, and what is not.

use serde_json::json;
use wxauth::flow::FlowError;
use wxauth::store::roster::AuthorizationStatus;

use super::minting::{bench, refresh};
use super::wechat::{COMPONENT, INFO, TOKEN, errcode, refused};
use crate::api::server::Step;
use crate::store::support::{owner, secret};

#[tokio::test]
async fn another_component_token_is_tried_once() {
    let bench = bench().await;
    bench.next(TOKEN, [refused(42001)]);
    bench.token(1).await.unwrap();
    assert_eq!((bench.calls(COMPONENT), bench.calls(TOKEN)), (2, 2));
    bench.next(TOKEN, [refused(40001), refused(40001)]);
    let refreshed = refresh(&bench).await;
    assert_eq!(errcode(&refreshed.failed[0].error), 40001);
    assert_eq!((bench.calls(COMPONENT), bench.calls(TOKEN)), (3, 4));
}

#[tokio::test]
async fn the_same_component_token_again_is_not_tried() {
    let bench = bench().await;
    let same = json!({"component_access_token": "the-same", "expires_in": 7200});
    bench.always(COMPONENT, Step::Json(same.to_string()));
    bench.always(TOKEN, refused(42001));
    let refreshed = refresh(&bench).await;
    assert_eq!(errcode(&refreshed.failed[0].error), 42001);
    assert_eq!((bench.calls(COMPONENT), bench.calls(TOKEN)), (2, 1));
}

#[tokio::test]
async fn a_refresh_token_from_info_is_tried_once() {
    let bench = bench().await;
    bench.info(1, Some("refresh-2"), &[17]);
    bench.next(TOKEN, [refused(61023)]);
    bench.token(1).await.unwrap();
    let used =
        |index: usize| bench.requests(TOKEN)[index].json()["authorizer_refresh_token"].clone();
    assert_eq!((used(0), used(1)), (json!("refresh-1"), json!("refresh-2")));
    let stored = bench.stored(&owner(1)).await;
    assert_eq!(stored.refresh_token, Some(secret("refresh-2")));

    bench.info(1, Some("refresh-3"), &[17]);
    bench.always(TOKEN, refused(61023));
    let refreshed = refresh(&bench).await;
    let error = &refreshed.failed[0].error;
    assert!(
        matches!(error, FlowError::RefreshTokenDead { .. }),
        "{error:?}"
    );
    assert_eq!((bench.calls(TOKEN), bench.calls(INFO)), (4, 2));
}

#[tokio::test]
async fn the_same_refresh_token_again_is_not_tried() {
    let bench = bench().await;
    bench.info(1, Some("refresh-1"), &[17]);
    bench.always(TOKEN, refused(61023));
    let refreshed = refresh(&bench).await;
    let error = &refreshed.failed[0].error;
    assert!(
        matches!(error, FlowError::RefreshTokenDead { .. }),
        "{error:?}"
    );
    assert_eq!((bench.calls(TOKEN), bench.calls(INFO)), (1, 1));
}

#[tokio::test]
async fn a_refresh_token_that_info_leaves_out_is_found_in_the_list() {
    let bench = bench().await;
    bench.info(1, None, &[17]);
    bench.list(0, Some("refresh-0"), -1000);
    bench.list(1, Some("refresh-2"), -1000);
    bench.next(TOKEN, [refused(61023)]);
    bench.token(1).await.unwrap();
    let stored = bench.stored(&owner(1)).await;
    assert_eq!(stored.refresh_token, Some(secret("refresh-2")));
}

#[tokio::test]
async fn an_end_is_marked_only_when_info_confirms_it() {
    for code in [61003, 61023] {
        let bench = bench().await;
        bench.always(TOKEN, refused(code));
        let error = bench.token(1).await.unwrap_err();
        assert!(
            matches!(error, FlowError::Ended { .. }),
            "{code}: {error:?}"
        );
        assert_eq!(bench.status(1).await, AuthorizationStatus::Revoked);
    }
    let bench = bench().await;
    bench.info(1, Some("refresh-1"), &[17]);
    bench.always(TOKEN, refused(61003));
    let error = bench.token(1).await.unwrap_err();
    assert_eq!(errcode(&error), 61003);
    assert_eq!(bench.status(1).await, AuthorizationStatus::Active);
}
