//! The one builder of HTTP clients: TLS, proxy, timeouts; redirects and referer off.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use url::{Host, Position, Url};

use super::env::Environment;

/// The longest file of certificates; a system's own bundle has a quarter of a MiB.
pub const CERTIFICATES: u64 = 4 << 20;

/// What a client may differ in.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Time to connect, TLS included.
    pub connect_timeout: Duration,
    /// Time from the first byte sent to the last byte received.
    pub timeout: Duration,
    /// A PEM file of further certificate authorities to trust.
    pub ca_file: Option<PathBuf>,
    /// Idle connections to keep open per host.
    pub idle_connections: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            ca_file: None,
            idle_connections: 64,
        }
    }
}

/// Why no client could be built.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// The file of certificate authorities cannot be read.
    #[error("cannot read the CA file {}: {source}", path.display())]
    CaFile {
        /// The file that was named.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The TLS or proxy settings do not hold together.
    #[error("cannot set up the HTTP client: {0}")]
    Setup(#[from] reqwest::Error),
}

/// Whether `base` names this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
#[must_use]
pub fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A proxy that calls go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyInUse {
    /// The variable that names it.
    pub variable: &'static str,
    /// Where it is: host and port, never its user or password.
    pub address: String,
}

/// The proxy that a client of [`client`] uses for `base`, by the environment.
#[must_use]
pub fn proxy(base: &Url, environment: &Environment) -> Option<ProxyInUse> {
    if is_loopback(base) || passed_by(base, environment) {
        return None;
    }
    let own = match base.scheme() {
        "https" => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let variable = own
        .into_iter()
        .chain(["ALL_PROXY", "all_proxy"])
        .find(|name| environment.has(name))?;
    let value = environment.get(variable)?;
    let address = match Url::parse(value) {
        Ok(url) if url.has_host() => url[Position::BeforeHost..Position::AfterPort].to_owned(),
        _ => value.rsplit('@').next().unwrap_or_default().to_owned(),
    };
    Some(ProxyInUse { variable, address })
}

/// Whether `NO_PROXY` names the host of `base`, a domain above it, or everything.
fn passed_by(base: &Url, environment: &Environment) -> bool {
    let host = base.host_str().unwrap_or_default();
    let names = ["NO_PROXY", "no_proxy"];
    let list = names.into_iter().find_map(|name| environment.get(name));
    list.unwrap_or_default().split(',').any(|entry| {
        let entry = entry.trim().trim_start_matches('.');
        let above = host
            .strip_suffix(entry)
            .is_some_and(|rest| rest.ends_with('.'));
        !entry.is_empty() && (entry == "*" || entry == host || above)
    })
}

/// Chooses who does the cryptography of TLS, once.
pub(super) fn install_tls_provider() {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error means that the embedding program chose a provider first: keep its choice.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// What the records of a platform are kept under beside its appid: the host of the API base, with
/// its port where it is not the scheme's own. A realm never meets the secrets of another.
#[must_use]
pub fn realm(base: &Url) -> String {
    base[Position::BeforeHost..Position::AfterPort].to_owned()
}

/// The innermost cause of a failed request in its own words; the URL, which may hold a token, is
/// never among them.
#[must_use]
pub fn innermost(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

/// Builds the client for calls to `base`.
///
/// Proxies come from the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) but
/// are passed by for loopback. Certificate authorities are the system's, `SSL_CERT_FILE`
/// included, and those of [`HttpOptions::ca_file`].
///
/// # Errors
/// When the CA file cannot be read or is no PEM.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place that builds HTTP clients"
)]
pub fn client(base: &Url, options: &HttpOptions) -> Result<reqwest::Client, HttpClientError> {
    install_tls_provider();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("wxauth/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(options.connect_timeout)
        .timeout(options.timeout)
        .pool_max_idle_per_host(options.idle_connections)
        // Below the idle time of common servers: a request on a connection that the other side is
        // just closing is lost in a way that looks like a lost answer.
        .pool_idle_timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true);
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    if let Some(path) = &options.ca_file {
        let read = super::files::read_bytes(path, CERTIFICATES);
        let pem = read.map_err(|source| HttpClientError::CaFile {
            path: path.clone(),
            source,
        })?;
        builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(&pem)?);
    } else if base.scheme() == "http" {
        // No TLS will be spoken: do not spend start-up time on reading the system's roots.
        builder = builder.tls_certs_only([]);
    }
    Ok(builder.build()?)
}
