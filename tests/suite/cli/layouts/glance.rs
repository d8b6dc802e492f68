//! A desk that borrows looks at its backend: how old its ticket is, what is borrowed and what is not.

use serde_json::{Value, json};

use super::{Backend, Held};

/// How an SDK writes a text.
type Quote = fn(&str) -> String;

/// A desk that borrows from a layout, whose ticket lies under `key` with so many seconds left.
fn with_ticket(layout: &str, key: &str, quote: Quote, left: u32) -> (Backend, Held) {
    let mut backend = Backend::open();
    let held = backend.mint();
    let key = format!("{key}{}", backend.platform());
    backend.set(&key, quote(&held.ticket), Some(left));
    backend.configure(&[("layout", layout), ("layout_redis", &backend.redis)]);
    (backend, held)
}

fn age(row: &Value) -> i64 {
    row["age"]
        .as_i64()
        .unwrap_or_else(|| panic!("no age: {row:#}"))
}

#[test]
fn a_tickets_age_is_what_its_keys_life_tells() {
    let php = |ticket: &str| format!("s:{}:\"{ticket}\";", ticket.len());
    let quoted = |ticket: &str| format!("\"{ticket}\"");
    let plain = str::to_owned;
    let cases: [(&str, &str, Quote, u32, i64); 4] = [
        (
            "easywechat6",
            "open_platform.verify_ticket.",
            php,
            3600,
            2400,
        ),
        (
            "easywechat5",
            "easywechat.open_platform.verify_ticket.",
            php,
            1800,
            1800,
        ),
        (
            "powerwechat",
            "powerwechat.open_platform.verify_ticket.",
            quoted,
            3000,
            600,
        ),
        (
            "wxjava",
            "wechat_component_verify_ticket:",
            plain,
            2_147_480_047,
            3600,
        ),
    ];
    for (layout, key, quote, left, expected) in cases {
        let (backend, held) = with_ticket(layout, key, quote, left);
        let near = |age: i64| (expected..expected + 60).contains(&age);
        let status = backend.run(&["status", "-o", "json"]).json();
        let ticket = &status["ticket"];
        assert!(near(age(ticket)), "{layout}: {status:#}");
        assert_eq!(ticket["source"], "layout");
        assert_eq!(
            status["layout"]["borrowed"],
            json!(["ticket", "component_token"])
        );
        let show = backend.run(&["ticket", "show", "--reveal", "-o", "json"]);
        let show = show.expect_code(0).json();
        assert!(near(age(&show)), "{layout}: {show:#}");
        assert_eq!(show["ticket"], held.ticket.as_str());
        backend.configure(&[("mint", "wxauth")]);
        let import = ["store", "import", "--layout", "-o", "json"];
        backend.run(&import).expect_code(0);
        let show = backend
            .run(&["ticket", "show", "-o", "json"])
            .expect_code(0);
        assert!(near(age(&show.json())), "{layout}");
    }
}

#[test]
fn a_ticket_that_was_dead_when_it_was_met_is_not_called_live() {
    let day = 24 * 3600;
    let left = u32::try_from(i64::from(i32::MAX) - day).expect("it fits");
    let key = "wechat_component_verify_ticket:";
    let (backend, _) = with_ticket("wxjava", key, str::to_owned, left);
    let shown = backend.run(&["ticket", "show"]).expect_code(4);
    assert!(
        shown.stderr.contains("past its 12 hours"),
        "{}",
        shown.stderr
    );
    // A life that WxJava never gave tells nothing.
    let (backend, _) = with_ticket("wxjava", key, str::to_owned, 7200);
    let shown = backend
        .run(&["ticket", "show", "-o", "json"])
        .expect_code(0);
    assert!(age(&shown.json()) < 60);
}

#[test]
fn the_screen_says_what_is_the_backends_and_what_is_ours() {
    let key = "wechat_component_verify_ticket:";
    let (mut backend, held) = with_ticket("wxjava", key, str::to_owned, 2_147_480_047);
    let token = format!("wechat_component_access_token:{}", backend.platform());
    backend.set(&token, &held.component_token, Some(7000));
    let line = |screen: &str, title: &str| {
        let mut lines = screen.lines().filter(|line| line.starts_with(title));
        lines
            .next()
            .unwrap_or_else(|| panic!("no {title}:\n{screen}"))
            .to_owned()
    };
    let screen = backend.run(&["status"]).expect_code(0).stdout;
    for title in ["Ticket", "Component token"] {
        assert!(
            line(&screen, title).contains("from the keys of wxjava"),
            "{screen}"
        );
    }
    assert!(
        line(&screen, "Merchants").contains("wxauth's own store"),
        "{screen}"
    );
    assert!(
        line(&screen, "Their tokens").contains("keys of wxjava"),
        "{screen}"
    );
    let screen = backend
        .run(&["--lang", "zh", "status"])
        .expect_code(0)
        .stdout;
    assert!(
        line(&screen, "ticket").contains("来自 wxjava 的键"),
        "{screen}"
    );
    assert!(
        line(&screen, "商家 ").contains("来自 wxauth 自己的存储"),
        "{screen}"
    );
}

#[test]
fn the_doctor_speaks_of_keys_where_keys_are_lacking() {
    let backend = Backend::open();
    backend.configure(&[("layout", "wxjava"), ("layout_redis", &backend.redis)]);
    let key = format!("wechat_component_access_token:{}", backend.platform());
    let line = |language: &str| {
        let report = backend.run(&["--lang", language, "doctor", "-o", "json"]);
        let report = report.expect_code(3).json();
        let lines = report["checks"].as_array().expect("lines").iter();
        let mut lines = lines.filter(|line| line["name"] == "component_token");
        lines.next().expect("a line").clone()
    };
    let english = line("en");
    assert!(english["detail"].to_string().contains(&key), "{english:#}");
    let chinese = line("zh");
    let detail = chinese["detail"].as_str().expect("a text");
    assert!(
        detail.contains(&key) && detail.contains("没有给出"),
        "{chinese:#}"
    );
    assert!(!detail.contains("does not give"), "{chinese:#}");
    for line in [english, chinese] {
        let cures = line["cure"].to_string();
        assert!(cures.contains("wxauth store detect"), "{line:#}");
        assert!(!cures.contains("token_command"), "{line:#}");
        assert!(!cures.contains("profile show"), "{line:#}");
    }
}

#[test]
fn the_lines_of_detect_lead_to_no_program() {
    let mut backend = Backend::open();
    let ticket = "wechat_component_verify_ticket:wx00000000000000aa";
    backend.set(ticket, "ticket@@@of_another", Some(2_147_480_047));
    let first = [
        "init",
        "wx00000000000000aa",
        "--component-appid",
        "wx00000000000000aa",
    ];
    let said = backend.run(&[&first[..], &["--mint", "never", "--no-input"]].concat());
    let said = said.expect_code(0).stderr;
    let (keys, program) = (said.find("layout_redis"), said.find("token_command"));
    assert!(keys.is_some() && keys < program, "{said}");
    let given = [
        "--mint",
        "never",
        "--no-input",
        "--token-command",
        "echo 97",
        "--force",
    ];
    let said = backend.run(&[&first[..], &given].concat()).expect_code(0);
    assert!(!said.stderr.contains("layout_redis"), "{}", said.stderr);
}
