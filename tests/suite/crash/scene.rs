//! A platform with merchants in a running sandbox, and what must be true of it after a calamity.

use std::ffi::OsStr;
use std::process::Child;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Desk, Outcome, SandboxProcess, plain_client};

/// The call that every access token of either kind may make.
const ADDRESSES: &str = "/cgi-bin/get_api_domain_ip?access_token=";

/// The built-in sandbox in a process of its own and an operator who works on it with `--sandbox`,
/// so that the program's clock follows the sandbox's.
pub struct Scene {
    /// The operator.
    pub desk: Desk,
    /// WeChat.
    pub sandbox: SandboxProcess,
    /// Appids of those who authorized the platform.
    pub merchants: Vec<String>,
}

impl Scene {
    /// `count` merchants, all authorized; the operator has not looked yet.
    pub fn unseen(count: usize) -> Self {
        Self::at_desk(Desk::new(), count)
    }

    /// `count` merchants, all authorized; the operator at this desk has not looked yet.
    pub fn at_desk(desk: Desk, count: usize) -> Self {
        let accounts = count.to_string();
        let flags = ["--accounts", &accounts, "--authorized", "all"];
        let sandbox = SandboxProcess::start(&desk, &flags);
        let listed = sandbox.get("accounts?authorized=true");
        let merchants = (listed.as_array().expect("an array").iter())
            .map(|row| row["appid"].as_str().expect("an appid").to_owned())
            .collect();
        Self {
            desk,
            sandbox,
            merchants,
        }
    }

    /// The same after `authorizers sync`.
    pub fn synced(count: usize) -> Self {
        let scene = Self::unseen(count);
        scene.run(["authorizers", "sync"]).expect_code(0);
        scene
    }

    /// Runs a command of the operator.
    #[must_use]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        self.desk.run(on_sandbox(arguments))
    }

    /// Starts a command of the operator.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Child {
        self.desk.start(on_sandbox(arguments))
    }

    /// Runs a command that answers JSON and must succeed.
    #[track_caller]
    pub fn json<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Value {
        let arguments = arguments
            .into_iter()
            .map(|word| word.as_ref().to_owned())
            .chain(["-o".into(), "json".into()]);
        self.run(arguments).expect_code(0).json()
    }

    /// Gives the sandbox's switches other positions.
    pub fn behave(&self, switches: &Value) {
        self.sandbox.post("behaviours", switches);
    }

    /// How often a path was called, whatever came of it.
    pub fn calls(&self, path: &str) -> u64 {
        self.count(path, None)
    }

    /// How often a path was called with this outcome: `ok`, an errcode, or a fault's name.
    pub fn outcomes(&self, path: &str, outcome: &str) -> u64 {
        self.count(path, Some(outcome))
    }

    fn count(&self, path: &str, outcome: Option<&str>) -> u64 {
        let counters = self.sandbox.get("journal/counters");
        (counters.as_array().expect("an array").iter())
            .filter(|row| {
                row["path"]
                    .as_str()
                    .is_some_and(|known| known.ends_with(path))
            })
            .filter(|row| outcome.is_none_or(|outcome| row["outcome"] == outcome))
            .map(|row| row["count"].as_u64().unwrap_or_default())
            .sum()
    }

    /// Waits until the sandbox holds `count` calls.
    pub fn until_held(&self, count: u64) {
        for _ in 0..400 {
            if self.sandbox.get("faults")["held"] == count {
                return;
            }
            std::thread::sleep(Duration::from_millis(15));
        }
        panic!("the sandbox never held {count} calls at once");
    }

    /// Waits until `path` was called with success `count` times.
    pub fn until_answered(&self, path: &str, count: u64) {
        for _ in 0..400 {
            if self.sandbox.successes(path) >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(15));
        }
        panic!("{path} was never answered {count} times");
    }

    /// What the sandbox answers to a call with this token: 0 when it accepts it.
    pub fn errcode_for(&self, token: &str) -> i64 {
        let url = format!("{}{ADDRESSES}{token}", self.sandbox.url());
        let answer = plain_get(&url);
        assert!(answer.is_object(), "an answer: {answer}");
        answer["errcode"].as_i64().unwrap_or_default()
    }

    /// The token that a process gets now, which WeChat must accept.
    #[track_caller]
    pub fn accepted(&self, whose: &[&str]) -> String {
        let outcome = self.run(["token"].iter().chain(whose)).expect_code(0);
        let token = outcome.stdout.trim().to_owned();
        let errcode = self.errcode_for(&token);
        assert_eq!(errcode, 0, "WeChat refuses the token printed for {whose:?}");
        token
    }

    /// After a calamity: the store is whole, the next run goes on at once, and six minutes later
    /// every process holds tokens that WeChat accepts, for the platform and for every merchant.
    #[track_caller]
    pub fn converges(&self) {
        self.is_whole();
        // Far less than what a dead holder's lease would still last.
        let patience = ["--lock-timeout", "2s"];
        self.run(["token", "component"].iter().chain(&patience))
            .expect_code(0);
        for appid in &self.merchants {
            self.run(["token", "authorizer", appid].iter().chain(&patience))
                .expect_code(0);
        }
        self.until_held(0);
        self.sandbox.pass("6m");
        let first = self.accepted(&["component"]);
        assert_eq!(self.accepted(&["component"]), first, "processes agree");
        for appid in &self.merchants {
            let first = self.accepted(&["authorizer", appid]);
            assert_eq!(self.accepted(&["authorizer", appid]), first);
        }
        // A last look: minting for the one must not have ended what the other holds.
        self.sandbox.pass("6m");
        self.accepted(&["component"]);
        for appid in &self.merchants {
            self.accepted(&["authorizer", appid]);
        }
        self.is_whole();
    }

    /// The store passes SQLite's own check.
    #[track_caller]
    pub fn is_whole(&self) {
        let path = self.desk.config_dir().join("sandbox").join("client.db");
        if !path.exists() {
            return;
        }
        let connection = rusqlite::Connection::open(path).expect("the store opens");
        let verdict: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("SQLite checks it");
        assert_eq!(verdict, "ok");
    }

    /// A merchant authorizes another account; the authorization code.
    pub fn code_of(&self, appid: &str) -> String {
        let link = self.json(["link"]);
        let confirmed = self
            .sandbox
            .post("authorize", &json!({"appid": appid, "link": link["url"]}));
        confirmed["auth_code"].as_str().expect("a code").to_owned()
    }
}

/// The arguments of a command on the built-in sandbox.
fn on_sandbox<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
) -> impl Iterator<Item = std::ffi::OsString> {
    let flag = std::iter::once("--sandbox".into());
    flag.chain(arguments.into_iter().map(|word| word.as_ref().to_owned()))
}

/// One GET by a client that is not the program's own.
fn plain_get(url: &str) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let answer = plain_client().get(url).send().await;
        let text = answer.expect("an answer").text().await.expect("a body");
        serde_json::from_str(&text).expect("JSON")
    })
}
