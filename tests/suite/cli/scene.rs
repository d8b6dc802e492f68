//! The examples of the helps, and a folder where they work.

use std::process::{Command, Stdio};

use clap::CommandFactory;
use wxauth::cli::args::Cli;
use wxauth::wechat::event::unknown_xml;
use wxauth::wechat::push::{KeyUsed, PushKeys, Stamp, To};
use wxauth::wechat::secret::Secret;

use super::office::text;
use crate::support::{Desk, Outcome, SandboxProcess, refusing_address};

/// What stands for an appid of the reader's own.
const PLACEHOLDER: &str = "wx0123456789abcdef";

/// Addresses in the examples at which the machine of a test may have a server of its own.
const SERVERS: [&str; 2] = ["127.0.0.1:8780", "127.0.0.1:6399"];
/// A folder in the examples where the machine may have a server's socket.
const SOCKETS: &str = "/run/redis/";

/// The lines under the examples of a help.
pub fn examples(command: &str) -> Vec<String> {
    let mut found = Cli::command();
    for word in command.split(' ').filter(|word| !word.is_empty()) {
        let next = found.find_subcommand(word).cloned();
        found = next.unwrap_or_else(|| panic!("no `{command}`"));
    }
    let after = found.get_after_help().map(ToString::to_string);
    let after = after.unwrap_or_default();
    let below = |heading: &str| after.split_once(heading).map(|(_, below)| below.to_owned());
    let Some(below) = below("Examples:\n").or_else(|| below("without an account:\n")) else {
        return Vec::new();
    };
    let lines = below.lines().map_while(|line| line.strip_prefix("  "));
    lines.map(str::to_owned).collect()
}

/// What secrets of stores are encrypted with in the scene.
pub const ENCRYPTION_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A folder where every example works: a running sandbox, merchants, a code, files.
pub struct Scene {
    /// Where they are typed.
    pub desk: Desk,
    sandbox: Option<SandboxProcess>,
    appid: String,
    variables: Vec<(String, String)>,
}

impl Scene {
    /// A folder with nothing in it.
    pub fn bare() -> Self {
        Self {
            desk: Desk::new(),
            sandbox: None,
            appid: String::new(),
            variables: Vec::new(),
        }
    }

    /// A scene; with merchants in the stores of both platforms, or without.
    pub fn set(with_merchants: bool) -> Self {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let platforms = [&[][..], &["--sandbox"]];
        for platform in platforms.iter().filter(|_| with_merchants) {
            let mut sync = desk.command(*platform);
            sync.args(["authorizers", "sync", "-q"])
                .envs(sandbox.environment());
            Outcome::of(sync.spawn().expect("the program")).expect_code(0);
        }
        desk.run(["--sandbox", "link", "-q"]).expect_code(0);
        let confirmed = desk
            .run(["sandbox", "authorize", "-o", "json"])
            .expect_code(0)
            .json();
        desk.run(["--sandbox", "link", "-q"]).expect_code(0);
        let accounts = sandbox.get("accounts?kind=official_account&authorized=true");
        let appid = text(&accounts[0], "appid");
        let code = text(&confirmed, "auth_code");
        let ticket = sandbox.text("component_verify_ticket");
        for (name, content) in [
            ("ticket.txt", &ticket),
            ("appids.txt", &appid),
            (
                "redirect.txt",
                &format!("https://platform-one.example.com/?auth_code={code}"),
            ),
        ] {
            std::fs::write(desk.home().join(name), content).expect("a file");
        }
        let (query, body) = push(&sandbox);
        let curl = format!("curl 'https://platform-one.example.com/events?{query}' -d '{body}'");
        for (name, content) in [("body.xml", &body), ("curl.txt", &curl)] {
            std::fs::write(desk.home().join(name), content).expect("a file");
        }
        for (name, content) in [
            ("logo.png", "a picture"),
            ("commit.json", "{\"template_id\":3}"),
            (
                "application.yml",
                "wx:\n  open:\n    app-id: wx0a1b2c3d4e5f6071\n    token: sampleToken\n",
            ),
            ("passphrase.txt", "correct horse battery staple"),
        ] {
            std::fs::write(desk.home().join(name), content).expect("a file");
        }
        let refused = desk.run(["--sandbox", "api", "/no/such/call", "-o", "json"]);
        let rid = text(&refused.expect_code(6).json_error(), "rid");
        let mut variables = sandbox.environment();
        variables.push(("RID".to_owned(), rid));
        for (name, field) in [
            ("WXAUTH_TOKEN", "token"),
            ("WXAUTH_ENCODING_AES_KEY", "encoding_aes_key"),
        ] {
            variables.push((name.to_owned(), sandbox.text(field)));
        }
        variables.push((
            "WXAUTH_ENCRYPTION_KEY".to_owned(),
            ENCRYPTION_KEY.to_owned(),
        ));
        variables.push(("QUERY".to_owned(), query));
        variables.push(("TICKET".to_owned(), ticket));
        variables.push(("AUTH_CODE".to_owned(), code));
        for platform in platforms {
            let mut encrypt = desk.command(platform);
            encrypt
                .args(["store", "encrypt", "-q"])
                .envs(variables.iter().map(|(name, value)| (name, value)));
            Outcome::of(encrypt.spawn().expect("the program")).expect_code(0);
        }
        Self {
            desk,
            sandbox: Some(sandbox),
            appid,
            variables,
        }
    }

    /// The sandbox beside it.
    pub fn sandbox(&self) -> &SandboxProcess {
        self.sandbox.as_ref().expect("a scene that was set")
    }

    /// An example as it is typed, not started yet. Servers that it names refuse connections.
    pub fn shell(&self, line: &str) -> Command {
        let mut line = line.replace(PLACEHOLDER, &self.appid);
        for server in SERVERS {
            line = line.replace(server, refusing_address());
        }
        let line = line.replace(SOCKETS, &format!("{}/", self.desk.home().display()));
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_wxauth"));
        let folder = program.parent().expect("a folder").display();
        let path = std::env::var("PATH").unwrap_or_default();
        let environment = self.desk.command(["--version"]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &line])
            .env_clear()
            .envs(
                environment
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("PATH", format!("{folder}:{path}"))
            .current_dir(self.desk.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        shell
    }
}

/// Query and body of a push for the sandbox's first platform.
fn push(sandbox: &SandboxProcess) -> (String, String) {
    let secret = |field| Secret::new(sandbox.text(field));
    let keys = PushKeys::new(secret("token"), &secret("encoding_aes_key"), None).expect("keys");
    let platform = sandbox.text("component_appid").parse().expect("an appid");
    let stamp = Stamp {
        timestamp: "1700000000".to_owned(),
        nonce: "1".to_owned(),
        random: [7; 16],
    };
    let message = unknown_xml(&platform, 1_700_000_000, "wxauth_probe");
    let sent = keys.push(&platform, KeyUsed::Present, &message, &stamp, To::Platform);
    let (query, body) = sent.expect("a present key");
    (query.to_query(), body)
}
