//! What the sandbox pushes, heard by a receiver that opens it with the client's own code.

mod answers;
mod authorizations;
mod backend;
mod failing;
mod keys;
mod messages;
mod orders;
mod receiver;
mod release_check;
mod tickets;

use serde_json::{Value, json};

use super::stage::Stage;
use keys::Keys;
use receiver::Receiver;

/// A sandbox whose first platform hears its pushes; the first ticket is taken.
async fn heard() -> (Stage, Receiver, Keys) {
    let stage = Stage::new().await;
    stage.just_after_a_new_ticket().await;
    let mut receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    receiver.event(&keys).await;
    stage.pushes(1).await;
    (stage, receiver, keys)
}

/// The same without tickets.
async fn without_tickets() -> (Stage, Receiver, Keys) {
    let stage = Stage::new().await;
    stage
        .order("platform", json!({"ticket_pushes": false}))
        .await;
    let receiver = Receiver::new().await;
    stage.push_to(&receiver).await;
    let keys = stage.keys().await;
    (stage, receiver, keys)
}

/// Pushes an unknown InfoType to the platform; the outcome.
async fn push_something(stage: &Stage) -> Value {
    stage
        .order("push", json!({"info_type": "something_new"}))
        .await
}

/// Pushes what is ordered, which is taken.
async fn push(stage: &Stage, order: Value) -> Value {
    let pushed = stage.order("push", order).await;
    assert_eq!(pushed["delivered"], true, "{pushed}");
    pushed
}
