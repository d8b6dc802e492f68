//! Reading an answer within bounds, and telling apart how one can fail to come.

use std::error::Error;

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use url::Url;

use super::call::Call;
use super::cleaning;
use super::error::{ApiError, LostCause, UnreachableReason};

/// The longest answer that is read: a page of 500 accounts takes some 100 kB.
pub(super) const LIMIT: usize = 8 * 1024 * 1024;

/// Reads the whole body, up to the limit.
pub(super) async fn read(
    call: Call,
    base: &Url,
    mut response: Response,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let too_large = ApiError::TooLarge { call, limit };
    let announced = response.content_length().unwrap_or(0);
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(too_large);
    }
    let mut body = Vec::with_capacity(announced);
    loop {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| transport_error(call, base, error))? else {
            return Ok(body);
        };
        if body.len() + chunk.len() > limit {
            return Err(too_large);
        }
        body.extend_from_slice(&chunk);
    }
}

/// The media type that the answer claims.
pub(super) fn content_type(response: &Response) -> Option<String> {
    media_type(response.headers().get(CONTENT_TYPE)?)
}

/// A media type, fit to be shown.
pub(super) fn media_type(value: &HeaderValue) -> Option<String> {
    Some(cleaning::shortened(value.to_str().ok()?))
}

/// What an error of the HTTP client means. Its own text is not used: it quotes the URL.
pub(super) fn transport_error(call: Call, base: &Url, error: reqwest::Error) -> ApiError {
    let error = error.without_url();
    // A connection that was never made is the one case where nothing can have been sent; a
    // timeout while connecting says both.
    if error.is_connect() {
        let (reason, detail) = connect_failure(&error);
        return ApiError::Unreachable {
            call,
            host: host(base),
            reason,
            detail,
        };
    }
    if error.is_builder() {
        return ApiError::Unreachable {
            call,
            host: host(base),
            reason: UnreachableReason::Other,
            detail: innermost(&error),
        };
    }
    let cause = if error.is_timeout() {
        LostCause::Timeout
    } else {
        LostCause::Cut
    };
    ApiError::AnswerLost { call, cause }
}

fn connect_failure(error: &reqwest::Error) -> (UnreachableReason, String) {
    let reason = chain(error)
        .find_map(|cause| {
            let text = cause.to_string();
            if tls_error(cause).is_some() {
                Some(UnreachableReason::Tls)
            } else if text.starts_with("tunnel error") || text.contains("proxy") {
                Some(UnreachableReason::Proxy)
            } else if text.contains("dns error") {
                Some(UnreachableReason::Dns)
            } else {
                None
            }
        })
        .unwrap_or(UnreachableReason::Connect);
    (reason, innermost(error))
}

/// rustls hides its error inside one or more I/O errors, whose `source` passes over it.
fn tls_error<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(error) = cause.downcast_ref() {
        return Some(error);
    }
    let inner = cause.downcast_ref::<std::io::Error>()?.get_ref()?;
    tls_error(inner)
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

fn innermost(error: &reqwest::Error) -> String {
    let text = chain(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    cleaning::shortened(&text)
}

fn host(base: &Url) -> String {
    let name = base.host_str().unwrap_or_default();
    match base.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}
