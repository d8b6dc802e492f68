//! Listening on an address.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::lang::{Text, text};

/// Connections that may wait to be accepted: what a flood makes wait beyond that, a push among it, is
/// tried again by its sender a second later.
const QUEUE: u32 = 4096;

/// Listens on an address, a name or a number with a port; `other` is what to try where it is taken.
pub(super) async fn bind(address: &str, other: &str) -> Result<TcpListener, CliError> {
    listen(address).await.map_err(|error| {
        CliError::new(
            Kind::Usage,
            text!("cannot listen on {address}", "无法监听 {address}"),
        )
        .cause(Text::same(error.to_string()))
        .hint(text!(
            "choose another address: `{other}` takes any port that is free",
            "换一个地址：`{other}` 使用任意空闲端口"
        ))
    })
}

/// Listens on the first address of this name that can be had.
async fn listen(address: &str) -> io::Result<TcpListener> {
    let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in lookup_host(address).await? {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // Left over from a server before.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        let listening = socket.bind(address).and_then(|()| socket.listen(QUEUE));
        match listening {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Where it listens.
pub(super) fn url_of(listener: &TcpListener, address: &str) -> Result<String, CliError> {
    let address = listener.local_addr().map_err(|error| {
        CliError::new(
            Kind::Internal,
            text!("cannot listen on {address}", "无法监听 {address}"),
        )
        .cause(Text::same(error.to_string()))
    })?;
    Ok(format!("http://{address}"))
}
