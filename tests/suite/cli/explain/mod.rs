//! `explain`: what it recognises, what it knows, and that its cures cure.

use serde_json::Value;

use super::office::{Office, eventually, text};
use super::receivers::{ok, receiver};
use super::serving::Serving;
use crate::support::{Desk, Outcome, plain_client};

mod account;
mod codes;
mod knowledge;
mod launch;
mod next_steps;
mod permission;
mod platform;
mod pushes;
mod reading;
mod request;
mod stories;
mod ticket;
mod tokens;

/// One cause as `explain` told it: what it says to run, and what plays the person in WeChat's console.
struct Cause {
    id: String,
    commands: Vec<String>,
    in_sandbox: Option<String>,
}

/// Asks `explain` and picks a cause out of its answer.
#[track_caller]
fn cause(desk: &Desk, what: &str, id: &str) -> Cause {
    let answer = desk.run_with_input(["explain", "-", "-o", "json"], what);
    let answer = answer.expect_code(0).json();
    let rows = answer["causes"].as_array().expect("causes");
    let found = rows.iter().find(|row| row["id"] == id);
    let row = found.unwrap_or_else(|| panic!("{what} has no cause {id}: {answer:#}"));
    Cause {
        id: id.to_owned(),
        commands: serde_json::from_value(row["commands"].clone()).expect("commands"),
        in_sandbox: row["in_sandbox"].as_str().map(str::to_owned),
    }
}

impl Cause {
    /// Runs the command of this cause that begins so, the capitals filled in.
    #[track_caller]
    fn run(&self, desk: &Desk, beginning: &str, filled: &[(&str, &str)]) -> Outcome {
        desk.run(self.typed(beginning, filled))
    }

    /// The same with a text on stdin.
    #[track_caller]
    fn run_with(
        &self,
        desk: &Desk,
        beginning: &str,
        filled: &[(&str, &str)],
        input: &str,
    ) -> Outcome {
        desk.run_with_input(self.typed(beginning, filled), input)
    }

    /// Plays the person whom this cause sends to WeChat's console.
    #[track_caller]
    fn play(&self, desk: &Desk, filled: &[(&str, &str)]) -> Outcome {
        let verb = self
            .in_sandbox
            .as_ref()
            .unwrap_or_else(|| panic!("{}: no verb", self.id));
        desk.run(words(verb, filled)).expect_code(0)
    }

    #[track_caller]
    fn typed(&self, beginning: &str, filled: &[(&str, &str)]) -> Vec<String> {
        let found = self
            .commands
            .iter()
            .find(|command| command.starts_with(beginning));
        let command = found
            .unwrap_or_else(|| panic!("{} does not say {beginning}: {:?}", self.id, self.commands));
        words(command, filled)
    }
}

/// A command as it is typed, without the program's name.
fn words(command: &str, filled: &[(&str, &str)]) -> Vec<String> {
    let mut command = command
        .strip_prefix("wxauth ")
        .expect("a command of ours")
        .to_owned();
    for (capitals, value) in filled {
        command = command.replace(capitals, value);
    }
    command.split(' ').map(str::to_owned).collect()
}

/// What WeChat answers to a call, made without wxauth.
fn call(office: &Office, path: &str, token: &str, body: &Value) -> Value {
    let url = format!("{}{path}?access_token={token}", office.sandbox.url());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let sent = plain_client().post(url).body(body.to_string()).send().await;
        sent.expect("an answer").json().await.expect("JSON")
    })
}

/// The errcode of an answer; 0 where there is none.
fn errcode(answer: &Value) -> i64 {
    answer["errcode"].as_i64().unwrap_or_default()
}

/// What a command prints, without its line end.
#[track_caller]
fn printed(outcome: Outcome) -> String {
    outcome.expect_code(0).stdout.trim().to_owned()
}
