//! What adding permission sets takes, told before it is done.

use serde_json::{Value, json};

use super::office::{Office, text};
use crate::support::{Desk, Outcome};

/// The JSON of a successful run.
#[track_caller]
fn answer(outcome: Outcome) -> Value {
    outcome.expect_code(0).json()
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
