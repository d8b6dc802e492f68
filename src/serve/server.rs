//! The server as a whole: what it starts, and its orderly end.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::ServeOptions;
use super::connection::{Door, accept};
use super::shared::{Shared, Tasks};
use super::{alerts, forward, log_limiter, monitor, refresher, router, worker, writes};

/// Time that work after the answers has when the server stops: one exchange with its repeats fits.
const WORK_FAREWELL: Duration = Duration::from_secs(20);

/// Turns true when something is to end.
pub(super) type Stop = watch::Receiver<bool>;

/// Waits for that.
pub(super) async fn stopped(stop: &mut Stop) {
    // Whoever dropped the sender wants the end as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Serves the public routes on `listener` and the operator's on `admin` until `shutdown` is ready;
/// then takes no more, finishes what is under way, and returns. Binds nothing and prints nothing.
///
/// # Errors
/// When no HTTP client can be built for forwarding or alerts: a CA file that cannot be read.
pub async fn serve(
    listener: TcpListener,
    admin: Option<TcpListener>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (shared, Tasks { work, parcels }) = Shared::new(options)?;
    let (stop_receiving, receiving) = watch::channel(false);
    let (stop_working, working) = watch::channel(false);
    let (stop_forwarding, forwarding) = watch::channel(false);

    let mut doors = JoinSet::new();
    let door = Door {
        routes: router::public(shared.clone()),
        public: true,
        shared: shared.clone(),
    };
    doors.spawn(accept(listener, door, receiving.clone()));
    if let Some(admin) = admin {
        let door = Door {
            routes: router::admin(shared.clone()),
            public: false,
            shared: shared.clone(),
        };
        doors.spawn(accept(admin, door, receiving.clone()));
    }
    let mut work_tasks = JoinSet::new();
    work_tasks.spawn(worker::run(shared.clone(), work, working));
    work_tasks.spawn(refresher::run(shared.clone(), receiving.clone()));
    work_tasks.spawn(log_limiter::run(shared.clone(), receiving.clone()));
    work_tasks.spawn(monitor::run(shared.clone(), receiving.clone()));
    work_tasks.spawn(writes::run(shared.clone(), receiving.clone()));
    work_tasks.spawn(alerts::run(shared.clone(), receiving));
    let mut forward_tasks = JoinSet::new();
    forward_tasks.spawn(forward::run(shared.clone(), parcels, forwarding));

    shutdown.await;
    // One after the other: a request may still bring work, and work something to pass on.
    let _ = stop_receiving.send(true);
    all(&mut doors).await;
    let _ = stop_working.send(true);
    let settled = async {
        all(&mut work_tasks).await;
        for hosted in &shared.options().platforms {
            hosted.platform.settled().await;
        }
    };
    let _ = timeout(WORK_FAREWELL, settled).await;
    let _ = stop_forwarding.send(true);
    all(&mut forward_tasks).await;
    shared.tell_left_out();
    Ok(())
}

/// Waits for all of these.
pub(super) async fn all(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}
