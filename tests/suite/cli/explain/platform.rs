//! What is wrong with the platform itself: address, appsecret, appid, quota.

use serde_json::json;

use super::{Cause, Desk, Office, cause};
use crate::support::SandboxProcess;

#[test]
fn the_address_of_the_message_is_added_to_the_list() {
    for id in [
        "address_not_listed",
        "whitelist_not_released",
        "several_exits",
    ] {
        let office = Office::open();
        office
            .run(["sandbox", "platform", "--ip-whitelist", "203.0.113.9"])
            .expect_code(0);
        let failed = office.run(["token", "component"]);
        assert!(failed.stderr.contains("61004"), "{}", failed.stderr);
        let told = cause(&office.desk, &failed.stderr, id);
        let verb = told.in_sandbox.clone().expect("a verb");
        assert!(
            verb.ends_with(" 127.0.0.1"),
            "the address is taken from the message: {verb}"
        );
        assert_ne!(told.run(&office.desk, "wxauth ticket request", &[]).code, 0);
        told.play(&office.desk, &[]);
        told.run(&office.desk, "wxauth ticket request", &[])
            .expect_code(0);
        office.run(["token", "component"]).expect_code(0);
    }
}

#[test]
fn the_present_appsecret_takes_the_place_of_one_that_was_reset() {
    for id in ["secret_reset", "secret_of_another_account"] {
        let office = Office::with_profile(&["--mint", "wxauth"]);
        let old = "0123456789abcdef0123456789abcdef";
        office
            .desk
            .run_with_input(["profile", "set", "appsecret"], old)
            .expect_code(0);
        let failed = office.run(["token", "component", "-o", "json"]);
        assert_eq!(failed.json_error()["errcode"], 40125, "{}", failed.stderr);
        let told = cause(&office.desk, &failed.stderr, id);
        let present = office.sandbox.text("component_appsecret");
        told.run_with(&office.desk, "wxauth profile set appsecret", &[], &present)
            .expect_code(0);
        office.run(["token", "component"]).expect_code(0);
    }
}

#[test]
fn an_accounts_appid_in_the_platforms_place_is_corrected() {
    let office = Office::unnamed();
    let wrong = office.accounts("mini_program", true).remove(0);
    office.init("shop", &["--mint", "wxauth"]).expect_code(0);
    office
        .run(["profile", "set", "component_appid", &wrong])
        .expect_code(0);
    let ticket = office.sandbox.text("component_verify_ticket");
    office
        .desk
        .run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    let failed = office.run(["token", "component", "-o", "json"]);
    assert_eq!(failed.json_error()["errcode"], 61011, "{}", failed.stderr);
    let told = cause(&office.desk, &failed.stderr, "accounts_appid_used");
    let right = office.sandbox.text("component_appid");
    told.run(
        &office.desk,
        "wxauth profile set component_appid",
        &[("APPID", &right)],
    )
    .expect_code(0);
    office
        .desk
        .run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    office.run(["token", "component"]).expect_code(0);
}

/// A desk whose `--sandbox` is a sandbox where no more links can be made today.
fn used_up() -> (Desk, SandboxProcess) {
    let desk = Desk::new();
    let sandbox = SandboxProcess::start(&desk, &[]);
    desk.run(["--sandbox", "link", "-q"]).expect_code(0);
    let path = "/cgi-bin/component/api_create_preauthcode";
    sandbox.post("quota", &json!({"path": path, "used": 1_000_000_000}));
    (desk, sandbox)
}

/// The cause of the 45009 that a link meets.
fn refused(desk: &Desk, id: &str) -> Cause {
    let failed = desk.run(["--sandbox", "link", "-q", "-o", "json"]);
    assert_eq!(failed.json_error()["errcode"], 45009, "{}", failed.stderr);
    cause(desk, &failed.stderr, id)
}

#[test]
fn a_day_later_the_calls_are_there_again() {
    let (desk, _sandbox) = used_up();
    let told = refused(&desk, "wait_for_midnight");
    told.play(&desk, &[]);
    desk.run(["--sandbox", "link", "-q"]).expect_code(0);
}

#[test]
fn a_clear_brings_the_calls_back() {
    for (id, command) in [
        ("many_calls", "wxauth quota clear"),
        ("token_for_every_request", "wxauth quota clear --by-secret"),
    ] {
        let (desk, _sandbox) = used_up();
        let words = refused(&desk, id).typed(command, &[]);
        let global = ["--sandbox", "--yes"].map(str::to_owned);
        desk.run(global.into_iter().chain(words)).expect_code(0);
        desk.run(["--sandbox", "link", "-q"]).expect_code(0);
    }
}
