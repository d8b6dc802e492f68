//! What `-v` and `-vv` show on stderr. No level shows a secret.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::console::Console;

/// Starts logging at the verbosity asked for; none without `-v`.
pub fn start(console: &Console) {
    let level = match console.options().verbose {
        0 => return,
        1 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let ours = Targets::new().with_target("wxauth", level);
    let writer = console.log_writer();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .with_target(false)
        .without_time();
    // A second start, in a program that embeds us, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(ours)
        .with(layer)
        .try_init();
}
