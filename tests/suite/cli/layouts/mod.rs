//! A backend on somebody's SDK holds the platform, and its keys lie in a Redis.

mod borrow;
mod detect;
mod fixtures;
mod giving;
mod glance;
mod holding_back;
mod moving;
mod shared;

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::office::{Office, text};
use crate::support::{Outcome, plain_client, shared_redis};

/// The desk of an operator, the sandbox, and the backend that mints at it.
pub struct Backend {
    /// Profile `shop` says `mint = "never"` and nothing of a layout.
    pub office: Office,
    /// Where the backend's Redis is.
    pub redis: String,
    connection: redis::Connection,
}

/// What the backend holds.
pub struct Held {
    pub ticket: String,
    pub component_token: String,
    pub appid: String,
    pub refresh_token: String,
    pub authorizer_token: String,
}

impl Backend {
    /// A backend with an empty Redis of its own.
    pub fn open() -> Self {
        Self::on(&shared_redis())
    }

    /// A backend whose Redis is at this address.
    pub fn on(address: &str) -> Self {
        let office = Office::unnamed();
        office.init("shop", &["--mint", "never"]).expect_code(0);
        let socket = address.replace("redis+unix", "unix");
        let client = redis::Client::open(socket).expect("an address");
        Self {
            office,
            redis: address.to_owned(),
            connection: client.get_connection().expect("a connection"),
        }
    }

    /// The platform.
    pub fn platform(&self) -> String {
        self.office.sandbox.text("component_appid")
    }

    pub fn appsecret(&self) -> String {
        self.office.sandbox.text("component_appsecret")
    }

    /// The backend fetches what backends hold, by calls of its own.
    pub fn mint(&self) -> Held {
        let platform = self.platform();
        let ticket = self.office.sandbox.text("component_verify_ticket");
        let component_token = self.mint_component_token();
        let path = |name: &str| format!("component/{name}?access_token={component_token}");
        let asked = json!({"component_appid": platform, "offset": 0, "count": 1});
        let list = self.call(&path("api_get_authorizer_list"), &asked);
        let appid = text(&list["list"][0], "authorizer_appid");
        let refresh_token = text(&list["list"][0], "refresh_token");
        let asked = json!({
            "component_appid": platform,
            "authorizer_appid": appid,
            "authorizer_refresh_token": refresh_token,
        });
        let answer = self.call(&path("api_authorizer_token"), &asked);
        assert_eq!(answer["authorizer_refresh_token"], json!(refresh_token));
        Held {
            ticket,
            appid,
            refresh_token,
            authorizer_token: text(&answer, "authorizer_access_token"),
            component_token,
        }
    }

    pub fn mint_component_token(&self) -> String {
        let asked = json!({
            "component_appid": self.platform(),
            "component_appsecret": self.appsecret(),
            "component_verify_ticket": self.office.sandbox.text("component_verify_ticket"),
        });
        let answer = self.call("component/api_component_token", &asked);
        text(&answer, "component_access_token")
    }

    fn call(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/cgi-bin/{path}", self.office.sandbox.url());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let request = plain_client().post(&url).body(body.to_string());
            let answer = request.send().await.expect("an answer");
            answer.json().await.expect("JSON")
        })
    }

    /// Sends a command to the backend's Redis.
    pub fn redis(&mut self, arguments: &[&[u8]]) -> redis::Value {
        let mut command = redis::cmd(std::str::from_utf8(arguments[0]).expect("a name"));
        for argument in &arguments[1..] {
            command.arg(*argument);
        }
        command.query(&mut self.connection).expect("an answer")
    }

    /// Writes a key; none of `seconds` stays for ever.
    pub fn set(&mut self, key: &str, value: impl AsRef<[u8]>, seconds: Option<u32>) {
        let (key, value) = (key.as_bytes(), value.as_ref());
        match seconds {
            Some(life) => self.redis(&[b"SET", key, value, b"EX", life.to_string().as_bytes()]),
            None => self.redis(&[b"SET", key, value]),
        };
    }

    /// What a key holds.
    pub fn get(&mut self, key: &str) -> Option<String> {
        let command = redis::cmd("GET").arg(key).to_owned();
        command.query(&mut self.connection).expect("an answer")
    }

    /// Seconds that a key has left.
    pub fn life(&mut self, key: &str) -> i64 {
        let command = redis::cmd("TTL").arg(key).to_owned();
        command.query(&mut self.connection).expect("an answer")
    }

    /// Runs the program with profile `shop`.
    pub fn run(&self, words: &[&str]) -> Outcome {
        self.office.run(words)
    }

    /// The one row that `store detect` finds.
    #[track_caller]
    pub fn detect(&self) -> Value {
        let answer = self.run(&["store", "detect", &self.redis, "-o", "json"]);
        let answer = answer.expect_code(0).json();
        let found = answer["found"].as_array().expect("an array");
        assert_eq!(found.len(), 1, "{answer:#}");
        found[0].clone()
    }

    /// Pastes the lines that `store detect` printed for people into a shell.
    #[track_caller]
    pub fn paste(&self) {
        let screen = self.run(&["store", "detect", &self.redis]).expect_code(0);
        let lines: Vec<_> = screen
            .stdout
            .lines()
            .filter(|line| line.starts_with("wxauth "))
            .collect();
        assert!(!lines.is_empty(), "{}", screen.stdout);
        let outcome = Outcome::of(self.shell(&lines.join(" && ")));
        outcome.expect_code(0);
    }

    /// A shell at the desk, where `wxauth` is the program.
    fn shell(&self, script: &str) -> std::process::Child {
        let program = self.office.desk.command([""]);
        let folder = std::path::Path::new(program.get_program())
            .parent()
            .expect("a folder")
            .to_owned();
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env_clear();
        for (name, value) in program.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        let path = format!("{}:/usr/bin:/bin", folder.display());
        shell
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell")
    }

    /// Sets keys of profile `shop`.
    pub fn configure(&self, settings: &[(&str, &str)]) {
        for (key, value) in settings {
            self.run(&["profile", "set", key, value]).expect_code(0);
        }
    }

    /// How many tokens the sandbox gave: the platform's, merchants'.
    pub fn minted(&self) -> (u64, u64) {
        let count = |path| self.office.sandbox.successes(path);
        (count("api_component_token"), count("api_authorizer_token"))
    }
}

/// The MD5 of a text, as another program computes it.
pub fn md5(text: &str) -> String {
    use std::io::Write;
    let mut child = Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("md5sum runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout).expect("UTF-8")[..32].to_owned()
}
