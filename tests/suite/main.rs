//! The one test binary.

mod config;
mod console;
