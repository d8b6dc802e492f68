//! Stories told again on servers of other makes and versions than the machine's own.
//!
//! WXAUTH_TEST_REDIS_6 and WXAUTH_TEST_VALKEY name the programs; tests/run.sh installs both, where
//! there are packages for the machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::skip;

/// What asks for a server that is new enough: everything that the store does, a user with the rights
/// that `help redis` lists, a cluster and a failover.
const STORIES: &[&str] = &[
    "::on_redis::",
    "redis::cluster::",
    "redis::reached::a_password_and_a_user",
    "redis::sentinel::after_a_failover",
    "cli::layouts::detect::",
];
/// So many are told at the least.
const AT_LEAST: usize = 90;

/// Commands and options that came with 6.2 or later: what installs as 6 here is 6.2, so that no story
/// would miss them. Lua writes them in single quotes.
const NEWER: &[&str] = &[
    "BLMOVE",
    "BYLEX",
    "BYSCORE",
    "COPY",
    "EXAT",
    "EXPIRETIME",
    "FCALL",
    "GETDEL",
    "GETEX",
    "GT",
    "HEXPIRE",
    "HGETDEL",
    "HRANDFIELD",
    "LMOVE",
    "LMPOP",
    "LT",
    "PEXPIRETIME",
    "PXAT",
    "REV",
    "SINTERCARD",
    "SMISMEMBER",
    "XAUTOCLAIM",
    "ZDIFF",
    "ZINTER",
    "ZMPOP",
    "ZMSCORE",
    "ZRANDMEMBER",
    "ZRANGESTORE",
    "ZUNION",
];

/// Tells the stories on the server that a variable names, whose `--version` begins so.
#[track_caller]
fn told_on(variable: &str, version: &str) {
    let server = std::env::var(variable).unwrap_or_default();
    if !Path::new(&server).exists() {
        let reason = format!("{variable} names no server: `{server}`");
        // The packages are for these machines alone.
        match cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            true => skip(&reason),
            false => eprintln!("skipped: {reason}"),
        }
        return;
    }
    let said = Command::new(&server).arg("--version").output();
    let said = String::from_utf8(said.expect("it runs").stdout).expect("UTF-8");
    assert!(said.starts_with(version), "{server}: {said}");
    let told = Command::new(std::env::current_exe().expect("this program"))
        .args(STORIES)
        .env("WXAUTH_TEST_REDIS_SERVER", &server)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{said}");
    let passed = (said.split_once("test result: ok. ")).and_then(|(_, rest)| rest.split_once(' '));
    let (passed, _) = passed.expect("how many passed");
    let passed: usize = passed.parse().expect("a number");
    assert!(passed >= AT_LEAST, "only {passed} stories");
}

#[test]
fn the_oldest_redis_that_is_promised_does_all_of_it() {
    told_on("WXAUTH_TEST_REDIS_6", "Redis server v=6.");
}

#[test]
fn valkey_does_all_of_it() {
    told_on("WXAUTH_TEST_VALKEY", "Valkey server v=");
}

#[test]
fn nothing_is_asked_that_came_after_6_0() {
    let mut read = 0;
    let mut folders = vec![PathBuf::from("src/store"), PathBuf::from("src/sys/redis")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            read += usize::from(text.contains("redis::cmd(") || text.contains("redis.call("));
            for word in NEWER {
                for quoted in [format!("\"{word}\""), format!("'{word}'")] {
                    assert!(!text.contains(&quoted), "{}: {word}", path.display());
                }
            }
        }
    }
    assert!(read > 40, "{read} files speak to Redis");
}
