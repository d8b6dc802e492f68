//! The receiving side: pushes, messages, the pages a merchant meets, health and metrics.
//!
//! [`serve`] takes listeners, an options struct and a future that ends it; it binds nothing and
//! prints nothing. A request flows so: `connection` reads it whole → `router` finds the platform →
//! `events` or `messages` verifies, decrypts, stores and answers, `launch` and `callback` show
//! pages → what takes time goes to the `worker` (exchanges, confirmations), from there to the
//! `forward`er. Everything that happens is told once, as a [`Notice`], to the log, the `metrics`
//! and the `alerts`.
//!
//! Protocol: spec events.md §1–6; pages: spec links.md §5–6.

mod accounts;
mod alerts;
mod body;
mod callback;
mod connection;
mod events;
mod forward;
mod health;
mod launch;
mod limits;
mod log_limiter;
mod messages;
mod metrics;
mod monitor;
mod network;
mod notice;
mod opening;
mod options;
mod page;
mod places;
mod refresher;
mod release_check;
mod returns;
mod router;
mod server;
mod shared;
mod unreadable;
mod visitor;
mod worker;
mod writes;

pub use metrics::Metrics;
pub use notice::{ForwardResult, Notice, Rejection};
pub use options::{
    AlertForm, AlertOptions, Branding, ForwardForm, ForwardOptions, Hosted, LaunchLimits, Logo,
    RefreshPlan, ServeOptions,
};
pub use server::serve;
