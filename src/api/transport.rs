//! One request out, one answer back, repeated where that is right.

use std::time::Instant;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use url::Url;

use super::call::Call;
use super::error::ApiError;
use super::{Api, answer, cleaning, retry};
use crate::wechat::secret::Secret;
use crate::wechat::wire::{FieldError, Reply, mended};

/// The token that a call carries in its query; the name differs by generation of the call.
#[derive(Clone, Copy)]
pub(super) enum Token<'a> {
    None,
    Component(&'a Secret),
    Access(&'a Secret),
}

impl<'a> Token<'a> {
    fn parameter(self) -> Option<(&'static str, &'a Secret)> {
        match self {
            Self::None => None,
            Self::Component(token) => Some(("component_access_token", token)),
            Self::Access(token) => Some(("access_token", token)),
        }
    }
}

/// A call ready to be sent.
pub(super) struct Request<'a, B> {
    pub(super) call: Call,
    pub(super) token: Token<'a>,
    pub(super) body: B,
    /// The secrets in the body, which no error may repeat even if WeChat does.
    pub(super) secrets: &'a [&'a Secret],
}

/// What every try of one call shares.
struct Prepared<'a> {
    call: Call,
    url: Url,
    body: Vec<u8>,
    token: Option<&'a Secret>,
    secrets: &'a [&'a Secret],
}

impl Api {
    /// Sends `request` and has `decode` read the answer.
    pub(super) async fn send<B: Serialize, T>(
        &self,
        request: Request<'_, B>,
        decode: fn(&Reply<'_>) -> Result<T, FieldError>,
    ) -> Result<T, ApiError> {
        let mut url = self.address(request.call.path());
        let token = request.token.parameter();
        if let Some((name, token)) = token {
            url.query_pairs_mut().append_pair(name, token.expose());
        }
        let prepared = Prepared {
            call: request.call,
            url,
            // Texts and numbers alone: there is nothing that could fail.
            body: serde_json::to_vec(&request.body).unwrap_or_default(),
            token: token.map(|(_, token)| token),
            secrets: request.secrets,
        };
        let (call, path) = (prepared.call, prepared.call.path());
        let method = if call.is_get() { "GET" } else { "POST" };
        self.repeated(call, method, path, own, || self.attempt(&prepared, decode))
            .await
    }

    /// The address of a path under the base, without a query.
    pub(super) fn address(&self, path: &str) -> Url {
        let mut url = self.base().clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url
    }

    /// Tries a call, and again where that is right; each try is told to the observer and the log.
    pub(super) async fn repeated<T, E, F>(
        &self,
        call: Call,
        method: &str,
        path: &str,
        cause: fn(&E) -> &ApiError,
        attempt: impl Fn() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut delays = self.shared.options.retry.delays();
        loop {
            let started = Instant::now();
            let result = attempt().await;
            let elapsed = started.elapsed();
            let milliseconds = elapsed.as_millis();
            let observed = result.as_ref().map_err(cause);
            let observer = &self.shared.options.observer;
            observer.tell(call.path(), observed.err(), elapsed);
            let failure = match result {
                Ok(value) => {
                    tracing::debug!(method, path, outcome = "ok", milliseconds);
                    return Ok(value);
                }
                Err(failure) => failure,
            };
            tracing::debug!(method, path, outcome = %cause(&failure), milliseconds);
            match delays.next() {
                Some(delay) if retry::is_repeated(cause(&failure)) => {
                    tokio::time::sleep(delay).await;
                }
                _ => return Err(failure),
            }
        }
    }

    async fn attempt<T>(
        &self,
        prepared: &Prepared<'_>,
        decode: fn(&Reply<'_>) -> Result<T, FieldError>,
    ) -> Result<T, ApiError> {
        let call = prepared.call;
        let client = self.client(call)?;
        let request = if call.is_get() {
            client.request(Method::GET, prepared.url.clone())
        } else {
            client
                .post(prepared.url.clone())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(prepared.body.clone())
        };
        let sent = request.send().await;
        let response = sent.map_err(|error| answer::transport_error(call, self.base(), error))?;
        self.compare_clocks(response.headers());
        let status = response.status();
        let content_type = response.headers().get(CONTENT_TYPE).cloned();
        let body = answer::read(call, self.base(), response, answer::LIMIT).await?;
        let body = mended(&body);
        let reply = match Reply::parse(&body) {
            Ok(reply) => reply,
            Err(_) if !status.is_success() => {
                return Err(ApiError::Status {
                    call,
                    status: status.as_u16(),
                });
            }
            Err(_) => {
                return Err(ApiError::NotJson {
                    call,
                    status: status.as_u16(),
                    content_type: content_type.as_ref().and_then(answer::media_type),
                    beginning: prepared.clean(&cleaning::beginning(&body)),
                });
            }
        };
        if let Some(mut refusal) = reply.refusal() {
            refusal.errmsg = cleaning::message(&refusal.errmsg, |text| prepared.clean(text));
            return Err(ApiError::Refused { call, refusal });
        }
        if !status.is_success() {
            return Err(ApiError::Status {
                call,
                status: status.as_u16(),
            });
        }
        decode(&reply).map_err(|error| ApiError::Field { call, error })
    }
}

fn own(error: &ApiError) -> &ApiError {
    error
}

impl Prepared<'_> {
    /// `text` without any secret that this call sent.
    fn clean(&self, text: &str) -> String {
        self.secrets
            .iter()
            .copied()
            .chain(self.token)
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret.expose(), "…")
            })
    }
}
