//! What a tired operator does, and what must not come of it.

use crate::support::Desk;

/// A desk whose store knows every merchant of the sandbox.
fn synced() -> Desk {
    let desk = Desk::new();
    desk.run(["--sandbox", "authorizers", "sync"])
        .expect_code(0);
    desk
}

#[test]
fn a_fault_ordered_without_a_running_sandbox_meets_the_next_command() {
    let desk = Desk::new();
    desk.run(["sandbox", "fault", "api_create_preauthcode: 2 times -1"])
        .expect_code(0);
    desk.run(["--sandbox", "link", "--no-qr"]).expect_code(0);
    let calls = desk.run(["sandbox", "journal", "-o", "json"]).json();
    let made: Vec<_> = calls
        .as_array()
        .expect("calls")
        .iter()
        .filter(|call| call["path"] == "/cgi-bin/component/api_create_preauthcode")
        .map(|call| call["outcome"].as_str().expect("an outcome").to_owned())
        .collect();
    assert_eq!(made, ["-1", "-1", "ok"]);
    let left = desk.run(["sandbox", "fault", "-o", "json"]).json();
    assert_eq!(left["faults"].as_array().map(Vec::len), Some(0));
}

#[test]
fn an_empty_variable_in_a_script_never_means_the_only_merchant_there_is() {
    let desk = Desk::new();
    desk.run(["--sandbox", "link", "--no-qr"]).expect_code(0);
    let confirmed = desk.run(["sandbox", "authorize", "-o", "json"]).json();
    let code = confirmed["auth_code"].as_str().expect("a code");
    desk.run_with_input(["--sandbox", "authorizers", "redeem"], code)
        .expect_code(0);
    for verb in [
        &["authorizers", "forget", "", "--yes"][..],
        &["authorizers", "show", " "],
        &["token", "authorizer", ""],
        &["link", "--for", ""],
    ] {
        let words = ["--sandbox"].iter().chain(verb);
        desk.run(words).expect_code(2);
    }
    let list = desk.run(["--sandbox", "authorizers", "list", "-o", "json"]);
    assert_eq!(list.json().as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_no_ticket_is_not_taken_for_one() {
    let desk = Desk::new();
    let pushed = "<xml><ComponentVerifyTicket>ticket@@@x</ComponentVerifyTicket></xml>";
    for pasted in ["foo", pushed, "preauthcode@@@abc", "ticket@@@a\nticket@@@b"] {
        let refused = desk.run_with_input(["--sandbox", "ticket", "set", "-o", "json"], pasted);
        let error = refused.expect_code(2).json_error();
        assert_eq!(error["kind"], "usage", "{pasted}");
    }
    let quoted = "\"ticket@@@quoted-by-a-chat\"\n";
    let set = desk.run_with_input(["--sandbox", "ticket", "set", "-o", "json"], quoted);
    assert_eq!(set.expect_code(0).json()["new"], true);
    let bare = "ticket@@@quoted-by-a-chat";
    let again = desk.run_with_input(["--sandbox", "ticket", "set", "-o", "json"], bare);
    let known = again.expect_code(0).json();
    assert_eq!(known["new"], false, "the same without its quotes");
}

#[test]
fn every_merchant_of_a_sync_is_counted_once() {
    let desk = synced();
    for flags in [&["--full"][..], &[]] {
        let words = ["--sandbox", "authorizers", "sync", "-o", "json"];
        let row = desk.run(words.iter().chain(flags)).expect_code(0).json();
        let told = |field: &str| row[field].as_array().expect("a list").len() as u64;
        let counted = told("added")
            + told("updated")
            + told("failed")
            + row["unchanged"].as_u64().expect("a number");
        assert_eq!(row["total"].as_u64(), Some(counted), "{row}");
    }
}

#[test]
fn the_world_of_the_sandbox_is_not_thrown_away_without_a_yes() {
    let desk = synced();
    desk.run(["sandbox", "reset"]).expect_code(2);
    let list = desk.run(["--sandbox", "authorizers", "list", "-o", "json"]);
    assert!(list.json().as_array().is_some_and(|rows| rows.len() > 5));
    desk.run(["sandbox", "reset", "--yes"]).expect_code(0);
    let list = desk.run(["--sandbox", "authorizers", "list", "-o", "json"]);
    assert_eq!(list.json().as_array().map(Vec::len), Some(0));
}
