//! Where the state lives, and moving it.

mod dry;
mod files;
mod info;
mod large;
#[cfg(feature = "redis")]
mod migrate;
#[cfg(feature = "redis")]
mod pushes;
#[cfg(feature = "redis")]
mod recover;
#[cfg(feature = "redis")]
mod round;
pub mod shapes;

use serde_json::Value;

use super::office::{Office, text};
use crate::support::{Desk, Outcome, SandboxProcess};

/// What opens the files of these stories.
const PASSPHRASE: &str = "correct horse battery staple";

/// Desks that speak with one sandbox, each with a store of its own.
struct Movers {
    sandbox: SandboxProcess,
    desk: Desk,
    _sandbox_home: Desk,
}

impl Movers {
    /// Desks beside a sandbox with so many further merchants, all of them authorized.
    fn with_merchants(accounts: &str) -> Self {
        let home = Desk::new();
        let flags = ["--accounts", accounts, "--authorized", "all"];
        let sandbox = SandboxProcess::start(&home, &flags);
        let mut desk = Desk::new();
        for (name, value) in sandbox.environment() {
            desk = desk.with(&name, value);
        }
        let movers = Self {
            sandbox,
            desk,
            _sandbox_home: home,
        };
        let path = movers.desk.home().join("passphrase.txt");
        std::fs::write(path, format!("{PASSPHRASE}\n")).expect("a file");
        movers
    }

    fn passphrase(&self) -> String {
        self.desk
            .home()
            .join("passphrase.txt")
            .display()
            .to_string()
    }

    fn file(&self, name: &str) -> String {
        self.desk.home().join(name).display().to_string()
    }

    /// Runs the program with the store at `store`.
    fn on(&self, store: &str, words: &[&str]) -> Outcome {
        let mut command = self.desk.command(words);
        command
            .env("WXAUTH_STORE", store)
            .env("WXAUTH_MINT", "wxauth");
        Outcome::of(command.spawn().expect("the program"))
    }

    fn json(&self, store: &str, words: &[&str]) -> Value {
        let words: Vec<_> = words.iter().chain(&["-o", "json"]).copied().collect();
        self.on(store, &words).expect_code(0).json()
    }

    /// All that a person sees of a platform: the merchants, and what happened to them.
    fn sight(&self, store: &str) -> (Value, Value, Value) {
        let list = self.json(store, &["authorizers", "list"]);
        let mut log = self.json(store, &["authorizers", "log"]);
        for entry in log.as_array_mut().expect("entries") {
            // Each store numbers by itself.
            entry["id"] = Value::Null;
        }
        let appid = text(&list[0], "appid");
        let shown = self.json(store, &["authorizers", "show", &appid]);
        (list, log, shown)
    }

    /// The platform's own row of `store info`.
    fn holding(&self, store: &str) -> Value {
        let info = self.json(store, &["store", "info"]);
        let own = info["platforms"].as_array().expect("platforms").first();
        own.map_or(Value::Null, |own| own["records"].clone())
    }
}

/// The variables of the sandbox's second platform.
fn second_platform(office: &Office) -> Vec<(&'static str, String)> {
    let card = &office.sandbox.card["platforms"][1];
    [
        ("WXAUTH_COMPONENT_APPID", "component_appid"),
        ("WXAUTH_COMPONENT_APPSECRET", "component_appsecret"),
        ("WXAUTH_COMPONENT_VERIFY_TICKET", "component_verify_ticket"),
        ("WXAUTH_REDIRECT_URI", "redirect_uri"),
        ("WXAUTH_LAUNCH_DOMAIN", "launch_domain"),
    ]
    .map(|(name, field)| (name, text(card, field)))
    .into()
}
