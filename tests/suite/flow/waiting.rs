//! Waiting for the merchant who was sent a link: who counts as the one.
//!
//! WeChat is asked five seconds after the wait began, so all that ask it wait together.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use wxauth::flow::{Arrival, CodeExchange, FlowError, LinkOptions, Match, ReleaseState, Wait};
use wxauth::store::events::EventOutcome;
use wxauth::store::launches::LaunchSource;
use wxauth::wechat::event::Event;
use wxauth::wechat::link::{AuthType, LinkHosts, LinkKind};

use super::bench::Bench;
use super::wechat::{INFO, LIST, errcode, refused};
use crate::api::server::Step;
use crate::store::launches::launch;
use crate::store::support::{appid, key, listed, told};

/// A bench whose list has the authorizer 9, and a wait that begins.
async fn waiting(only: Option<u32>) -> (Bench, Wait) {
    let bench = Bench::new().await;
    bench.list(9, Some("refresh-9"), -100_000);
    let only = only.map(appid);
    let wait = bench.platform.begin_wait(only.as_ref()).await.unwrap();
    (bench, wait)
}

fn seconds(at: Timestamp) -> i64 {
    at.as_second() - crate::store::support::NOW
}

/// An event by which account `number` authorized, from the link with this pre-auth code.
async fn event(bench: &Bench, number: u32, pre_auth_code: &str) -> i64 {
    let xml = format!(
        "<xml><AppId>{}</AppId><CreateTime>{}</CreateTime><InfoType>authorized</InfoType>\
         <AuthorizerAppid>{}</AuthorizerAppid><PreAuthCode>{pre_auth_code}</PreAuthCode></xml>",
        key().component_appid,
        bench.clock.unix(),
        appid(number)
    );
    let parsed = Event::parse(&xml).unwrap();
    let accepted = bench
        .platform
        .accept_event(&parsed, &xml, CodeExchange::Always, None);
    match accepted.await.unwrap() {
        wxauth::store::events::Accepted::New { id, .. } => id,
        repeat => panic!("{repeat:?}"),
    }
}

/// A link whose pre-auth code is this.
async fn link(bench: &Bench, pre_auth_code: &str) -> wxauth::flow::AuthorizationLink {
    let code = json!({"pre_auth_code": pre_auth_code, "expires_in": 1800});
    bench.next("api_create_preauthcode", [Step::Json(code.to_string())]);
    let options = LinkOptions {
        kind: LinkKind::Pc,
        auth_type: AuthType::Both,
        only: None,
        permission_ids: Vec::new(),
        redirect_uri: Some("https://platform.example.com/back".to_owned()),
        launch_domain: None,
        release: ReleaseState::default(),
        hosts: LinkHosts::at(bench.platform.api().base()),
    };
    bench.platform.link(&options, None, None).await.unwrap()
}

#[track_caller]
fn arrived(outcome: Result<Option<Arrival>, FlowError>) -> (u32, Match, usize) {
    let arrival = outcome.unwrap().expect("an arrival");
    let text = arrival.authorizer.appid.to_string();
    let number = u32::from_str_radix(text.trim_start_matches("wx"), 16).unwrap();
    (number, arrival.by, arrival.others.len())
}

#[tokio::test]
async fn an_event_of_the_link_is_certain_once_it_is_worked_off() {
    let (bench, mut wait) = waiting(None).await;
    wait.add(&link(&bench, "preauthcode@@@ours").await);
    event(&bench, 2, "preauthcode@@@other").await;
    bench.observe(listed(2, Some("refresh-2"), 0, 0)).await;
    assert!(wait.look().await.unwrap().is_none());
    let id = event(&bench, 1, "preauthcode@@@ours").await;
    // The receiver is about to store what the event brings.
    bench.observe(listed(1, None, 0, 0)).await;
    assert!(wait.look().await.unwrap().is_none());
    let (done, nothing) = (EventOutcome::Done, json!({}));
    let finished = bench
        .store()
        .finish_event(&key(), id, done, nothing, false)
        .await;
    finished.unwrap();
    assert_eq!(arrived(wait.look().await), (1, Match::Code, 0));
}

#[tokio::test]
async fn a_redirect_that_settled_the_link_is_certain_too() {
    let (bench, mut wait) = waiting(None).await;
    let made = link(&bench, "preauthcode@@@ours").await;
    wait.add(&made);
    let launch = wxauth::store::launches::Launch {
        source: LaunchSource::Link,
        ..launch(&made.pre_auth_code.fingerprint(), 0)
    };
    let code = launch.pre_auth_code_fingerprint.clone();
    bench.store().put_launch(&key(), launch).await.unwrap();
    assert!(wait.look().await.unwrap().is_none());
    let settled = bench.store().settle_launch(&key(), &code, &appid(1)).await;
    settled.unwrap();
    // Who it led to is not stored yet.
    assert!(wait.look().await.unwrap().is_none());
    bench.observe(listed(1, Some("refresh-1"), 0, 0)).await;
    assert_eq!(arrived(wait.look().await), (1, Match::Code, 0));
}

#[tokio::test]
async fn without_a_receiver_the_list_tells_who_came() {
    let (unmoved, mut nobody) = waiting(None).await;
    // Authorized long before the wait began, and listed late.
    let (old, mut too_old) = waiting(None).await;
    old.list(1, Some("refresh-1"), seconds(old.clock.now()) - 180);
    // WeChat's clock may be a little behind this one.
    let (behind, mut slightly) = waiting(None).await;
    behind.list(1, Some("refresh-1"), seconds(behind.clock.now()) - 100);
    behind.info(1, Some("refresh-1"), &[17]);
    // Two came: the earlier is named first.
    let (two, mut both) = waiting(None).await;
    let now = seconds(two.clock.now());
    two.list(1, Some("refresh-1"), now + 2);
    two.list(2, Some("refresh-2"), now + 1);
    two.info(2, Some("refresh-2"), &[17]);
    // Known as it is before the wait began.
    let (known, mut before) = waiting(None).await;
    let now = seconds(known.clock.now());
    known
        .observe(listed(1, Some("refresh-1"), now - 60, now - 60))
        .await;
    known.observe(told(1, "Shop", &[17], now - 60)).await;
    known.list(1, Some("refresh-1"), now - 60);
    // The same, but stored since by a receiver.
    let (stored, mut since) = waiting(None).await;
    let now = seconds(stored.clock.now());
    stored.observe(listed(1, Some("refresh-1"), now, now)).await;
    stored.observe(told(1, "Shop", &[17], now + 1)).await;
    stored.list(1, Some("refresh-1"), now);
    stored.info(1, Some("refresh-1"), &[17]);
    // An event tells that it came by another link.
    let (other, mut another) = waiting(None).await;
    another.add(&link(&other, "preauthcode@@@ours").await);
    other.list(1, Some("refresh-1"), seconds(other.clock.now()));
    event(&other, 1, "preauthcode@@@other").await;
    // An event of our own link that is not worked off yet.
    let (own, mut ours) = waiting(None).await;
    ours.add(&link(&own, "preauthcode@@@ours").await);
    own.list(1, Some("refresh-1"), seconds(own.clock.now()));
    own.info(1, Some("refresh-1"), &[17]);
    event(&own, 1, "preauthcode@@@ours").await;

    assert!(nobody.look().await.unwrap().is_none());
    assert_eq!(unmoved.calls(LIST), 1, "not asked yet");
    tokio::time::sleep(Duration::from_millis(5100)).await;
    assert!(nobody.look().await.unwrap().is_none());
    assert_eq!(unmoved.calls(LIST), 2, "the total alone");
    assert!(too_old.look().await.unwrap().is_none());
    assert_eq!(arrived(slightly.look().await), (1, Match::Probable, 0));
    assert_eq!(arrived(both.look().await), (2, Match::Probable, 1));
    assert!(before.look().await.unwrap().is_none());
    assert_eq!(arrived(since.look().await), (1, Match::Probable, 0));
    assert!(another.look().await.unwrap().is_none());
    assert_eq!(arrived(ours.look().await), (1, Match::Probable, 0));
}

#[tokio::test]
async fn one_account_is_waited_for_by_what_it_grants() {
    let (stranger, mut none) = waiting(Some(1)).await;
    let (newcomer, mut first) = waiting(Some(1)).await;
    newcomer.info(1, Some("refresh-1"), &[17]);
    let changing = async |ids: &[u32]| {
        let bench = Bench::new().await;
        bench.info(1, Some("refresh-1"), &[17, 18]);
        let wait = bench.platform.begin_wait(Some(&appid(1))).await.unwrap();
        bench.info(1, Some("refresh-1"), ids);
        (bench, wait)
    };
    let (_same, mut same) = changing(&[18, 17]).await;
    let (_fewer, mut fewer) = changing(&[17]).await;
    let (ended, mut ends) = changing(&[17]).await;
    ended.ended(1);
    let (busy, mut unanswered) = changing(&[17]).await;
    busy.next(INFO, [refused(-1), refused(-1)]);
    let (refusing, mut refusal) = changing(&[17]).await;
    refusing.next(INFO, [refused(48001)]);

    tokio::time::sleep(Duration::from_millis(5100)).await;
    assert!(none.look().await.unwrap().is_none());
    assert!(stranger.authorizer(1).await.is_none());
    assert_eq!(arrived(first.look().await), (1, Match::Probable, 0));
    assert!(same.look().await.unwrap().is_none());
    assert_eq!(arrived(fewer.look().await), (1, Match::Probable, 0));
    assert!(ends.look().await.unwrap().is_none());
    // What passes is waited for, and told; what does not ends the wait.
    assert!(unanswered.look().await.unwrap().is_none());
    assert_eq!(errcode(unanswered.unanswered().unwrap()), -1);
    assert_eq!(errcode(&refusal.look().await.unwrap_err()), 48001);
}
