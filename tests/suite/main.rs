//! The one test binary.

mod api;
mod config;
mod console;
