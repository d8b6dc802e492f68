//! What WeChat or something in its place answers, and what an operator gives it.

use super::office::{Office, hints, text};
use crate::support::Desk;

#[test]
fn an_answer_that_is_not_wechats_is_told_and_repeating_is_safe() {
    let office = Office::open();
    for fault in [
        "api_component_token: 9 times html",
        "api_component_token: 9 times truncate",
        "api_component_token: 9 times status 502",
        "api_component_token: 9 times drop",
        "api_component_token: 9 times cut",
    ] {
        office.sandbox.fault(fault);
        let refused = office
            .run(["token", "component", "-o", "json"])
            .expect_code(5);
        let error = refused.json_error();
        assert_eq!(error["kind"], "unreachable");
        assert!(
            !error["hints"].as_array().expect("hints").is_empty(),
            "{fault}"
        );
        office
            .sandbox
            .post("faults", &serde_json::json!({ "clear": true }));
        // Nothing half got is kept: the next run has a token that works.
        office.run(["token", "component"]).expect_code(0);
        office.run(["link", "-o", "json"]).expect_code(0);
        std::fs::remove_file(office.store()).expect("a store");
        for side in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(office.desk.config_dir().join(format!("store.db{side}")));
        }
    }
}

#[test]
fn a_dead_server_a_dead_name_and_a_wrong_base_are_told_apart() {
    let office = Office::open();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let dead = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let at = |base: &str| {
        let mut command = office.desk.command(["token", "component", "-o", "json"]);
        command
            .env("WXAUTH_API_BASE", base)
            .env("WXAUTH_MINT", "wxauth");
        crate::support::Outcome::of(command.spawn().expect("the program"))
    };
    let error = at(&dead).expect_code(5).json_error();
    assert!(hints(&error, "may connect"), "{error}");
    let error = at("https://api.wechat.invalid").expect_code(5).json_error();
    assert!(
        hints(&error, "resolves") || hints(&error, "may connect"),
        "{error}"
    );
    for base in [
        "http://api.example.com",
        "ftp://api.example.com",
        "not a url",
        "",
    ] {
        let refused = at(base);
        // An empty variable is none: then the base is WeChat's own, which a test must not call.
        if base.is_empty() {
            continue;
        }
        let error = refused.expect_code(2).json_error();
        assert!(
            text(&error, "message").contains("WXAUTH_API_BASE"),
            "{error}"
        );
    }
}

#[test]
fn a_wrong_appid_is_told_without_a_call() {
    let office = Office::open();
    for appid in [
        "wx123",
        "WX4F53C1E49F30FC18",
        "gh_25221501589c",
        "4f53c1e49f30fc18",
        "wx4f53c1e49f30fc1z",
    ] {
        let mut command = office.desk.command(["token", "component", "-o", "json"]);
        command.env("WXAUTH_COMPONENT_APPID", appid);
        let refused = crate::support::Outcome::of(command.spawn().expect("the program"));
        let message = text(&refused.expect_code(2).json_error(), "message");
        assert!(
            message.contains("wx and 16 hexadecimal digits"),
            "{message}"
        );
        let error = office.run(["init", "--component-appid", appid, "-o", "json"]);
        error.expect_code(2);
    }
    assert_eq!(office.calls(), 0);
}

#[test]
fn tickets_are_taken_from_stdin_and_from_a_file_and_nothing_else_passes_for_one() {
    let office = Office::unnamed();
    office.init("shop", &["--mint", "wxauth"]).expect_code(0);
    let set = |input: &str| {
        office
            .desk
            .run_with_input(["ticket", "set", "-o", "json"], input)
    };
    for (given, part) in [
        ("", "no component_verify_ticket was given"),
        ("\n \n", "no component_verify_ticket was given"),
        ("preauthcode@@@abcdefghijklmnop", "pre-auth code"),
        ("queryauthcode@@@abcdefghijkl", "authorization code"),
        ("wx0123456789abcdef", "appid"),
    ] {
        let error = set(given).expect_code(2).json_error();
        assert!(text(&error, "message").contains(part), "{given}: {error}");
        assert!(!error["hints"].as_array().expect("hints").is_empty());
    }
    let none = office
        .run(["ticket", "show", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(
        hints(&none, "ticket set") && hints(&none, "ticket request"),
        "{none}"
    );
    let none = office
        .run(["token", "component", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(hints(&none, "ticket set"), "{none}");

    let ticket = office.sandbox.text("component_verify_ticket");
    let path = office.file("ticket.txt", &format!("  {ticket}\n"));
    let file = path.to_str().expect("a path");
    office.run(["ticket", "set", "--file", file]).expect_code(0);
    let known = set(&ticket).expect_code(0);
    assert_eq!(known.stderr, "");
    office.run(["token", "component"]).expect_code(0);
    office
        .run(["ticket", "set", "--file", &office.desk.missing_file()])
        .expect_code(2);
}

#[test]
fn a_wrong_secret_is_refused_and_a_wrong_ticket_calls_for_a_person() {
    let office = Office::open().with(
        "WXAUTH_COMPONENT_APPSECRET",
        "0123456789abcdef0123456789abcdef",
    );
    let error = office
        .run(["token", "component", "-o", "json"])
        .expect_code(6)
        .json_error();
    assert_eq!(error["errcode"], 40125);
    assert!(hints(&error, "appsecret"), "{error}");

    let office = Office::open().with("WXAUTH_COMPONENT_VERIFY_TICKET", "ticket@@@never-pushed");
    let error = office
        .run(["token", "component", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(
        error["errcode"] == 61006 || error["errcode"] == 61005,
        "{error}"
    );
    assert!(hints(&error, "ticket set"), "{error}");

    let desk = Desk::new().with("WXAUTH_COMPONENT_APPID", "wx0123456789abcdef");
    let desk = desk.with("WXAUTH_MINT", "wxauth");
    let desk = desk.with("WXAUTH_COMPONENT_VERIFY_TICKET", "ticket@@@whatever-it-is");
    let error = desk
        .run(["token", "component", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(hints(&error, "appsecret"), "{error}");
}

#[test]
fn an_address_that_wechat_does_not_know_is_named() {
    let office = Office::open();
    office.sandbox.fault("ip: 61004");
    let error = office.run(["token", "component", "-o", "json"]);
    let code = error.code;
    let error = error.json_error();
    assert_eq!((&error["errcode"], code), (&61004.into(), 6), "{error}");
    assert!(
        hints(&error, "白名单IP地址列表") && hints(&error, "the address to add is"),
        "{error}"
    );
}
