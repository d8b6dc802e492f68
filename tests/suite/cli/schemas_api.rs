//! The shapes of `api`, where they are its own, and of WeChat's diagnosis.

use serde_json::Value;

use super::office::{Office, text};

/// Has each of these commands answer, and `check` look at it.
pub fn answers(office: &Office, mut check: impl FnMut(&str, &str, &Value)) {
    let run = |words: &[&str]| office.run(words.iter().chain(&["-o", "json"]));
    let who = office.accounts("mini_program", true).remove(0);
    let file = office.desk.home().join("saved.json").display().to_string();
    let info = "/cgi-bin/component/api_get_authorizer_info";
    let appid = format!("authorizer_appid={who}");
    let saved = run(&["api", info, "-f", &appid, "--save", &file]).expect_code(0);
    check("api", "api-saved", &saved.json());
    let shown = run(&[
        "api",
        "/wxa/commit",
        "--as",
        &who,
        "-F",
        "template_id=1",
        "--dry-run",
    ]);
    check("api", "api-dry-run", &shown.expect_code(0).json());
    check(
        "quota show",
        "quota-show",
        &run(&["quota", "show"]).expect_code(0).json(),
    );
    let cleared = run(&["quota", "clear", "--yes"]).expect_code(0);
    check("quota clear", "quota-clear", &cleared.json());
    let refused = run(&["api", "/no/such/call"]).expect_code(6);
    let rid = text(&refused.json_error(), "rid");
    check("rid", "rid", &run(&["rid", &rid]).expect_code(0).json());
    let checked = run(&["callback", "check"]).expect_code(0);
    check("callback check", "callback-check", &checked.json());
    let listed = run(&["ips"]).expect_code(0);
    check("ips", "ips", &listed.json());
    let before = office
        .file("before.txt", "192.0.2.1\n")
        .display()
        .to_string();
    let compared = run(&["ips", "--diff", &before]).expect_code(3);
    check("ips", "ips", &compared.json());
}
