//! What a receiver may answer, and what WeChat makes of the rest: alarms and a pause.

use serde_json::{Value, json};

use super::receiver::{Keys, Receiver, Said, said, success};
use super::stage::{Stage, text};

async fn scene() -> (Stage, Receiver, Keys) {
    let stage = Stage::new().await;
    stage.just_after_a_new_ticket().await;
    let mut receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    receiver.event(&keys).await;
    stage.pushes(1).await;
    (stage, receiver, keys)
}

/// Pushes an unknown InfoType to the platform; the outcome.
async fn push(stage: &Stage) -> Value {
    stage
        .order("push", json!({"info_type": "something_new"}))
        .await
}

#[tokio::test]
async fn each_wrong_answer_raises_an_alarm_that_says_what_was_wrong() {
    let (stage, receiver, _) = scene().await;
    let many = "x".repeat(70_000);
    let cases: Vec<(Said, &str, Option<&str>)> = vec![
        (Said::Body(500, b"success".to_vec()), "status", Some("500")),
        (Said::Body(201, b"success".to_vec()), "status", Some("201")),
        (
            Said::Redirect("https://elsewhere.example.com/"),
            "redirect",
            Some("https://elsewhere.example.com/"),
        ),
        (said("\u{feff}success"), "byte_order_mark", None),
        (said("\"success\""), "json", None),
        (said("{\"code\":0}"), "json", None),
        (said(""), "empty", None),
        (said("SUCCESS"), "other_body", None),
        (said("<xml></xml>"), "other_body", None),
        (said(&many), "too_long", Some("more than 65536 bytes")),
    ];
    for (answer, kind, detail) in cases {
        // A receiver that is paused hears nothing but what is ordered; the order is what counts.
        receiver.answers(move |_| answer.clone());
        let pushed = push(&stage).await;
        assert_eq!(pushed["delivered"], false, "{kind}: {pushed}");
        assert_eq!(pushed["problems"][0]["kind"], kind);
        assert_eq!(pushed["problems"][0]["detail"], json!(detail), "{kind}");
        let alarms = stage.control("status").await["alarms"].clone();
        let last = alarms.as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["kind"], "message_failure");
        assert_eq!(last["target"], "events");
        assert_eq!(last["reason"], pushed["problems"][0]);
        assert_eq!(last["sample"], pushed["body"]);
    }
    let alarms = stage.control("alarms").await;
    assert_eq!(alarms.as_array().unwrap().len(), 1);
    assert_eq!(alarms[0]["count"], 10);
}

#[tokio::test]
async fn white_space_around_success_is_taken_and_told() {
    let (stage, receiver, _) = scene().await;
    receiver.answers(|_| said("success\n"));
    let pushed = push(&stage).await;
    assert_eq!(pushed["delivered"], true);
    assert_eq!(pushed["problems"][0]["kind"], "white_space");
    receiver.answers(|_| success());
    assert_eq!(push(&stage).await["problems"], json!([]));
    assert_eq!(stage.control("alarms").await, json!([]));
}

#[tokio::test]
async fn a_receiver_has_5_seconds() {
    let (stage, mut receiver, keys) = scene().await;
    receiver.answers(|_| Said::Nothing);
    stage.pass("+10m").await;
    receiver.event(&keys).await;
    let pushes = stage.pushes(2).await;
    assert_eq!(pushes[1]["delivered"], false);
    assert_eq!(pushes[1]["problems"][0]["kind"], "timeout");
    let alarms = stage.control("alarms").await;
    assert_eq!(alarms[0]["kind"], "ticket_timeout");
    assert_eq!(alarms[0]["count"], 1);
}

#[tokio::test]
async fn nobody_at_the_address_is_an_alarm_too() {
    let stage = Stage::new().await;
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", gone.local_addr().unwrap());
    drop(gone);
    stage.order("platform", json!({"events_url": url})).await;
    let pushes = stage.pushes(1).await;
    assert_eq!(pushes[0]["problems"][0]["kind"], "not_reached");
    assert_eq!(stage.control("alarms").await[0]["kind"], "ticket_failure");
}

#[tokio::test]
async fn after_a_burst_of_failures_nothing_comes_for_a_minute() {
    let (stage, mut receiver, keys) = scene().await;
    receiver.answers(|_| Said::Body(502, Vec::new()));
    let appid = stage.account("official_account", true).await;
    for sets in [[1, 11], [1, 3], [1, 11], [1, 3], [1, 11]] {
        stage
            .order("update", json!({"appid": appid, "permissions": sets}))
            .await;
        receiver.event(&keys).await;
    }
    stage.pushes(6).await;
    let until = text(&stage.control("status").await, "events_paused_until");
    assert!(until.ends_with('Z'));
    // What happens now waits.
    receiver.answers(|_| success());
    stage.order("revoke", json!({"appid": appid})).await;
    stage.pass("+59s").await;
    assert_eq!(stage.control("pushes").await.as_array().unwrap().len(), 6);
    receiver.heard_nothing_else();
    stage.pass("+2s").await;
    assert_eq!(receiver.event(&keys).await["InfoType"], "unauthorized");
    stage.pushes(7).await;
    assert!(stage.control("status").await["events_paused_until"].is_null());
}

#[tokio::test]
async fn what_waits_outlives_the_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::in_folder(folder.path().to_owned()).await;
    let mut receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    receiver.event(&keys).await;
    receiver.answers(|_| Said::Body(502, Vec::new()));
    for _ in 0..5 {
        push(&stage).await;
        receiver.next().await;
    }
    let appid = stage.account("official_account", true).await;
    stage.order("revoke", json!({"appid": appid})).await;
    stage.stop().await;
    receiver.answers(|_| success());
    let again = Stage::in_folder(folder.path().to_owned()).await;
    assert_eq!(again.control("alarms").await[0]["count"], 5);
    again.pass("+61s").await;
    let mut told = Vec::new();
    for _ in 0..2 {
        told.push(text(&receiver.event(&keys).await, "InfoType"));
    }
    told.sort();
    assert_eq!(told, ["component_verify_ticket", "unauthorized"]);
}

#[tokio::test]
async fn an_address_that_is_none_is_not_set() {
    let stage = Stage::new().await;
    for (name, url) in [
        ("events_url", "nonsense"),
        ("events_url", "ftp://example.com/"),
        ("messages_url", "https://example.com/messages"),
    ] {
        assert_eq!(
            stage.declined("platform", json!({ name: url })).await,
            "platform"
        );
    }
    let set = json!({"events_url": "https://example.com/events"});
    stage
        .order("platform", json!({"ticket_pushes": false}))
        .await;
    stage.order("platform", set).await;
    for nothing in [json!(""), Value::Null] {
        let gone = stage
            .order("platform", json!({"events_url": nothing}))
            .await;
        assert!(gone["events_url"].is_null());
    }
}
