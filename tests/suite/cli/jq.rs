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

#[test]
fn a_filter_that_takes_too_much_is_refused_and_crashes_nothing() {
    let office = Office::synced();
    for (filter, why) in [
        ("def f: 1 + f; f", "recursed too deeply"),
        ("def f: [f]; f", "recursed too deeply"),
        (
            "reduce range(64) as $i (\"0123456789abcdef\"; . + .)",
            "more than 2 GiB",
        ),
    ] {
        let refused = office.run(["authorizers", "list", "--jq", filter]);
        let refused = refused.expect_code(2);
        let error = refused.json_error();
        assert_eq!(error["kind"], "usage");
        let message = text(&error, "message");
        assert!(message.contains(why), "{filter}: {message}");
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    }
    // Deep, and no crash whether there is room for it or not.
    let deep = "reduce range(1000000) as $i (null; [.]) | length";
    let deep = office.run(["authorizers", "list", "--jq", deep]);
    assert!(matches!(deep.code, 0 | 2), "{deep:?}");
    let chinese = ["authorizers", "list", "--lang", "zh", "-o", "json", "--jq"];
    let words = chinese.into_iter().chain(["def f: 1 + f; f"]);
    let refused = office.run(words).expect_code(2);
    assert!(refused.stderr.contains("递归过深"), "{}", refused.stderr);
}

/// The process that runs the filter of this one, once there is one.
#[cfg(target_os = "linux")]
fn worker_of(id: u32) -> u32 {
    let mut worker = None;
    crate::support::eventually(|| {
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        children.is_ok_and(|children| !children.trim().is_empty())
    });
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    for child in children.expect("children").split_whitespace() {
        worker = child.parse().ok();
    }
    worker.expect("a worker")
}

/// How long it has run, in hundredths of a second of the processor.
#[cfg(target_os = "linux")]
fn ticks(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after = stat.rsplit(") ").next().unwrap_or_default();
    let user = after.split(' ').nth(11).unwrap_or_default();
    user.parse().unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn has_ended(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // One that nobody waits for stays as a name.
    stat.is_empty() || stat.contains(") Z ")
}

#[cfg(target_os = "linux")]
#[test]
fn a_filter_without_end_ends_with_its_command() {
    let office = Office::synced();
    for (signal, code) in [("-INT", 130), ("-TERM", 130), ("-KILL", -1)] {
        let running = office
            .desk
            .start(["authorizers", "list", "--jq", "def f: f; f"]);
        let worker = worker_of(running.id());
        let id = running.id().to_string();
        // Only once the filter runs is it the filter that must be ended.
        crate::support::eventually(|| ticks(worker) > 20);
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(sent.expect("kill").success());
        let outcome = crate::support::Outcome::of(running);
        assert_eq!(outcome.code, code, "{signal}: {outcome:?}");
        crate::support::eventually(|| has_ended(worker));
    }
}
