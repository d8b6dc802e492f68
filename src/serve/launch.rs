//! `/authorize`: the page a merchant starts from. Looking at it costs nothing; its button makes a
//! pre-auth code and shows both links around it.
//!
//! The page lies on the launch domain (授权发起页域名) and lets its origin be told, because WeChat
//! compares the Referer with it: spec links.md §6.1.

mod qr;
mod question;
mod view;

use std::time::Instant;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;

use crate::flow::FlowError;
use crate::store::launches::LaunchSource;

use super::shared::Shared;
use super::visitor::{self, Visitor};
use super::{Notice, Rejection};
use question::{BadQuestion, Question};

const ROUTE: &str = "authorize";
/// The time for which the limit of a day counts.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is asked for, with a button.
pub(super) async fn show(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    match Question::read(visitor.hosted(), query.as_deref().unwrap_or_default()).await {
        Ok(question) => view::question(&visitor, &question),
        Err(bad) => refuse(&visitor, bad),
    }
}

/// Makes the links.
pub(super) async fn mint(
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let hosted = visitor.hosted();
    if !is_from_this_page(&visitor, &headers) {
        return view::foreign(&visitor);
    }
    let question = match Question::read(hosted, query.as_deref().unwrap_or_default()).await {
        Ok(question) => question,
        Err(bad) => return refuse(&visitor, bad),
    };
    match is_within_limits(&visitor).await {
        Ok(true) => {}
        Ok(false) => {
            visitor.shared.tell(&Notice::Rejected {
                platform: Some(hosted.appid().clone()),
                route: ROUTE,
                why: Rejection::TooMany,
            });
            return view::too_many(&visitor);
        }
        Err(error) => return visitor.failed(ROUTE, &error),
    }
    let options = question.options(hosted);
    let made = hosted
        .platform
        .launch(&options, &hosted.signer, question.own.as_ref())
        .await;
    match made {
        Ok(links) => {
            visitor.shared.tell(&Notice::LinkMade {
                platform: hosted.appid().clone(),
            });
            view::links(&visitor, &question, &links)
        }
        Err(error) => visitor.failed(ROUTE, &error),
    }
}

/// The operator's logo.
pub(super) async fn logo(State(shared): State<Shared>) -> Response {
    let Some(logo) = &shared.options().branding.logo else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, logo.content_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // An SVG opened by itself is a page: it must not run anything.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        ),
    ];
    (headers, logo.bytes.clone()).into_response()
}

fn refuse(visitor: &Visitor, bad: BadQuestion) -> Response {
    match bad {
        BadQuestion::Flow(error) => visitor.failed(ROUTE, &error),
        BadQuestion::Text(text) => view::bad_question(visitor, &text),
    }
}

async fn is_within_limits(visitor: &Visitor) -> Result<bool, FlowError> {
    let hosted = visitor.hosted();
    let links = &visitor.shared.inner.links;
    if !links.take_address(visitor.address, Instant::now()) {
        return Ok(false);
    }
    let platform = &hosted.platform;
    let since = platform.clock().now() - DAY;
    let made = platform
        .store()
        .count_launches(platform.key(), LaunchSource::Page, since)
        .await?;
    Ok(made < visitor.shared.options().launches.a_day)
}

/// Whether the button was on our own page: another site must not make links in a visitor's name.
/// Browsers tell by `Sec-Fetch-Site`, older ones by `Origin`; a program tells neither.
fn is_from_this_page(visitor: &Visitor, headers: &HeaderMap) -> bool {
    match visitor::text(headers, "sec-fetch-site") {
        "" => {}
        site => return site == "same-origin",
    }
    let origin = visitor::text(headers, header::ORIGIN);
    if origin.is_empty() {
        return true;
    }
    let Some((_, authority)) = origin.split_once("://") else {
        return false;
    };
    // Behind a proxy the Host may be an inner name; the launch domain is then the outer one.
    let link = &visitor.hosted().link;
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    authority.eq_ignore_ascii_case(visitor::text(headers, header::HOST))
        || link
            .launch_domain
            .as_deref()
            .is_some_and(|domain| domain.eq_ignore_ascii_case(host))
}
