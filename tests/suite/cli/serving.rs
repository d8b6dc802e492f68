//! A running `wxauth serve`, as an operator has it in a shell of its own.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use super::office::text;
use crate::support::{Desk, Outcome};

/// How long a story waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs; it ends when dropped.
pub struct Serving {
    child: Child,
    /// The first line it printed.
    pub card: Value,
    lines: Receiver<String>,
    log: Vec<String>,
    rest: Option<JoinHandle<String>>,
}

impl Serving {
    /// Starts `wxauth [global] serve [flags]` on free ports.
    pub fn start(desk: &Desk, global: &[&str], flags: &[&str]) -> Self {
        let own = ["serve", "--bind", "127.0.0.1:0", "-o", "json"];
        let own = own.into_iter().chain(["--log", "json"]);
        let mut command = desk.command(global.iter().copied().chain(own));
        if !flags.contains(&"--admin-bind") {
            command.args(["--admin-bind", "none"]);
        }
        Self::of(command.args(flags))
    }

    /// Starts a server and waits for its first line.
    pub fn of(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        let mut child = child.expect("the program");
        let stderr = child.stderr.take().expect("a pipe");
        let (told, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("a first line");
        let card = serde_json::from_str(&first).unwrap_or_else(|_| {
            let said: Vec<String> = lines.iter().collect();
            panic!("no JSON: {first}\n{}", said.join("\n"))
        });
        let rest = thread::spawn(move || {
            let mut rest = String::new();
            stdout.read_to_string(&mut rest).expect("UTF-8");
            rest
        });
        Self {
            child,
            card,
            lines,
            log: Vec::new(),
            rest: Some(rest),
        }
    }

    /// A text of its only platform.
    pub fn route(&self, field: &str) -> String {
        text(&self.card["platforms"][0], field)
    }

    /// Waits for a log line of this kind that has these words; the line.
    #[track_caller]
    pub fn told(&mut self, what: &str, words: &str) -> Value {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("no {what} with {words} in:\n{}", self.log.join("\n"));
            };
            self.log.push(line.clone());
            let found: Value = serde_json::from_str(&line).unwrap_or_default();
            if found["what"] == what && line.contains(words) {
                return found;
            }
        }
    }

    /// Sends it a signal; how it ended, with all of its log.
    pub fn end(mut self, signal_name: &str) -> Outcome {
        signal(&self.child, signal_name);
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        self.log.extend(self.lines.iter());
        let rest = self.rest.take().expect("it ends once");
        Outcome {
            stdout: rest.join().expect("the rest of stdout"),
            stderr: self.log.join("\n"),
            code,
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a running program `TERM` or `INT`.
pub fn signal(child: &Child, name: &str) {
    let (flag, id) = (format!("-{name}"), child.id().to_string());
    let sent = Command::new("kill").args([flag, id]).status();
    assert!(sent.expect("kill").success());
}
