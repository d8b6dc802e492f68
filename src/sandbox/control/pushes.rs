//! Pushes on order, and a look at those that were sent.

use serde_json::{Value, json};

use super::{Rejected, body, shown};
use crate::sandbox::Sandbox;
use crate::sandbox::http::Received;
use crate::sandbox::push::{order, release_check};
use crate::sandbox::state::World;

impl From<order::Refused> for Rejected {
    fn from(refused: order::Refused) -> Self {
        let kind = refused.kind();
        let status = match kind {
            "push" => 400,
            kind if kind.starts_with("unknown_") => 404,
            _ => 409,
        };
        Self::new(status, kind, refused.to_string())
    }
}

/// Pushes, and answers what the receiver made of it.
pub async fn push(sandbox: &Sandbox, received: &Received) -> Result<Value, Rejected> {
    let order: order::Order = body(received)?;
    Ok(shown(&order::perform(sandbox, &order).await?))
}

/// Plays the full-release check.
pub async fn release_check(sandbox: &Sandbox, received: &Received) -> Result<Value, Rejected> {
    let order: release_check::Order = body(received)?;
    Ok(shown(&release_check::perform(sandbox, &order).await?))
}

/// The last pushes, oldest first.
pub fn sent(world: &World) -> Value {
    shown(world.pushing.sent())
}

/// Failures so far, the latest last.
pub fn alarms(world: &World) -> Value {
    json!(world.pushing.alarms())
}
