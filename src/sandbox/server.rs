//! Connections: reading requests, faults, latency, and stopping.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::http::{Received, Reply, ReplyBody};
use super::push::sender;
use super::state::faults::{self, Action};
use super::wechat::{self, Instead, Prepared};
use super::{Sandbox, control, pages};
use crate::sys::clock::{machine_milliseconds, timestamp};

/// Time a caller has for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Time that open connections have to finish when the sandbox stops.
const FAREWELL: Duration = Duration::from_millis(500);
/// Time that pushes have then: as long as a receiver has to answer.
const LAST_PUSHES: Duration = Duration::from_secs(5);

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
struct Closed;

/// Serves `sandbox` on `listener` until `shutdown` is ready; then writes its state.
///
/// Binds nothing and prints nothing.
///
/// # Errors
/// None at present: a connection that cannot be accepted does not end the others.
pub async fn serve(
    listener: TcpListener,
    sandbox: Sandbox,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut pushes = JoinSet::new();
    pushes.spawn(sender::run(sandbox.clone(), stopped.clone()));
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer.ip(), sandbox.clone(), stopped.clone()));
                }
                // Out of file descriptors, mostly: wait for some to come free.
                Err(_) => sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let _ = stop.send(true);
    let finished = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(FAREWELL, finished).await;
    // What is not handed over by then waits in the state.
    let _ = tokio::time::timeout(LAST_PUSHES, pushes.join_next()).await;
    sandbox.flush();
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: IpAddr,
    sandbox: Sandbox,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(sandbox.clone(), peer, request));
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    let connection = server.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

async fn respond(
    sandbox: Sandbox,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<ReplyBody>, Closed> {
    let received = Received::read(request, peer).await.ok_or(Closed)?;
    let date = date(&sandbox);
    let reply = if received.path.starts_with(control::PREFIX) {
        let reply = control::answer(&sandbox, &received).await;
        sandbox.inner.wake_writer();
        reply
    } else if pages::shows_index(&received) {
        pages::index()
    } else if pages::shows(&received.path) {
        let reply = pages::answer(&sandbox, &received);
        sandbox.inner.wake_writer();
        reply
    } else {
        wechat_reply(sandbox, received).await?
    };
    let mut response = reply.into_response();
    if let Some(date) = date {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}

/// The sandbox's time as the `Date` header has it; none while it is the machine's, which the server
/// adds by itself.
fn date(sandbox: &Sandbox) -> Option<HeaderValue> {
    let (now, machine) = {
        let world = sandbox.inner.lock();
        let now = world.now() + world.behaviours.date_skew_seconds;
        (now, machine_milliseconds() / 1000)
    };
    if now == machine {
        return None;
    }
    let date = timestamp(now).strftime("%a, %d %b %Y %H:%M:%S GMT");
    HeaderValue::from_str(&date.to_string()).ok()
}

async fn wechat_reply(sandbox: Sandbox, received: Received) -> Result<Reply, Closed> {
    if !sandbox.inner.latency.is_zero() {
        sleep(sandbox.inner.latency).await;
    }
    let prepared = Prepared::new(&received);
    let action = {
        let mut world = sandbox.inner.lock();
        let world = &mut *world;
        if world.faults.is_empty() {
            None
        } else {
            let drawn = faults::draw(&mut world.faults, &received.path, &mut world.random);
            if drawn.is_some() {
                // How often it still comes is kept.
                world.mark_settings();
            }
            drawn
        }
    };
    match action {
        None => Ok(done(&sandbox, &received, &prepared, None)),
        // On a task of its own: WeChat goes on when its caller hangs up.
        Some(action) => tokio::spawn(faulty(sandbox, received, prepared, action))
            .await
            .unwrap_or(Err(Closed)),
    }
}

fn done(
    sandbox: &Sandbox,
    received: &Received,
    prepared: &Prepared,
    instead: Option<&Instead>,
) -> Reply {
    let mut world = sandbox.inner.lock();
    let reply = wechat::answer(&mut world, received, prepared, instead);
    let changed = world.has_changes();
    drop(world);
    if changed {
        sandbox.inner.wake_writer();
    }
    reply
}

async fn faulty(
    sandbox: Sandbox,
    received: Received,
    prepared: Prepared,
    action: Action,
) -> Result<Reply, Closed> {
    let done = |instead: Option<Instead>| done(&sandbox, &received, &prepared, instead.as_ref());
    let lost = || done(Some(Instead::Lost(action.name())));
    Ok(match action {
        Action::Errcode(errcode) => done(Some(Instead::Refuse(errcode))),
        Action::EmptyList => done(Some(Instead::EmptyList)),
        Action::Drop => {
            lost();
            return Err(Closed);
        }
        Action::DropAfter => {
            done(None);
            return Err(Closed);
        }
        Action::Status(status) => {
            lost();
            Reply::page(status, "text/plain", format!("status {status}"))
        }
        Action::Html => {
            lost();
            Reply::page(
                200,
                "text/html; charset=utf-8",
                "<html><body>系统繁忙</body></html>",
            )
        }
        Action::Cut => {
            let mut reply = done(None);
            reply.cut = true;
            reply
        }
        Action::Truncate => {
            let mut reply = done(None);
            reply.body.truncate(reply.body.len() / 2);
            reply
        }
        Action::Delay(time) => {
            sleep(time).await;
            done(None)
        }
        Action::HoldBefore(time) => {
            hold(&sandbox, time).await;
            done(None)
        }
        Action::HoldAfter(time) => {
            let reply = done(None);
            hold(&sandbox, time).await;
            reply
        }
    })
}

async fn hold(sandbox: &Sandbox, time: Duration) {
    sandbox.inner.lock().held += 1;
    sleep(time).await;
    sandbox.inner.lock().held -= 1;
}
