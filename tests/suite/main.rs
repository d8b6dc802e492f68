//! The one test binary.

#[cfg(feature = "sandbox")]
mod sandbox;
