//! Who mints: what wxauth borrows, and what it will not do to a platform held elsewhere.

use super::office::{Office, hints, text};

const HELD: &str = "97_held-by-the-backend-0123456789abcdefghijklmnopqrstuvwxyz";

#[test]
fn a_foreign_base_without_a_profile_is_never_minted_for() {
    let office = Office::open().with("WXAUTH_API_BASE", "https://api.example.invalid");
    let refused = office
        .run(["token", "component", "-o", "json"])
        .expect_code(4);
    let error = refused.json_error();
    assert!(
        hints(&error, "token_command") && hints(&error, "WXAUTH_MINT=wxauth"),
        "{error}"
    );
    let status = office.run(["status", "-o", "json"]).expect_code(3).json();
    assert_eq!(status["mint"], "never");
}

#[test]
fn a_loopback_base_is_minted_for_and_the_variable_says_otherwise() {
    let office = Office::open();
    office.run(["token", "component"]).expect_code(0);
    let never = Office::open().with("WXAUTH_MINT", "never");
    never.run(["token", "component"]).expect_code(4);
    assert_eq!(never.calls(), 0);
}

#[test]
fn a_borrowed_token_is_handed_on_and_nothing_is_called() {
    let office = Office::with_profile(&["--mint", "never"]);
    let helper = office.file(
        "held.sh",
        &format!("echo \"$WXAUTH_WANTED $WXAUTH_WANTED_APPID\" > \"$0.asked\"; echo {HELD}\n"),
    );
    let command = format!("sh {}", helper.display());
    office
        .run(["profile", "set", "token_command", &command])
        .expect_code(0);

    let token = office
        .run(["token", "component", "-o", "json"])
        .expect_code(0);
    let token = token.json();
    assert_eq!(
        (text(&token, "token").as_str(), &token["source"]),
        (HELD, &"borrowed".into())
    );
    assert!(token["expires_at"].is_null() && token["expires_in"].is_null());

    let appid = office.accounts("mini_program", true).remove(0);
    let token = office
        .run(["token", "authorizer", &appid, "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (&token["kind"], &token["source"]),
        (&"authorizer".into(), &"borrowed".into())
    );
    let asked = std::fs::read_to_string(helper.with_extension("sh.asked")).expect("was asked");
    assert_eq!(asked.trim(), format!("authorizer {appid}"));
    assert_eq!(office.calls(), 0);
}

#[test]
fn a_borrower_neither_exchanges_nor_refreshes() {
    let minting = Office::synced();
    let code = minting.code();
    let appid = minting.accounts("mini_program", true).remove(0);
    let office = minting.with("WXAUTH_MINT", "never");
    let before = office.sandbox.successes("api_query_auth");

    let redeem = office
        .desk
        .run_with_input(["authorizers", "redeem", "-o", "json"], &code);
    let error = redeem.expect_code(4).json_error();
    assert!(hints(&error, "give the code to the backend"), "{error}");
    let refresh = office.run(["authorizers", "refresh", &appid, "-o", "json"]);
    let error = refresh.expect_code(4).json_error();
    assert!(hints(&error, "let wxauth mint"), "{error}");
    assert_eq!(office.sandbox.successes("api_query_auth"), before);
    assert_eq!(office.sandbox.successes("api_authorizer_token"), 0);
}

#[test]
fn appsecret_and_ticket_come_from_programs_that_print_them() {
    let office = Office::unnamed();
    office.init("shop", &["--mint", "wxauth"]).expect_code(0);
    let credentials = office.desk.config_dir().join("credentials.toml");
    std::fs::write(&credentials, "version = 1\n").expect("no secret is stored");
    let secret = office.file("appsecret", &office.sandbox.text("component_appsecret"));
    let ticket = office.file("ticket", &office.sandbox.text("component_verify_ticket"));
    for (key, path) in [("appsecret_command", secret), ("ticket_command", ticket)] {
        let command = format!("cat {}", path.display());
        office.run(["profile", "set", key, &command]).expect_code(0);
    }
    office.run(["token", "component"]).expect_code(0);
    let shown = office
        .run(["ticket", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["source"], "command");
}

#[test]
fn a_program_that_fails_or_prints_more_than_the_value_is_told() {
    let office = Office::with_profile(&["--mint", "never"]);
    let missing = office.desk.missing_file();
    for (command, part) in [
        ("false", "false"),
        (missing.as_str(), missing.as_str()),
        ("printf 'a\\nb\\n'", "2 lines"),
        ("true", "0 lines"),
    ] {
        office
            .run(["profile", "set", "token_command", command])
            .expect_code(0);
        let refused = office.run(["token", "component", "-o", "json"]);
        let error = refused.expect_code(4).json_error();
        assert!(text(&error, "message").contains(part), "{error}");
        assert!(!error["hints"].as_array().expect("hints").is_empty());
    }
}

#[test]
fn a_secret_is_no_argument() {
    let office = Office::with_profile(&[]);
    let refused = office.run(["profile", "set", "appsecret", "f00dfeed", "-o", "json"]);
    let error = refused.expect_code(2).json_error();
    assert!(!error.to_string().contains("f00dfeed"), "{error}");
    assert!(hints(&error, "profile set appsecret <"), "{error}");
    office
        .desk
        .run_with_input(
            ["profile", "set", "appsecret"],
            "abcdef0123456789abcdef0123456789\n",
        )
        .expect_code(0);

    let ticket = office.run(["ticket", "set", "ticket@@@as-an-argument"]);
    ticket.expect_code(2);
    let code = office.run(["authorizers", "redeem", "queryauthcode@@@as-an-argument"]);
    code.expect_code(2);
}

#[test]
fn a_program_that_calls_wxauth_for_the_same_platform_is_told_instead_of_going_round() {
    let office = Office::with_profile(&["--mint", "never"]);
    let command = format!("{} token component", env!("CARGO_BIN_EXE_wxauth"));
    office
        .run(["profile", "set", "token_command", &command])
        .expect_code(0);
    let ended = office.run(["token", "component"]).expect_code(4);
    let told = "calls wxauth for a platform that has a `token_command` itself";
    assert_eq!(ended.stderr.matches(told).count(), 1, "{}", ended.stderr);
}
