//! Receivers that do not answer: time limits, alarms, and the pause after a burst.

use serde_json::json;

use super::receiver::{Receiver, Said, success};
use super::{heard, push_something};
use crate::sandbox::stage::{Stage, text};

#[tokio::test]
async fn a_receiver_has_5_seconds() {
    let (stage, mut receiver, keys) = heard().await;
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
    let (stage, mut receiver, keys) = heard().await;
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
        push_something(&stage).await;
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
