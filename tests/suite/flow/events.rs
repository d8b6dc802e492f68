//! Pushed events: what is kept of them, and what working one off does.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use wxauth::flow::{CodeExchange, CodeFate, EventWork, Exchange, MintPolicy, RequiredSets};
use wxauth::store::events::{Accepted, EventOutcome, EventRecord};
use wxauth::store::roster::AuthorizationStatus;
use wxauth::wechat::event::Event;

use super::bench::Bench;
use super::wechat::{EXCHANGE, INFO, LIST, granted, refused};
use crate::api::server::Step;
use crate::store::launches::launch;
use crate::store::support::{appid, at, key, owner, secret};

const CODE: &str = "queryauthcode@@@first";
const HOUR: i64 = 3600;

/// An event of this type that WeChat made at this second.
fn xml(info_type: &str, created_at: i64, fields: &str) -> String {
    format!(
        "<xml><AppId>{}</AppId><CreateTime>{}</CreateTime><InfoType>{info_type}</InfoType>{fields}</xml>",
        key().component_appid,
        at(created_at).as_second(),
    )
}

pub fn authorized(created_at: i64) -> String {
    let fields = format!(
        "<AuthorizerAppid>{}</AuthorizerAppid><AuthorizationCode>{CODE}</AuthorizationCode>\
         <AuthorizationCodeExpiredTime>3600</AuthorizationCodeExpiredTime>\
         <PreAuthCode>preauthcode@@@link</PreAuthCode>",
        appid(1)
    );
    xml("authorized", created_at, &fields)
}

pub fn unauthorized(created_at: i64) -> String {
    let fields = format!("<AuthorizerAppid>{}</AuthorizerAppid>", appid(1));
    xml("unauthorized", created_at, &fields)
}

pub async fn accept(bench: &Bench, xml: &str, exchange: CodeExchange) -> EventRecord {
    let event = Event::parse(xml).unwrap();
    let accepted = bench.platform.accept_event(&event, xml, exchange, None);
    match accepted.await.unwrap() {
        Accepted::New { id, .. } => bench.store().event(&key(), id).await.unwrap().unwrap(),
        repeat @ Accepted::Repeat { .. } => panic!("{repeat:?}"),
    }
}

pub async fn work(bench: &Bench, id: i64, exchange: CodeExchange) -> EventWork {
    let required = RequiredSets::default();
    let work = bench.platform.work_event(id, exchange, &required);
    work.await.unwrap().expect("it is free")
}

/// Accepts an event and works it off.
pub async fn worked(bench: &Bench, xml: &str) -> EventWork {
    let id = accept(bench, xml, CodeExchange::Always).await.id;
    work(bench, id, CodeExchange::Always).await
}

pub async fn detail(bench: &Bench, work: &EventWork) -> serde_json::Value {
    let record = bench.store().event(&key(), work.id).await.unwrap();
    record.unwrap().detail
}

/// The next exchange succeeds.
pub fn exchange(bench: &Bench) {
    let answer = json!({"authorization_info": {
        "authorizer_appid": appid(1),
        "authorizer_access_token": "exchanged",
        "expires_in": 7200,
        "authorizer_refresh_token": "refresh-1",
        "func_info": granted(&[17]),
    }});
    bench.next(EXCHANGE, [Step::Json(answer.to_string())]);
}

fn without_minting(options: &mut wxauth::flow::PlatformOptions) {
    options.mint = MintPolicy::Never {
        token_command: Some(["echo", "printed"].map(str::to_owned).to_vec()),
        backend: None,
    };
}

#[tokio::test]
async fn only_events_about_authorizations_leave_work() {
    let bench = Bench::new().await;
    let about = format!("<AuthorizerAppid>{}</AuthorizerAppid>", appid(1));
    let registered = format!("<appid>{}</appid><auth_code>{CODE}</auth_code>", appid(1));
    let (well, ill) = (
        format!("{registered}<status>0</status>"),
        format!("{registered}<status>-1</status>"),
    );
    let ticket = "<ComponentVerifyTicket>ticket@@@pushed</ComponentVerifyTicket>";
    for (info_type, fields, pending) in [
        ("authorized", &*about, true),
        ("updateauthorized", &about, true),
        ("unauthorized", &about, true),
        ("component_verify_ticket", ticket, false),
        ("notify_third_fasteregister", &well, true),
        ("notify_third_fasteregister", &ill, false),
        ("weapp_audit_success", &about, false),
    ] {
        let record = accept(&bench, &xml(info_type, 0, fields), CodeExchange::Always).await;
        let found = record.outcome == EventOutcome::Pending;
        assert_eq!(found, pending, "{info_type} {fields}");
    }
}

#[tokio::test]
async fn a_code_of_a_registration_is_kept_for_an_hour() {
    let bench = Bench::new().await;
    let fields = format!(
        "<appid>{}</appid><status>0</status><auth_code>{CODE}</auth_code>",
        appid(1)
    );
    let registered = xml("notify_third_fasteregister", -60, &fields);
    let record = accept(&bench, &registered, CodeExchange::Always).await;
    assert_eq!(record.code, Some(secret(CODE)));
    assert_eq!(record.code_expires_at, Some(at(HOUR - 60)));
    exchange(&bench);
    let done = work(&bench, record.id, CodeExchange::Always).await;
    assert_eq!(
        (done.outcome, done.code),
        (EventOutcome::Done, CodeFate::Spent)
    );
    assert_eq!(bench.status(1).await, AuthorizationStatus::Active);
}

#[tokio::test]
async fn a_code_is_left_alone_where_another_program_exchanges_it() {
    let never = Bench::new().await;
    let borrowed = Bench::without_ticket(without_minting).await;
    for (bench, how) in [
        (never, CodeExchange::Never),
        (borrowed, CodeExchange::Always),
    ] {
        bench.info(1, Some("refresh-1"), &[17]);
        let record = accept(&bench, &authorized(0), how).await;
        let done = work(&bench, record.id, how).await;
        assert_eq!(
            (done.outcome, done.code),
            (EventOutcome::Done, CodeFate::Unspent)
        );
        assert_eq!((bench.calls(EXCHANGE), bench.calls(INFO)), (0, 1));
        assert_eq!(bench.status(1).await, AuthorizationStatus::Active);
    }
}

/// Where codes are left to the backend, it gets the event without waiting for the work on it.
#[tokio::test]
async fn an_event_is_forwarded_early_only_where_its_code_is_left_alone() {
    let always = Bench::new().await;
    let never = Bench::new().await;
    let borrowed = Bench::without_ticket(without_minting).await;
    for (bench, how, early) in [
        (always, CodeExchange::Always, false),
        (never, CodeExchange::Never, true),
        (borrowed, CodeExchange::Always, true),
    ] {
        let xml = authorized(0);
        let event = Event::parse(&xml).unwrap();
        let payload = Some("as it came".to_owned());
        let accepted = bench.platform.accept_event(&event, &xml, how, payload);
        accepted.await.unwrap();
        let life = Duration::from_secs(60);
        let forwards = bench.store().claim_forwards(&key(), 9, life).await.unwrap();
        assert_eq!(forwards.len() == 1, early, "{how:?}");
    }
}

#[tokio::test]
async fn a_code_that_was_spent_elsewhere_is_not_tried_again() {
    let bench = Bench::new().await;
    bench.info(1, Some("refresh-1"), &[17]);
    bench.next(EXCHANGE, [refused(61009)]);
    let done = worked(&bench, &authorized(0)).await;
    assert_eq!(
        (done.outcome, done.code),
        (EventOutcome::Done, CodeFate::Spent)
    );
    assert_eq!(detail(&bench, &done).await, json!({"read": true}));
    assert_eq!(bench.status(1).await, AuthorizationStatus::Active);
    let record = bench.store().event(&key(), done.id).await.unwrap().unwrap();
    assert_eq!(record.code, None);
}

/// The event names whom its code is about: nobody else comes into question.
#[tokio::test]
async fn a_lost_answer_is_looked_for_under_the_account_of_the_event() {
    let bench = Bench::new().await;
    bench.list(1, Some("refresh-1"), -100);
    bench.list(2, Some("refresh-2"), -100);
    bench.next(EXCHANGE, [Step::Drop]);
    let done = worked(&bench, &authorized(0)).await;
    assert_eq!(done.outcome, EventOutcome::Done);
    let by = json!({"exchanged_by": "lost_answer"});
    assert_eq!(detail(&bench, &done).await, by);
    let stored = bench.stored(&owner(1)).await;
    assert_eq!(stored.refresh_token, Some(secret("refresh-1")));
    assert!(bench.authorizer(2).await.is_none());
    assert_eq!(bench.calls(LIST), 1);
}

#[tokio::test]
async fn an_event_of_a_link_notes_whom_it_led_to() {
    let bench = Bench::new().await;
    let fingerprint = secret("preauthcode@@@link").fingerprint();
    let mut made = launch(&fingerprint, -60);
    made.only = Some(appid(1));
    bench.store().put_launch(&key(), made).await.unwrap();
    exchange(&bench);
    worked(&bench, &authorized(0)).await;
    let found = bench.store().launch(&key(), &fingerprint).await.unwrap();
    assert_eq!(found.unwrap().appid, Some(appid(1)));
    let row = bench.authorizer(1).await.unwrap();
    assert_eq!(row.external_id.as_deref(), Some("shop-7"));
}

#[tokio::test]
async fn a_code_that_the_redirect_exchanged_is_not_exchanged_again() {
    let bench = Bench::new().await;
    exchange(&bench);
    let required = RequiredSets::default();
    let redeemed = bench
        .platform
        .redeem(CODE, None, &required, &[])
        .await
        .unwrap();
    assert_eq!(redeemed.by, Exchange::ThisCall);
    let made: Timestamp = bench.clock.now();
    let done = worked(&bench, &authorized(made.as_second() - at(0).as_second())).await;
    assert_eq!(
        (done.outcome, done.code),
        (EventOutcome::Done, CodeFate::Spent)
    );
    let by = json!({"exchanged_by": "redirect"});
    assert_eq!(detail(&bench, &done).await, by);
    assert_eq!(bench.calls(EXCHANGE), 1);
}
