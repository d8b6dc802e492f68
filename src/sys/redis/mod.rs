//! Redis servers: where they are, and one connection that survives failovers.
//!
//! The addresses are known to every build; only the connection needs the feature `redis`. Sentinel
//! and cluster are followed here, not by the client library: all keys of a platform are in one slot,
//! so that a cluster is one server that may move, and the library's own cluster client would bring
//! six crates for what a `MOVED` says.

mod address;
#[cfg(feature = "redis")]
mod attempt;
#[cfg(feature = "redis")]
mod connection;
#[cfg(feature = "redis")]
mod dial;
#[cfg(feature = "redis")]
mod failure;
#[cfg(feature = "redis")]
mod greeting;
#[cfg(feature = "redis")]
mod pool;
#[cfg(feature = "redis")]
mod replication;
#[cfg(feature = "redis")]
mod script;

pub use address::{Address, AddressError, EXPECTED, Node, Password, Tls, Topology};
#[cfg(feature = "redis")]
pub use connection::Redis;
#[cfg(feature = "redis")]
pub use failure::{Distrust, Failure, FailureKind, Unreached};
#[cfg(feature = "redis")]
pub use script::Script;
