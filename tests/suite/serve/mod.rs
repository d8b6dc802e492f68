//! The server: pages, health, metrics, alerts, refresher.

mod alerts;
mod callback;
mod health;
mod launch;
mod limits;
mod metrics;
mod refresher;
pub mod site;
