//! The one test binary.

#[cfg(feature = "cli")]
mod console;
