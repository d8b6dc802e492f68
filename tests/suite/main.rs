//! The one test binary.

#[cfg(feature = "client")]
mod store;
