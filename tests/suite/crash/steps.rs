//! SIGKILL at every numbered step of the program. The steps are read from the sources, so that a
//! new one is told of without a word here.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::scene::Scene;

/// Every name in a `crash::point("…")` of the sources.
fn steps() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).expect("a source");
            let calls = text.split("crash::point(\"").skip(1);
            names.extend(calls.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    names
}

/// Runs the command so that it dies at `step`, if it comes there.
fn dies_at(mut command: Command, step: &str) -> bool {
    let mut child = command
        .env("WXAUTH_CRASH_POINT", step)
        .spawn()
        .expect("the program starts");
    child.wait().expect("it ends").signal() == Some(9)
}

/// Kills `arguments` at every step, each time with what is due made due before, and the world
/// looked at after. Answers the steps that were reached.
fn at_every_step(scene: &Scene, arguments: &[&str], due: impl Fn()) -> BTreeSet<String> {
    let reached = steps().into_iter().filter(|step| {
        due();
        let flag = ["--sandbox"];
        let command = scene.desk.command(flag.iter().chain(arguments));
        let died = dies_at(command, step);
        if died {
            scene.converges();
        }
        died
    });
    reached.collect()
}

#[track_caller]
fn contains(reached: &BTreeSet<String>, expected: &[&str]) {
    for step in expected {
        assert!(
            reached.contains(*step),
            "{step} was not reached: {reached:?}"
        );
    }
}

/// What every refresh goes through.
const REFRESH: [&str; 7] = [
    "refresh:leased",
    "store:begin",
    "refresh:intended",
    "refresh:answered",
    "store:commit:before",
    "store:commit:after",
    "refresh:committed",
];

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn every_step_belongs_to_a_verb_of_these_stories() {
    let mut known: BTreeSet<String> = REFRESH.iter().map(|step| (*step).to_owned()).collect();
    // Encrypting and writing back are killed in stories of their own.
    let others = [
        "redeem:",
        "sync:",
        "event:",
        "encrypt:",
        "refresh:written_back",
    ];
    known.extend(
        steps()
            .into_iter()
            .filter(|step| others.iter().any(|verb| step.starts_with(verb))),
    );
    assert_eq!(steps(), known);
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_at_every_step_of_minting_the_component_token() {
    let scene = Scene::synced(2);
    let stale = || scene.sandbox.pass("2h");
    let reached = at_every_step(&scene, &["token", "component"], stale);
    contains(&reached, &REFRESH);
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_at_every_step_of_minting_a_merchants_token() {
    for rotates in [false, true] {
        let scene = Scene::synced(2);
        scene.behave(&json!({"refresh_token_rotates": rotates}));
        let stale = || {
            scene.sandbox.pass("2h");
            scene.accepted(&["component"]);
        };
        let appid = scene.merchants[0].clone();
        let reached = at_every_step(&scene, &["token", "authorizer", &appid], stale);
        contains(&reached, &REFRESH);
    }
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_at_every_step_of_replacing_a_token_in_its_prime() {
    let scene = Scene::synced(1);
    let appid = scene.merchants[0].clone();
    let fresh = || {
        scene.accepted(&["authorizer", &appid]);
    };
    let reached = at_every_step(&scene, &["authorizers", "refresh", &appid], fresh);
    contains(&reached, &REFRESH);
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_at_every_step_of_a_bulk_refresh() {
    for rotates in [false, true] {
        let scene = Scene::synced(4);
        scene.behave(&json!({"refresh_token_rotates": rotates}));
        let stale = || {
            scene.sandbox.pass("2h");
            scene.accepted(&["component"]);
        };
        let reached = at_every_step(&scene, &["authorizers", "refresh"], stale);
        let claimed = [
            "refresh:answered",
            "store:commit:before",
            "store:commit:after",
        ];
        contains(&reached, &claimed);
    }
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_at_every_step_of_a_sync() {
    let scene = Scene::synced(4);
    let later = || scene.sandbox.pass("2h");
    let reached = at_every_step(&scene, &["authorizers", "sync", "--full"], later);
    contains(&reached, &["sync:begun", "sync:observed", "sync:finishing"]);
    scene.run(["authorizers", "sync", "--full"]).expect_code(0);
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_at_every_step_of_redeeming_a_code() {
    let mut reached = BTreeSet::new();
    for step in steps() {
        let mut scene = Scene::unseen(1);
        let appid = scene.merchants[0].clone();
        scene.sandbox.post("revoke", &json!({"appid": appid}));
        scene.accepted(&["component"]);
        scene.sandbox.pass("70m");
        let code = scene.code_of(&appid);
        // The code lives an hour; the component token is nearly over by now.
        scene.sandbox.pass("45m");
        let file = scene.desk.home().join("code");
        fs::write(&file, &code).expect("a file with the code");
        let file = file.to_str().expect("UTF-8");
        let redeem = ["authorizers", "redeem", "--file", file];
        let command = scene.desk.command(["--sandbox"].iter().chain(&redeem));
        if dies_at(command, &step) {
            reached.insert(step.clone());
        }
        let again = scene.run(redeem);
        // The code may be spent, and who has it then is in WeChat's list.
        assert!(matches!(again.code, 0 | 6), "{step}: {again:?}");
        scene.run(["authorizers", "sync"]).expect_code(0);
        scene.merchants = vec![appid];
        scene.converges();
    }
    contains(&reached, &REFRESH);
    contains(&reached, &["redeem:answered", "redeem:committed"]);
}
