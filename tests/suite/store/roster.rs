use wxauth::store::observations::{ChangeKind, ChangeSource};
use wxauth::store::roster::{AuthorizationStatus, RosterFilter};
use wxauth::wechat::account::AccountKind;

use super::support::{
    LONG, Place, appid, at, authorize, key, lease, listed, new_token, other_key, owner, sets, told,
};

super::stories! {
    a_list_is_paged_by_appid,
    a_list_is_filtered,
    a_list_is_filtered_by_sets,
    sets_that_wait_for_confirmation_are_kept_with_the_row,
    the_roster_in_numbers,
    what_a_sync_needs_is_paged,
    forgetting_takes_the_tokens_along,
    a_forgotten_platform_leaves_others_alone,
    an_unfinished_pass_is_resumed,
    a_row_is_the_contract_of_the_command_line,
}

async fn a_list_is_paged_by_appid(place: Place) {
    let store = place.open().await;
    let seen = (0..25)
        .rev()
        .map(|number| listed(number, None, 0, 0))
        .collect();
    store.observe(&key(), seen).await.unwrap();
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let filter = RosterFilter::default();
        let page = store
            .page(&key(), &filter, after.as_ref(), 10)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.appid.clone());
        all.extend(page.into_iter().map(|row| row.appid));
    }
    assert_eq!(all, (0..25).map(appid).collect::<Vec<_>>());
    let filter = RosterFilter::default();
    assert!(
        store
            .page(&other_key(), &filter, None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_list_is_filtered(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    store
        .observe(&key(), vec![told(2, "Tea House", &[], 0)])
        .await
        .unwrap();
    let count =
        async |filter: RosterFilter| store.page(&key(), &filter, None, 10).await.unwrap().len();
    let statuses = vec![AuthorizationStatus::Active];
    assert_eq!(
        count(RosterFilter {
            statuses,
            ..RosterFilter::default()
        })
        .await,
        1
    );
    let kinds = vec![AccountKind::OfficialAccount, AccountKind::Channels];
    assert_eq!(
        count(RosterFilter {
            kinds,
            ..RosterFilter::default()
        })
        .await,
        1
    );
    let search = Some("tea h".to_owned());
    assert_eq!(
        count(RosterFilter {
            search,
            ..RosterFilter::default()
        })
        .await,
        1
    );
    let search = Some("coffee".to_owned());
    assert_eq!(
        count(RosterFilter {
            search,
            ..RosterFilter::default()
        })
        .await,
        0
    );
}

async fn a_list_is_filtered_by_sets(place: Place) {
    let store = place.open().await;
    let mut mini_program = told(4, "Mini", &[18], 0);
    if let Some(profile) = &mut mini_program.profile {
        profile.kind = AccountKind::MiniProgram;
    }
    let seen = vec![
        told(1, "Both", &[1, 2], 0),
        told(2, "One", &[1], 0),
        told(3, "Ended", &[1, 2], 0),
        mini_program,
        listed(5, None, 0, 0),
    ];
    store.observe(&key(), seen).await.unwrap();
    let source = ChangeSource::Event;
    store
        .mark_revoked(&key(), &appid(3), at(10), source)
        .await
        .unwrap();
    let found = async |granted: &[u32], missing: &[u32]| {
        let filter = RosterFilter {
            granted: sets(granted),
            missing: sets(missing),
            ..RosterFilter::default()
        };
        let page = store.page(&key(), &filter, None, 10).await.unwrap();
        page.into_iter().map(|row| row.appid).collect::<Vec<_>>()
    };
    assert_eq!(found(&[1], &[]).await, [appid(1), appid(2)]);
    assert_eq!(found(&[2, 1], &[]).await, [appid(1)]);
    // Sets 1 and 2 are no mini program's, and nothing is known of the one that was only listed.
    assert_eq!(found(&[], &[2]).await, [appid(2), appid(3)]);
    assert_eq!(found(&[1], &[2, 1]).await, [appid(2)]);
    assert_eq!(found(&[], &[17]).await, [appid(4)]);
}

async fn sets_that_wait_for_confirmation_are_kept_with_the_row(place: Place) {
    let store = place.open().await;
    let pending = |ids: &[u32], as_of| {
        let mut seen = told(1, "Demo", &[17, 18, 25], as_of);
        if let Some(profile) = &mut seen.profile {
            profile.pending_ids = sets(ids);
        }
        seen
    };
    let stored = async || {
        let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
        row.pending_ids
    };
    let waits = vec![pending(&[25, 18], 0)];
    store.observe(&key(), waits).await.unwrap();
    assert_eq!(stored().await, sets(&[18, 25]));
    // What says nothing of sets confirms none.
    let seen = vec![listed(1, Some("refresh"), 0, 5)];
    store.observe(&key(), seen).await.unwrap();
    assert_eq!(stored().await, sets(&[18, 25]));
    let confirmed = vec![pending(&[25], 10)];
    let changes = store.observe(&key(), confirmed).await.unwrap();
    assert_eq!(changes[0].kind, ChangeKind::Updated);
    assert_eq!(stored().await, sets(&[25]));
}

async fn the_roster_in_numbers(place: Place) {
    let store = place.open().await;
    for number in 1..=4 {
        authorize(&store, number).await;
    }
    store
        .observe(&key(), vec![listed(5, None, 0, 0)])
        .await
        .unwrap();
    store
        .mark_revoked(&key(), &appid(4), at(0), ChangeSource::Sync)
        .await
        .unwrap();
    for number in [1, 2] {
        let (held, ..) = lease(&store, &owner(number)).await;
        store
            .commit_refresh(&held, new_token("access", None))
            .await
            .unwrap();
    }
    store.cap_expiry(&key(), &owner(2), at(10)).await.unwrap();
    let counts = store.counts(&key(), at(10)).await.unwrap();
    assert_eq!(
        (counts.active, counts.pending_exchange, counts.revoked),
        (3, 1, 1)
    );
    assert_eq!(
        (
            counts.tokens_fresh,
            counts.tokens_expired,
            counts.tokens_never
        ),
        (1, 1, 1)
    );
    assert_eq!(counts.without_refresh_token, 0);
}

async fn what_a_sync_needs_is_paged(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    store
        .observe(&key(), vec![told(2, "Demo", &[], 5)])
        .await
        .unwrap();
    let known = store.known(&key(), None, 10).await.unwrap();
    assert_eq!(
        (known[0].synced_at, known[0].has_refresh_token),
        (None, true)
    );
    assert_eq!(
        (known[1].synced_at, known[1].has_refresh_token),
        (Some(at(5)), false)
    );
    let rest = store.known(&key(), Some(&appid(1)), 10).await.unwrap();
    assert_eq!(rest, known[1..]);
}

async fn forgetting_takes_the_tokens_along(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    assert!(store.forget(&key(), &appid(1)).await.unwrap());
    assert!(!store.forget(&key(), &appid(1)).await.unwrap());
    assert_eq!(store.authorizer(&key(), &appid(1)).await.unwrap(), None);
    assert_eq!(store.token(&key(), &owner(1)).await.unwrap(), None);
}

async fn a_forgotten_platform_leaves_others_alone(place: Place) {
    let store = place.open().await;
    authorize(&store, 1).await;
    store
        .observe(&other_key(), vec![listed(1, Some("r"), 0, 0)])
        .await
        .unwrap();
    store.forget_platform(&key()).await.unwrap();
    assert_eq!(store.authorizer(&key(), &appid(1)).await.unwrap(), None);
    assert!(
        store
            .authorizer(&other_key(), &appid(1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .token(&other_key(), &owner(1))
            .await
            .unwrap()
            .is_some()
    );
}

async fn an_unfinished_pass_is_resumed(place: Place) {
    let store = place.open().await;
    let begin = async |full, now| store.begin_sync(&key(), full, at(now), LONG).await.unwrap();
    let first = begin(false, 0).await;
    assert!(!first.resumed);
    let resumed = begin(false, 100).await;
    assert_eq!(
        (resumed.id, resumed.started_at, resumed.resumed),
        (first.id, at(0), true)
    );
    assert!(!begin(true, 100).await.resumed);
    assert!(!begin(false, 5000).await.resumed);
    assert_eq!(store.last_sync(&key()).await.unwrap(), None);
    let run = begin(false, 5001).await;
    store.finish_sync(&key(), run, 42).await.unwrap();
    let (_, total) = store.last_sync(&key()).await.unwrap().unwrap();
    assert_eq!(total, 42);
    assert!(!begin(false, 5002).await.resumed);
}

async fn a_row_is_the_contract_of_the_command_line(place: Place) {
    let store = place.open().await;
    store
        .observe(&key(), vec![told(1, "Demo", &[3, 1], 0)])
        .await
        .unwrap();
    let row = store.authorizer(&key(), &appid(1)).await.unwrap().unwrap();
    let expected = concat!(
        r#"{"appid":"wx0000000000000001","user_name":"gh_000000000001","nick_name":"Demo","#,
        r#""external_id":null,"claimed_external_id":null,"kind":"official_account","principal_name":"Demo Ltd","#,
        r#""status":"pending_exchange","account_status":"normal","authorized_at":null,"#,
        r#""permission_ids":[1,3],"token_expires_at":null,"has_refresh_token":false,"#,
        r#""synced_at":"2027-01-15T08:00:00Z","revoked_at":null,"revoked_source":null}"#,
    );
    assert_eq!(serde_json::to_string(&row).unwrap(), expected);
}

/// A change that changes nothing leaves alone what a newer program wrote.
#[cfg(feature = "redis")]
#[tokio::test]
async fn unchanged_record_is_not_rewritten_in_redis() {
    let server = crate::support::RedisServer::start();
    let address = wxauth::sys::redis::Address::parse(&server.url()).unwrap();
    let location = wxauth::store::StoreLocation::Redis(address);
    let store = super::support::open(&location).await.unwrap();
    authorize(&store, 1).await;
    let (key, appid) = (key(), appid(1));
    let revoke = || store.mark_revoked(&key, &appid, at(0), ChangeSource::Event);
    assert_eq!(revoke().await, Ok(true));
    let pattern = format!("wxauth:{{*}}:authorizer:{appid}");
    let record = server.cli(&["--scan", "--pattern", &pattern]);
    let newer = server
        .cli(&["GET", &record])
        .replacen('{', "{\"newer\":1,", 1);
    server.cli(&["SET", &record, &newer]);
    assert_eq!(revoke().await, Ok(false));
    assert_eq!(server.cli(&["GET", &record]), newer);
}
