//! Page after page, and where that ends.

use serde_json::{Value, json};
use wxauth::flow::{Fields, Paging};
use wxauth::wechat::wire::Document;

/// Reads a list whose pages `answer` gives; how many rows came, at most a hundred pages.
fn read(path: &str, asked: &Value, answer: impl Fn(&Fields) -> Value) -> usize {
    let asked = asked.as_object().expect("an object").clone();
    let mut paging = Paging::new(path, asked);
    let mut rows = 0;
    for _ in 0..100 {
        let answer = answer(paging.fields()).to_string();
        let answer = Document::parse(answer.as_bytes()).expect("JSON");
        let page = paging.take(answer).expect("a list");
        rows += page.rows.len();
        if !page.more {
            return rows;
        }
    }
    panic!("the list goes on and on: {rows} rows")
}

/// `from` to `to`, as rows that differ.
fn some(from: u64, to: u64) -> Value {
    (from..to).map(|number| json!({ "id": number })).collect()
}

#[test]
fn a_call_that_pages_by_fields_of_its_own_gives_its_first_page_once() {
    let rows = read(
        "/cgi-bin/comment/list",
        &json!({ "begin": 0, "count": 5 }),
        |_| json!({ "errcode": 0, "total": 50, "comment": some(0, 5) }),
    );
    assert_eq!(rows, 5);
}

#[test]
fn a_last_page_that_is_given_again_and_again_ends_the_list() {
    let rows = read("/any", &json!({ "page": 2 }), |asked| {
        let page = asked["page"].as_u64().expect("a number").min(4);
        json!({ "list": some(page * 10, page * 10 + 10) })
    });
    assert_eq!(rows, 30, "pages 2, 3 and 4");
}

#[test]
fn keys_that_lead_in_a_circle_are_followed_once() {
    let rows = read("/any", &json!({}), |asked| {
        let (next, from) = match asked.get("next_key").and_then(Value::as_str) {
            None => ("a", 0),
            Some("a") => ("b", 10),
            Some(_) => ("a", 20),
        };
        json!({ "list": some(from, from + 10), "next_key": next })
    });
    assert_eq!(rows, 30);
}

#[test]
fn an_offset_at_the_end_of_numbers_ends_the_list() {
    let rows = read(
        "/any",
        &json!({ "offset": u64::MAX, "count": 2 }),
        |_| json!({ "total": 9, "list": some(0, 2) }),
    );
    assert_eq!(rows, 2);
}

/// Reads a list to its end; whether it was given up, and after how many pages.
fn endless(asked: &Value, answer: impl Fn(&Fields, u64) -> Value) -> (bool, u64) {
    let asked = asked.as_object().expect("an object").clone();
    let mut paging = Paging::new("/any", asked);
    loop {
        let answer = answer(paging.fields(), paging.seen()).to_string();
        let answer = Document::parse(answer.as_bytes()).expect("JSON");
        if !paging.take(answer).expect("a list").more {
            return (paging.is_endless(), paging.pages());
        }
    }
}

#[test]
fn gives_up_a_list_that_does_not_end() {
    let by_offset = json!({ "offset": 0, "count": 20 });
    let grows = endless(
        &by_offset,
        |_, seen| json!({ "total_count": seen + 40, "item": some(seen, seen + 20) }),
    );
    assert_eq!(grows, (true, 105));
    let gives_few = endless(
        &by_offset,
        |_, seen| json!({ "total_count": 1_000_000_000, "item": some(seen, seen + 1) }),
    );
    assert_eq!(gives_few, (true, 101));
    let next_key = endless(
        &json!({}),
        |_, seen| json!({ "list": some(seen, seen + 1), "next_key": format!("key-{seen}") }),
    );
    assert_eq!(next_key, (true, 10_000));
}

#[test]
fn reads_a_long_list_to_its_end() {
    let by_offset = json!({ "offset": 0, "count": 20 });
    let long = endless(
        &by_offset,
        |_, seen| json!({ "total_count": 50_000, "item": some(seen, (seen + 20).min(50_000)) }),
    );
    assert_eq!(long, (false, 2_500));
    // Row by row, as it was asked for.
    let single = endless(
        &json!({ "offset": 0, "count": 1 }),
        |_, seen| json!({ "total_count": 300, "item": some(seen, seen + 1) }),
    );
    assert_eq!(single, (false, 300));
}
