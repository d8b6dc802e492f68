//! A running `wxauth serve`, WeChat's keys, and hands to send it things.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver as Lines, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use wxauth::wechat::event::ticket_xml;
use wxauth::wechat::id::ComponentAppid;
use wxauth::wechat::push::{KeyUsed, PushKeys, PushQuery, Stamp, To};
use wxauth::wechat::secret::Secret;

use crate::support::{Desk, Outcome, SandboxProcess, refusing_address};

/// Far longer than anything takes: a story that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// WeChat's Token.
pub const TOKEN: &str = "wxauth_story_token";
/// Its last character has spare bits.
pub const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
/// The key before.
pub const PREVIOUS_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
/// The platform.
pub const PLATFORM: &str = "wx0123456789abcdef";

/// A `wxauth serve` in a process of its own; it ends when dropped.
pub struct Receiver {
    child: Child,
    lines: Lines<Value>,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

/// What came back: status and body.
pub type Answer = (u16, String);

impl Receiver {
    /// Serves the platform of `desk`'s environment, with further words.
    pub fn start(desk: &Desk, words: &[&str]) -> Self {
        Self::run(desk, words, |_| {})
    }

    /// The same with this machine's clock moved for it.
    pub fn start_at(desk: &Desk, clock: &str) -> Self {
        Self::spawn(&[], |words| desk.command_at(clock, words))
    }

    /// The same, to die at a step of the program.
    pub fn start_to_die_at(desk: &Desk, words: &[&str], step: &str) -> Self {
        Self::run(desk, words, |command| {
            command.env("WXAUTH_CRASH_POINT", step);
        })
    }

    /// The same, by a command that `change` made of the usual one.
    pub fn run(desk: &Desk, words: &[&str], change: impl FnOnce(&mut Command)) -> Self {
        Self::spawn(words, |words| {
            let mut command = desk.command(words);
            change(&mut command);
            command
        })
    }

    fn spawn<'a>(words: &[&'a str], command: impl FnOnce(Vec<&'a str>) -> Command) -> Self {
        let fixed = ["--bind", "127.0.0.1:0", "--admin-bind", "none"];
        let forms = ["--log", "json", "-o", "json"];
        let (before, after): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|word| **word == "--sandbox");
        let words = before.into_iter().chain(["serve"]).chain(fixed);
        let mut command = command(words.chain(forms).chain(after).collect());
        let mut child = command.spawn().expect("the program starts");
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut first = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout)
            .read_line(&mut first)
            .expect("it says where it listens");
        std::thread::spawn(move || {
            for line in stderr.lines() {
                let Ok(line) = line else { return };
                if let Ok(value) = serde_json::from_str(&line) {
                    let _ = sender.send(value);
                } else {
                    eprintln!("{line}");
                }
            }
        });
        let first: Value = serde_json::from_str(&first).unwrap_or_else(|_| {
            let said: Vec<Value> = lines.iter().collect();
            panic!("it does not listen: {said:?}")
        });
        let url = first["url"].as_str().expect("a URL");
        let address = url.trim_start_matches("http://").to_owned();
        Self {
            child,
            lines,
            address,
        }
    }

    /// Waits for the next line of the log that tells this.
    #[track_caller]
    pub fn told(&self, what: &str) -> Value {
        let (mut others, end) = (Vec::new(), Instant::now() + PATIENCE);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("`{what}` was never told: {others:?}"));
            if line["what"] == what {
                return line;
            }
            others.push(line);
        }
    }

    /// All other lines of the log, to its end: whoever asks has told it to stop.
    pub fn log(mut self) -> Vec<Value> {
        let ended = self.child.wait().expect("it ends");
        assert!(ended.success(), "{ended}");
        self.lines.iter().collect()
    }

    /// Sends a push to a path; query and body as they are.
    pub fn send(&self, path: &str, (query, body): &(String, String)) -> Answer {
        self.raw(&posted(path, query, body))
    }

    /// Sends bytes, ends sending, and reads the answer.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        // Whoever answers early may close early as well.
        let _ = stream.write_all(bytes);
        answer(stream)
    }

    /// A connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    /// Asks it to stop, as systemd does, and waits.
    pub fn stop(mut self) -> i32 {
        self.signal(rustix::process::Signal::TERM);
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }

    /// Its process id.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).expect("it is ours");
    }

    /// Waits for its end; whether SIGKILL was it.
    pub fn was_killed(&mut self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        self.child.wait().expect("it ends").signal() == Some(9)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads an HTTP answer to its end.
pub fn answer(mut stream: TcpStream) -> Answer {
    let mut text = Vec::new();
    // A reset after the answer is no matter.
    let _ = stream.read_to_end(&mut text);
    let _ = stream.shutdown(Shutdown::Both);
    let text = String::from_utf8_lossy(&text);
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status.unwrap_or_default(), body.to_owned())
}

/// A request as WeChat makes it.
pub fn posted(path: &str, query: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path}?{query} HTTP/1.1\r\nHost: receiver\r\nContent-Type: text/xml\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A desk with the platform in its environment and no API that answers: pushes are only received.
pub fn desk() -> Desk {
    Desk::new()
        .with("WXAUTH_COMPONENT_APPID", PLATFORM)
        .with("WXAUTH_COMPONENT_APPSECRET", "notneeded")
        .with("WXAUTH_API_BASE", format!("http://{}", refusing_address()))
        .with("WXAUTH_TOKEN", TOKEN)
        .with("WXAUTH_ENCODING_AES_KEY", KEY)
        .with("WXAUTH_ENCODING_AES_KEY_PREVIOUS", PREVIOUS_KEY)
}

/// WeChat: it holds keys and makes pushes.
pub struct WeChat {
    /// Whose pushes.
    pub platform: ComponentAppid,
    /// The keys.
    pub keys: PushKeys,
}

impl WeChat {
    /// The one that [`desk`] listens to.
    pub fn new() -> Self {
        Self::with(PLATFORM, TOKEN, KEY)
    }

    /// With these keys; the previous one is always the same.
    pub fn with(platform: &str, token: &str, key: &str) -> Self {
        let previous = Secret::new(PREVIOUS_KEY);
        let keys = PushKeys::new(Secret::new(token), &Secret::new(key), Some(&previous));
        Self {
            platform: platform.parse().expect("an appid"),
            keys: keys.expect("keys"),
        }
    }

    /// The one that a sandbox plays.
    pub fn of(sandbox: &SandboxProcess) -> Self {
        let text = |field| sandbox.text(field);
        let (token, key) = (text("token"), text("encoding_aes_key"));
        Self::with(&text("component_appid"), &token, &key)
    }

    /// Seals a text with either key, for the platform or an account.
    pub fn push(&self, which: KeyUsed, text: &str, to: To<'_>) -> (String, String) {
        let stamp = Stamp {
            timestamp: "1700000000".to_owned(),
            nonce: "415670741".to_owned(),
            random: *b"0123456789abcdef",
        };
        let push = self.keys.push(&self.platform, which, text, &stamp, to);
        let (query, body) = push.expect("there is such a key");
        (query.to_query(), body)
    }

    /// An event, sealed with the present key.
    pub fn event(&self, text: &str) -> (String, String) {
        self.push(KeyUsed::Present, text, To::Platform)
    }

    /// A body around a text that is encrypted already, signed rightly.
    pub fn signed(&self, encrypt: &str) -> (String, String) {
        let (timestamp, nonce) = ("1700000000", "415670741");
        let sign = wxauth::wechat::crypto::signature;
        let query = PushQuery {
            timestamp: timestamp.to_owned(),
            nonce: nonce.to_owned(),
            msg_signature: sign(self.keys.token.expose(), timestamp, nonce, Some(encrypt)),
            signature: None,
            openid: None,
        };
        let body = format!("<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>");
        (query.to_query(), body)
    }

    /// A ticket push, distinct by its number.
    pub fn ticket(&self, number: u32) -> (String, String) {
        let ticket = Secret::new(format!("ticket@@@story-{number:08}"));
        let now = 1_700_000_000 + i64::from(number);
        self.event(&ticket_xml(&self.platform, now, &ticket))
    }
}

/// The result of a quick registration that went well, with its code.
pub fn registered(wechat: &WeChat, appid: &str, code: &str, created_at: i64) -> String {
    format!(
        "<xml><AppId>{}</AppId><CreateTime>{created_at}</CreateTime>\
         <InfoType>notify_third_fasteregister</InfoType><appid>{appid}</appid>\
         <status>0</status><auth_code>{code}</auth_code></xml>",
        wechat.platform
    )
}

/// The events that the store of `desk` has, the newest first.
pub fn events(desk: &Desk, flags: &[&str]) -> Vec<Value> {
    let list = ["events", "list", "-o", "json"];
    let outcome: Outcome = desk.run(flags.iter().chain(&list)).expect_code(0);
    outcome.json().as_array().expect("an array").clone()
}

/// Makes a link, which a merchant of the sandbox then may follow.
pub fn link(desk: &Desk) {
    desk.run(["--sandbox", "link", "--no-qr"]).expect_code(0);
}
