//! Running other programs: the operator's own that print a secret (`token_command`,
//! `ticket_command`, …), commands with a token, the pager.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use zeroize::Zeroizing;

use super::env::{Environment, SECRETS, STORE};
use super::redis::Address;

/// How long a program may take to print its secret.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The most that such a program may print, in bytes.
pub const LONGEST: u64 = 64 << 10;

/// Set in the environment of such a program, so that one that calls wxauth again is told so.
pub const NESTED: &str = "WXAUTH_IN_COMMAND";

/// Why a program gave no secret. Its output is never part of this.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The program could not be started.
    #[error("cannot run `{program}`: {source}")]
    Start {
        /// The first word of the command.
        program: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The program ended with a failure.
    #[error("`{program}` ended with {status}")]
    Failed {
        /// The first word of the command.
        program: String,
        /// Its exit status in words.
        status: String,
    },
    /// The program printed nothing, or more than one line.
    #[error("`{program}` printed {lines} lines instead of one")]
    NotOneLine {
        /// The first word of the command.
        program: String,
        /// How many lines with something in them it printed.
        lines: usize,
    },
    /// The program printed more than a secret can be.
    #[error("`{program}` printed more than {} KiB", LONGEST >> 10)]
    TooLong {
        /// The first word of the command.
        program: String,
    },
    /// The program did not end in time.
    #[error("`{program}` did not end within {} s", TIME_LIMIT.as_secs())]
    TimedOut {
        /// The first word of the command.
        program: String,
    },
}

/// A program that is going to be started. It gets our environment without the secrets in it; what
/// it needs of them is added by who starts it.
#[must_use]
pub fn child(program: impl AsRef<OsStr>) -> std::process::Command {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that starts programs"
    )]
    let mut child = std::process::Command::new(program);
    for name in SECRETS {
        child.env_remove(name);
    }
    if let Some(store) = Environment::capture().get(STORE) {
        match Address::parse(store) {
            Ok(address) if address.password.is_some() => child.env(STORE, address.to_string()),
            // A file, an address without a password, or nothing that a password could be told in.
            Ok(_) => &mut child,
            Err(_) if store.contains("://") && store.contains('@') => child.env_remove(STORE),
            Err(_) => &mut child,
        };
    }
    child
}

/// Runs `argv` with `variables` added to the environment and returns the one line it prints.
///
/// Its standard error goes to ours, so that it can say what is wrong.
///
/// # Errors
/// [`CommandError`]; the program is ended when it takes longer than [`TIME_LIMIT`].
pub async fn secret_line(
    argv: &[String],
    variables: &[(&str, &str)],
) -> Result<Zeroizing<String>, CommandError> {
    let (program, arguments) = argv
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let name = || program.to_owned();
    let start = |source| CommandError::Start {
        program: name(),
        source,
    };
    let mut child = tokio::process::Command::from(child(program))
        .args(arguments)
        .envs(variables.iter().copied())
        .env(NESTED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    let mut printed = Zeroizing::new(Vec::new());
    let ended = async {
        if let Some(stdout) = child.stdout.take() {
            let mut stdout = stdout.take(LONGEST + 1);
            stdout.read_to_end(&mut printed).await.map_err(start)?;
        }
        if printed.len() as u64 > LONGEST {
            return Err(CommandError::TooLong { program: name() });
        }
        child.wait().await.map_err(start)
    };
    let status = tokio::time::timeout(TIME_LIMIT, ended)
        .await
        .map_err(|_| CommandError::TimedOut { program: name() })??;
    if !status.success() {
        return Err(CommandError::Failed {
            program: name(),
            status: status.to_string(),
        });
    }
    let text = Zeroizing::new(String::from_utf8_lossy(&printed).into_owned());
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.count()) {
        (Some(line), 0) => Ok(Zeroizing::new(line.to_owned())),
        (None, _) => Err(CommandError::NotOneLine {
            program: name(),
            lines: 0,
        }),
        (Some(_), more) => Err(CommandError::NotOneLine {
            program: name(),
            lines: more + 1,
        }),
    }
}

/// Runs `argv` on our own terminal with `variables` added, and returns its exit code; 128 and the
/// signal's number when a signal ended it. Signals that we get meanwhile are the program's to heed.
///
/// # Errors
/// [`CommandError::Start`].
pub async fn attended(argv: &[String], variables: &[(&str, &str)]) -> Result<u8, CommandError> {
    let (program, arguments) = argv
        .split_first()
        .map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let start = |source| CommandError::Start {
        program: program.to_owned(),
        source,
    };
    let mut child = tokio::process::Command::from(child(program))
        .args(arguments)
        .envs(variables.iter().copied())
        .spawn()
        .map_err(start)?;
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.map_err(start)?,
            stop = super::signals::stop_requested() => pass_on(stop, child.id()),
        }
    };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Ok(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

/// Ctrl-C reached the program by itself; a `SIGTERM` to us alone is handed down.
fn pass_on(stop: super::signals::Stop, child: Option<u32>) {
    #[cfg(unix)]
    if stop == super::signals::Stop::Terminate
        && let Some(child) = child.and_then(|id| i32::try_from(id).ok())
        && let Some(child) = rustix::process::Pid::from_raw(child)
    {
        let _ = rustix::process::kill_process(child, rustix::process::Signal::TERM);
    }
    #[cfg(not(unix))]
    let _ = (stop, child);
}
