//! The outside world, as small as possible: clock, files, environment, HTTP client, randomness, signals.
//!
//! Nothing else in the crate reads the environment or the wall clock, writes a file, or builds an
//! HTTP client; `.clippy.toml` holds this.

#[cfg(any(feature = "client", feature = "sandbox"))]
pub mod clock;
#[cfg(feature = "client")]
pub mod command;
pub mod crash;
#[cfg(feature = "client")]
pub mod deadline;
#[cfg(feature = "client")]
pub mod disk;
pub mod env;
#[cfg(any(feature = "client", feature = "sandbox"))]
pub mod files;
#[cfg(any(feature = "client", feature = "sandbox"))]
pub mod host;
#[cfg(any(feature = "client", feature = "sandbox"))]
pub mod http;
#[cfg(feature = "cli")]
pub mod pager;
#[cfg(feature = "cli")]
pub mod process;
pub mod random;
#[cfg(feature = "client")]
pub mod redis;
#[cfg(any(feature = "client", feature = "sandbox"))]
pub mod signals;
#[cfg(feature = "cli")]
pub mod stdout;
#[cfg(any(feature = "client", feature = "sandbox"))]
pub mod sync;
