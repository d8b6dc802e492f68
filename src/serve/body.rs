//! The body of a request, read whole within limits.

use std::pin::Pin;
use std::time::Duration;

use hyper::body::{Body, Bytes, Incoming};
use tokio::time::timeout;

use super::Rejection;

/// The largest body: WeChat's pushes are a few KiB.
const LIMIT: usize = 256 << 10;
/// Time for the whole body of what is no push.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a body to its end, within `limit`.
///
/// # Errors
/// [`Rejection::TooLarge`], [`Rejection::TooSlow`], [`Rejection::Envelope`] when it ends in its
/// middle.
pub(super) async fn read(incoming: Incoming, limit: Duration) -> Result<Bytes, Rejection> {
    if incoming.size_hint().lower() > LIMIT as u64 {
        return Err(Rejection::TooLarge);
    }
    match timeout(limit, whole(incoming)).await {
        Ok(read) => read,
        Err(_) => Err(Rejection::TooSlow),
    }
}

async fn whole(mut incoming: Incoming) -> Result<Bytes, Rejection> {
    let (mut first, mut more) = (Bytes::new(), Vec::new());
    while !incoming.is_end_stream() {
        let frame = std::future::poll_fn(|context| Pin::new(&mut incoming).poll_frame(context));
        let Some(frame) = frame.await else { break };
        let broken = |_| Rejection::Envelope("the body ended in its middle".to_owned());
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        if first.len() + more.len() + data.len() > LIMIT {
            return Err(Rejection::TooLarge);
        }
        // Most bodies come in one piece, which then is not copied.
        if first.is_empty() {
            first = data;
        } else {
            more.extend_from_slice(&data);
        }
    }
    if more.is_empty() {
        return Ok(first);
    }
    Ok([&first[..], &more].concat().into())
}
