//! The frame of every page: its head, its style, its headers, and text that stays text.

use hyper::header::{self, HeaderName, HeaderValue};

use crate::lang::is_hostile;
use crate::sandbox::http::Reply;
use crate::sys::random;

/// How wide a page is laid out.
#[derive(Clone, Copy)]
pub enum Layout {
    /// A column as wide as a phone.
    Phone,
    /// The width of a computer.
    Computer,
}

impl Layout {
    fn class(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Computer => "computer",
        }
    }
}

/// A page of HTML.
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// What the browser's tab says; escaped here.
    pub title: &'static str,
    /// How wide it is laid out.
    pub layout: Layout,
    /// The content, as HTML.
    pub body: String,
    /// What a browser without JavaScript loads next, and the script for the others.
    pub follow: Option<Follow>,
}

/// How a page finds out what happened since.
pub struct Follow {
    /// Where a browser without JavaScript looks every few seconds, as a relative address.
    pub address: String,
    /// The script of the others.
    pub script: &'static str,
}

impl Page {
    /// A page that is read and left.
    pub fn new(title: &'static str, layout: Layout, body: String) -> Self {
        Self {
            status: 200,
            title,
            layout,
            body,
            follow: None,
        }
    }

    /// The answer with this page.
    pub fn into_reply(self) -> Reply {
        let nonce = random::hex(16);
        let (refresh, script) = match &self.follow {
            None => (String::new(), String::new()),
            Some(follow) => (
                format!(
                    "<noscript><meta http-equiv=\"refresh\" content=\"3;url={}\"></noscript>",
                    escape(&follow.address)
                ),
                format!("<script nonce=\"{nonce}\">{}</script>", follow.script),
            ),
        };
        let document = include_str!("page.html")
            .replace("{nonce}", &nonce)
            .replace("{style}", include_str!("page.css"))
            .replace("{title}", self.title)
            .replace("{layout}", self.layout.class())
            .replace("{refresh}", &refresh)
            .replace("{script}", &script)
            // Last, because it holds what strangers typed.
            .replace("{body}", &self.body);
        let mut reply = Reply::page(self.status, "text/html; charset=utf-8", document);
        reply.headers = headers(&nonce);
        reply
    }
}

/// A form's answer may lead to any platform's address, and browsers hold that address against
/// `form-action` too.
fn headers(nonce: &str) -> Vec<(HeaderName, HeaderValue)> {
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; \
         connect-src 'self'; form-action 'self' http: https:; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let mut headers = vec![
        // The address of the page holds a code: no other site may learn it. `no-referrer` would
        // take the origin from the forms as well.
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    headers
}

/// Text as HTML. What strangers typed may not end a tag, nor turn the line around.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter if is_hostile(letter) => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Text as a value of a query.
pub fn in_query(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
