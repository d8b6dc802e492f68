//! Who visits a page: which platform's, from where, with what browser, in which language.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use url::form_urlencoded;

use crate::flow::FlowError;
use crate::lang::Lang;
use crate::sys::random;

use super::network::parse_address;
use super::page::{Both, Page};
use super::shared::Shared;
use super::{Hosted, Notice, Rejection, ServeOptions};

/// Whom a request is from, as an extension of it.
#[derive(Clone, Copy)]
pub(super) struct Address(pub(super) IpAddr);

/// A visit of one platform's page.
pub(super) struct Visitor {
    pub(super) shared: Shared,
    platform: usize,
    /// The address did not say which platform.
    unprefixed: bool,
    /// The visitor's address, of the proxy's telling where there is one.
    pub(super) address: IpAddr,
    /// The browser is WeChat's own.
    pub(super) in_wechat: bool,
    /// The language that comes first.
    pub(super) first: Lang,
}

impl Visitor {
    pub(super) fn hosted(&self) -> &Hosted {
        &self.shared.options().platforms[self.platform]
    }

    /// The address of the launch page, seen from the page visited.
    pub(super) fn launch_page(&self) -> String {
        match self.unprefixed && self.shared.only().is_none() {
            true => format!("{}/authorize", self.hosted().appid()),
            false => "authorize".to_owned(),
        }
    }

    /// A page of this platform.
    pub(super) fn page(&self, title: Both) -> Page<'_> {
        Page::new(&self.shared.options().branding, self.first, title)
    }

    /// A page for what the visitor can do nothing about; the log tells more under the same id.
    pub(super) fn failed(&self, route: &'static str, error: &FlowError) -> Response {
        let id = random::hex(4);
        self.shared.tell(&Notice::PageFailed {
            platform: self.hosted().appid().clone(),
            route,
            id: id.clone(),
            error: error.to_string(),
        });
        self.page(Both::new("暂时无法完成", "This does not work right now"))
            .status(StatusCode::SERVICE_UNAVAILABLE)
            .text(&Both::new(
                "请稍后刷新本页重试。若仍有问题，请把下面的编号告诉服务商。",
                "Please reload this page in a moment. If that does not help, tell us this number.",
            ))
            .html(&format!("<p><code id=\"failure\">{id}</code></p>"))
            .answer()
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let first = preferred(&parts.headers);
        let wanted = RawPathParams::from_request_parts(parts, shared).await.ok();
        let wanted = wanted.as_ref().and_then(|parameters| {
            parameters
                .iter()
                .find(|(name, _)| *name == "component_appid")
                .map(|(_, value)| value)
        });
        let platforms = &shared.options().platforms;
        let platform = match wanted {
            Some(appid) => platforms
                .iter()
                .position(|hosted| hosted.appid().as_str() == appid),
            None if platforms.len() == 1 => Some(0),
            None => issuer(platforms, parts.uri.query().unwrap_or_default()).await,
        };
        let Some(platform) = platform else {
            shared.tell(&Notice::Rejected {
                platform: None,
                route: "page",
                why: Rejection::UnknownPlatform(wanted.unwrap_or_default().to_owned()),
            });
            let title = Both::new("没有这个页面", "There is no such page");
            let mut page = Page::new(&shared.options().branding, first, title)
                .status(StatusCode::NOT_FOUND)
                .text(&Both::new(
                    "地址不完整或有误，请向发给您链接的人核对。",
                    "The address is incomplete or wrong: please ask whoever gave it to you.",
                ));
            if wanted.is_none() {
                page = page.text(&Both::new(
                    "这里服务多个第三方平台，地址中须含平台的 AppID：<code>/wx…/authorize</code>。",
                    "Several platforms are served here: the address names one, as in <code>/wx…/authorize</code>.",
                ));
            }
            return Err(page.answer());
        };
        let address = parts.extensions.get::<Address>();
        Ok(Self {
            shared: shared.clone(),
            platform,
            unprefixed: wanted.is_none(),
            address: address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0),
            in_wechat: text(&parts.headers, header::USER_AGENT).contains("MicroMessenger"),
            first,
        })
    }
}

/// Whose state is in the query, where the path does not tell: a redirect URI may have been registered
/// before there were several platforms.
async fn issuer(platforms: &[Hosted], query: &str) -> Option<usize> {
    let state = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
    let state = state?.1;
    let mut signed = None;
    for (index, hosted) in platforms.iter().enumerate() {
        let (platform, signer) = (&hosted.platform, &hosted.signer);
        let Ok(read) = signer.read(Some(&state), platform.clock().now()) else {
            continue;
        };
        // Platforms may share keys: the store tells whose launch it was.
        let launch = platform.store().launch_by_state(platform.key(), &read.id);
        if let Ok(Some(_)) = launch.await {
            return Some(index);
        }
        signed = signed.or(Some(index));
    }
    signed
}

/// What stands in a header; nothing when it is missing or no text.
pub(super) fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Whom a request of `peer` is from: behind a proxy on this machine, whom the proxy names.
pub(super) fn address(options: &ServeOptions, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    match options.behind_proxy && peer.is_loopback() {
        true => told_by_proxy(headers).unwrap_or(peer),
        false => peer,
    }
}

/// The last address of `X-Forwarded-For` is the proxy's own word, those before are the visitor's.
/// A proxy that sets it may pass on an `X-Real-IP` that the visitor wrote: it counts only alone.
fn told_by_proxy(headers: &HeaderMap) -> Option<IpAddr> {
    let Some(forwarded) = headers.get_all("x-forwarded-for").iter().next_back() else {
        return parse_address(text(headers, "x-real-ip"));
    };
    let last = forwarded.to_str().ok()?.rsplit(',').next()?;
    parse_address(last)
}

/// English when the browser asks for it before Chinese; merchants of WeChat read Chinese.
fn preferred(headers: &HeaderMap) -> Lang {
    let wanted = text(headers, header::ACCEPT_LANGUAGE);
    let mut tags = wanted.split(',').map(|tag| tag.trim().get(..2));
    let known = tags.find_map(|tag| match tag {
        Some(tag) if tag.eq_ignore_ascii_case("zh") => Some(Lang::Zh),
        Some(tag) if tag.eq_ignore_ascii_case("en") => Some(Lang::En),
        _ => None,
    });
    known.unwrap_or(Lang::Zh)
}
