//! Stories about durable state. Those in `stories!` hold on SQLite, on Redis and in memory alike.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod children;
mod claims;
mod clocks;
#[cfg(feature = "redis")]
mod crowd;
mod encryption;
mod event_work;
mod events;
mod files;
mod finding;
mod groups;
mod journal;
pub mod launches;
mod leases;
#[cfg(feature = "redis")]
mod log_length;
mod lost_answers;
mod merging;
mod message_marks;
mod messages;
mod moved;
mod observations;
mod prune;
mod redeem;
mod refusals;
mod roster;
mod schema;
mod search;
#[cfg(feature = "redis")]
mod shared_events;
pub mod support;
mod tickets;
mod waits;

/// Runs each story against both locations.
macro_rules! stories {
    ($($story:ident,)+) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story($crate::store::support::Place::sqlite()).await;
            })+
        }
        #[cfg(feature = "redis")]
        mod on_redis {
            $(#[tokio::test]
            async fn $story() {
                super::$story($crate::store::support::Place::redis()).await;
            })+
        }
        mod in_memory {
            $(#[tokio::test]
            async fn $story() {
                super::$story($crate::store::support::Place::memory()).await;
            })+
        }
    };
}
use stories;
