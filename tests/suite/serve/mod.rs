//! The server: pushes received, worked off and passed on; pages, health, metrics, alerts,
//! refresher.

mod alerts;
mod backend;
mod bad_input;
mod callback;
mod events;
mod forward;
mod health;
mod launch;
mod limits;
mod messages;
mod metrics;
pub mod receiver;
mod refresher;
pub mod site;
mod slow;
