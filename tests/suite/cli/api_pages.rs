//! `api --paginate`: every row, once, in order, in each of WeChat's styles.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use super::api_tokens::{desk_before, token_step};
use super::office::{Office, text};
use crate::api::server::{Server, Step};
use crate::support::{Desk, Outcome, SandboxProcess};

const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";

fn lines(stdout: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).expect("a line of JSON");
    stdout.lines().map(parse).collect()
}

#[test]
fn twelve_hundred_rows_are_complete_and_in_order_in_either_format() {
    let home = Desk::new();
    let flags = ["--accounts", "1200", "--authorized", "all"];
    let sandbox = SandboxProcess::start(&home, &flags);
    let mut desk = Desk::new();
    for (name, value) in sandbox.environment() {
        desk = desk.with(&name, value);
    }
    let whole = desk
        .run(["api", LIST, "--paginate", "-o", "json"])
        .expect_code(0)
        .json();
    let rows = whole.as_array().expect("an array").clone();
    let streamed = desk
        .run(["api", LIST, "--paginate", "-o", "ndjson"])
        .expect_code(0);
    assert_eq!(
        lines(&streamed.stdout),
        rows,
        "one object on each line, the same ones"
    );
    let small = desk
        .run(["api", LIST, "--paginate", "-F", "count=97"])
        .expect_code(0)
        .json();
    assert_eq!(small.as_array(), Some(&rows), "whatever the size of a page");
    // Page by page, by hand, is the same list.
    let mut by_hand = Vec::new();
    loop {
        let offset = format!("offset={}", by_hand.len());
        let page = desk
            .run(["api", LIST, "-F", &offset, "-F", "count=500"])
            .expect_code(0)
            .json();
        let listed = page["list"].as_array().expect("a list");
        by_hand.extend(listed.iter().map(|row| text(row, "authorizer_appid")));
        if by_hand.len() as u64 >= page["total_count"].as_u64().expect("a total") {
            break;
        }
    }
    let appids: Vec<_> = rows
        .iter()
        .map(|row| text(row, "authorizer_appid"))
        .collect();
    assert_eq!(appids, by_hand);
    assert!(
        appids.len() > 700,
        "of 1,200 accounts those that can authorize: {}",
        appids.len()
    );
    let from = desk
        .run(["api", LIST, "--paginate", "-F", "offset=500"])
        .expect_code(0)
        .json();
    assert_eq!(from.as_array().map(Vec::as_slice), Some(&rows[500..]));
}

#[test]
fn followers_come_by_the_next_openid_and_in_one_list() {
    let office = Office::synced();
    let who = office.accounts("official_account", true).remove(0);
    let all = office
        .run([
            "api",
            "/cgi-bin/user/get",
            "--as",
            &who,
            "--paginate",
            "-o",
            "ndjson",
        ])
        .expect_code(0);
    let openids = lines(&all.stdout);
    assert_eq!(openids.len(), 12_345);
    let sorted = openids
        .windows(2)
        .all(|two| two[0].as_str() < two[1].as_str());
    assert!(sorted, "each once, in WeChat's order");
    assert_eq!(
        office.sandbox.successes("/user/get"),
        2,
        "no call for a page that is not there"
    );
}

#[test]
fn products_come_by_a_key_and_drafts_by_an_offset() {
    let office = Office::synced();
    let window = office.accounts("channels", true).remove(0);
    office
        .sandbox
        .post("platform", &json!({"permission_ids": [177]}));
    let grant = json!({"appid": window, "permissions": [177]});
    office.sandbox.post("update", &grant);
    let call = "/channels/ec/window/product/list/get";
    let products = [
        "api",
        call,
        "--as",
        &window,
        "--paginate",
        "-F",
        "page_size=30",
    ];
    let listed = office.run(products).expect_code(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(75));
    // Nothing but an empty page tells the end, unless the total is known.
    assert_eq!(office.sandbox.successes("/product/list/get"), 4);
    let counted = products.iter().chain(&["-F", "need_total_num=true"]);
    assert_eq!(office.run(counted).expect_code(0).json(), listed);
    assert_eq!(office.sandbox.successes("/product/list/get"), 4 + 3);
    let official = office.accounts("official_account", true).remove(0);
    let drafts = [
        "api",
        "/cgi-bin/draft/batchget",
        "--as",
        &official,
        "--paginate",
    ];
    let listed = office.run(drafts).expect_code(0).json();
    let titles = listed.as_array().expect("rows").iter();
    let titles: Vec<_> = titles
        .map(|row| text(&row["content"]["news_item"][0], "title"))
        .collect();
    let expected: Vec<_> = (0..45).map(|index| format!("第 {index} 篇草稿")).collect();
    assert_eq!(titles, expected);
}

#[test]
fn a_reader_that_leaves_stops_the_pages() {
    let office = Office::synced();
    let who = office.accounts("official_account", true).remove(0);
    let words = [
        "api",
        "/cgi-bin/user/get",
        "--as",
        &who,
        "--paginate",
        "-o",
        "ndjson",
    ];
    let mut child = office.desk.start(words);
    let stdout = child.stdout.take().expect("a pipe");
    let mut first = String::new();
    BufReader::with_capacity(64, stdout)
        .read_line(&mut first)
        .expect("a line");
    assert!(first.starts_with("\"o"), "{first}");
    let ended = Outcome::of(child).expect_code(0);
    assert_eq!(ended.stderr, "");
    assert_eq!(
        office.sandbox.successes("/user/get"),
        1,
        "the next page is not asked for"
    );
}

#[test]
fn a_page_that_fails_leaves_the_list_visibly_cut() {
    let office = Office::synced();
    let who = office.accounts("official_account", true).remove(0);
    office.run(["token", "authorizer", &who]).expect_code(0);
    let words = [
        "api",
        "/cgi-bin/draft/batchget",
        "--as",
        &who,
        "--paginate",
        "-o",
        "json",
    ];
    office.sandbox.fault("/cgi-bin/draft/batchget: 0% drop");
    office.run(words).expect_code(0);
    // The third page is refused.
    office.sandbox.post("faults", &json!({ "clear": true }));
    office.sandbox.post(
        "quota",
        &json!({"path": "/cgi-bin/draft/batchget", "used": 9_999_998, "appid": who}),
    );
    let failed = office.run(words).expect_code(6);
    assert_eq!(failed.json_error()["errcode"], 45009);
    assert!(
        serde_json::from_str::<Value>(&failed.stdout).is_err(),
        "no whole document"
    );
    assert_eq!(
        failed.stdout.matches("draft-").count(),
        40,
        "what came is handed on"
    );
}

/// The rows of a list whose pages a server of this test's own gives, and what was asked.
async fn told(pages: &[Value], words: &[&str]) -> (Outcome, Vec<Value>) {
    let pages = pages.iter().map(|page| Step::json(&page.to_string()));
    let server = Server::start([token_step()].into_iter().chain(pages)).await;
    let desk = desk_before(&server);
    let ended = desk.run(["api", "/wxa/some/list", "--paginate"].iter().chain(words));
    let seen = server.seen().into_iter().skip(1);
    (ended, seen.map(|seen| seen.json()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_styles_are_understood_by_what_the_answer_says() {
    let (ended, asked) = told(
        &[
            json!({"list": [1, 2], "has_more": true, "next_cursor": "c1"}),
            json!({"list": [3], "has_more": false, "next_cursor": "c2"}),
        ],
        &["-f", "cursor="],
    )
    .await;
    assert_eq!(ended.expect_code(0).json(), json!([1, 2, 3]));
    assert_eq!(asked, [json!({"cursor": ""}), json!({"cursor": "c1"})]);

    let (ended, asked) = told(
        &[
            json!({"order_list": [1, 2], "last_index": 17, "has_more": 1}),
            json!({"order_list": [3], "last_index": 18, "has_more": 0}),
        ],
        &["-F", "page_size=2"],
    )
    .await;
    assert_eq!(ended.expect_code(0).json(), json!([1, 2, 3]));
    assert_eq!(asked[1], json!({"page_size": 2, "last_index": 17}));

    let (ended, asked) = told(
        &[
            json!({"data": {"rows": [1, 2]}}),
            json!({"data": {"rows": [3]}}),
        ],
        &["-F", "page=1", "-F", "page_size=2"],
    )
    .await;
    assert_eq!(ended.expect_code(0).json(), json!([1, 2, 3]));
    assert_eq!(asked[1], json!({"page": 2, "page_size": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_keeps_it_asking_for_ever() {
    // The same page and key again, an empty page, a total that is never reached.
    let again = json!({"list": [1], "next_key": "k"});
    let (ended, asked) = told(&[again.clone(), again], &["-f", "next_key="]).await;
    assert_eq!(ended.expect_code(0).json(), json!([1]));
    assert_eq!(asked.len(), 2);
    let short = [
        json!({"total": 9, "list": [1, 2]}),
        json!({"total": 9, "list": []}),
    ];
    let (ended, asked) = told(&short, &["-F", "offset=0", "-F", "count=2"]).await;
    let ended = ended.expect_code(0);
    assert!(
        ended.stderr.contains("WeChat speaks of 9 rows and gave 2"),
        "{}",
        ended.stderr
    );
    assert_eq!((ended.json(), asked.len()), (json!([1, 2]), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_is_said_to_be_none() {
    let (ended, _) = told(&[json!({"errcode": 0, "errmsg": "ok"})], &["-f", "a=b"]).await;
    assert!(ended.expect_code(2).stderr.contains("holds no list"));
    let (ended, _) = told(
        &[json!({"total": 0, "count": 0, "next_openid": ""})],
        &["-f", "a=b"],
    )
    .await;
    assert_eq!(ended.expect_code(0).stdout, "[]\n");
    let (ended, _) = told(&[json!({"list": [1]})], &["-f", "a=b"]).await;
    let ended = ended.expect_code(0);
    assert!(
        ended
            .stderr
            .contains("nothing in the answer tells of further pages")
    );
}
