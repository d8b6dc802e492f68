//! Listening: connections with limits, bodies read whole, and an orderly end.
//!
//! Whoever sends slowly holds a connection and nothing else: a head has 10 seconds, a body 5, and
//! no handler runs before the body is there. Whoever does not read its answers holds a connection
//! for less than a minute.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::body;
use super::shared::{Shared, Tasks};
use super::{Notice, Rejection, ServeOptions};
use super::{alerts, forward, refresher, router, worker};

/// Time for the head of a request; idle connections end after it too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest head.
const HEAD_LIMIT: usize = 32 << 10;
/// After this a connection takes no further request.
const CONNECTION_LIFE: Duration = Duration::from_secs(20);
/// Time for the request that is then under way and for its answer to be read: one exchange with its
/// repeats fits.
const LAST_ANSWER: Duration = Duration::from_secs(20);
/// Connections at once; more wait in the system's queue.
const CONNECTIONS: usize = 512;
/// Time that requests under way have when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);
/// Time that work after the answers has then: one exchange with its repeats fits.
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
    let public = router::public(shared.clone());
    doors.spawn(accept(listener, public, shared.clone(), receiving.clone()));
    if let Some(admin) = admin {
        let routes = router::admin(shared.clone());
        doors.spawn(accept(admin, routes, shared.clone(), receiving.clone()));
    }
    let mut work_tasks = JoinSet::new();
    work_tasks.spawn(worker::run(shared.clone(), work, working));
    work_tasks.spawn(refresher::run(shared.clone(), receiving.clone()));
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
    Ok(())
}

async fn all(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// Takes connections until it is to stop, then gives those under way [`FAREWELL`].
async fn accept(listener: TcpListener, routes: Router, shared: Shared, mut stop: Stop) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let (mut connections, told) = (JoinSet::new(), stop.clone());
    loop {
        let place = tokio::select! {
            () = stopped(&mut stop) => break,
            place = Arc::clone(&room).acquire_owned() => place,
        };
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection =
                        connection(stream, peer, routes.clone(), shared.clone(), told.clone());
                    connections.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                // Out of file descriptors, mostly: wait for some to come free.
                Err(_) => sleep(Duration::from_millis(20)).await,
            },
        }
    }
    drop(listener);
    let _ = timeout(FAREWELL, all(&mut connections)).await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    shared: Shared,
    mut stop: Stop,
) {
    let _ = stream.set_nodelay(true);
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |request| {
        let (routes, shared) = (routes.clone(), shared.clone());
        async move { respond(request, peer, &routes, &shared).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        // Who sent a push whole and hung up is not asked back: the push counts all the same.
        .half_close(true)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(&mut stop) => {}
        () = sleep(CONNECTION_LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(LAST_ANSWER, connection).await;
}

async fn respond(
    request: Request<Incoming>,
    peer: SocketAddr,
    routes: &TowerToHyperService<Router>,
    shared: &Shared,
) -> Result<Response, std::convert::Infallible> {
    let (mut head, incoming) = request.into_parts();
    let body = match body::read(incoming).await {
        Ok(body) => body,
        Err(why) => {
            let status = match why {
                Rejection::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                Rejection::TooSlow => StatusCode::REQUEST_TIMEOUT,
                _ => StatusCode::BAD_REQUEST,
            };
            shared.tell(&Notice::Rejected {
                platform: None,
                route: router::route_of(head.uri.path()),
                why,
            });
            // What is left of the body must not be taken for the next request.
            let close = [(header::CONNECTION, "close")];
            return Ok((status, close, "the body was not taken\n").into_response());
        }
    };
    head.extensions.insert(ConnectInfo(peer));
    routes
        .call(Request::from_parts(head, Body::from(body)))
        .await
}
