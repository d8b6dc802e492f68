//! Stand-in for the server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::alerts::{self, Alerts};
use super::limits::Limits;
use super::shared::{Inner, Shared};
use super::worker::Worker;
use super::{ServeOptions, refresher, router};

/// Serves until `shutdown` ends.
///
/// # Errors
/// When a listener fails, or no client for the alerts can be built.
pub async fn serve(
    listener: TcpListener,
    admin: Option<TcpListener>,
    options: ServeOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let limits = Limits::new(options.launches);
    let alerts = Alerts::of(&options).map_err(io::Error::other)?;
    let shared = Shared {
        inner: Arc::new(Inner {
            options,
            forwarder: None,
            worker: Worker,
            limits,
            alerts,
        }),
    };
    let (stop, stopped) = watch::channel(false);
    let ended = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let alerting = tokio::spawn(alerts::run(shared.clone(), stopped.clone()));
    let refreshing = tokio::spawn(refresher::run(shared.clone(), stopped.clone()));
    let admin = admin.map(|admin| {
        let routes = router::admin(shared.clone()).into_make_service();
        tokio::spawn(
            axum::serve(admin, routes)
                .with_graceful_shutdown(ended(stopped.clone()))
                .into_future(),
        )
    });
    let routes = router::public(shared).into_make_service_with_connect_info::<SocketAddr>();
    let serving = tokio::spawn(
        axum::serve(listener, routes)
            .with_graceful_shutdown(ended(stopped))
            .into_future(),
    );
    shutdown.await;
    let _ = stop.send(true);
    let _ = serving.await;
    if let Some(admin) = admin {
        let _ = admin.await;
    }
    let _ = refreshing.await;
    let _ = alerting.await;
    Ok(())
}
