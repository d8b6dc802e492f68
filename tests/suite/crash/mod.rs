//! What survives: crowds, death at every step, lost answers, and WeChat's own surprises.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod another_holder;
mod held;
mod herd;
mod killed;
mod lost;
#[cfg(feature = "serve")]
mod received;
mod refused;
mod roster;
pub mod scene;
mod steps;
