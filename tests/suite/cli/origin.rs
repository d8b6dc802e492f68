//! One platform, one origin: environment, flag or chosen profile, never a mixture.

use super::office::{Office, text};

#[test]
fn the_environment_wins_over_the_chosen_profile_and_says_what_is_ignored() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let other = &office.sandbox.card["platforms"][1];
    let other_appid = text(other, "component_appid");
    let office = office.with("WXAUTH_COMPONENT_APPID", &other_appid);

    let status = office.run(["status", "-o", "json"]);
    // The other platform's own ticket and base are not the profile's: it has none.
    let status = status.expect_code(3).json();
    assert_eq!(status["component_appid"], *other_appid);
    assert_eq!(status["platform"], "environment");
    assert_eq!(status["api_base"], "https://api.weixin.qq.com/");
    assert_eq!(status["mint"], "never");
    assert!(status["ticket"].is_null());

    let told = office.run(["status"]).expect_code(3);
    assert!(
        told.stderr
            .contains("profile shop is ignored: `WXAUTH_COMPONENT_APPID` names"),
        "{}",
        told.stderr
    );
}

#[test]
fn an_explicit_profile_wins_over_the_environment_and_takes_nothing_from_it() {
    let office = Office::with_profile(&["--mint", "wxauth"])
        .with("WXAUTH_COMPONENT_APPID", "wx0000000000000001")
        .with(
            "WXAUTH_COMPONENT_APPSECRET",
            "0123456789abcdef0123456789abcdef",
        )
        .with(
            "WXAUTH_COMPONENT_VERIFY_TICKET",
            "ticket@@@not-of-this-platform",
        )
        .with("WXAUTH_API_BASE", "https://elsewhere.example.com");
    let token = office
        .run(["--profile", "shop", "token", "component"])
        .expect_code(0);
    for name in [
        "WXAUTH_COMPONENT_APPID",
        "WXAUTH_COMPONENT_APPSECRET",
        "WXAUTH_COMPONENT_VERIFY_TICKET",
        "WXAUTH_API_BASE",
    ] {
        let said = format!("{name} is ignored: `--profile` names the platform");
        assert!(token.stderr.contains(&said), "{}", token.stderr);
    }
    assert_eq!(office.sandbox.successes("api_component_token"), 1);
}

#[test]
fn variables_without_an_appid_do_not_leak_into_a_profile() {
    let office = Office::with_profile(&["--mint", "wxauth"])
        .with("WXAUTH_API_BASE", "https://elsewhere.example.com")
        .with(
            "WXAUTH_COMPONENT_APPSECRET",
            "0123456789abcdef0123456789abcdef",
        );
    let token = office.run(["token", "component"]).expect_code(0);
    assert!(
        token
            .stderr
            .contains("WXAUTH_COMPONENT_APPSECRET is ignored")
            && token.stderr.contains("WXAUTH_API_BASE is ignored"),
        "{}",
        token.stderr
    );
}

#[test]
fn two_flags_that_name_a_platform_are_one_too_many() {
    let office = Office::unnamed();
    let refused = office.run(["--sandbox", "--profile", "shop", "status"]);
    refused.expect_code(2);
}

#[test]
fn without_any_platform_the_way_out_is_named() {
    let office = Office::unnamed();
    let error = office.run(["status", "-o", "json"]).expect_code(4);
    let error = error.json_error();
    assert_eq!(error["kind"], "action_required");
    assert!(super::office::hints(&error, "wxauth init"));
    assert!(super::office::hints(&error, "wxauth --sandbox link"));
}

#[test]
fn an_unknown_profile_is_answered_with_those_there_are() {
    let office = Office::with_profile(&[]);
    let refused = office.run(["--profile", "shpo", "status", "-o", "json"]);
    let error = refused.expect_code(4).json_error();
    assert!(super::office::hints(&error, "shop"), "{error}");
}

#[test]
fn profiles_are_listed_chosen_changed_and_removed() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.init("second", &["--mint", "never"]).expect_code(0);
    let names = |office: &Office| {
        let list = office
            .run(["profile", "list", "-o", "json"])
            .expect_code(0)
            .json();
        let rows = list.as_array().expect("profiles").clone();
        rows.iter()
            .map(|row| (text(row, "name"), row["chosen"] == true))
            .collect::<Vec<_>>()
    };
    let first = vec![("second".to_owned(), false), ("shop".to_owned(), true)];
    assert_eq!(names(&office), first);

    office.run(["profile", "use", "second"]).expect_code(0);
    assert!(names(&office).contains(&("second".to_owned(), true)));
    office
        .run(["profile", "set", "released", "true"])
        .expect_code(0);
    let shown = office
        .run(["profile", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (&shown["name"], &shown["released"]),
        (&"second".into(), &true.into())
    );
    // A choice is of the one profile only.
    let shop = office
        .run(["profile", "show", "shop", "-o", "json"])
        .expect_code(0)
        .json();
    assert!(shop["released"].is_null());

    let kept = office.run(["profile", "remove", "second", "--no-input"]);
    kept.expect_code(2);
    office
        .run(["profile", "remove", "second", "--yes"])
        .expect_code(0);
    assert_eq!(names(&office).len(), 1);
    let unknown = office.run(["profile", "set", "no_such_key", "x", "-o", "json"]);
    assert_eq!(unknown.expect_code(2).json_error()["kind"], "usage");
}
