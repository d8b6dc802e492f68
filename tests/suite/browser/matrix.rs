//! The page of merchants by permission sets, as an operator opens it from disk.

use fantoccini::key::Key;

use crate::support::{Browser, Desk, SandboxProcess, rename_merchant};

/// How many merchants there are.
const MERCHANTS: &str = "5000";

/// A page of many merchants; one of them lacks a set, and its name would run a script.
struct Page {
    _desk: Desk,
    address: String,
    merchant: String,
    /// What the page says when nothing is filtered.
    everybody: String,
}

fn page() -> Page {
    let desk = Desk::new();
    let _sandbox = SandboxProcess::start(&desk, &["--accounts", MERCHANTS, "--authorized", "all"]);
    let run = |words: &[&str]| {
        let all = ["--sandbox", "--lang", "en", "-q"].iter().chain(words);
        desk.run(all).expect_code(0)
    };
    run(&["authorizers", "sync", "--rate", "0", "--concurrency", "32"]);
    let listed = run(&[
        "authorizers",
        "list",
        "--kind",
        "mini_program",
        "--columns",
        "appid",
        "-o",
        "csv",
    ]);
    let merchant = listed
        .stdout
        .lines()
        .nth(1)
        .expect("a mini program")
        .to_owned();
    let store = desk.config_dir().join("sandbox/client.db");
    let hostile = "<img src=x onerror=\"document.title='owned'\">";
    rename_merchant(&store, &merchant, hostile, Some(&[17]));
    let path = desk.home().join("matrix.html");
    let path = path.to_str().expect("UTF-8").to_owned();
    run(&["permissions", "matrix", "--html", &path]);
    let listed = run(&["authorizers", "list", "--columns", "appid", "-o", "csv"]);
    let count = listed.stdout.lines().count() - 1;
    let count = format!("{},{:03}", count / 1000, count % 1000);
    Page {
        _desk: desk,
        address: format!("file://{path}"),
        merchant,
        everybody: format!("{count} of {count} accounts"),
    }
}

#[test]
fn an_operator_finds_the_merchants_that_lack_a_set_by_keyboard_alone() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let page = page();
    let only = format!("1 {}", page.everybody.split_once(' ').expect("words").1);
    browser.open(&page.address);
    browser.says("#count", &page.everybody);
    // 5,000 merchants by 60 sets are no 300,000 cells of the page.
    let cells = browser.count("tbody td");
    assert!((100..10_000).contains(&cells), "{cells} cells");

    browser.tab_to("#search");
    browser.type_text(&page.merchant);
    browser.says("#count", &only);
    let name = browser.text("tbody .who");
    assert!(
        name.starts_with("<img src=x"),
        "the name stays text: {name}"
    );
    assert_eq!(browser.count("tbody img"), 0);

    browser.tab_to("tbody button");
    browser.press(Key::Enter);
    let account = browser.text("dialog");
    assert!(
        account.contains("missing") && account.contains("granted (1)"),
        "{account}"
    );
    browser.press(Key::Escape);
    browser.click("#clear");
    browser.says("#count", &page.everybody);

    choose(&browser, "#set", "18 ");
    // The set is exclusive and offered: another platform may hold it.
    choose(&browser, "#state", "!");
    browser.says("#count", &only);
    browser.says("tbody .appid", &page.merchant);
    browser.click("#clear");
    browser.tab_to("thead button");
    browser.press(Key::Down);
    browser.press(Key::End);
    let last = browser.text("tbody tr:nth-last-child(2) button");
    assert_eq!(browser.count("tbody button:focus"), 1);
    assert_eq!(browser.text("tbody button:focus"), last);
    assert_eq!(browser.title(), "权限集授权矩阵 · Permission sets");
}

/// Goes down a list until the choice begins so. Letters would not do: a slow machine's browser
/// takes the second one for the beginning of another word.
fn choose(browser: &Browser, list: &str, beginning: &str) {
    browser.tab_to(list);
    let chosen = format!("{list} option:checked");
    let choices = browser.count(&format!("{list} option"));
    for _ in 0..choices {
        if browser.text(&chosen).starts_with(beginning) {
            return;
        }
        browser.press(Key::Down);
    }
    panic!("{list} has no {beginning}");
}
