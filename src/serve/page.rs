//! The frame of every page: title and logo of the operator, texts in two languages, and headers
//! that let nothing in from outside.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::lang::{Lang, is_hostile};
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

use super::Branding;

const STYLE: &str = include_str!("pages/page.css");

/// No script at all; the one style is known by its hash.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src 'self' data:; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
        STANDARD.encode(hash)
    )
});

/// A text in both languages, as HTML: what comes from strangers has been through [`escape`].
pub(super) struct Both {
    zh: String,
    en: String,
}

impl Both {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    fn ordered(&self, first: Lang) -> [(Lang, &str); 2] {
        let (zh, en) = ((Lang::Zh, self.zh.as_str()), (Lang::En, self.en.as_str()));
        match first {
            Lang::Zh => [zh, en],
            Lang::En => [en, zh],
        }
    }

    /// One after the other: the second language smaller, below.
    pub(super) fn block(&self, first: Lang) -> String {
        let [(one, text), (other, translated)] = self.ordered(first);
        format!(
            "<span lang=\"{}\">{text}</span><small lang=\"{}\">{translated}</small>",
            one.tag(),
            other.tag()
        )
    }

    /// Side by side.
    pub(super) fn line(&self, first: Lang) -> String {
        let [(one, text), (other, translated)] = self.ordered(first);
        format!(
            "<span lang=\"{}\">{text}</span> <span class=\"second\" lang=\"{}\">{translated}</span>",
            one.tag(),
            other.tag()
        )
    }
}

/// A page that is being written.
pub(super) struct Page<'a> {
    branding: &'a Branding,
    first: Lang,
    title: Both,
    tone: &'static str,
    status: StatusCode,
    referrer: &'static str,
    body: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(branding: &'a Branding, first: Lang, title: Both) -> Self {
        Self {
            branding,
            first,
            title,
            tone: "",
            status: StatusCode::OK,
            referrer: "no-referrer",
            body: String::new(),
        }
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        if !status.is_success() {
            self.tone = "bad";
        }
        self
    }

    /// What the result mark looks like: `good`, `waiting`, `bad`; none without.
    pub(super) fn tone(mut self, tone: &'static str) -> Self {
        self.tone = tone;
        self
    }

    /// WeChat looks at the Referer of its PC page: links of this page tell the origin.
    pub(super) fn tells_origin(mut self) -> Self {
        self.referrer = "origin";
        self
    }

    /// A paragraph.
    pub(super) fn text(self, text: &Both) -> Self {
        let block = text.block(self.first);
        self.html(&format!("<p>{block}</p>"))
    }

    /// HTML as it is.
    pub(super) fn html(mut self, html: &str) -> Self {
        self.body.push_str(html);
        self
    }

    pub(super) fn answer(self) -> Response {
        let [(lang, title), _] = self.title.ordered(self.first);
        let brand = self.branding.title.as_deref().unwrap_or_default();
        let mut head = String::new();
        if self.branding.logo.is_some() {
            head.push_str("<img src=\"logo\" alt=\"\">");
        }
        if !brand.is_empty() {
            let _ = write!(head, "<strong>{}</strong>", escape(brand));
        }
        if !head.is_empty() {
            head = format!("<header>{head}</header>");
        }
        let mark = match self.tone {
            "" => String::new(),
            tone => format!("<div class=\"mark {tone}\" aria-hidden=\"true\"></div>"),
        };
        let named = match brand {
            "" => title.to_owned(),
            brand => format!("{title} · {}", escape(brand)),
        };
        let page = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\">\
             <title>{named}</title><style>{STYLE}</style></head>\n\
             <body><main>{head}{mark}<h1>{}</h1>\n{}\n</main></body>\n</html>\n",
            lang.tag(),
            self.title.block(self.first),
            self.body,
        );
        let mut answer = (self.status, page).into_response();
        let headers = answer.headers_mut();
        let policy = HeaderValue::from_str(&POLICY);
        for (name, value) in [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static(self.referrer),
            ),
            (
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ),
            (
                header::VARY,
                HeaderValue::from_static("accept-language, user-agent"),
            ),
            (
                HeaderName::from_static("content-security-policy"),
                policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
            ),
        ] {
            headers.insert(name, value);
        }
        answer
    }
}

/// Text as HTML shows it: markup has no meaning, and what turns the reading direction or is not
/// to be seen is left out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() => escaped.push(' '),
            hidden if is_hostile(hidden) => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// What a permission set is called; its number where the catalogue lags behind WeChat.
pub(super) fn set_name(id: PermissionSetId) -> Both {
    let named = |name: Option<&String>, otherwise: String| {
        let name = name.filter(|name| !name.is_empty());
        name.map_or(otherwise, |name| format!("{} ({id})", escape(name)))
    };
    let set = permission::get(id);
    Both::new(
        named(set.map(|set| &set.name_zh), format!("权限集 {id}")),
        named(set.map(|set| &set.name_en), format!("permission set {id}")),
    )
}
