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

#[test]
fn refuses_an_external_id_that_looks_like_an_id_of_wechat() {
    let office = Office::synced();
    let accounts = office.accounts("official_account", true);
    let shown = office.run(["authorizers", "show", &accounts[1], "-o", "json"]);
    let original = text(&shown.expect_code(0).json(), "user_name");
    let long = "x".repeat(129);
    for id in [accounts[1].as_str(), &original, &long, "a\nb"] {
        let set = ["authorizers", "set", &accounts[0], "--external-id", id];
        office.run(set).expect_code(2);
        office.run(["link", "--state", id]).expect_code(2);
    }
    office.run(["link", "--state", " "]).expect_code(2);
    let shown = office.run(["authorizers", "show", &accounts[0], "-o", "json"]);
    assert_eq!(
        shown.expect_code(0).json()["external_id"],
        serde_json::Value::Null
    );
    assert_eq!(office.sandbox.successes("api_create_preauthcode"), 0);
}

#[test]
fn an_external_id_that_is_another_name_is_ambiguous_everywhere() {
    let office = Office::synced();
    let show = |who: &str| office.run(["authorizers", "show", who, "-o", "json"]);
    let named = show("江南书院").expect_code(0).json();
    let named = text(&named, "appid");
    let other = office.accounts("official_account", true);
    let other = other
        .iter()
        .find(|appid| **appid != named)
        .expect("another");
    let set = ["authorizers", "set", other, "--external-id", "江南书院"];
    office.run(set).expect_code(0);
    for words in [
        vec!["token", "authorizer", "江南书院"],
        vec!["api", "/cgi-bin/menu/get", "--as", "江南书院"],
        vec!["exec", "--as", "江南书院", "--", "true"],
        vec!["authorizers", "show", "江南书院"],
        vec!["authorizers", "forget", "江南书院", "--yes"],
        vec!["authorizers", "refresh", "江南书院"],
        vec!["authorizers", "option", "江南书院", "voice_recognize"],
        vec!["authorizers", "log", "江南书院"],
        vec!["authorizers", "guide", "江南书院"],
        vec!["check", "--authorizers", "江南书院"],
        vec!["permissions", "why", "/wxa/commit", "--for", "江南书院"],
        vec!["events", "list", "--for", "江南书院"],
        vec!["link", "--for", "江南书院"],
    ] {
        let refused = office.run(["-o", "json"].into_iter().chain(words.iter().copied()));
        let refused = refused.expect_code(2);
        let message = text(&refused.json_error(), "message");
        for appid in [&named, other] {
            assert!(message.contains(appid.as_str()), "{words:?}: {message}");
        }
    }
    show(&named).expect_code(0);
}

/// Neither the event nor the redirect needs a receiver with keys: the store knows the link.
#[test]
fn a_links_own_id_becomes_the_external_id() {
    let (token, key) = (
        "wxauth_story_token",
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    );
    for keys in [false, true] {
        let mut office = Office::open();
        if keys {
            office = office
                .with("WXAUTH_TOKEN", token)
                .with("WXAUTH_ENCODING_AES_KEY", key);
        }
        let link = office.run(["link", "--state", "shop-7", "-o", "json"]);
        let link = text(&link.expect_code(0).json(), "url");
        let confirmed = office.run(["sandbox", "authorize", "--link", &link, "-o", "json"]);
        let confirmed = confirmed.expect_code(0).json();
        let redirect = text(&confirmed, "redirect_url");
        assert!(redirect.contains("state="), "{redirect}");
        let redeem = |text: &str| {
            let words = ["authorizers", "redeem", "-o", "json"];
            office.desk.run_with_input(words, text)
        };
        let redeemed = redeem(&redirect).expect_code(0).json();
        assert_eq!(redeemed["authorizer"]["external_id"], "shop-7");
        let shown = office.run(["authorizers", "show", "shop-7", "-o", "json"]);
        let shown = shown.expect_code(0).json();
        assert_eq!(shown["appid"], confirmed["authorizer_appid"]);
        assert_eq!(shown["claimed_external_id"], serde_json::Value::Null);
    }
}
