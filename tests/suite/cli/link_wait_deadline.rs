//! `link --wait`: nobody comes, or WeChat is not there.

use serde_json::json;

use super::link_wait::{Waiting, confirm};
use super::office::{Office, eventually, text};

/// The hints of a deadline, most likely cause first.
fn causes(error: &serde_json::Value) -> Vec<String> {
    let hints = error["hints"].as_array().expect("hints").iter();
    hints
        .map(|hint| hint.as_str().expect("a text").to_owned())
        .collect()
}

#[track_caller]
fn in_order(causes: &[String], words: &[&str]) {
    let places: Vec<_> = words
        .iter()
        .map(|word| causes.iter().position(|cause| cause.contains(word)))
        .collect();
    assert!(places.iter().all(Option::is_some), "{words:?}: {causes:#?}");
    assert!(places.is_sorted(), "{words:?}: {causes:#?}");
}

#[test]
fn the_deadline_names_the_causes_in_the_order_of_their_likelihood() {
    let office = Office::open();
    let waiting = Waiting::start(&office.desk, &["--timeout", "1s"]);
    let ended = waiting.end().expect_code(8);
    let error = ended.json_error();
    assert_eq!(error["kind"], "deadline");
    in_order(
        &causes(&error),
        &[
            "nobody has scanned",
            "no administrator",
            "updated its sets",
            "全网发布",
            "link --lint",
            "wxauth serve",
        ],
    );
    let told = office.run(["link", "--wait", "--no-qr", "--timeout", "1s"]);
    let told = told.expect_code(8);
    assert!(told.stdout.contains("bindcomponent?"), "the link is shown");
    assert!(told.stderr.contains("no merchant authorized in this time"));
    // A deadline is a deadline of a wait.
    office.run(["link", "--timeout", "1s"]).expect_code(2);
}

#[test]
fn a_confirmation_that_changes_nothing_is_not_seen_and_the_end_says_so() {
    let office = Office::synced();
    let merchant = office.accounts("mini_program", true).remove(0);
    // WeChat is asked once in this time.
    let flags = ["--for", &merchant, "--timeout", "7s", "-v"];
    let waiting = Waiting::start(&office.desk, &flags);
    confirm(&office, &waiting, &merchant);
    let ended = waiting.end().expect_code(8);
    let note = format!("an update of {merchant} that changes no permission set sends no event");
    assert!(ended.stderr.contains(&note), "{}", ended.stderr);
    let causes = causes(&ended.json_error());
    in_order(
        &causes,
        &["nobody has scanned", "confirmed without a change"],
    );
}

#[test]
fn a_change_of_what_one_account_grants_is_seen() {
    let office = Office::synced();
    let merchant = office.accounts("mini_program", true).remove(0);
    let waiting = Waiting::start(&office.desk, &["--for", &merchant]);
    let order = json!({"appid": merchant, "link": waiting.link["url"], "permissions": [17, 30]});
    office.sandbox.post("authorize", &order);
    let arrival = waiting.arrival();
    assert_eq!(arrival["authorizer"]["permission_ids"], json!([17, 30]));
    assert_eq!(arrival["match"], "probable");
}

#[test]
fn a_wechat_that_is_away_for_a_while_is_survived() {
    let office = Office::open();
    let merchant = office.accounts("mini_program", false).remove(0);
    let waiting = Waiting::start(&office.desk, &[]);
    let before = office.calls();
    office
        .sandbox
        .fault("api_get_authorizer_list: 999 times drop");
    confirm(&office, &waiting, &merchant);
    // One question is three calls: the fourth is a second question.
    eventually(|| office.calls() >= before + 4);
    office.sandbox.post("faults", &json!({"clear": true}));
    assert_eq!(waiting.arrival()["authorizer"]["appid"], *merchant);
}

#[test]
fn a_wechat_that_was_not_there_at_the_deadline_is_a_cause_of_its_own() {
    let office = Office::open();
    let waiting = Waiting::start(&office.desk, &["--timeout", "8s"]);
    office
        .sandbox
        .fault("api_get_authorizer_list: 999 times -1");
    let error = waiting.end().expect_code(8).json_error();
    let told = format!("{} {}", text(&error, "message"), causes(&error).join(" "));
    assert!(
        told.contains("WeChat did not answer the last time"),
        "{told}"
    );
}
