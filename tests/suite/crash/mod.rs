//! What survives: crowds, death at every step, lost answers, and WeChat's own surprises.

mod herd;
mod held;
mod killed;
mod lost;
mod refused;
mod roster;
mod scene;
mod steps;
