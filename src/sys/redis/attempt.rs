//! What an error means for the attempt that it ended.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::address::Node;
use super::failure::FailureKind;

/// What to do about a failed attempt.
pub(super) enum Next {
    /// The answer stands.
    GiveUp(FailureKind),
    /// The connection is of no use any more.
    Reconnect(FailureKind),
    /// The server will be ready soon.
    Wait(FailureKind),
    /// Another node has the key.
    Moved(Node),
    /// Another node has the key for this once.
    Ask(Node),
}

/// What an error means for the attempt.
pub(super) fn judge(error: &RedisError) -> Next {
    // Of several commands that went together the first that failed tells.
    let first = error.clone().into_server_errors();
    let first = first.and_then(|errors| errors.first().cloned());
    let error = &first.map_or_else(|| error.clone(), |(_, error)| error.into());
    let said = error.to_string();
    match error.kind() {
        // Also where it comes as the reason why something else was refused.
        _ if ["Authentication required", "NOAUTH", "WRONGPASS"]
            .iter()
            .any(|word| said.contains(word)) =>
        {
            Next::GiveUp(FailureKind::Refused(said))
        }
        ErrorKind::Server(kind) => match kind {
            ServerErrorKind::Moved | ServerErrorKind::Ask => {
                let node = error.redirect_node().and_then(|(place, _)| {
                    let (host, port) = place.rsplit_once(':')?;
                    Some(Node::Tcp(host.to_owned(), port.parse().ok()?))
                });
                match node {
                    None => Next::GiveUp(FailureKind::Failed(said)),
                    Some(node) if kind == ServerErrorKind::Ask => Next::Ask(node),
                    Some(node) => Next::Moved(node),
                }
            }
            ServerErrorKind::NoScript => Next::GiveUp(FailureKind::NoScript),
            ServerErrorKind::ReadOnly => Next::Reconnect(FailureKind::ReadOnly),
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown => Next::Wait(FailureKind::NotReady(said)),
            ServerErrorKind::NoPerm => Next::GiveUp(FailureKind::NotPermitted(said)),
            // Before version 7 a script's failure comes as the text of another.
            _ if said.contains("-READONLY ") => Next::Reconnect(FailureKind::ReadOnly),
            _ if said.contains("-OOM ") => Next::GiveUp(FailureKind::Full),
            _ if said.contains("-MISCONF ") || said.contains("-NOREPLICAS ") => {
                Next::GiveUp(FailureKind::NotWritable(said))
            }
            _ => Next::GiveUp(FailureKind::Failed(said)),
        },
        // Inside a script, where the library knows no kind for it.
        _ if said.contains("can't run this command") => {
            Next::GiveUp(FailureKind::NotPermitted(said))
        }
        ErrorKind::AuthenticationFailed => Next::GiveUp(FailureKind::Refused(said)),
        ErrorKind::Io | ErrorKind::Parse => Next::Reconnect(FailureKind::Unreachable(said)),
        _ => match error.code() {
            Some("OOM") => Next::GiveUp(FailureKind::Full),
            Some("MISCONF" | "NOREPLICAS") => Next::GiveUp(FailureKind::NotWritable(said)),
            Some("BUSY") => Next::Wait(FailureKind::NotReady(said)),
            _ => Next::GiveUp(FailureKind::Failed(said)),
        },
    }
}
