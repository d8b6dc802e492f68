//! Outside witnesses: what other people wrote, against the sandbox and against our crypto.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "redis")]
mod easywechat;
#[cfg(feature = "redis")]
mod layouts;
#[cfg(feature = "redis")]
mod node_easywechat;
mod pushes;
mod serving;
mod wechatpy;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{Outcome, skip};

/// A Python that has `module`; the story is skipped where there is none.
///
/// WXAUTH_TEST_PYTHON names it; else it is the one of a virtual environment `python` in cargo's
/// folder for test data.
fn python_with(module: &str) -> Option<PathBuf> {
    let named = std::env::var_os("WXAUTH_TEST_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        folder.join("python").join("bin").join("python")
    });
    let has = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .output()
        .is_ok_and(|output| output.status.success());
    if has {
        return Some(python);
    }
    skip(&format!(
        "no {module} for {}: set WXAUTH_TEST_PYTHON to a Python that has it, as tests/run.sh does",
        python.display()
    ));
    None
}

/// Starts a script of `tests/compat`; its streams are pipes.
fn start_script(python: &Path, script: &str) -> Child {
    let mut command = Command::new(python);
    command.arg(script_path(script)).env_clear();
    start(&mut command)
}

fn script_path(script: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat");
    folder.join(script)
}

fn start(command: &mut Command) -> Child {
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONWARNINGS", "ignore")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a script starts")
}

/// Runs a script of `tests/compat` with `input` as JSON on stdin; what it prints, as JSON.
#[track_caller]
fn run_script(python: &Path, script: &str, input: &Value) -> Value {
    fed(start_script(python, script), input)
}

/// Gives `input` as JSON to a script; what it prints, as JSON.
#[track_caller]
fn fed(mut child: Child, input: &Value) -> Value {
    let stdin = child.stdin.take().expect("a pipe");
    serde_json::to_writer(stdin, input).expect("the script reads");
    Outcome::of(child).expect_code(0).json()
}
