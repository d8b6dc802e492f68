//! What survives: crowds, death at every step, lost answers, and WeChat's own surprises.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod held;
mod herd;
mod killed;
mod lost;
mod refused;
mod roster;
mod scene;
mod steps;
