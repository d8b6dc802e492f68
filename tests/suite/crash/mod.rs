//! What survives: crowds, death at every step, lost answers, and WeChat's own surprises.

mod held;
mod herd;
mod killed;
mod lost;
mod refused;
mod roster;
mod scene;
mod steps;
