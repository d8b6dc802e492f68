//! What a browser finds at the sandbox's own address: the way to everything that is not WeChat's.

use hyper::{Method, header};

use super::CONSOLE;
use super::html::{Layout, Page};
use crate::sandbox::http::{Received, Reply};

/// Whether a browser looks at the sandbox's address. A program gets WeChat's answer there.
pub fn shows_index(received: &Received) -> bool {
    let accepts = received.header(header::ACCEPT).unwrap_or_default();
    received.path == "/" && received.method == Method::GET && accepts.contains("text/html")
}

/// The page with the ways.
pub fn index() -> Reply {
    let ways = [
        (
            CONSOLE,
            "商家后台",
            "What a merchant sees of its authorizations: update or end one",
        ),
        (
            "/__sandbox/accounts?count=100",
            "账号",
            "Accounts that can authorize, as JSON",
        ),
        (
            "/__sandbox/journal",
            "调用记录",
            "What the sandbox was asked and what it pushed, as JSON",
        ),
        (
            "/__sandbox/status",
            "状态",
            "Platforms, addresses and clock, as JSON",
        ),
    ];
    let ways: String = ways
        .iter()
        .map(|(address, name, meaning)| {
            format!("<li><a href=\"{address}\">{name}</a><br><small lang=\"en\">{meaning}</small></li>\n")
        })
        .collect();
    let body = format!(
        "<h1>wxauth sandbox</h1>\n<ul>\n{ways}</ul>\n<p lang=\"en\">Everything else here is \
         WeChat's API. It is controlled by <code>wxauth sandbox --help</code>.</p>"
    );
    Page::new("wxauth sandbox", Layout::Computer, body).into_reply()
}
