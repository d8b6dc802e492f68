//! What `serve` does not begin, told before anything is touched.

use std::net::TcpListener;

use super::office::{Office, hints, text};
use crate::support::Desk;

/// An office whose environment has the keys of pushes as well.
fn office() -> Office {
    let office = Office::open();
    let (token, key) = (
        office.sandbox.text("token"),
        office.sandbox.text("encoding_aes_key"),
    );
    office
        .with("WXAUTH_TOKEN", token)
        .with("WXAUTH_ENCODING_AES_KEY", key)
}

const FREE: [&str; 7] = [
    "serve",
    "--bind",
    "127.0.0.1:0",
    "--admin-bind",
    "none",
    "-o",
    "json",
];

#[test]
fn an_address_in_use_is_told_with_the_cure() {
    let office = office();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for (flag, flags) in [
        ("`--bind", ["--bind", &address, "--admin-bind", "none"]),
        (
            "`--admin-bind",
            ["--bind", "127.0.0.1:0", "--admin-bind", &address],
        ),
    ] {
        let refused = office.run(["serve", "-o", "json"].iter().chain(&flags));
        let error = refused.expect_code(2).json_error();
        let message = text(&error, "message");
        assert!(message.contains(&address), "{error}");
        assert!(hints(&error, &format!("{flag} 127.0.0.1:0")), "{error}");
    }
}

#[test]
fn without_keys_nothing_can_be_received() {
    let office = Office::open();
    let error = office.run(FREE).expect_code(4).json_error();
    assert!(text(&error, "message").contains("Token"), "{error}");
    let token = office.sandbox.text("token");
    let office = office.with("WXAUTH_TOKEN", token);
    let error = office.run(FREE).expect_code(4).json_error();
    assert!(
        text(&error, "message").contains("EncodingAESKey"),
        "{error}"
    );
    let nobody = Desk::new().run(FREE).expect_code(4);
    assert!(hints(&nobody.json_error(), "--sandbox"));
}

#[test]
fn every_platform_served_is_named_once_and_has_its_own_keys() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.init("stage", &["--mint", "never"]).expect_code(0);
    for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
        let value = office.sandbox.text(field);
        let words = ["--profile", "shop", "profile", "set", key];
        office.desk.run_with_input(words, &value).expect_code(0);
    }
    let serve = |words: &[&str]| office.run(FREE.iter().chain(words));
    let error = serve(&["shop", "stage"]).expect_code(4).json_error();
    assert!(text(&error, "message").contains("`stage`"), "{error}");
    let cure = "wxauth --profile stage profile set token";
    assert!(hints(&error, cure), "{error}");
    let twice = serve(&["shop", "shop"]).expect_code(2).json_error();
    assert!(text(&twice, "message").contains("twice"), "{twice}");
    let both = serve(&["shop", "--sandbox"]).expect_code(2).json_error();
    assert!(text(&both, "message").contains("--sandbox"), "{both}");
}

#[test]
fn flags_that_would_cost_or_betray_are_refused() {
    let office = office();
    let elsewhere = "http://backend.example.com/wechat";
    let cases: [(&[&str], &str); 7] = [
        (&["--refresh=all"], "--daily-budget"),
        (&["--refresh", "--daily-budget", "9"], "--refresh=all"),
        (
            &["--forward-to", elsewhere, "--forward-secrets"],
            "in the clear",
        ),
        (
            &[
                "--forward-to",
                "https://backend.example.com/",
                "--forward-secrets",
                "--forward-as",
                "untouched",
            ],
            "JSON form",
        ),
        (
            &["--forward-to", "ftp://backend.example.com/"],
            "web address",
        ),
        (&["--logo", "logo.gif"], "logo.gif"),
        (&["--alert-webhook", "@no-such-file"], "no-such-file"),
    ];
    for (flags, words) in cases {
        let error = office.run(FREE.iter().chain(flags)).expect_code(2);
        let error = error.json_error();
        assert!(text(&error, "message").contains(words), "{words}: {error}");
    }
    for flags in [&["--forward-secrets"][..], &["--daily-budget", "9"]] {
        office.run(FREE.iter().chain(flags)).expect_code(2);
    }
}

#[test]
fn the_address_of_a_webhook_is_never_repeated() {
    let office = office();
    let path = office.file("webhook", "http://robots.example.com/send?key=5ec4e7-robot");
    let from_file = format!("@{}", path.display());
    for given in [
        "http://robots.example.com/send?key=5ec4e7-robot",
        "no web address, 5ec4e7-robot",
        &from_file,
    ] {
        for flags in [&["-vv"][..], &["-o", "json"]] {
            let words = ["serve", "--bind", "127.0.0.1:0", "--admin-bind", "none"];
            let by_flag = ["--alert-webhook", given];
            let refused = office.run(words.iter().chain(&by_flag).chain(flags));
            let refused = refused.expect_code(2);
            assert!(refused.stderr.contains("webhook"), "{}", refused.stderr);
            assert!(!refused.stderr.contains("5ec4e7"), "{}", refused.stderr);
            let mut by_variable = office.desk.command(words.iter().chain(flags));
            by_variable.env("WXAUTH_ALERT_WEBHOOK", given);
            let child = by_variable.spawn().expect("the program");
            let refused = crate::support::Outcome::of(child).expect_code(2);
            assert!(!refused.stderr.contains("5ec4e7"), "{}", refused.stderr);
        }
    }
}

#[test]
fn codes_are_not_exchanged_where_somebody_else_mints() {
    let office = office().with("WXAUTH_MINT", "never");
    let refused = office.run(FREE.iter().chain(&["--exchange", "always"]));
    let error = refused.expect_code(2).json_error();
    assert!(text(&error, "message").contains("mint"), "{error}");
    let refused = office.run(FREE.iter().chain(&["--release-check"]));
    let error = refused.expect_code(2).json_error();
    assert!(
        text(&error, "message").contains("--release-check"),
        "{error}"
    );
    let server = super::serving::Serving::start(&office.desk, &[], &[]);
    assert_eq!(server.card["platforms"][0]["exchanges"], false);
}
