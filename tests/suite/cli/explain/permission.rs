//! 61007: each cause is provoked at a call, and the call works after its cure.

use serde_json::json;

use crate::support::Outcome;

use super::{Office, call, cause, errcode, printed, text};

const COMMIT: &str = "/wxa/commit";

/// An office, and a mini program that has authorized.
fn opened() -> (Office, String) {
    let office = Office::synced();
    let shop = office.accounts("mini_program", true).remove(0);
    assert_eq!(commit(&office, &shop), 0);
    (office, shop)
}

/// What the call answers that the operator wants to make.
fn commit(office: &Office, who: &str) -> i64 {
    let token = printed(office.run(["token", "authorizer", who]));
    errcode(&call(office, COMMIT, &token, &json!({"template_id": 1})))
}

/// How WeChat's error line looks where the operator copies it.
fn pasted() -> String {
    format!(
        "POST {COMMIT} {}",
        r#"{"errcode":61007,"errmsg":"api is unauthorized to component rid: 5f86b686-58438a0a-043ad7f1"}"#
    )
}

#[test]
fn an_old_grant_grows_when_the_merchant_updates() {
    let (office, shop) = opened();
    let update = ["sandbox", "update", &shop, "--permissions", "17,30"];
    office.run(update).expect_code(0);
    assert_eq!(commit(&office, &shop), 61007);
    let told = cause(&office.desk, &pasted(), "set_not_updated");
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    let who = [("WHO", shop.as_str())];
    // The path was in the pasted line.
    let why = told
        .run(&office.desk, "wxauth permissions why /wxa/commit", &who)
        .expect_code(0);
    assert!(why.stdout.contains(&shop), "{}", why.stdout);
    told.run(&office.desk, "wxauth link", &who).expect_code(0);
    told.run(&office.desk, "wxauth authorizers guide", &who)
        .expect_code(0);
    told.play(&office.desk, &who);
    assert_eq!(commit(&office, &shop), 0);
}

#[test]
fn a_set_that_the_platform_does_not_offer_is_configured_first() {
    let (office, shop) = opened();
    office
        .run(["sandbox", "platform", "--permissions=-18"])
        .expect_code(0);
    office.run(["sandbox", "update", &shop]).expect_code(0);
    assert_eq!(commit(&office, &shop), 61007);
    let told = cause(&office.desk, "61007", "set_not_configured");
    let sets = [("SETS", "18")];
    told.run(&office.desk, "wxauth permissions plan", &sets)
        .expect_code(0);
    told.play(&office.desk, &sets);
    // Offered is not granted: that is the merchant's to do.
    assert_eq!(commit(&office, &shop), 61007);
    cause(&office.desk, "61007", "set_not_updated").play(&office.desk, &[("WHO", &shop)]);
    assert_eq!(commit(&office, &shop), 0);
}

#[test]
fn a_set_that_another_platform_holds_is_free_when_that_one_ends() {
    let (office, shop) = opened();
    let update = ["sandbox", "update", &shop, "--permissions", "17,30"];
    office.run(update).expect_code(0);
    let other = text(&office.sandbox.card["platforms"][1], "component_appid");
    let release = ["sandbox", "platform", &other, "--released", "true"];
    office.run(release).expect_code(0);
    let mut link = office.desk.command(["link", "-q", "-o", "json"]);
    for (name, field) in [
        ("WXAUTH_COMPONENT_APPID", "component_appid"),
        ("WXAUTH_COMPONENT_APPSECRET", "component_appsecret"),
        ("WXAUTH_COMPONENT_VERIFY_TICKET", "component_verify_ticket"),
        ("WXAUTH_REDIRECT_URI", "redirect_uri"),
        ("WXAUTH_LAUNCH_DOMAIN", "launch_domain"),
    ] {
        link.env(name, text(&office.sandbox.card["platforms"][1], field));
    }
    let link = Outcome::of(link.spawn().expect("the program")).expect_code(0);
    let link = text(&link.json(), "url");
    office
        .run(["sandbox", "authorize", &shop, "--link", &link])
        .expect_code(0);
    office.run(["sandbox", "update", &shop]).expect_code(0);
    assert_eq!(commit(&office, &shop), 61007);
    let told = cause(&office.desk, "61007", "set_held_elsewhere");
    let filled = [("WHO", shop.as_str()), ("APPID", other.as_str())];
    told.play(&office.desk, &filled);
    office.run(["sandbox", "update", &shop]).expect_code(0);
    assert_eq!(commit(&office, &shop), 0);
}

#[test]
fn the_token_of_another_merchant_is_told_apart() {
    let (office, shop) = opened();
    let other = office.accounts("mini_program", true).remove(1);
    office
        .run(["sandbox", "update", &other, "--permissions", "17"])
        .expect_code(0);
    let token = printed(office.run(["token", "authorizer", &other]));
    let body = json!({"template_id": 1});
    assert_eq!(errcode(&call(&office, COMMIT, &token, &body)), 61007);
    let told = cause(&office.desk, "61007", "token_of_another_account");
    let token = printed(told.run(&office.desk, "wxauth token authorizer", &[("WHO", &shop)]));
    assert_eq!(errcode(&call(&office, COMMIT, &token, &body)), 0);
}

#[test]
fn a_call_for_another_kind_of_account_is_no_matter_of_grants() {
    let (office, shop) = opened();
    let token = printed(office.run(["token", "authorizer", &shop]));
    let refused = call(
        &office,
        "/cgi-bin/menu/create",
        &token,
        &json!({"button": []}),
    );
    let pasted = format!("/cgi-bin/menu/create {refused}");
    let code = errcode(&refused);
    assert_eq!(code, 48001, "{refused}");
    let told = cause(&office.desk, &pasted, "ability_missing");
    let who = [("WHO", shop.as_str())];
    let why = told.run(
        &office.desk,
        "wxauth permissions why /cgi-bin/menu/create",
        &who,
    );
    let why = why.expect_code(0).stdout;
    assert!(
        why.contains("official") || why.contains("another kind"),
        "{why}"
    );
    let account = office.accounts("official_account", true).remove(0);
    let token = printed(office.run(["token", "authorizer", &account]));
    let done = call(
        &office,
        "/cgi-bin/menu/create",
        &token,
        &json!({"button": []}),
    );
    assert_eq!(errcode(&done), 0, "{done}");
}
