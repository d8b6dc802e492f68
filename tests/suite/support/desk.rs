//! An operator's desk: a home folder, an environment, the program.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A desk with a fresh home; nothing of the real environment reaches the program.
pub struct Desk {
    home: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Outcome {
    /// What it printed.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
    /// Its exit code; -1 when a signal ended it.
    pub code: i32,
}

impl Desk {
    /// A fresh desk.
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().expect("a folder for the desk"),
            variables: Vec::new(),
        }
    }

    /// The same desk with a variable in its environment.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The path of a file in a folder that does not exist.
    pub fn missing_file(&self) -> String {
        let file = self.home.path().join("no-such-folder").join("file");
        file.display().to_string()
    }

    /// The configuration folder, which is made by the first command that needs it.
    pub fn config_dir(&self) -> PathBuf {
        self.home.path().join("config")
    }

    /// The program with these arguments, not started yet.
    pub fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wxauth"));
        command.args(arguments);
        self.furnish(command)
    }

    /// The same with this machine's clock moved for it, as `faketime -f` takes it: `+48h`.
    pub fn command_at(
        &self,
        clock: &str,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Command {
        let mut command = Command::new("faketime");
        let program = env!("CARGO_BIN_EXE_wxauth");
        command.args(["-f", clock, program]).args(arguments);
        let mut command = self.furnish(command);
        // Measured durations are none of the wall clock's.
        command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    fn furnish(&self, mut command: Command) -> Command {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("WXAUTH_CONFIG_DIR", self.config_dir())
            .env("TZ", "UTC")
            .env("COLUMNS", "120")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    #[must_use]
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Outcome {
        Outcome::of(self.start(arguments))
    }

    /// Runs the program to its end with `input` on stdin.
    #[must_use]
    pub fn run_with_input(
        &self,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        input: &str,
    ) -> Outcome {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that ends without reading closes the pipe: that is its right.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        Outcome::of(child)
    }

    /// Starts the program and lets it run.
    pub fn start(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Child {
        self.command(arguments).spawn().expect("the program starts")
    }
}

impl Outcome {
    /// Waits for a run to end.
    pub fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("the program ends");
        Self {
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
            code: output.status.code().unwrap_or(-1),
        }
    }

    /// The same outcome, which must have this exit code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// stdout as one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "no JSON ({error}):\n{}\nstderr:\n{}",
                self.stdout, self.stderr
            )
        })
    }

    /// The error line that JSON formats end stderr with.
    #[track_caller]
    pub fn json_error(&self) -> Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        let error: Value = serde_json::from_str(line)
            .unwrap_or_else(|_| panic!("no JSON error line in:\n{}", self.stderr));
        error["error"].clone()
    }
}
