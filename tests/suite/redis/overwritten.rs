//! Another program wrote over a key: the error names it, and its cure works word for word.

use std::process::Command;

use super::scene;
use crate::crash::scene::Scene;
use crate::support::RedisServer;

/// The database of the platform, which the hint must name too.
const DATABASE: &str = "3";

/// The command fails by the key of this name, to which another program gave another type, until what
/// the hints say is done.
#[track_caller]
fn assert_named(scene: &Scene, server: &RedisServer, name: &str, command: &[&str]) {
    let ask = |words: &[&str]| server.cli(&[&["-n", DATABASE], words].concat());
    let found = ask(&["--scan", "--pattern", &format!("wxauth:{{*}}:{name}")]);
    let [key] = found.lines().collect::<Vec<_>>()[..] else {
        panic!("{name}: {found}");
    };
    ask(&["DEL", key]);
    ask(&["XADD", key, "*", "theirs", "1"]);

    let english = scene.run(command.iter().chain(&["-o", "json"]));
    let error = english.expect_code(7).json_error();
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains(key), "{error}");
    assert!(message.contains("another program wrote over it"), "{error}");
    let chinese = scene.run(["--lang", "zh"].iter().chain(command));
    let said = chinese.expect_code(7).stderr;
    assert!(said.contains(&format!("键 {key} 的值类型不符")), "{said}");

    let hint = error["hints"][0].as_str().expect("a hint");
    let cure = hint.split('`').find(|part| part.starts_with("redis-cli"));
    let cure = cure.unwrap_or_else(|| panic!("{hint}"));
    // A server that is stopped takes no ticket, without which nothing is recovered.
    assert!(hint.ends_with("serve` again"), "{hint}");
    let cured = Command::new("sh").args(["-c", cure]).output();
    assert_eq!(cured.expect("a shell").stdout, b"1\n", "{cure}");
    let recover = error["hints"][1].to_string();
    assert!(recover.contains("authorizers recover"), "{error}");
    // A pass over the list in the second of the one before finds nothing new.
    scene.sandbox.pass("1m");
    scene.run(["authorizers", "recover"]).expect_code(0);
    scene.run(command).expect_code(0);
}

#[test]
fn key_of_another_type_is_named_with_a_cure_that_works() {
    let server = RedisServer::start();
    let scene = scene(&format!("{}/{DATABASE}", server.url()), 3);
    scene.run(["authorizers", "sync"]).expect_code(0);
    let before = scene.json(["authorizers", "list"]);
    let appid = before[0]["appid"].as_str().expect("an appid");
    let original_id = before[0]["user_name"].as_str().expect("an id");
    let token_of = ["token", "authorizer", appid];
    for (key, command) in [
        // Only scripts ask for the first two.
        ("fence", &token_of[..]),
        ("authorizers", &["authorizers", "list"]),
        (&format!("token:{appid}"), &token_of),
        ("by-user-name", &["authorizers", "show", original_id]),
    ] {
        assert_named(&scene, &server, key, command);
        let after = scene.json(["authorizers", "list"]);
        assert_eq!(after.as_array().map(Vec::len), Some(3), "{key}");
        scene.accepted(&["authorizer", appid]);
    }
}
