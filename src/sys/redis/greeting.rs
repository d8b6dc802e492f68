//! What answers at an address that no connection could be made to: found out by a word in the clear,
//! so that people are told what to change and not what a library met.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::{Address, Node, Tls};
use super::attempt::Next;
use super::dial::connect_within;
use super::failure::{FailureKind, Unreached};

const PATIENCE: Duration = Duration::from_millis(1500);

/// The same failure, or what is behind it where that can be told.
pub(super) async fn explain(address: &Address, kind: FailureKind) -> FailureKind {
    let vague = matches!(
        kind,
        FailureKind::Unreachable(Unreached::Silent | Unreached::HungUp | Unreached::Other(_))
    );
    let Some(Node::Tcp(host, port)) = address.nodes.first().filter(|_| vague) else {
        return kind;
    };
    let answer = timeout(PATIENCE, greet(host, *port)).await;
    let answer = answer.ok().and_then(Result::ok).unwrap_or_default();
    let wants_tls = address.tls.is_none();
    match answer.as_slice() {
        answer if answer.starts_with(b"-DENIED") => FailureKind::Protected,
        answer if answer.starts_with(b"-ERR max number of clients") => FailureKind::Crowded,
        [b'+' | b'-', ..] if address.tls.is_some() => FailureKind::NoTls,
        [b'+' | b'-', ..] => kind,
        // An alert of TLS, or nothing but the end of the connection.
        [0x15, ..] | [] if wants_tls && speaks_tls(address).await => FailureKind::WantsTls,
        [] => kind,
        _ => FailureKind::NotRedis,
    }
}

/// What is answered to the word that every Redis answers.
async fn greet(host: &str, port: u16) -> io::Result<Vec<u8>> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.writable().await?;
    stream.try_write(b"PING\r\n")?;
    let mut answer = vec![0; 64];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut answer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => {
                answer.truncate(read?);
                return Ok(answer);
            }
        }
    }
}

/// Whether TLS is spoken there, whoever vouches for it; no password is sent.
async fn speaks_tls(address: &Address) -> bool {
    let Some(node) = address.nodes.first() else {
        return false;
    };
    let by_tls = Address {
        tls: Some(Tls::default()),
        user: None,
        password: None,
        ..address.clone()
    };
    match connect_within(PATIENCE, &by_tls, node).await {
        Ok(_) => true,
        Err(Next::Reconnect(kind) | Next::GiveUp(kind) | Next::Wait(kind)) => !matches!(
            kind,
            FailureKind::Unreachable(_) | FailureKind::NoTls | FailureKind::NotRedis
        ),
        Err(Next::Moved(_) | Next::Ask(_)) => true,
    }
}
