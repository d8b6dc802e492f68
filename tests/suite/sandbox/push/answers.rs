//! What a receiver may answer, and the alarm that the rest raises.

use serde_json::{Value, json};

use super::receiver::{Said, said, success};
use super::{heard, push_something};
use crate::sandbox::stage::Stage;

#[tokio::test]
async fn each_wrong_answer_raises_an_alarm_that_says_what_was_wrong() {
    let (stage, receiver, _) = heard().await;
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
        let pushed = push_something(&stage).await;
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
    let (stage, receiver, _) = heard().await;
    receiver.answers(|_| said("success\n"));
    let pushed = push_something(&stage).await;
    assert_eq!(pushed["delivered"], true);
    assert_eq!(pushed["problems"][0]["kind"], "white_space");
    receiver.answers(|_| success());
    assert_eq!(push_something(&stage).await["problems"], json!([]));
    assert_eq!(stage.control("alarms").await, json!([]));
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
