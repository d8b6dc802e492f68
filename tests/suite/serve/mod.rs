//! The server: pushes received, worked off and passed on; pages, health, metrics, alerts,
//! refresher.

mod alerts;
mod another_holder;
mod backend;
mod bad_input;
mod budget;
mod callback;
mod events;
mod forward;
mod health;
mod kept;
mod late;
mod launch;
mod limits;
mod messages;
mod metrics;
mod moved;
#[cfg(feature = "redis")]
mod on_redis;
mod overflow;
mod platforms;
pub mod receiver;
mod refresher;
mod release_check;
mod replays;
pub mod site;
mod slow;
mod strangers;
mod troubles;
mod two_ways;
mod unwritable;
mod waits;
