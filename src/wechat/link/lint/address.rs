//! Scheme, host and path of a link: which page, if any, it opens.

use url::Url;

use super::finding::{Finding, FindingCode};
use super::parameters::Parameters;
use crate::wechat::link::build::{H5_PATH, PC_PATH};
use crate::wechat::link::redirect_uri::is_loopback;

/// The form of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Pc,
    H5,
    /// H5 as older documents have it.
    LegacyH5,
}

pub(super) enum Verdict {
    /// Meant as an authorization link, whatever else is wrong.
    Link(Form),
    SomethingElse,
}

const FORMS: [(Form, &str, &str); 3] = [
    (Form::Pc, "mp.weixin.qq.com", PC_PATH),
    (Form::H5, "open.weixin.qq.com", H5_PATH),
    (Form::LegacyH5, "mp.weixin.qq.com", "/safe/bindcomponent"),
];

/// Hosts of the service market and the stores: authorizations begin there by buying a service.
const MARKET_HOSTS: [&str; 4] = [
    "fuwu.weixin.qq.com",
    "store.weixin.qq.com",
    "shop.weixin.qq.com",
    "channels.weixin.qq.com",
];

pub(super) fn judge(
    address: &str,
    parameters: &Parameters<'_>,
    findings: &mut Vec<Finding>,
) -> Verdict {
    let Some(url) = parse(address, findings) else {
        return Verdict::SomethingElse;
    };
    let host = url.host_str().unwrap_or_default();
    if parameters.has("auth_code") {
        findings.push(Finding::new(FindingCode::RedirectResult));
        return Verdict::SomethingElse;
    }
    if MARKET_HOSTS.contains(&host) {
        findings.push(Finding::new(FindingCode::ServiceStoreLink).found(host));
        return Verdict::SomethingElse;
    }
    if is_loopback(&url) {
        findings.push(Finding::new(FindingCode::LoopbackHost).found(host));
        return by_path(&url, findings);
    }
    if url.scheme() != "https" {
        findings.push(
            Finding::new(FindingCode::NotHttps)
                .found(url.scheme())
                .expected("https"),
        );
    }
    if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
        findings.push(Finding::new(FindingCode::OddAddress));
    }
    let of_path = FORMS.iter().find(|(_, _, path)| *path == url.path());
    let of_host = FORMS.iter().find(|(_, known, _)| *known == host);
    match (of_path, of_host) {
        (Some((form, expected, _)), _) => {
            if *expected != host {
                findings.push(
                    Finding::new(FindingCode::WrongHost)
                        .found(host)
                        .expected(*expected),
                );
            } else if *form == Form::LegacyH5 {
                findings.push(
                    Finding::new(FindingCode::LegacyForm)
                        .expected(format!("https://open.weixin.qq.com{H5_PATH}")),
                );
            }
            Verdict::Link(*form)
        }
        (None, Some((form, _, expected))) => {
            findings.push(
                Finding::new(FindingCode::WrongPath)
                    .found(url.path())
                    .expected(*expected),
            );
            Verdict::Link(*form)
        }
        (None, None) => {
            findings.push(Finding::new(FindingCode::WrongHost).found(host));
            if parameters.has("component_appid") {
                Verdict::Link(Form::H5)
            } else {
                Verdict::SomethingElse
            }
        }
    }
}

/// A sandbox has all pages under one base, which may have a path of its own.
fn by_path(url: &Url, findings: &mut Vec<Finding>) -> Verdict {
    let form = FORMS
        .iter()
        .rev()
        .find(|(_, _, path)| url.path().ends_with(path));
    // `/wxaopen/safe/bindcomponent` ends like the legacy path.
    let form = if url.path().ends_with(H5_PATH) {
        Some(Form::H5)
    } else {
        form.map(|(form, _, _)| *form)
    };
    match form {
        Some(form) => Verdict::Link(form),
        None => {
            findings.push(Finding::new(FindingCode::WrongPath).found(url.path()));
            Verdict::SomethingElse
        }
    }
}

/// The address as a URL; one that lacks its scheme is reported and completed.
fn parse(address: &str, findings: &mut Vec<Finding>) -> Option<Url> {
    let parsed = Url::parse(address).ok().filter(Url::has_host);
    let url = parsed.or_else(|| {
        findings.push(Finding::new(FindingCode::NotAUrl));
        let known = FORMS
            .iter()
            .any(|(_, host, _)| address.starts_with(&format!("{host}/")));
        known
            .then(|| Url::parse(&format!("https://{address}")).ok())
            .flatten()
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        findings.push(Finding::new(FindingCode::NotAUrl));
        return None;
    }
    Some(url)
}
