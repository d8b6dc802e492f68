//! What an error means for the attempt that it ended.

use redis::{Arg, Cmd, ErrorKind, Pipeline, RedisError, ServerErrorKind};

use super::address::Node;
use super::failure::{Distrust, FailureKind, Unreached};
use super::script::key_of_wrong_type;

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

/// What the error of commands that were sent together means for the attempt.
pub(super) fn judge_sent(error: &RedisError, sent: &Pipeline) -> Next {
    match wrong_type(error, sent) {
        Some(key) => Next::GiveUp(FailureKind::WrongType(key)),
        None => judge(error),
    }
}

/// The key whose type is wrong, when that is the first error.
fn wrong_type(error: &RedisError, sent: &Pipeline) -> Option<String> {
    let errors = error.clone().into_server_errors()?;
    let (number, first) = errors.first()?;
    let said = first.to_string();
    if let Some(key) = key_of_wrong_type(&said) {
        return Some(key.to_owned());
    }
    let is_wrong_type = first.code() == "WRONGTYPE";
    is_wrong_type.then(|| sent.cmd_iter().nth(*number).and_then(key_of))?
}

/// The key of a command: what follows its name.
fn key_of(command: &Cmd) -> Option<String> {
    match command.args_iter().nth(1)? {
        Arg::Simple(key) => Some(String::from_utf8_lossy(key).into_owned()),
        _ => None,
    }
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
            Next::GiveUp(match said.contains("WRONGPASS") {
                true => FailureKind::Refused,
                false => FailureKind::NoPassword,
            })
        }
        // A user of Redis 6 without the right to select.
        _ if said.contains("refused to switch database") && said.contains("no permissions") => {
            Next::GiveUp(FailureKind::NotPermitted(said))
        }
        _ if ["refused to switch database", "DB index is out of range"]
            .iter()
            .any(|words| said.contains(words)) =>
        {
            Next::GiveUp(FailureKind::NoDatabase)
        }
        _ if error.code() == Some("DENIED") => Next::GiveUp(FailureKind::Protected),
        _ if said.contains("max number of clients reached") => Next::Wait(FailureKind::Crowded),
        ErrorKind::Server(_) if said.contains("unknown command") => {
            Next::GiveUp(unknown_command(&said))
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
            | ServerErrorKind::MasterDown => Next::Wait(FailureKind::NotReady(plain(error))),
            ServerErrorKind::NoPerm => Next::GiveUp(FailureKind::NotPermitted(plain(error))),
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
        ErrorKind::AuthenticationFailed => Next::GiveUp(FailureKind::Refused),
        ErrorKind::Parse => Next::Reconnect(FailureKind::NotRedis),
        ErrorKind::Io => Next::Reconnect(unreached(error, said)),
        _ => match error.code() {
            Some("OOM") => Next::GiveUp(FailureKind::Full),
            Some("MISCONF" | "NOREPLICAS") => Next::GiveUp(FailureKind::NotWritable(said)),
            Some("BUSY") => Next::Wait(FailureKind::NotReady(said)),
            _ => Next::GiveUp(FailureKind::Failed(said)),
        },
    }
}

/// What the server said, without the library's words before it.
fn plain(error: &RedisError) -> String {
    error
        .detail()
        .map_or_else(|| error.to_string(), str::to_owned)
}

/// `… unknown command 'NAME', …`, which every Redis knows: a sentinel knows few, a Redis no
/// sentinel's.
fn unknown_command(said: &str) -> FailureKind {
    let quoted = said.split(['\'', '`']).nth(1).unwrap_or_default();
    match quoted.to_ascii_uppercase() {
        name if name == "SENTINEL" => FailureKind::NotSentinel,
        name => FailureKind::UnknownCommand(name),
    }
}

/// Why there is no connection: the library hands on what the system and TLS say as texts.
fn unreached(error: &RedisError, said: String) -> FailureKind {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["InvalidContentType"]) {
        return FailureKind::NoTls;
    }
    if let Some((_, why)) = said.split_once("invalid peer certificate: ") {
        return FailureKind::Untrusted(match why {
            why if why.contains("UnknownIssuer") => Distrust::UnknownIssuer,
            why if why.contains("xpired") || why.contains("not valid yet") => Distrust::OutOfTime,
            why if why.contains("not valid for name") => Distrust::OtherName,
            why => Distrust::Other(why.to_owned()),
        });
    }
    if let Some((_, alert)) = said.split_once("received fatal alert: ") {
        let about_ours = ["Certificate", "UnknownCA", "AccessDenied"];
        return match about_ours.iter().any(|word| alert.contains(word)) {
            true => FailureKind::WantsCertificate,
            false => FailureKind::Certificates(alert.to_owned()),
        };
    }
    FailureKind::Unreachable(match () {
        () if has(&["failed to lookup address"]) => Unreached::UnknownHost,
        () if has(&["No such file"]) => Unreached::NoSocket,
        () if has(&["Permission denied"]) => Unreached::NotAllowed,
        () if has(&["Connection refused"]) => Unreached::Refused,
        () if error.is_timeout() || has(&["timed out"]) => Unreached::Silent,
        () if error.is_connection_dropped() => Unreached::HungUp,
        () => Unreached::Other(said),
    })
}
