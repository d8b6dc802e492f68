//! The code as a page to send on: no script, nothing loaded from elsewhere.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Qr, death_line};
use crate::lang::clean;
use crate::lang::{Lang, Phrase};

/// What is said about a code where it is saved.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// The heading, for example the platform's or the account's name.
    pub title: &'a str,
    /// The link that the code holds.
    pub link: &'a str,
    /// When the link dies; printed in the picture.
    pub dies_at: Option<Timestamp>,
    /// The zone that the time is told in.
    pub zone: &'a TimeZone,
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;\
    padding:0 1rem;text-align:center;color:#000;background:#fff}\
    svg{width:100%;max-width:26rem;height:auto}a{word-break:break-all}\
    .dies{font-weight:bold}";

impl Qr {
    /// A page of its own with the code, what to do, when the link dies, and the link as text; in
    /// Chinese, then in English.
    #[must_use]
    pub fn html(&self, sheet: &Sheet<'_>) -> String {
        let title = escape(&clean(sheet.title));
        let mut page = format!(
            "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{}",
            self.svg(None),
        );
        let link = link(sheet.link);
        for lang in [Lang::Zh, Lang::En] {
            let tag = lang.tag();
            let scan = Phrase::ScanWithWechat.text(lang);
            let open = Phrase::OpenLink.text(lang);
            // Writing to a string cannot fail.
            let _ = writeln!(page, "<section lang=\"{tag}\">\n<p>{scan}</p>");
            if let Some(at) = sheet.dies_at {
                let dies = escape(&death_line(at, sheet.zone, lang));
                let _ = writeln!(page, "<p class=\"dies\">{dies}</p>");
            }
            let _ = writeln!(page, "<p>{open}<br>{link}</p>\n</section>");
        }
        page.push_str("</body>\n</html>\n");
        page
    }
}

/// The link to click; anything that is no web address is text only.
fn link(address: &str) -> String {
    let text = escape(&clean(address));
    if address.starts_with("https://") || address.starts_with("http://") {
        format!("<a href=\"{}\">{text}</a>", escape(address))
    } else {
        text
    }
}

/// `text` with the characters that mean something in HTML and SVG replaced.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
