//! Real Redis servers for stories: each in a folder of its own, gone with the test process.
//!
//! WXAUTH_TEST_REDIS_SERVER names the program, for example that of Redis 6.2 or Valkey; else it is the
//! `redis-server` that is found.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// How many stories can have a database of their own on the shared server.
const DATABASES: u32 = 4096;

/// A running server (or sentinel).
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    process: Child,
    words: Vec<String>,
}

impl RedisServer {
    /// A server on a free port of the loopback and a unix socket.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with further directives, for example `["--requirepass", "…"]`.
    pub fn with(directives: &[&str]) -> Self {
        Self::on(free_port(), directives)
    }

    /// A server on a port that was chosen before.
    pub fn on(port: u16, directives: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let usual = ["--save", "", "--appendonly", "no"];
        Self::launch(folder, port, &[&program()], &[&usual, directives].concat())
    }

    /// A sentinel that watches the master on `port` under the name `platform`, with two to agree.
    pub fn sentinel(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = format!(
            "sentinel monitor platform 127.0.0.1 {port} 2\n\
             sentinel down-after-milliseconds platform 2000\n\
             sentinel failover-timeout platform 5000\n"
        );
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, settings).expect("a file");
        let file = file.display().to_string();
        Self::launch(folder, free_port(), &[&program(), &file, "--sentinel"], &[])
    }

    fn launch(folder: TempDir, port: u16, program: &[&str], directives: &[&str]) -> Self {
        let socket = folder.path().join("redis.sock").display().to_string();
        let port_text = port.to_string();
        let usual = [
            "--port",
            &port_text,
            "--bind",
            "127.0.0.1",
            "--unixsocket",
            &socket,
            "--dir",
            ".",
        ];
        let words = [program, &usual, directives].concat();
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let server = Self {
            process: run(folder.path(), &words),
            folder,
            port,
            words,
        };
        server.wait();
        server
    }

    /// Starts it again after it was killed: same folder, same port.
    pub fn restart(&mut self) {
        self.end();
        let _ = std::fs::remove_file(self.socket());
        self.process = run(self.folder.path(), &self.words);
        self.wait();
    }

    fn end(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }

    /// Waits until it answers.
    pub fn wait(&self) {
        for _ in 0..200 {
            if self.socket().exists() && self.is_ready() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("redis-server does not start: {}", self.log());
    }

    fn is_ready(&self) -> bool {
        let log = self.log();
        log.contains("eady to accept connections") || log.contains("Sentinel ID is")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` prints, on the socket; asserts that it went well.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let ask = || {
            Command::new("redis-cli")
                .arg("-s")
                .arg(self.socket())
                .args(arguments)
                .output()
                .expect("redis-cli runs")
        };
        let mut output = ask();
        // Sentinels hang up on whoever talks to a server that they promote; redis-cli dies of it.
        if output.status.code().is_none() {
            output = ask();
        }
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim_end()
            .to_owned()
    }

    /// The same on the port, where a sentinel listens.
    pub fn ask(&self, arguments: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(arguments)
            .output()
            .expect("redis-cli runs");
        String::from_utf8(output.stdout)
            .expect("UTF-8")
            .trim_end()
            .to_owned()
    }

    /// Sends a signal (`KILL`, `STOP`, `CONT`) to the server itself.
    pub fn signal(&self, name: &str) {
        let pid = self.pid();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    fn pid(&self) -> String {
        let log = self.log();
        let line = log.lines().next().unwrap_or_default();
        line.split(':').next().unwrap_or_default().to_owned()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts a program in a folder. It ends when this process does: the shell between waits for the end
/// of a pipe that this process holds.
fn run(folder: &Path, words: &[String]) -> Child {
    let script = r#"cd "$0" && { "$@" >log 2>&1 & }; read _; kill -9 $!"#;
    Command::new("sh")
        .args(["-c", script])
        .arg(folder)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell starts")
}

fn program() -> String {
    std::env::var("WXAUTH_TEST_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// An address of an empty database on a server that all stories of this process share.
pub fn shared_redis() -> String {
    static SERVER: OnceLock<RedisServer> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(|| RedisServer::with(&["--databases", &DATABASES.to_string()]));
    let database = NEXT.fetch_add(1, Ordering::Relaxed);
    assert!(database < DATABASES, "more stories than databases");
    format!("redis+unix://{}?db={database}", server.socket().display())
}
