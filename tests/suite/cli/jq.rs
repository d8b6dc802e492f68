//! `--jq`: the JSON of every answer through a filter, as users of gh expect it.

use super::office::{Office, text};

fn filtered(office: &Office, command: &str, filter: &str) -> String {
    let words = command.split(' ').chain(["--jq", filter]);
    let outcome = office.run(words).expect_code(0);
    assert_eq!(outcome.stderr, "", "{command}");
    outcome.stdout
}

#[test]
fn strings_come_as_they_are_and_everything_else_as_json_on_a_line() {
    let office = Office::synced();
    let list = office.run(["authorizers", "list", "-o", "json"]);
    let list = list.expect_code(0).json();
    let rows = list.as_array().expect("rows");
    let appids: String = rows.iter().map(|row| text(row, "appid") + "\n").collect();
    assert_eq!(filtered(&office, "authorizers list", ".[].appid"), appids);
    // The same object by object, streamed.
    assert_eq!(
        filtered(&office, "authorizers list -o ndjson", ".appid"),
        appids
    );
    assert_eq!(
        filtered(
            &office,
            "authorizers list",
            "length, .[0].external_id, [.[0].has_refresh_token]"
        ),
        format!("{}\nnull\n[true]\n", rows.len())
    );
    let first = filtered(&office, "authorizers list", ".[0] | {appid, kind}");
    assert_eq!(
        first,
        format!(
            "{{\"appid\":{},\"kind\":{}}}\n",
            rows[0]["appid"], rows[0]["kind"]
        )
    );
    let cells = filtered(
        &office,
        "authorizers list",
        ".[0] | [.appid, 1, null, \"a\\\"b\"] | @csv",
    );
    assert_eq!(cells, format!("{},1,,\"a\"\"b\"\n", rows[0]["appid"]));
    let cells = filtered(&office, "status", "[\"a\\tb\\\\\", true] | @tsv");
    assert_eq!(cells, "a\\tb\\\\\ttrue\n");
}

#[test]
fn every_kind_of_answer_goes_through_the_filter() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    for (command, filter, expected) in [
        ("status", ".healthy", "true\n"),
        ("ticket show", ".source", "set\n"),
        ("profile list", ".[].name", "shop\n"),
        ("profile show", ".mint", "wxauth\n"),
        ("permissions show 18", ".id", "18\n"),
        ("permissions matrix", "map(type) | unique[]", "object\n"),
        ("permissions why /wxa/commit", ".permission_ids[]", "18\n"),
        ("token component", ".kind", "component\n"),
        ("link --pc", ".kind", "pc\n"),
        ("authorizers sync", ".unchanged > 0", "true\n"),
        ("sandbox journal -o ndjson", "select(false)", ""),
        ("status -o ndjson", ".mint", "wxauth\n"),
    ] {
        assert_eq!(filtered(&office, command, filter), expected, "{command}");
    }
    // The exit code is the command's.
    let lint = ["link", "--lint", "https://open.weixin.qq.com/nothing"];
    let verdict = office.run(lint.iter().chain(&["--jq", "length > 0"]));
    assert_eq!(verdict.expect_code(3).stdout, "true\n");
    // A flag says more than the environment.
    let csv = office.with("WXAUTH_OUTPUT", "csv");
    assert_eq!(filtered(&csv, "profile list", ".[].name"), "shop\n");
}

#[test]
fn a_wrong_expression_is_answered_with_its_place_before_anything_is_done() {
    let office = Office::open();
    let calls = office.sandbox.get("journal");
    for (filter, place, problem) in [
        (".[", 3, "closing"),
        (".[0] | nope(1)", 8, "`nope`"),
        (".\"晨光\" | 1 as $x | $y", 19, "`$y`"),
        ("env.HOME", 1, "`env`"),
        ("$ENV", 1, "`$ENV`"),
        ("input", 1, "`input`"),
        ("import \"a\" as a; .", 9, "no files"),
    ] {
        let refused = office.run(["token", "component", "--jq", filter]);
        let refused = refused.expect_code(2);
        assert_eq!(refused.stdout, "");
        let message = text(&refused.json_error(), "message");
        let place = format!("at character {place}:");
        assert!(
            message.contains(&place) && message.contains(problem),
            "{filter}: {message}"
        );
    }
    assert_eq!(office.sandbox.get("journal"), calls, "WeChat was called");
    for format in ["table", "csv", "tsv", "env", "header"] {
        let words = ["token", "component", "--jq", ".token", "-o", format];
        let refused = office.run(words).expect_code(2);
        assert!(refused.stderr.contains("-o ndjson"), "{}", refused.stderr);
    }
    assert_eq!(office.sandbox.get("journal"), calls, "WeChat was called");
    let chinese = office.run(["--lang", "zh", "status", "--jq", "(", "-o", "json"]);
    assert!(chinese.expect_code(2).stderr.contains("第 2 个字符"));
}

#[test]
fn a_filter_that_fails_undoes_nothing_and_tells_no_secret() {
    let office = Office::open();
    let failed = office.run(["token", "component", "--jq", ".kind, .token.x"]);
    let failed = failed.expect_code(1);
    assert_eq!(failed.stdout, "component\n", "what it gave before is kept");
    let token = office.run(["token", "component", "-o", "json"]);
    let token = token.expect_code(0).json();
    assert_eq!(token["source"], "cache", "the token was stored");
    let secret = text(&token, "token");
    assert!(!failed.stderr.contains(&secret[..20]), "{}", failed.stderr);
    let message = text(&failed.json_error(), "message");
    assert!(
        message.contains("cannot index a string with \"x\""),
        "{message}"
    );
    // A filter may stop by itself, which is no failure.
    let stopped = office.run(["token", "component", "--jq", "1, halt, 2"]);
    assert_eq!(stopped.expect_code(0).stdout, "1\n");
}
