//! `link --wait`: the merchant comes, and how one learns of it.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout};

use serde_json::{Value, json};

use super::office::{Office, text};
use super::serving::{Serving, signal};
use crate::support::{Desk, Outcome};

/// A `link --wait` that runs.
pub struct Waiting {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The link it made.
    pub link: Value,
}

impl Waiting {
    /// Starts it and reads the link.
    pub fn start(desk: &Desk, flags: &[&str]) -> Self {
        let words = ["link", "--wait", "--no-qr", "-o", "ndjson"];
        let mut child = desk.start(words.iter().chain(flags));
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines.next().expect("the link comes first").expect("UTF-8");
        let link = serde_json::from_str(&line).expect("one object a line");
        Self { child, lines, link }
    }

    /// The second line, and the end that it belongs to.
    #[track_caller]
    pub fn arrival(mut self) -> Value {
        let line = self.lines.next().map(|line| line.expect("UTF-8"));
        Outcome::of(self.child).expect_code(0);
        let arrival: Value = serde_json::from_str(&line.expect("an arrival")).expect("JSON");
        assert_eq!(arrival["url"], self.link["url"]);
        arrival
    }

    /// How it ended without a merchant.
    pub fn end(self) -> Outcome {
        let ended = Outcome::of(self.child);
        assert_eq!(self.lines.count(), 0, "nobody came");
        ended
    }
}

/// The merchant opens the link and confirms.
pub fn confirm(office: &Office, waiting: &Waiting, appid: &str) {
    let order = json!({"appid": appid, "link": waiting.link["url"]});
    office.sandbox.post("authorize", &order);
}

#[test]
fn a_merchant_is_found_in_the_list_without_any_receiver() {
    let office = Office::open();
    let merchant = office.accounts("mini_program", false).remove(0);
    let waiting = Waiting::start(&office.desk, &[]);
    assert!(waiting.link["authorizer"].is_null());
    confirm(&office, &waiting, &merchant);
    let arrival = waiting.arrival();
    assert_eq!(arrival["match"], "probable");
    assert_eq!(arrival["authorizer"]["appid"], *merchant);
    // The code went to the redirect: whoever has that address exchanges it.
    assert_eq!(arrival["authorizer"]["status"], "pending_exchange");
    assert_eq!(office.sandbox.successes("api_query_auth"), 0);
    let shown = office.run(["authorizers", "show", &merchant, "-o", "json"]);
    assert_eq!(shown.expect_code(0).json()["appid"], *merchant);
}

#[test]
fn one_account_is_waited_for_whoever_else_comes() {
    let office = Office::open();
    let accounts = office.accounts("mini_program", false);
    let (other, merchant) = (&accounts[0], &accounts[1]);
    let waiting = Waiting::start(&office.desk, &["--for", merchant]);
    assert_eq!(waiting.link["biz_appid"], **merchant);
    let link = office.run(["link", "-o", "json"]).expect_code(0).json();
    office
        .sandbox
        .post("authorize", &json!({"appid": other, "link": link["url"]}));
    confirm(&office, &waiting, merchant);
    let arrival = waiting.arrival();
    assert_eq!(arrival["match"], "probable");
    assert_eq!(arrival["authorizer"]["appid"], **merchant);
}

#[test]
fn a_server_on_the_same_store_tells_by_which_link_and_exchanges_the_code() {
    let desk = Desk::new();
    let server = Serving::start(&desk, &["--sandbox"], &[]);
    let waiting = Waiting::start(&desk, &["--sandbox"]);
    let url = text(&waiting.link, "url");
    let confirmed = desk.run(["sandbox", "authorize", "--link", &url, "-o", "json"]);
    let appid = text(&confirmed.expect_code(0).json(), "authorizer_appid");
    let arrival = waiting.arrival();
    assert_eq!(arrival["match"], "code");
    let authorizer = &arrival["authorizer"];
    assert_eq!(authorizer["appid"], *appid);
    assert_eq!(authorizer["status"], "active");
    assert_eq!(authorizer["has_refresh_token"], true);
    server.end("TERM").expect_code(0);
}

#[test]
fn ctrl_c_ends_the_wait_and_the_link_still_works() {
    let office = Office::open();
    let merchant = office.accounts("mini_program", false).remove(0);
    let waiting = Waiting::start(&office.desk, &[]);
    signal(&waiting.child, "INT");
    let url = text(&waiting.link, "url");
    let error = waiting.end().expect_code(130).json_error();
    assert_eq!(error["kind"], "interrupted");
    let order = json!({"appid": merchant, "link": url});
    assert!(office.sandbox.post("authorize", &order)["auth_code"].is_string());
}
