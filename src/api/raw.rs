//! Any call by its path, for the operator who knows it: nothing of its answer is understood but the
//! errcode.

use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};

use super::call::Call;
use super::error::ApiError;
use super::{Api, answer, cleaning};
use crate::wechat::secret::Secret;
use crate::wechat::wire::{Document, Reply, mended};

/// The longest answer that is read: a video or a bill may be large.
const LIMIT: usize = 64 * 1024 * 1024;
/// Pictures and videos take their time on the way.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A call as it goes out, all but the token.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRequest {
    /// What errors and logs name it by, and whether it may be repeated.
    pub call: Call,
    /// `GET`, `POST`, ….
    pub method: Method,
    /// The path under the base, from `/`.
    pub path: String,
    /// What the query holds beside the token.
    pub query: Vec<(String, String)>,
    /// Headers, among them the content type of the body.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What WeChat answered.
pub struct RawAnswer {
    /// The body, token cleaned away where it is text.
    pub content: RawContent,
    /// The media type it claims.
    pub content_type: Option<String>,
    /// The name it proposes for a file, unjudged.
    pub file_name: Option<String>,
}

/// What an answer is made of.
pub enum RawContent {
    /// JSON, and what was refused in it.
    Document(Document),
    /// Anything else: a picture, a video, a file.
    Bytes(Vec<u8>),
}

/// A call that failed, and WeChat's answer where there was one.
#[derive(Debug)]
pub struct RawFailure {
    /// Why.
    pub error: ApiError,
    /// What WeChat said beside code and message.
    pub answer: Option<Document>,
}

impl From<ApiError> for RawFailure {
    fn from(error: ApiError) -> Self {
        Self {
            error,
            answer: None,
        }
    }
}

impl RawRequest {
    /// The address of the call at `api`, with `token` under its name in the query, or without.
    #[must_use]
    pub fn address(&self, api: &Api, token: Option<(&str, &str)>) -> url::Url {
        let mut url = api.address(&self.path);
        if token.is_some() || !self.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            pairs.extend_pairs(token);
            pairs.extend_pairs(&self.query);
        }
        url
    }
}

impl Api {
    /// Makes a call; a GET is repeated as other harmless calls are, any other only when it never
    /// reached WeChat.
    ///
    /// # Errors
    /// [`RawFailure`] with WeChat's answer where it refused.
    pub async fn raw(
        &self,
        request: &RawRequest,
        token: (&str, &Secret),
    ) -> Result<RawAnswer, RawFailure> {
        let url = request.address(self, Some((token.0, token.1.expose())));
        self.repeated(
            request.call,
            request.method.as_str(),
            &request.path,
            |failure: &RawFailure| &failure.error,
            || self.raw_attempt(request, url.clone(), token.1),
        )
        .await
    }

    async fn raw_attempt(
        &self,
        request: &RawRequest,
        url: url::Url,
        token: &Secret,
    ) -> Result<RawAnswer, RawFailure> {
        let call = request.call;
        let sent = self
            .client(call)?
            .request(request.method.clone(), url)
            .headers(request.headers.clone())
            .timeout(TIME_LIMIT)
            .body(request.body.clone())
            .send()
            .await;
        let response = sent.map_err(|error| answer::transport_error(call, self.base(), error))?;
        self.compare_clocks(response.headers());
        let status = response.status();
        let content_type = answer::content_type(&response);
        let file_name = file_name(&response);
        let body = answer::read(call, self.base(), response, LIMIT).await?;
        let cleaned = |text: &str| match token.is_empty() {
            true => text.to_owned(),
            false => text.replace(token.expose(), "…"),
        };
        let Ok(document) = Document::parse(&body) else {
            if !status.is_success() {
                return Err(ApiError::Status {
                    call,
                    status: status.as_u16(),
                }
                .into());
            }
            if file_name.is_some() || is_file(content_type.as_deref(), &body) {
                return Ok(RawAnswer {
                    content: RawContent::Bytes(body),
                    content_type,
                    file_name,
                });
            }
            return Err(ApiError::NotJson {
                call,
                status: status.as_u16(),
                content_type,
                beginning: cleaned(&cleaning::beginning(&body)),
            }
            .into());
        };
        let document = document.with_texts(&mut |name, text| match name {
            "errmsg" => cleaning::message(&text, cleaned),
            _ => cleaned(&text),
        });
        let refusal = Reply::parse(&mended(&body))
            .ok()
            .and_then(|reply| reply.refusal());
        if let Some(mut refusal) = refusal {
            refusal.errmsg = cleaning::message(&refusal.errmsg, cleaned);
            return Err(RawFailure {
                error: ApiError::Refused { call, refusal },
                answer: Some(document),
            });
        }
        if !status.is_success() {
            return Err(ApiError::Status {
                call,
                status: status.as_u16(),
            }
            .into());
        }
        Ok(RawAnswer {
            content: RawContent::Document(document),
            content_type,
            file_name,
        })
    }
}

/// Whether a body that is no JSON is what was asked for, and not a page of somebody between. WeChat
/// sends its JSON, whole or cut, as JSON or plain text.
fn is_file(content_type: Option<&str>, body: &[u8]) -> bool {
    let kind = content_type.unwrap_or_default();
    let pages = ["text/html", "text/plain"];
    let page = pages.iter().any(|page| kind.starts_with(page)) || kind.contains("json");
    !body.is_empty() && !kind.is_empty() && !page
}

/// The name in `Content-Disposition`, plain or in its extended form.
fn file_name(response: &Response) -> Option<String> {
    let value = response.headers().get(CONTENT_DISPOSITION)?;
    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let parameter = |name: &str| {
        value.split(';').skip(1).find_map(|part| {
            let (key, text) = part.split_once('=')?;
            key.trim()
                .eq_ignore_ascii_case(name)
                .then(|| text.trim().trim_matches('"').to_owned())
        })
    };
    let extended = parameter("filename*").and_then(|text| {
        let (_, text) = text.split_once("''")?;
        url::form_urlencoded::parse(format!("n={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, name)| name.into_owned())
    });
    extended.or_else(|| parameter("filename"))
}

/// The content type of a JSON body.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A header from the text `Name: value`.
///
/// # Errors
/// `None` when it is no header, or one that belongs to the transport.
#[must_use]
pub fn header(text: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':')?;
    let name: HeaderName = name.trim().parse().ok()?;
    let value = HeaderValue::from_str(value.trim()).ok()?;
    let own = ["host", "content-length", "transfer-encoding", "connection"];
    (!own.contains(&name.as_str())).then_some((name, value))
}

/// The header that says what a body is.
pub const CONTENT: HeaderName = CONTENT_TYPE;

impl fmt::Debug for RawRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}
