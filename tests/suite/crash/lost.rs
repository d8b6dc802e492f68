//! Answers that do not arrive, and operators who do not wait for them.

use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Outcome;

use super::scene::Scene;

fn interrupt(child: &Child) {
    let id = i32::try_from(child.id()).expect("a process id");
    let id = Pid::from_raw(id).expect("a process id");
    kill_process(id, Signal::INT).expect("a signal");
}

/// The token is asked for while WeChat loses its answer once, in each of the ways it can.
fn an_answer_is_lost(whose: impl Fn(&Scene) -> Vec<String>, call: &str) {
    for (loss, made_at_wechat) in [("cut", 2), ("drop after", 2), ("drop", 1), ("truncate", 2)] {
        let scene = Scene::synced(1);
        let whose = whose(&scene);
        let words: Vec<&str> = whose.iter().map(String::as_str).collect();
        scene.sandbox.pass("2h");
        let before = scene.sandbox.successes(call);
        let calls = scene.calls(call);
        scene.sandbox.fault(&format!("{call}: once {loss}"));
        let token = scene.accepted(&words);
        let made = scene.sandbox.successes(call) - before;
        assert_eq!(made, made_at_wechat, "{loss}: tokens made");
        assert_eq!(
            scene.calls(call) - calls,
            2,
            "{loss}: one call and its repeat"
        );
        assert_eq!(
            scene.accepted(&words),
            token,
            "{loss}: what was stored is what was printed"
        );
        scene.converges();
    }
}

#[test]
fn the_answer_with_the_component_token_is_lost() {
    let component = |_: &Scene| vec!["component".to_owned()];
    an_answer_is_lost(component, "api_component_token");
}

#[test]
fn the_answer_with_a_merchants_token_is_lost() {
    let authorizer = |scene: &Scene| vec!["authorizer".to_owned(), scene.merchants[0].clone()];
    an_answer_is_lost(authorizer, "api_authorizer_token");
}

#[test]
fn answers_are_lost_every_time_and_two_calls_are_enough() {
    let scene = Scene::synced(1);
    scene.sandbox.pass("2h");
    let before = scene.calls("api_component_token");
    scene.sandbox.fault("api_component_token: drop after");
    let outcome = scene.run(["token", "component"]).expect_code(5);
    assert_eq!(outcome.stdout, "", "no token is better than a dead one");
    assert_eq!(scene.calls("api_component_token") - before, 2);
    scene
        .sandbox
        .post("faults", &serde_json::json!({"clear": true}));
    scene.converges();
}

#[test]
fn a_call_given_up_on_is_done_after_its_repeat() {
    let scene = Scene::synced(1);
    scene.sandbox.pass("2h");
    // Longer than the program waits for one answer.
    scene
        .sandbox
        .fault("api_component_token: once hold 11s before");
    let told = scene.run(["token", "component"]).expect_code(0);
    assert!(told.stderr.contains("asking again"), "{}", told.stderr);
    scene.converges();
}

#[test]
fn interrupted_while_wechat_answers_the_answer_is_stored() {
    let scene = Scene::synced(1);
    let appid = scene.merchants[0].clone();
    scene
        .sandbox
        .fault("api_authorizer_token: once hold 1s after");
    let child = scene.start(["token", "authorizer", &appid]);
    scene.until_held(1);
    interrupt(&child);
    let outcome = Outcome::of(child).expect_code(130);
    assert_eq!(outcome.stdout, "");
    let row = scene.json(["token", "authorizer", &appid]);
    assert_eq!(row["source"], "cache", "it was stored before the end");
    assert_eq!(scene.sandbox.successes("api_authorizer_token"), 1);
    assert_eq!(
        scene.errcode_for(row["token"].as_str().expect("a token")),
        0
    );
}

#[test]
fn interrupted_twice_it_ends_at_once() {
    let scene = Scene::synced(1);
    let appid = scene.merchants[0].clone();
    scene
        .sandbox
        .fault("api_authorizer_token: once hold 6s after");
    let child = scene.start(["token", "authorizer", &appid]);
    scene.until_held(1);
    interrupt(&child);
    // Two signals at one moment are one to the system.
    std::thread::sleep(std::time::Duration::from_millis(300));
    interrupt(&child);
    Outcome::of(child).expect_code(130);
    assert_eq!(
        scene.sandbox.get("faults")["held"],
        1,
        "WeChat is still holding its answer"
    );
    scene.converges();
}

#[test]
fn interrupted_while_a_code_is_exchanged_the_merchant_is_stored() {
    let scene = Scene::unseen(1);
    let appid = scene.merchants[0].clone();
    scene
        .sandbox
        .post("revoke", &serde_json::json!({"appid": appid}));
    let code = scene.code_of(&appid);
    let file = scene.desk.home().join("code");
    std::fs::write(&file, code).expect("a file with the code");
    let file = file.to_str().expect("UTF-8");
    scene.sandbox.fault("api_query_auth: once hold 1s after");
    let child = scene.start(["authorizers", "redeem", "--file", file]);
    scene.until_held(1);
    interrupt(&child);
    Outcome::of(child).expect_code(130);
    let again = scene.json(["authorizers", "redeem", "--file", file]);
    assert_eq!(again["authorizer"]["appid"], *appid);
    assert_eq!(
        scene.calls("api_query_auth"),
        1,
        "a code is not exchanged twice"
    );
    scene.accepted(&["authorizer", &appid]);
}

#[test]
fn a_code_whose_answer_was_lost_is_not_exchanged_again() {
    let scene = Scene::unseen(2);
    let appid = scene.merchants[0].clone();
    scene
        .sandbox
        .post("revoke", &serde_json::json!({"appid": appid}));
    scene.run(["authorizers", "sync"]).expect_code(0);
    let code = scene.code_of(&appid);
    let file = scene.desk.home().join("code");
    std::fs::write(&file, code).expect("a file with the code");
    let file = file.to_str().expect("UTF-8");
    scene.sandbox.fault("api_query_auth: once drop after");
    let row = scene.json(["authorizers", "redeem", "--file", file]);
    assert_eq!(row["authorizer"]["appid"], *appid);
    assert_eq!(row["authorizer"]["status"], "active");
    assert_eq!(scene.calls("api_query_auth"), 1);
    scene.accepted(&["authorizer", &appid]);
}
