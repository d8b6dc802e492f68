//! `authorizers redeem`: what may be pasted, what comes of it, and what is no authorization code.

use super::office::{Office, hints, text};

const CALL: &str = "api_query_auth";

fn redeem(office: &Office, input: &str) -> crate::support::Outcome {
    office
        .desk
        .run_with_input(["authorizers", "redeem", "-o", "json"], input)
}

#[test]
fn a_pasted_redirect_is_as_good_as_the_code_and_repeating_is_safe() {
    let office = Office::synced();
    let link = text(
        &office.run(["link", "-o", "json"]).expect_code(0).json(),
        "url",
    );
    let confirmed = office
        .run(["sandbox", "authorize", "--link", &link, "-o", "json"])
        .expect_code(0)
        .json();
    let redirect = text(&confirmed, "redirect_url");
    let path = office.file("redirect.txt", &format!("{redirect}\n"));
    let file = path.to_str().expect("a path");
    let redeemed = office.run(["authorizers", "redeem", "--file", file, "-o", "json"]);
    let redeemed = redeemed.expect_code(0).json();
    assert_eq!(
        redeemed["authorizer"]["appid"],
        confirmed["authorizer_appid"]
    );
    assert_eq!(redeemed["missing_required"], serde_json::json!([]));

    let again = redeem(&office, &text(&confirmed, "auth_code"))
        .expect_code(0)
        .json();
    assert_eq!(again["authorizer"]["appid"], confirmed["authorizer_appid"]);
    assert_eq!(office.sandbox.successes(CALL), 1);
}

#[test]
fn a_required_set_that_was_unticked_is_a_bad_verdict() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office
        .run([
            "profile",
            "set",
            "required_permissions.mini_program",
            "17,18",
        ])
        .expect_code(0);
    let merchant = office.accounts("mini_program", false).remove(0);
    let link = text(
        &office.run(["link", "-o", "json"]).expect_code(0).json(),
        "url",
    );
    let confirmed = office.run([
        "sandbox",
        "authorize",
        &merchant,
        "--link",
        &link,
        "--permissions",
        "17,30",
        "-o",
        "json",
    ]);
    let code = text(&confirmed.expect_code(0).json(), "auth_code");
    let arguments = [
        "authorizers",
        "redeem",
        "--requested",
        "17,30,31",
        "-o",
        "json",
    ];
    let redeemed = office
        .desk
        .run_with_input(arguments, &code)
        .expect_code(3)
        .json();
    assert_eq!(redeemed["missing_required"], serde_json::json!([18]));
    assert_eq!(redeemed["requested_not_granted"], serde_json::json!([31]));
    // The verdict is bad, the merchant is there.
    office
        .run(["token", "authorizer", &merchant])
        .expect_code(0);
}

#[test]
fn what_is_no_authorization_code_is_told_apart_before_any_call() {
    let office = Office::open();
    let link = office.run(["link", "-o", "json"]).expect_code(0).json();
    let before = office.calls();
    let (code, url) = (text(&link, "pre_auth_code"), text(&link, "url"));
    for given in [&code, &url] {
        let error = redeem(&office, given).expect_code(2).json_error();
        assert!(text(&error, "message").contains("pre-auth code"), "{error}");
        assert!(hints(&error, "auth_code"), "{error}");
    }
    for (given, part) in [
        ("", "no authorization code was given"),
        ("   \n", "no authorization code was given"),
        (
            "https://platform-one.example.com/wechat/callback?expires_in=3600",
            "no auth_code",
        ),
        ("queryauthcode@@@", "cut short"),
        ("ticket@@@abcdefghijklmnop", "component_verify_ticket"),
        ("wx0123456789abcdef", "appid"),
        ("hello", "neither"),
    ] {
        let error = redeem(&office, given).expect_code(2).json_error();
        assert!(text(&error, "message").contains(part), "{given}: {error}");
        assert!(!error["hints"].as_array().expect("hints").is_empty());
    }
    office
        .run([
            "authorizers",
            "redeem",
            "--file",
            &office.desk.missing_file(),
        ])
        .expect_code(2);
    assert_eq!(office.calls(), before);
}

#[test]
fn an_expired_code_and_a_used_one_are_told_apart_from_each_other() {
    let office = Office::synced();
    let expired = office.code();
    office.sandbox.pass("+2h");
    let error = redeem(&office, &expired).expect_code(6).json_error();
    assert!(
        hints(&error, "wxauth link") || hints(&error, "one hour"),
        "{error}"
    );
    assert!(
        error["errcode"].is_number() && error["rid"].is_string(),
        "{error}"
    );

    let used = office.code();
    redeem(&office, &used).expect_code(0);
    // Another desk knows nothing of the exchange: WeChat says that the code is spent.
    let elsewhere = Office::with_profile(&[]);
    let mut command = elsewhere
        .desk
        .command(["authorizers", "redeem", "-o", "json", "--file"]);
    command.arg(elsewhere.file("code", &used));
    command.envs(office.sandbox.environment());
    let second = crate::support::Outcome::of(command.spawn().expect("the program"));
    let error = second.expect_code(6).json_error();
    assert!(error["errcode"].is_number(), "{error}");
    assert!(!error["hints"].as_array().expect("hints").is_empty());
}

#[test]
fn an_option_is_read_and_set_and_a_value_it_cannot_have_is_refused() {
    let office = Office::synced();
    let appid = office.accounts("official_account", true).remove(0);
    let option = |words: &[&str]| {
        office.run(
            ["authorizers", "option", &appid]
                .iter()
                .chain(words)
                .chain(&["-o", "json"]),
        )
    };
    option(&["voice_recognize", "1"]).expect_code(0);
    for generation in ["present", "old"] {
        let read = option(&["voice_recognize", "--generation", generation])
            .expect_code(0)
            .json();
        assert_eq!(read["option_value"], "1");
    }
    let error = option(&["location_report", "7"])
        .expect_code(2)
        .json_error();
    assert!(hints(&error, "0, 1, 2"), "{error}");
    option(&["no_such_option"]).expect_code(2);
}
