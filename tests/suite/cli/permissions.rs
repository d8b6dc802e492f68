//! Permission sets as an operator meets them: what they are, what needs them, what adding one takes.

use serde_json::{Value, json};

use super::office::{Office, hints, text};
use crate::support::{Desk, Outcome};

/// The JSON of a successful run.
#[track_caller]
fn answer(outcome: Outcome) -> Value {
    outcome.expect_code(0).json()
}

/// How the merchant stands towards the call.
#[track_caller]
fn state(office: &Office, path: &str, appid: &str) -> String {
    let why = answer(office.run(["permissions", "why", path, "--for", appid, "-o", "json"]));
    assert_eq!(why["accounts"][0]["appid"], appid);
    text(&why["accounts"][0], "state")
}

#[test]
fn the_catalogue_answers_where_there_is_no_platform() {
    let desk = Desk::new();
    let list = |extra: &[&str]| {
        let words = ["permissions", "list", "-o", "json"].iter().chain(extra);
        let list = answer(desk.run(words));
        list.as_array().expect("a list").clone()
    };
    let all = list(&[]);
    assert!(all.len() >= 117 && all.iter().all(|row| row["granted"].is_null()));
    let ids: Vec<_> = all.iter().map(|row| row["id"].as_u64()).collect();
    assert!(ids.is_sorted(), "by number");
    let exclusive = |answer: &str| list(&["--exclusive", answer]);
    let (yes, no, unknown) = (exclusive("yes"), exclusive("no"), exclusive("unknown"));
    assert_eq!(yes.len() + no.len() + unknown.len(), all.len());
    assert!(yes.iter().all(|row| row["mutually_exclusive"] == true));
    assert!(
        unknown
            .iter()
            .all(|row| row["mutually_exclusive"].is_null())
    );
    let channels = list(&["--kind", "channels"]);
    assert!(channels.iter().all(|row| row["kind"] == "channels") && !channels.is_empty());
    assert_eq!(list(&["--search", "消息管理"])[0]["id"], 1);
    assert_eq!(list(&["--search", "MESSAGE MANAGEMENT"])[0]["id"], 1);
    assert_eq!(list(&["--search", "18"])[0]["id"], 18);

    let shown = answer(desk.run(["permissions", "show", "开发与数据分析", "-o", "json"]));
    assert_eq!((&shown["id"], &shown["known"]), (&json!(18), &json!(true)));
    let calls = shown["calls"].as_array().expect("calls");
    assert!(calls.iter().any(|call| call["path"] == "/wxa/commit"));
    assert!(shown["accounts"].is_null());
    // A profile that is named has to exist all the same.
    let missing = desk.run(["--profile", "nowhere", "permissions", "list"]);
    missing.expect_code(4);
}

#[test]
fn a_set_the_catalogue_does_not_know_is_shown_as_such_and_never_dropped() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office
        .run([
            "profile",
            "set",
            "configured_permissions.mini_program",
            "18,9001",
        ])
        .expect_code(0);
    let list = answer(office.run(["permissions", "list", "-o", "json"]));
    let last = list.as_array().expect("a list").last().expect("a row");
    assert_eq!((&last["id"], &last["known"]), (&json!(9001), &json!(false)));
    assert_eq!(
        (&last["configured"], &last["uncertain"]),
        (&json!(true), &json!(true))
    );
    let shown = office.run(["permissions", "show", "9001"]).expect_code(0);
    assert!(
        shown.stdout.contains("not in the catalogue"),
        "{}",
        shown.stdout
    );
}

#[test]
fn merchants_are_counted_for_a_set_by_how_they_stand() {
    let office = Office::synced();
    let granted = office.accounts("mini_program", true).len();
    let list = answer(office.run(["permissions", "list", "-o", "json", "--search", "18"]));
    assert_eq!(list[0]["granted"], granted);
    office
        .run([
            "sandbox",
            "revoke",
            &office.accounts("mini_program", true)[0],
        ])
        .expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let shown = answer(office.run(["permissions", "show", "18", "-o", "json"]));
    assert_eq!(
        shown["granted"],
        granted - 1,
        "an ended authorization does not count"
    );
    assert_eq!(shown["accounts"]["granted"], granted - 1);
}

#[test]
fn the_way_of_a_call_that_answers_61007_until_it_works() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    let shop = office.accounts("mini_program", true).remove(0);
    let sync = || {
        office
            .run(["authorizers", "sync", "--full", "-q"])
            .expect_code(0)
    };
    let configure = |sets: &str| {
        office
            .run([
                "profile",
                "set",
                "configured_permissions.mini_program",
                sets,
            ])
            .expect_code(0)
    };
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "granted");
    office
        .run(["sandbox", "update", &shop, "--permissions", "17,30"])
        .expect_code(0);
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "missing");
    configure("17,30");
    assert_eq!(state(&office, "/wxa/commit", &shop), "not_configured");
    configure("17,18,30");
    assert_eq!(state(&office, "/wxa/commit", &shop), "held_elsewhere");
    let said = office.run(["permissions", "why", "/wxa/commit", "--for", &shop]);
    let said = said.expect_code(0).stdout;
    assert!(
        said.contains("probably") && said.contains("ends the other platform's"),
        "{said}"
    );
    assert!(
        said.contains(&format!("`wxauth link --for {shop}`")),
        "{said}"
    );

    office
        .run(["sandbox", "update", &shop, "--permissions", "17,18,30"])
        .expect_code(0);
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "granted");
    office.run(["sandbox", "revoke", &shop]).expect_code(0);
    sync();
    assert_eq!(state(&office, "/wxa/commit", &shop), "missing");
    let said = office.run(["permissions", "why", "/wxa/commit", "--for", &shop]);
    assert!(
        said.expect_code(0)
            .stdout
            .contains("its authorization ended")
    );
}

#[test]
fn every_merchant_is_told_by_state_and_one_of_another_kind_is_left_in_peace() {
    let office = Office::synced();
    let why = answer(office.run(["permissions", "why", "/wxa/commit", "--all", "-o", "json"]));
    let accounts = why["accounts"].as_array().expect("accounts");
    assert_eq!(accounts.len(), 8);
    let official = office.accounts("official_account", true).remove(0);
    let of = |appid: &str| {
        accounts
            .iter()
            .find(|row| row["appid"] == appid)
            .expect("it")
    };
    assert_eq!(of(&official)["state"], "unknown");
    assert_eq!(
        (&why["any_of"], &why["token"]),
        (&json!(false), &json!("authorizer"))
    );
    let why = answer(office.run(["permissions", "why", "/cgi-bin/draft/add", "-o", "json"]));
    assert_eq!(
        (&why["any_of"], &why["permission_ids"]),
        (&json!(true), &json!([11, 100]))
    );
    assert_eq!(why["accounts"], json!([]));
    let both = office.run([
        "permissions",
        "why",
        "/wxa/commit",
        "--all",
        "--for",
        &official,
    ]);
    both.expect_code(2);
}

#[test]
fn a_pasted_error_asks_for_its_call_and_shows_no_token() {
    let desk = Desk::new();
    let why = |words: &[&str]| {
        desk.run(
            ["permissions", "why"]
                .iter()
                .chain(words)
                .chain(&["-o", "json"]),
        )
    };
    let pasted = r#"{"errcode":61007,"errmsg":"api is unauthorized to component rid: 5f-1"}"#;
    let error = why(&[pasted]).expect_code(2).json_error();
    assert!(hints(&error, "--path"), "{error}");
    let found = answer(why(&[pasted, "--path", "wxa/commit"]));
    assert_eq!(found["permission_ids"], json!([18]));

    let error = why(&["/wxa/comit"]).expect_code(2).json_error();
    assert!(hints(&error, "POST /wxa/commit"), "{error}");
    let address = "https://api.weixin.qq.com/wxa/comit?access_token=76_top-secret";
    let ended = desk.run(["permissions", "why", address]).expect_code(2);
    assert!(!ended.stderr.contains("top-secret"), "{}", ended.stderr);
    let log = format!("POST {} {pasted}", address.replace("comit", "commit"));
    let ended = desk.run_with_input(["permissions", "why", "-", "-v"], &log);
    let ended = ended.expect_code(0);
    assert!(ended.stdout.contains("/wxa/commit") && ended.stderr.contains("61007"));
    assert!(!ended.stdout.contains("top-secret") && !ended.stderr.contains("top-secret"));
    // Another code is told, and that it is about something else.
    let other = desk.run(["permissions", "why", "40001", "--path", "/wxa/commit"]);
    let other = other.expect_code(0).stderr;
    assert!(other.contains("not about permission sets"), "{other}");
}

#[test]
fn a_call_that_needs_no_set_says_which_token_it_takes() {
    let desk = Desk::new();
    let said = desk.run(["permissions", "why", "api_authorizer_token"]);
    let error = said.expect_code(2).stderr;
    assert!(
        error.contains("/cgi-bin/component/api_authorizer_token"),
        "{error}"
    );
    let said = desk.run(["permissions", "why", "/component/api_authorizer_token"]);
    let said = said.expect_code(0).stdout;
    assert!(
        said.contains("none is needed") && said.contains("component_access_token"),
        "{said}"
    );
}

#[test]
fn a_plan_tells_what_is_done_where_and_by_whom_before_anything_is_done() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let calls = office.calls();
    let plan = |sets: &str| answer(office.run(["permissions", "plan", sets, "-o", "json"]));
    let plan_18 = plan("18");
    assert_eq!(plan_18["release"], "not_needed");
    assert_eq!(plan_18["to_configure"], json!([18]));
    assert_eq!(
        (&plan_18["exclusive"], &plan_18["ends_manual_release"]),
        (&json!([18]), &json!(true))
    );
    assert!(text(&plan_18, "console_path").contains("权限集 – 管理权限集"));

    let official = office.accounts("official_account", true);
    let added = plan("172,121");
    assert_eq!(added["permission_ids"], json!([121, 172]));
    assert_eq!(added["exclusivity_unknown"], json!([121, 172]));
    assert_eq!(added["ends_manual_release"], false);
    let must = added["merchants"]["must_update"]
        .as_array()
        .expect("merchants");
    let mut appids: Vec<_> = must.iter().map(|row| text(row, "appid")).collect();
    appids.sort();
    let mut expected = official;
    expected.sort();
    assert_eq!(appids, expected, "only those whose kind the sets are for");
    assert_eq!(must[0]["missing"], json!([121, 172]));

    for (released, expected) in [("false", "needed"), ("true", "not_needed")] {
        office
            .run(["profile", "set", "released", released])
            .expect_code(0);
        assert_eq!(plan("121")["release"], expected);
    }
    office
        .run([
            "profile",
            "set",
            "configured_permissions.official_account",
            "121",
        ])
        .expect_code(0);
    assert_eq!(plan("121,172")["to_configure"], json!([172]));
    assert_eq!(office.calls(), calls, "nobody was called");
}

#[test]
fn a_plan_without_a_platform_knows_no_merchant_and_an_ambiguous_name_is_answered_with_candidates() {
    let desk = Desk::new();
    let plan = answer(desk.run(["permissions", "plan", "18", "-o", "json"]));
    assert_eq!(
        (&plan["release"], &plan["merchants"]),
        (&json!("unknown"), &Value::Null)
    );
    let said = desk
        .run(["permissions", "plan", "18", "--lang", "zh"])
        .expect_code(0)
        .stdout;
    assert!(said.contains("不能再在微信公众平台自行发布版本"), "{said}");
    let ambiguous = desk
        .run(["permissions", "plan", "开放平台账号管理"])
        .expect_code(2);
    assert!(ambiguous.stderr.contains("24") && ambiguous.stderr.contains("25"));
}
