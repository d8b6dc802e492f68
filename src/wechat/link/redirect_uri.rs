//! Whether a redirect URI can work: https, and on the launch domain (rule R18).

use url::Url;

/// Why a redirect URI cannot work. The texts hold host names only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectProblem {
    /// It is no absolute URL with a host.
    #[error("not an absolute URL")]
    NotAUrl,
    /// It is not https, and its host is not this machine.
    #[error("the scheme is {scheme}, not https")]
    NotHttps {
        /// The scheme it has.
        scheme: String,
    },
    /// It carries a user name or password.
    #[error("a user name or password stands in the URL")]
    UserInfo,
    /// White space stands in it.
    #[error("white space stands in the URL")]
    WhiteSpace,
    /// Its host is not the launch domain; a parent domain is not enough.
    #[error("the host is {host}, the launch domain {launch_domain}")]
    HostDiffers {
        /// The host it has.
        host: String,
        /// The host it must have.
        launch_domain: String,
    },
}

/// Checks a redirect URI as it is before it is encoded.
///
/// Plain http is allowed for loopback hosts. `launch_domain` is a host name without scheme and
/// path; without one the host is not compared.
///
/// # Errors
/// The first [`RedirectProblem`] found.
pub fn check_redirect(
    redirect_uri: &str,
    launch_domain: Option<&str>,
) -> Result<Url, RedirectProblem> {
    if redirect_uri.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(RedirectProblem::WhiteSpace);
    }
    let url = Url::parse(redirect_uri).map_err(|_| RedirectProblem::NotAUrl)?;
    let host = url
        .host_str()
        .filter(|host| !host.is_empty())
        .ok_or(RedirectProblem::NotAUrl)?;
    let https = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !https {
        return Err(RedirectProblem::NotHttps {
            scheme: url.scheme().to_owned(),
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectProblem::UserInfo);
    }
    if let Some(launch_domain) = launch_domain
        && !is_same_host(&url, host, launch_domain)
    {
        return Err(RedirectProblem::HostDiffers {
            host: host.to_owned(),
            launch_domain: launch_domain.to_owned(),
        });
    }
    Ok(url)
}

/// Whether `url` names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_same_host(url: &Url, host: &str, launch_domain: &str) -> bool {
    let wanted = launch_domain.trim();
    host.eq_ignore_ascii_case(wanted)
        || url
            .port()
            .is_some_and(|port| format!("{host}:{port}").eq_ignore_ascii_case(wanted))
}
