//! Connections: accepted, kept within limits, and ended in order.
//!
//! Who sends slowly holds a connection and nothing else: a head has 10 seconds, a body 5 (that of a
//! push 2), and no handler runs before the body is there. Who does not read its answers holds a
//! connection for less than a minute. How many of them there may be is in `places`.

use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::opening::{Arrived, BODY_LIMIT};
use super::places::{Places, Seat};
use super::server::{Stop, all, stopped};
use super::shared::Shared;
use super::visitor::{self, Address};
use super::{Notice, Rejection, body, router};
use crate::sys::host;

/// Time for the head of a request; idle connections end after it too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest head.
const HEAD_LIMIT: usize = 32 << 10;
/// The longest path with its query: the longest of ours is that of a redirect, with a code and a
/// state in it.
const TARGET_LIMIT: usize = 4 << 10;
/// After this a connection takes no further request.
const CONNECTION_LIFE: Duration = Duration::from_secs(20);
/// Time for the request that is then under way and for its answer to be read: one exchange with its
/// repeats fits.
const LAST_ANSWER: Duration = Duration::from_secs(20);
/// Time that requests under way have when the server stops.
const FAREWELL: Duration = Duration::from_secs(10);

/// What a listener leads to.
pub(super) struct Door {
    pub(super) routes: Router,
    /// Whether strangers come by it.
    pub(super) public: bool,
    pub(super) shared: Shared,
}

/// What all connections of a listener share.
struct Hall {
    routes: TowerToHyperService<Router>,
    public: bool,
    shared: Shared,
    places: Arc<Places>,
}

/// Takes connections until it is to stop, then gives those under way [`FAREWELL`].
pub(super) async fn accept(listener: TcpListener, door: Door, mut stop: Stop) {
    let hall = Arc::new(Hall {
        routes: TowerToHyperService::new(door.routes),
        public: door.public,
        shared: door.shared,
        places: Arc::new(Places::new(host::open_files_limit())),
    });
    let (mut connections, told) = (JoinSet::new(), stop.clone());
    loop {
        let place = tokio::select! {
            () = stopped(&mut stop) => break,
            place = hall.places.connection() => place,
        };
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let connection = hall.clone().connection(stream, peer, told.clone());
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

impl Hall {
    async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, mut stop: Stop) {
        let _ = stream.set_nodelay(true);
        let peer = peer.ip().to_canonical();
        let is_proxy = self.shared.options().behind_proxy && peer.is_loopback();
        let seat = Arc::new(Seat::new(&self.places, peer, !is_proxy));
        let service = {
            let seat = Arc::clone(&seat);
            service_fn(move |request| {
                let (hall, seat) = (Arc::clone(&self), Arc::clone(&seat));
                async move {
                    let answer = hall.respond(request, peer, &seat).await;
                    seat.unfinished(Instant::now());
                    Ok::<_, std::convert::Infallible>(answer)
                }
            })
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            // Who sent a push whole and hung up is not asked back: the push counts all the same.
            .half_close(true)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = seat.closed() => return,
            () = stopped(&mut stop) => {}
            () = sleep(CONNECTION_LIFE) => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            biased;
            _ = timeout(LAST_ANSWER, connection) => {}
            () = seat.closed() => {}
        }
    }

    async fn respond(&self, request: Request<Incoming>, peer: IpAddr, seat: &Seat) -> Response {
        let arrived = Arrived(Instant::now());
        let (mut head, incoming) = request.into_parts();
        let address = visitor::address(self.shared.options(), peer, &head.headers);
        let _place = match self.admit(&head, address) {
            Ok(place) => place,
            Err(why) => return self.refused(&head, why),
        };
        let limit = match router::is_for_pushes(head.uri.path()) {
            true => BODY_LIMIT,
            false => body::TIMEOUT,
        };
        let body = match body::read(incoming, limit).await {
            Ok(body) => body,
            Err(why) => return self.refused(&head, why),
        };
        seat.whole();
        head.extensions.insert(Address(address));
        head.extensions.insert(arrived);
        let request = Request::from_parts(head, Body::from(body));
        let Ok(answer) = self.routes.call(request).await;
        answer
    }

    /// The place that a request needs; a push needs none.
    fn admit(
        &self,
        head: &Parts,
        address: IpAddr,
    ) -> Result<Option<OwnedSemaphorePermit>, Rejection> {
        let target = head.uri.path_and_query();
        if target.is_some_and(|target| target.as_str().len() > TARGET_LIMIT) {
            return Err(Rejection::TooLong);
        }
        if !self.public || router::is_for_pushes(head.uri.path()) {
            return Ok(None);
        }
        let visits = &self.shared.inner.visits;
        if !visits.take_address(address, Instant::now()) {
            return Err(Rejection::TooMany);
        }
        self.places.page().map(Some).ok_or(Rejection::Busy)
    }

    /// Answers what goes no further, and ends the connection: what is left of the body must not be
    /// taken for the next request.
    fn refused(&self, head: &Parts, why: Rejection) -> Response {
        let (status, text) = match why {
            Rejection::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n"),
            Rejection::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body came too slowly\n"),
            Rejection::TooLong => (StatusCode::URI_TOO_LONG, "the address is too long\n"),
            Rejection::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "请求过于频繁，请稍后再试。\nToo many requests: please try again in a minute.\n",
            ),
            Rejection::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "服务器繁忙，请稍后再试。\nThe server is busy: please try again in a minute.\n",
            ),
            _ => (StatusCode::BAD_REQUEST, "the body cannot be read\n"),
        };
        self.shared.tell(&Notice::Rejected {
            platform: None,
            route: router::route_of(head.uri.path()),
            why,
        });
        let headers = [
            (header::CONNECTION, "close"),
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (status, headers, text).into_response()
    }
}
