//! Tickets, as a platform hears them.

use serde_json::json;
use wxauth::sandbox::SandboxOptions;

use super::heard;
use super::receiver::Receiver;
use crate::sandbox::stage::{Stage, text};

#[tokio::test]
async fn a_ticket_comes_at_once_then_every_10_minutes_and_every_second_one_is_new() {
    let stage = Stage::new().await;
    stage.just_after_a_new_ticket().await;
    let mut receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    let first = receiver.event(&keys).await;
    assert_eq!(first["InfoType"], "component_verify_ticket");
    assert_eq!(first["AppId"], stage.card["component_appid"]);
    let ticket = text(&first, "ComponentVerifyTicket");
    assert!(ticket.starts_with("ticket@@@"));
    let mut tickets = vec![ticket];
    for _ in 0..3 {
        stage.pushes(tickets.len()).await;
        stage.pass("+10m").await;
        tickets.push(text(&receiver.event(&keys).await, "ComponentVerifyTicket"));
    }
    assert_eq!(tickets[0], tickets[1]);
    assert_ne!(tickets[1], tickets[2]);
    assert_eq!(tickets[2], tickets[3]);
    // It is one that opens the door.
    let answer = stage
        .component_token(json!({"component_verify_ticket": tickets[3]}))
        .await;
    text(&answer, "component_access_token");
    let pushes = stage.pushes(4).await;
    assert!(pushes.iter().all(|push| push["delivered"] == true));
    receiver.heard_nothing_else();
}

#[tokio::test]
async fn a_sandbox_that_starts_with_an_address_pushes_at_once() {
    let mut receiver = Receiver::new().await;
    let folder = tempfile::tempdir().unwrap();
    let options = |events_url| SandboxOptions {
        folder: Some(folder.path().to_owned()),
        events_url,
        ..SandboxOptions::default()
    };
    let stage = Stage::with(options(Some(receiver.events_url()))).await;
    let keys = stage.keys().await;
    receiver.event(&keys).await;
    stage.stop().await;
    // The address is kept, and a service that starts pushes.
    let again = Stage::with(options(None)).await;
    receiver.event(&keys).await;
    // So is it in a world made anew.
    again.order("reset", json!({})).await;
    receiver.event(&again.keys().await).await;
}

#[tokio::test]
async fn no_tickets_come_while_they_are_stopped() {
    let (stage, mut receiver, keys) = heard().await;
    stage
        .order("platform", json!({"ticket_pushes": false}))
        .await;
    stage.pass("+1h").await;
    let body = json!({
        "component_appid": stage.component_appid(),
        "component_secret": stage.card("component_appsecret"),
    });
    let path = "/cgi-bin/component/api_start_push_ticket";
    assert_eq!(stage.post(path, &body).await["errcode"], 0);
    // The first thing heard since is the ticket that follows the start.
    receiver.event(&keys).await;
    assert_eq!(stage.pushes(2).await.len(), 2);
}

#[tokio::test]
async fn pushes_stand_in_the_journal() {
    let (stage, _receiver, _) = heard().await;
    stage.pushes(1).await;
    let journal = stage.control("journal?path=component_verify_ticket").await;
    assert_eq!(journal[0]["method"], "PUSH");
    assert_eq!(journal[0]["outcome"], "ok");
    assert_eq!(journal[0]["platform"], stage.card["component_appid"]);
}
