//! WHO: an appid, an original id, an own id, or a part of a name.

use super::office::{Office, text};

#[test]
fn one_merchant_answers_to_all_of_its_names() {
    let office = Office::synced();
    let show = |who: &str| {
        let shown = office.run(["authorizers", "show", who, "-o", "json"]);
        shown.expect_code(0).json()
    };
    let merchant = show("街角咖啡");
    let appid = text(&merchant, "appid");
    assert_eq!(show(&appid)["appid"], *appid);
    assert_eq!(show(&text(&merchant, "user_name"))["appid"], *appid);

    office
        .run(["authorizers", "set", &appid, "--external-id", "shop-42"])
        .expect_code(0);
    assert_eq!(show("shop-42")["appid"], *appid);
    let token = office.run(["token", "authorizer", "shop-42", "-o", "json"]);
    assert_eq!(token.expect_code(0).json()["appid"], *appid);

    // The id is of one merchant only, and an empty one takes it away.
    let other = office.accounts("official_account", true).remove(0);
    let taken = office.run([
        "authorizers",
        "set",
        &other,
        "--external-id",
        "shop-42",
        "-o",
        "json",
    ]);
    let error = taken.expect_code(2).json_error();
    assert!(super::office::hints(&error, &appid), "{error}");
    office
        .run(["authorizers", "set", &appid, "--external-id", ""])
        .expect_code(0);
    office
        .run(["authorizers", "show", "shop-42"])
        .expect_code(2);
}

#[test]
fn a_part_of_several_names_is_answered_with_the_candidates() {
    let office = Office::synced();
    // 云上花店, 山野厨房 … share no part; 小 is in two names.
    let refused = office
        .run(["authorizers", "show", "小", "-o", "json"])
        .expect_code(2);
    let message = text(&refused.json_error(), "message");
    let listed = office.run(["authorizers", "list", "--search", "小", "-o", "json"]);
    let listed = listed.expect_code(0).json();
    let rows = listed.as_array().expect("rows");
    assert!(rows.len() > 1, "the sandbox has two such names");
    for row in rows {
        assert!(message.contains(&text(row, "appid")), "{message}");
    }
    let told = office.run(["authorizers", "show", "小"]).expect_code(2);
    assert!(
        told.stderr.contains("hint: give the appid"),
        "{}",
        told.stderr
    );
}

#[test]
fn nobody_is_called_that() {
    let office = Office::synced();
    let error = office.run(["token", "authorizer", "nobody", "-o", "json"]);
    let error = error.expect_code(2).json_error();
    assert!(super::office::hints(&error, "authorizers sync"), "{error}");
    // An appid is taken at its word: WeChat knows whether it authorized.
    let stranger = office.accounts("mini_program", false).remove(0);
    office
        .run(["token", "authorizer", &stranger])
        .expect_code(4);
}

#[test]
fn several_merchants_come_from_arguments_a_file_or_stdin() {
    let office = Office::synced();
    let appids: Vec<_> = office
        .accounts("official_account", true)
        .into_iter()
        .take(2)
        .collect();
    let lines = format!(
        "# ours\n{}\n\n  {}  \n{}\n",
        appids[0], appids[1], appids[0]
    );
    let path = office.file("appids.txt", &lines);
    let list = format!("@{}", path.display());

    let refreshed = office.run(["authorizers", "refresh", &list, "-o", "json"]);
    assert_eq!(refreshed.expect_code(0).json()["refreshed"], 2);
    let refreshed = office
        .desk
        .run_with_input(["authorizers", "refresh", "-", "-o", "json"], &lines);
    assert_eq!(refreshed.expect_code(0).json()["refreshed"], 2);
    let mini_program = office.accounts("mini_program", true).remove(0);
    let refreshed = office.run([
        "authorizers",
        "refresh",
        &appids[0],
        &mini_program,
        "-o",
        "json",
    ]);
    assert_eq!(refreshed.expect_code(0).json()["refreshed"], 2);

    let missing = office.run(["authorizers", "refresh", "@/no/such/file"]);
    missing.expect_code(2);
    // A list that holds nobody is no order to refresh everybody.
    let nobody = office
        .desk
        .run_with_input(["authorizers", "refresh", "-", "-o", "json"], "# nobody\n");
    assert_eq!(nobody.expect_code(0).json()["refreshed"], 0);
}
