//! Making one connection: TLS, user and password, limits of time.

use std::path::PathBuf;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, ConnectionAddr, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, TlsCertificates,
};

use super::address::{Address, Node, Topology};
use super::attempt::{Next, judge};
use super::failure::FailureKind;
use crate::sys::{files, http};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Connects to one node of `address`.
pub(super) async fn connect(address: &Address, node: &Node) -> Result<MultiplexedConnection, Next> {
    connect_within(CONNECT_TIMEOUT, address, node).await
}

/// The same within so much time.
pub(super) async fn connect_within(
    limit: Duration,
    address: &Address,
    node: &Node,
) -> Result<MultiplexedConnection, Next> {
    let client = client(address, node).map_err(Next::GiveUp)?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(limit))
        .set_response_timeout(Some(ANSWER_TIMEOUT));
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .map_err(|error| judge(&error))
}

fn client(address: &Address, node: &Node) -> Result<Client, FailureKind> {
    let wrong = |error: RedisError| FailureKind::Failed(error.to_string());
    let place = match (node, &address.tls) {
        (Node::Unix(path), _) => ConnectionAddr::Unix(path.clone()),
        (Node::Tcp(host, port), None) => ConnectionAddr::Tcp(host.clone(), *port),
        (Node::Tcp(host, port), Some(_)) => ConnectionAddr::TcpTls {
            host: host.clone(),
            port: *port,
            insecure: false,
            tls_params: None,
        },
    };
    let is_sentinel =
        matches!(address.topology, Topology::Sentinel { .. }) && address.nodes.contains(node);
    let mut settings =
        RedisConnectionInfo::default().set_lib_name("wxauth", env!("CARGO_PKG_VERSION"));
    if !is_sentinel {
        settings = settings.set_db(i64::from(address.database));
    }
    if !is_sentinel || address.sentinel_auth {
        if let Some(user) = &address.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &address.password {
            settings = settings.set_password(password.as_str());
        }
    }
    let info = place
        .into_connection_info()
        .map_err(wrong)?
        .set_redis_settings(settings);
    let Some(tls) = &address.tls else {
        return Client::open(info).map_err(wrong);
    };
    http::install_tls_provider();
    let file = |path: &PathBuf| {
        files::read_bytes(path, http::CERTIFICATES)
            .map_err(|error| FailureKind::Certificates(format!("{}: {error}", path.display())))
    };
    let certificates = TlsCertificates {
        root_cert: tls.ca_file.as_ref().map(file).transpose()?,
        client_tls: match &tls.client {
            Some((certificate, key)) => Some(ClientTlsConfig {
                client_cert: file(certificate)?,
                client_key: file(key)?,
            }),
            None => None,
        },
    };
    Client::build_with_tls(info, certificates)
        .map_err(|error| FailureKind::Certificates(error.to_string()))
}
