//! Each example of each help, as it is typed.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};

use super::help::commands;
use super::scene::{Scene, examples};
use super::serving::{Serving, signal};
use crate::support::Outcome;

/// Examples that show another end than 0, and why.
const OTHER_ENDS: &[(&str, i32)] = &[
    // The link is cut short, so that the example stays on its line.
    ("link --lint", 3),
    // Nobody takes pushes at the addresses of these examples.
    ("sandbox push", 3),
    ("sandbox release-check", 3),
    ("events send", 3),
    // The profile of the scene names no layout.
    ("store import --layout", 2),
    ("store export --layout", 2),
    // No Redis is at the addresses of these examples.
    ("store detect", 7),
];

/// An example that goes on until it is stopped.
struct Unending {
    part: &'static str,
    /// What its first line has when it is at work.
    ready: &'static str,
    signal: &'static str,
    code: i32,
}

const UNENDING: &[Unending] = &[
    Unending {
        part: "sandbox start",
        ready: "http://127.0.0.1:",
        signal: "TERM",
        code: 0,
    },
    Unending {
        part: " serve",
        ready: "Platform wx",
        signal: "TERM",
        code: 0,
    },
    Unending {
        part: "events list --follow",
        ready: "wxauth_probe",
        signal: "INT",
        code: 130,
    },
    Unending {
        part: "--wait",
        ready: "bindcomponent",
        signal: "INT",
        code: 130,
    },
];

fn unending(example: &str) -> Option<&'static Unending> {
    UNENDING.iter().find(|known| example.contains(known.part))
}

/// Whether an example goes on until it is stopped.
pub fn goes_on(example: &str) -> bool {
    unending(example).is_some()
}

#[test]
fn every_example_of_every_help_works_as_it_is_typed() {
    let mut told = BTreeSet::new();
    let shared = Scene::set(true);
    for command in commands() {
        for example in examples(&command) {
            if unending(&example).is_some() || !told.insert(example.clone()) {
                continue;
            }
            // These change the world for whoever comes after them.
            let alone = ["init", "sandbox", "authorizers forget"]
                .iter()
                .any(|known| command.starts_with(known));
            let own = alone.then(|| Scene::set(command.starts_with("authorizers")));
            let scene = own.as_ref().unwrap_or(&shared);
            let ended = Outcome::of(scene.shell(&example).spawn().expect("a shell"));
            let end = OTHER_ENDS.iter().find(|(part, _)| example.contains(part));
            let end = end.map_or(0, |(_, code)| *code);
            if example.contains("store decrypt") {
                // The key is still set for whoever comes after it.
                let encrypt = scene.shell("wxauth --sandbox store encrypt");
                Outcome::of({ encrypt }.spawn().expect("a shell")).expect_code(0);
            }
            assert_eq!(
                ended.code, end,
                "{example}\n{}\n{}",
                ended.stdout, ended.stderr
            );
        }
    }
    assert!(told.len() > 30, "only {} examples were found", told.len());
}

/// The example in one process, on ports that nobody else has.
fn on_free_ports(example: &str) -> String {
    let mut line = format!("exec {}", example.replace(":8780", ":0"));
    let mut add = |flag: &str, value: &str| {
        if !line.contains(flag) {
            line.push_str(&format!(" {flag} {value}"));
        }
    };
    if example.contains("sandbox start") {
        add("--port", "0");
    } else if example.contains(" serve") {
        add("--bind", "127.0.0.1:0");
        add("--admin-bind", "none");
    }
    line
}

/// Lets a server of the scene's platform hear a push.
fn hear_a_push(scene: &Scene) {
    let line = "exec wxauth serve --bind 127.0.0.1:0 --admin-bind none -o json --log json";
    let server = Serving::of(&mut scene.shell(line));
    let to = server.route("events_url");
    let mut send = scene.shell(&format!("exec wxauth events send --to {to}"));
    Outcome::of(send.spawn().expect("a shell")).expect_code(0);
    server.end("TERM").expect_code(0);
}

#[test]
fn examples_that_serve_or_wait_do_so_until_they_are_stopped() {
    let mut told = 0;
    for command in commands() {
        for example in examples(&command) {
            let Some(known) = unending(&example) else {
                continue;
            };
            told += 1;
            let scene = match known.part {
                "sandbox start" => Scene::bare(),
                _ => Scene::set(false),
            };
            if known.part == "events list --follow" {
                hear_a_push(&scene);
            }
            let mut child = scene
                .shell(&on_free_ports(&example))
                .spawn()
                .expect("a shell");
            let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
            let mut lines = stdout.lines().map_while(Result::ok);
            let ready = lines.any(|line| line.contains(known.ready));
            signal(&child, known.signal);
            let ended = Outcome::of(child);
            assert!(ready, "{example}: {}", ended.stderr);
            assert_eq!(ended.code, known.code, "{example}: {}", ended.stderr);
        }
    }
    assert!(told >= 7, "only {told} examples were found");
}
