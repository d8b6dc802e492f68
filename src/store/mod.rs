//! The durable state of platforms: tickets, tokens with their leases, the roster of authorizers,
//! events, messages, launches, the journal.
//!
//! [`Store`] offers atomic acts, not rows: each either happened as a whole or not at all, and none
//! keeps a transaction open for its caller. SQLite and memory obey one contract. Records are keyed
//! by [`PlatformKey`]; lists page by appid. The types of an act stand beside it (`tickets`,
//! `tokens`, `leases`, …) and what it decides in `ops`. Most acts are a transaction of the `engine` on
//! the records that they name; what needs the engine's own time, order or indexes (leases, claims,
//! pages) is a method of the same name in `sqlite` and `redis`.

pub mod backend;
pub mod encryption;
mod engine;
mod error;
mod event_work;
pub mod events;
pub mod glance;
mod handle;
pub mod journal;
pub mod launches;
pub mod layouts;
pub mod leases;
pub mod messages;
pub mod migration;
pub mod observations;
mod ops;
pub mod passes;
mod place;
mod record;
mod records;
#[cfg(feature = "redis")]
mod redis;
pub mod reencryption;
pub mod refusals;
pub mod risk;
pub mod roster;
pub mod search;
mod sqlite;
mod test_write;
pub mod tickets;
pub mod tokens;
pub mod transfer;
pub mod validity;
mod words;

pub use error::StoreError;
pub use handle::{Store, StoreOptions};
pub use place::{Holder, PlatformKey, StoreInfo, StoreLocation};
#[cfg(feature = "redis")]
pub use redis::RedisFacts;
