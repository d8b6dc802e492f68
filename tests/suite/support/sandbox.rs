//! A sandbox in a process of its own, and its control interface.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::Desk;

/// A running `wxauth sandbox start`; it ends when dropped.
pub struct SandboxProcess {
    child: Child,
    /// The first line it printed.
    pub card: Value,
}

impl SandboxProcess {
    /// Starts the sandbox of `desk`'s configuration folder on a free port, with further flags.
    pub fn start(desk: &Desk, flags: &[&str]) -> Self {
        let arguments = ["sandbox", "start", "--port", "0", "-o", "json"];
        let mut child = desk
            .command(arguments.iter().chain(flags))
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the sandbox starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the sandbox says where it listens");
        let card = serde_json::from_str(&line).expect("the first line is JSON");
        Self { child, card }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.card["url"].as_str().expect("a URL")
    }

    /// A text of its own description.
    pub fn text(&self, field: &str) -> String {
        self.card[field].as_str().expect("a text").to_owned()
    }

    /// The variables that point the program at its first platform.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("WXAUTH_API_BASE", "url"),
            ("WXAUTH_COMPONENT_APPID", "component_appid"),
            ("WXAUTH_COMPONENT_APPSECRET", "component_appsecret"),
            ("WXAUTH_COMPONENT_VERIFY_TICKET", "component_verify_ticket"),
            ("WXAUTH_REDIRECT_URI", "redirect_uri"),
            ("WXAUTH_LAUNCH_DOMAIN", "launch_domain"),
        ]
        .into_iter()
        .map(|(name, field)| (name.to_owned(), self.text(field)))
        .collect()
    }

    /// Reads from the control interface.
    pub fn get(&self, path: &str) -> Value {
        self.control("GET", path, None)
    }

    /// Reads from WeChat's own interface by a client that is not the program's.
    pub fn get_plainly(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url());
        ask("GET", &url, None)
    }

    /// Changes something by the control interface.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.control("POST", path, Some(body))
    }

    /// How often the sandbox answered calls of `path` (its last segment) with success.
    pub fn successes(&self, path: &str) -> u64 {
        let counters = self.get("journal/counters");
        let rows = counters.as_array().expect("an array").iter();
        rows.filter(|row| {
            row["path"]
                .as_str()
                .is_some_and(|known| known.ends_with(path))
                && row["outcome"] == "ok"
        })
        .map(|row| row["count"].as_u64().unwrap_or_default())
        .sum()
    }

    /// Moves its clock on.
    pub fn pass(&self, span: &str) {
        self.post("clock", &json!({ "offset": span }));
    }

    /// Orders a fault.
    pub fn fault(&self, fault: &str) {
        self.post("faults", &json!({ "fault": fault }));
    }

    fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        ask(method, &format!("{}/__sandbox/{path}", self.url()), body)
    }
}

/// One request, which must be answered with JSON.
fn ask(method: &str, url: &str, body: Option<&Value>) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let client = plain_client();
        let mut request = client.request(method.parse().expect("a method"), url);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.expect("the sandbox answers");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{method} {url}: {status}: {text}");
        serde_json::from_str(&text).expect("the sandbox answers JSON")
    })
}

/// A client without proxies that is not the program's own.
pub fn plain_client() -> reqwest::Client {
    // Another story may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build();
    client.expect("a client")
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
