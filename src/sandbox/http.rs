//! What comes in over HTTP and what goes out.

use std::borrow::Cow;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

/// The largest request body that is read.
const BODY_LIMIT: usize = 8 << 20;

/// A request, read to its end.
pub struct Received {
    /// `GET`, `POST` …
    pub method: Method,
    /// The path without its query.
    pub path: String,
    /// What follows the question mark.
    pub query: Option<String>,
    /// Host, origin and content type among others.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The caller's address.
    pub peer: IpAddr,
}

impl Received {
    /// Reads a request; `None` when it ends early or is larger than allowed.
    pub async fn read(request: Request<Incoming>, peer: IpAddr) -> Option<Self> {
        let (head, mut incoming) = request.into_parts();
        let mut body = Bytes::new();
        while !incoming.is_end_stream() {
            let frame = std::future::poll_fn(|context| Pin::new(&mut incoming).poll_frame(context));
            let Some(frame) = frame.await else { break };
            let Ok(data) = frame.ok()?.into_data() else {
                continue;
            };
            if body.len() + data.len() > BODY_LIMIT {
                return None;
            }
            body = if body.is_empty() {
                data
            } else {
                [body, data].concat().into()
            };
        }
        let query = head.uri.query().map(str::to_owned);
        Some(Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query,
            headers: head.headers,
            body,
            peer,
        })
    }

    /// The decoded value of a query field.
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        let query = self.query.as_deref()?;
        // Most calls carry one field without a percent sign: decode only where there is one.
        let plain = query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name && !value.contains(['%', '+'])).then_some(value)
        });
        if let Some(value) = plain {
            return Some(Cow::Borrowed(value));
        }
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The value of a header.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What is answered.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`
    pub content_type: &'static str,
    /// For WeChat's `LogicRet` header; control answers have none.
    pub errcode: Option<i32>,
    /// Further headers; an API answer has none.
    pub headers: Vec<(header::HeaderName, HeaderValue)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the body stops in the middle and the connection with it.
    pub cut: bool,
}

/// WeChat says `encoding` where others say `charset`.
const WECHAT_JSON: &str = "application/json; encoding=utf-8";

impl Reply {
    /// An answer of WeChat.
    pub fn wechat(errcode: i32, body: Vec<u8>) -> Self {
        Self {
            status: 200,
            content_type: WECHAT_JSON,
            errcode: Some(errcode),
            headers: Vec::new(),
            body,
            cut: false,
        }
    }

    /// A file of WeChat's, proposed to be saved under `name`.
    pub fn file(content_type: &'static str, name: &str, body: Vec<u8>) -> Self {
        let disposition = format!("attachment; filename=\"{name}\"");
        let mut reply = Self::page(200, content_type, body);
        // What was asked for may hold what no header can.
        if let Ok(disposition) = HeaderValue::from_str(&disposition) {
            reply
                .headers
                .push((header::CONTENT_DISPOSITION, disposition));
        }
        reply
    }

    /// An answer of something that is not the API itself.
    pub fn page(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type,
            errcode: None,
            headers: Vec::new(),
            body: body.into(),
            cut: false,
        }
    }

    /// The HTTP response.
    pub fn into_response(self) -> Response<ReplyBody> {
        let length = self.body.len();
        let mut data = Bytes::from(self.body);
        if self.cut {
            data.truncate(length / 2);
        }
        let mut response = Response::new(ReplyBody {
            data: Some(data),
            length: length as u64,
            cut: self.cut,
        });
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        headers.extend(self.headers);
        if let Some(errcode) = self.errcode {
            headers.insert("RetKey", HeaderValue::from_static("11"));
            headers.insert("LogicRet", HeaderValue::from(errcode));
        }
        response
    }
}

/// A whole body, or one that fails in its middle.
pub struct ReplyBody {
    data: Option<Bytes>,
    length: u64,
    cut: bool,
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.data.take() {
            Some(data) if !data.is_empty() => Poll::Ready(Some(Ok(Frame::data(data)))),
            Some(_) if self.cut => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
            None if self.cut => {
                // An error right now would also take back what is not sent yet.
                self.data = Some(Bytes::new());
                context.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.cut && self.data.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
