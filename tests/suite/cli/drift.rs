//! `permissions drift`: from what is declared to what a merchant has to do.

use serde_json::{Value, json};

use super::office::{Office, hints, text};

/// A profile that declares what its merchants granted as configured, and the merchants pulled.
fn declared() -> Office {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let propose = ["profile", "set", "configured_permissions", "--from-grants"];
    office.run(propose.iter().chain(&["--yes"])).expect_code(0);
    office
}

fn set(office: &Office, key: &str, value: &str) {
    office.run(["profile", "set", key, value]).expect_code(0);
}

fn configured(office: &Office) -> Vec<u64> {
    let shown = office.run(["profile", "show", "-o", "json"]).expect_code(0);
    ids(&shown.json()["configured_permissions"]["mini_program"])
}

fn ids(value: &Value) -> Vec<u64> {
    let ids = value.as_array().expect("ids").iter();
    ids.map(|id| id.as_u64().expect("an id")).collect()
}

fn joined(ids: &[u64]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    ids.join(",")
}

/// What `permissions drift` answers, with this exit code.
#[track_caller]
fn drift(office: &Office, words: &[&str], code: i32) -> Vec<Value> {
    let words = ["permissions", "drift"].iter().chain(words);
    let outcome = office.run(words.chain(&["-o", "json"])).expect_code(code);
    outcome.json().as_array().expect("an array").clone()
}

#[test]
fn a_new_set_is_configured_then_missing_until_the_merchant_updates() {
    let office = declared();
    assert_eq!(drift(&office, &[], 0), Vec::<Value>::new());

    // The operator wants 88: in the console, and in the profile that keeps what it says there.
    let mut wanted = configured(&office);
    wanted.push(88);
    let platform = ["sandbox", "platform", "--permissions", &joined(&wanted)];
    office.run(platform).expect_code(0);
    set(
        &office,
        "configured_permissions.mini_program",
        &joined(&wanted),
    );
    set(&office, "required_permissions.mini_program", "17,88");
    let page = "https://platform-one.example.com/authorize?from=chat";
    set(&office, "launch_page", page);

    // No grant has changed by that (R8), and no release helps (R15): each merchant has to update.
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    let rows = drift(&office, &[], 3);
    let mini_programs = office.accounts("mini_program", true);
    let mut lacking: Vec<_> = rows.iter().map(|row| text(row, "appid")).collect();
    lacking.sort_unstable();
    let mut expected = mini_programs.clone();
    expected.sort_unstable();
    assert_eq!(lacking, expected, "the pending one too: R24");
    for row in &rows {
        assert_eq!(row["missing"], json!([88]));
        for other in ["extra", "pending", "conflict"] {
            assert_eq!(row[other], json!([]), "{other}");
        }
        let link = format!("{page}&for={}", text(row, "appid"));
        assert_eq!(row["link"], json!(link));
    }

    let merchant = &mini_programs[0];
    office.run(["sandbox", "update", merchant]).expect_code(0);
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    assert_eq!(drift(&office, &[merchant], 0), Vec::<Value>::new());
    assert_eq!(drift(&office, &[], 3).len(), rows.len() - 1);
    // The list finds the same merchants by their sets.
    let list = |words: &[&str]| {
        let words = ["authorizers", "list"].iter().chain(words);
        let rows = office
            .run(words.chain(&["-o", "json"]))
            .expect_code(0)
            .json();
        let rows = rows.as_array().expect("an array").clone();
        rows.iter()
            .map(|row| text(row, "appid"))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&["--granted", "小程序链接管理"]), [merchant.as_str()]);
    assert_eq!(list(&["--missing", "88"]).len(), rows.len() - 1);
    assert_eq!(list(&["--missing", "88", "--search", "云上"]).len(), 1);
    let ambiguous = office.run(["authorizers", "list", "--granted", "城市服务"]);
    assert!(
        ambiguous
            .expect_code(2)
            .stderr
            .contains("several permission sets")
    );
}

#[test]
fn a_profile_that_is_not_in_use_is_left_alone() {
    let office = declared();
    let before = configured(&office);
    let change = [
        "profile",
        "set",
        "configured_permissions.mini_program",
        "17",
        "-o",
        "json",
    ];
    let words = ["--sandbox"].iter().chain(&change);
    let error = office.run(words).expect_code(2).json_error();
    assert!(hints(&error, "sandbox platform --permissions"), "{error}");
    let office = office.with("WXAUTH_COMPONENT_APPID", "wx0123456789abcdef");
    let error = office.run(change).expect_code(2).json_error();
    assert!(hints(&error, "--profile shop"), "{error}");
    assert_eq!(configured(&office), before);
    let named = ["--profile", "shop"].iter().chain(&change);
    office.run(named).expect_code(0);
    assert_eq!(configured(&office), [17]);
    let kindless = [
        "--profile",
        "shop",
        "profile",
        "set",
        "configured_permissions",
        "17,18",
    ];
    let error = office.run(kindless).expect_code(2).stderr;
    assert!(
        error.contains("profile set configured_permissions.mini_program"),
        "{error}"
    );
}

#[test]
fn the_sandbox_platform_gains_and_loses_single_sets() {
    let office = Office::unnamed();
    let offered = |sets: &str| {
        let words = ["sandbox", "platform", "--permissions", sets, "-o", "json"];
        office.run(words)
    };
    let sets = |sets: &str| ids(&offered(sets).expect_code(0).json()["permission_ids"]);
    assert_eq!(sets("18,17,25"), [17, 18, 25]);
    assert_eq!(sets("+73,-18"), [17, 25, 73]);
    assert_eq!(sets("-25"), [17, 73]);
    offered("+25,18").expect_code(2);
    assert_eq!(sets("+17"), [17, 73]);
}

#[test]
fn a_set_taken_out_of_the_console_is_extra_until_the_merchant_updates() {
    let office = declared();
    let kept: Vec<_> = configured(&office)
        .into_iter()
        .filter(|id| *id != 30)
        .collect();
    let platform = ["sandbox", "platform", "--permissions", &joined(&kept)];
    office.run(platform).expect_code(0);
    set(
        &office,
        "configured_permissions.mini_program",
        &joined(&kept),
    );
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    // Nothing required is missing: the verdict is good.
    let rows = drift(&office, &[], 0);
    assert!(!rows.is_empty() && rows.iter().all(|row| row["extra"] == json!([30])));
    let merchant = office.accounts("mini_program", true).remove(0);
    office.run(["sandbox", "update", &merchant]).expect_code(0);
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    assert_eq!(drift(&office, &[&merchant], 0), Vec::<Value>::new());
}

#[test]
fn what_another_platform_holds_is_missing_and_in_conflict_and_comes_first() {
    let office = declared();
    let accounts = office
        .sandbox
        .get("accounts?authorized=false&kind=mini_program");
    let elsewhere = accounts.as_array().expect("accounts").iter();
    let elsewhere = elsewhere
        .map(|row| (text(row, "nick_name"), text(row, "appid")))
        .find(|(name, _)| name.contains("在别家"))
        .expect("the cast has it")
        .1;
    let link = office.run(["link", "-o", "json"]).expect_code(0).json();
    let confirm = [
        "sandbox",
        "authorize",
        &elsewhere,
        "--link",
        &text(&link, "url"),
    ];
    let confirmed = office
        .run(confirm.iter().chain(&["-o", "json"]))
        .expect_code(0);
    let confirmed = confirmed.json();
    assert_eq!(confirmed["left_out"], json!([18]));
    office
        .desk
        .run_with_input(["authorizers", "redeem"], &text(&confirmed, "auth_code"))
        .expect_code(0);
    set(&office, "required_permissions.mini_program", "17,18");
    let merchant = office.accounts("mini_program", true).remove(0);
    office
        .run(["sandbox", "account", &merchant, "--confirm", "18=need"])
        .expect_code(0);
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);

    let rows = drift(&office, &[], 3);
    assert_eq!(rows.len(), 2, "{rows:#?}");
    assert_eq!(rows[0]["appid"], json!(elsewhere));
    assert_eq!(rows[0]["missing"], json!([18]));
    assert_eq!(rows[0]["conflict"], json!([18]));
    assert_eq!(rows[0]["link"], Value::Null);
    assert_eq!(rows[1]["appid"], json!(merchant));
    assert_eq!(rows[1]["missing"], json!([]));
    assert_eq!(rows[1]["pending"], json!([18]));
    let show = ["authorizers", "show", &merchant];
    let shown = office
        .run(show.iter().chain(&["-o", "json"]))
        .expect_code(0)
        .json();
    assert_eq!(shown["pending_ids"], json!([18]));
    let table = office.run(show).expect_code(0).stdout;
    assert!(table.contains("waits for confirmation"), "{table}");

    office
        .run(["sandbox", "account", &merchant, "--confirm", "18=confirmed"])
        .expect_code(0);
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    assert_eq!(drift(&office, &[&merchant], 0), Vec::<Value>::new());
}

#[test]
fn links_are_made_for_named_merchants_each_for_its_own_account() {
    let office = declared();
    set(&office, "released", "false");
    let merchants = office.accounts("mini_program", true);
    let named: Vec<&str> = merchants.iter().take(2).map(String::as_str).collect();
    let words = named.iter().chain(&["--require", "88", "--mint-links"]);
    let words: Vec<&str> = words.copied().collect();
    let before = office.sandbox.successes("api_create_preauthcode");
    let rows = drift(&office, &words, 3);
    assert_eq!(rows.len(), 2);
    for row in &rows {
        let link = text(row, "link");
        assert!(link.contains("pre_auth_code=preauthcode@@@"), "{link}");
        assert!(
            link.contains(&format!("biz_appid={}", text(row, "appid"))),
            "{link}"
        );
        assert!(!link.contains("category_id_list"), "{link}");
    }
    assert_eq!(
        office.sandbox.successes("api_create_preauthcode"),
        before + 2
    );

    // What may go wrong is said once.
    let told = office
        .run(["permissions", "drift"].iter().chain(&words))
        .expect_code(3);
    let lines = told
        .stdout
        .lines()
        .filter(|line| line.contains("biz_appid="));
    assert_eq!(lines.count(), 2, "{}", told.stdout);
    assert_eq!(
        told.stderr.matches("test list").count(),
        1,
        "{}",
        told.stderr
    );

    let everybody = ["permissions", "drift", "--require", "88", "--mint-links"];
    office.run(everybody).expect_code(2);
    let many = vec![merchants[0].clone(); 21];
    let many = office.file("many.txt", &many.join("\n"));
    let many = format!("@{}", many.display());
    let refused = office.run(everybody.iter().chain(&[many.as_str()]));
    assert!(refused.expect_code(2).stderr.contains("at most 20"));
}

#[test]
fn without_a_declaration_there_is_nothing_to_compare() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let error = office
        .run(["permissions", "drift", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(hints(&error, "--from-grants"), "{error}");
    assert!(hints(&error, "required_permissions"), "{error}");
    let empty = [
        "profile",
        "set",
        "configured_permissions",
        "--from-grants",
        "--yes",
    ];
    let error = office.run(empty).expect_code(4);
    assert!(
        error.stderr.contains("authorizers sync"),
        "{}",
        error.stderr
    );
    // A platform of the environment has no profile to declare anything in.
    let office = Office::synced();
    office.run(["permissions", "drift"]).expect_code(4);
    assert_eq!(drift(&office, &["--require", "17"], 0), Vec::<Value>::new());
    assert!(!drift(&office, &["--require", "17,88"], 3).is_empty());
    let nobody = ["permissions", "drift", "nobody", "--require", "17"];
    office.run(nobody).expect_code(2);
}

#[test]
fn grants_propose_what_to_declare_and_nothing_is_written_unasked() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let merchant = office.accounts("mini_program", true).remove(0);
    let narrow = ["sandbox", "update", &merchant, "--permissions", "17,18,30"];
    office.run(narrow).expect_code(0);
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);

    let propose = |key: &str, yes: bool| {
        let words = ["profile", "set", key, "--from-grants", "-o", "json"];
        office.run(words.iter().chain(yes.then_some(&"--yes")))
    };
    let error = propose("configured_permissions", false)
        .expect_code(2)
        .json_error();
    assert!(
        text(&error, "message").contains("configured_permissions"),
        "{error}"
    );
    let shown = office
        .run(["profile", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["configured_permissions"], json!({}));

    let answer = propose("configured_permissions", true)
        .expect_code(0)
        .json();
    assert_eq!(answer["set"], json!(true));
    let any = configured(&office);
    assert!(any.contains(&17) && any.contains(&25), "{any:?}");
    assert_eq!(ids(&answer["proposed"]["mini_program"]), any);
    let answer = propose("required_permissions.mini_program", true).expect_code(0);
    assert_eq!(
        answer.json()["proposed"],
        json!({"mini_program": [17, 18, 30]})
    );
    propose("mint", true).expect_code(2);
    propose("configured_permissions.games", true).expect_code(2);

    let words = [
        "profile",
        "set",
        "configured_permissions.mini_program",
        "17",
    ];
    let error = office
        .run(words.iter().chain(&["-o", "json"]))
        .expect_code(2);
    let error = error.json_error();
    assert!(text(&error, "message").contains("18, 30"), "{error}");
    assert_eq!(configured(&office), any);
}
