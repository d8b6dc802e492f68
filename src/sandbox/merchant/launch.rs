//! The rule of three equal hosts (R18): the page that holds the link, the redirect address, and the
//! launch domain of the platform.

use url::Url;

use super::page::Declined;
use crate::sandbox::state::World;

/// What the page knows about where it was opened.
pub struct Entry {
    /// The host that the `Referer` names.
    pub host: Option<String>,
    /// Whether it must be the launch domain; no source says so of phones.
    pub checked: bool,
}

/// The rule, before an account is chosen: the domain may be the test version or the released one.
pub fn check_launch(world: &World, platform: u8, uri: &str, entry: &Entry) -> Result<(), Declined> {
    let redirect = web_host(uri)?;
    let platform = world.platform(platform);
    let known =
        redirect == platform.test_launch_domain || redirect == platform.public_launch_domain();
    if known && (!entry.checked || entry.host.as_ref() == Some(&redirect)) {
        return Ok(());
    }
    let host = entry.host.as_deref().unwrap_or("空");
    Err(Declined::new("launch_domain", miss(host)))
}

/// The rule for the account that confirms: which version of the domain counts is known now.
pub fn check_redirect(
    world: &World,
    platform: u8,
    user_name: &str,
    uri: &str,
) -> Result<(), Declined> {
    let host = web_host(uri)?;
    let domain = world.platform(platform).launch_domain(user_name);
    if host == domain {
        return Ok(());
    }
    let text = miss(domain);
    Err(Declined::new(
        "launch_domain",
        format!("{text}，授权后回调页所在域名：{host}"),
    ))
}

fn miss(entry: &str) -> String {
    format!(
        "请确认授权入口页所在域名，与授权后回调页所在域名相同，并且，此两者都必须与申请第三方平台时填写的授权发起页域名相同。授权入口页所在域名：{entry}"
    )
}

fn web_host(uri: &str) -> Result<String, Declined> {
    Url::parse(uri)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .and_then(|url| url.host_str().map(str::to_owned))
        .ok_or_else(|| Declined::new("redirect_uri", "redirect_uri is no web address"))
}
