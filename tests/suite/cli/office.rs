//! A desk beside a running sandbox.

use std::path::PathBuf;

use serde_json::Value;

pub use crate::support::eventually;
use crate::support::{Desk, Outcome, SandboxProcess};

/// An operator's desk and a sandbox of WeChat elsewhere: they share no folder.
pub struct Office {
    /// Where commands are run.
    pub desk: Desk,
    /// What they talk to.
    pub sandbox: SandboxProcess,
    _sandbox_home: Desk,
}

impl Office {
    /// An office whose environment names the sandbox's first platform.
    pub fn open() -> Self {
        let mut office = Self::unnamed();
        for (name, value) in office.sandbox.environment() {
            office.desk = office.desk.with(&name, value);
        }
        office
    }

    /// An office whose environment names no platform.
    pub fn unnamed() -> Self {
        let sandbox_home = Desk::new();
        let sandbox = SandboxProcess::start(&sandbox_home, &[]);
        let desk = Desk::new().with("WXAUTH_SANDBOX_URL", sandbox.url());
        Self {
            desk,
            sandbox,
            _sandbox_home: sandbox_home,
        }
    }

    /// An open office that has pulled the merchants.
    pub fn synced() -> Self {
        let office = Self::open();
        office.run(["authorizers", "sync", "-q"]).expect_code(0);
        office
    }

    /// The same office with a variable in its environment.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.desk = self.desk.with(name, value);
        self
    }

    /// An office whose profile `shop` is the sandbox's first platform; `extra` are flags of `init`.
    pub fn with_profile(extra: &[&str]) -> Self {
        let office = Self::unnamed();
        office.init("shop", extra).expect_code(0);
        let ticket = office.sandbox.text("component_verify_ticket");
        office
            .desk
            .run_with_input(["ticket", "set"], &ticket)
            .expect_code(0);
        office
    }

    /// Creates a profile for the sandbox's first platform.
    pub fn init(&self, name: &str, extra: &[&str]) -> Outcome {
        let card = |field| self.sandbox.text(field);
        let flags = [
            ("--component-appid", card("component_appid")),
            ("--redirect-uri", card("redirect_uri")),
            ("--launch-domain", card("launch_domain")),
            ("--api-base", card("url")),
        ];
        let mut command = self.desk.command(["init", name]);
        command.env("WXAUTH_COMPONENT_APPSECRET", card("component_appsecret"));
        for (flag, value) in flags {
            if !extra.contains(&flag) {
                command.args([flag, &value]);
            }
        }
        command.args(extra);
        Outcome::of(command.spawn().expect("the program"))
    }

    /// Runs the program at the desk.
    #[must_use = "a run whose exit code nobody looks at tells nothing"]
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>) -> Outcome {
        self.desk.run(arguments)
    }

    /// Appids of the sandbox's accounts of a kind that have authorized, or have not.
    pub fn accounts(&self, kind: &str, authorized: bool) -> Vec<String> {
        let list = self
            .sandbox
            .get(&format!("accounts?kind={kind}&authorized={authorized}"));
        let rows = list.as_array().expect("accounts").iter();
        rows.map(|row| row["appid"].as_str().expect("an appid").to_owned())
            .collect()
    }

    /// A merchant confirms a fresh link; the authorization code comes back.
    pub fn code(&self) -> String {
        let link = self.run(["link", "-o", "json"]).expect_code(0).json();
        let link = link["url"].as_str().expect("a link");
        let confirmed = self.run(["sandbox", "authorize", "--link", link, "-o", "json"]);
        text(&confirmed.expect_code(0).json(), "auth_code")
    }

    /// A file at the desk.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.desk.home().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// How many calls of any kind WeChat got.
    pub fn calls(&self) -> u64 {
        let counters = self.sandbox.get("journal/counters");
        let rows = counters.as_array().expect("counters").iter();
        rows.map(|row| row["count"].as_u64().unwrap_or_default())
            .sum()
    }

    /// The store's file.
    pub fn store(&self) -> PathBuf {
        self.desk.config_dir().join("store.db")
    }
}

/// A text of a JSON object.
#[track_caller]
pub fn text(value: &Value, field: &str) -> String {
    let found = value[field].as_str();
    found
        .unwrap_or_else(|| panic!("no text `{field}` in {value:#}"))
        .to_owned()
}

/// Whether any hint of a JSON error holds `part`.
pub fn hints(error: &Value, part: &str) -> bool {
    let hints = error["hints"].as_array().map_or(&[][..], Vec::as_slice);
    hints
        .iter()
        .any(|hint| hint.as_str().is_some_and(|hint| hint.contains(part)))
}
