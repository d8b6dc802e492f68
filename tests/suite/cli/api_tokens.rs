//! `api`: stale tokens, borrowed tokens, guarded paths, and what is never said.

use serde_json::json;

use super::office::{Office, hints};
use super::secrets::{assert_silent, live_secrets};
use crate::api::server::{Server, Step};
use crate::support::{Desk, Outcome};

fn official(office: &Office) -> String {
    office.accounts("official_account", true).remove(0)
}

/// How often a path was called, however that ended.
fn called(office: &Office, path: &str) -> u64 {
    let counters = office.sandbox.get("journal/counters");
    let rows = counters.as_array().expect("counters").iter();
    let rows = rows.filter(|row| {
        row["path"]
            .as_str()
            .is_some_and(|known| known.ends_with(path))
    });
    rows.map(|row| row["count"].as_u64().unwrap_or_default())
        .sum()
}

#[test]
fn a_stale_token_is_replaced_once_and_never_more_often() {
    let office = Office::synced();
    let who = official(&office);
    let call = ["api", "/cgi-bin/menu/create", "--as", &who, "-d", "{}"];
    office.run(call).expect_code(0);
    let minted = || called(&office, "/api_authorizer_token");
    for errcode in [40001, 40014, 42001] {
        office
            .sandbox
            .fault(&format!("/cgi-bin/menu/create: once {errcode}"));
        let (before, calls) = (minted(), called(&office, "/menu/create"));
        office.run(call).expect_code(0);
        assert_eq!(minted(), before + 1, "{errcode}");
        assert_eq!(called(&office, "/menu/create"), calls + 2, "{errcode}");
    }
    office.sandbox.fault("/cgi-bin/menu/create: 9 times 40001");
    let (before, calls) = (minted(), called(&office, "/menu/create"));
    office.run(call).expect_code(6);
    assert_eq!(minted(), before + 1);
    assert_eq!(called(&office, "/menu/create"), calls + 2);
}

#[test]
fn the_platforms_own_stale_token_is_replaced_too() {
    let office = Office::synced();
    let list = "/cgi-bin/component/api_get_authorizer_list";
    office.sandbox.fault("api_get_authorizer_list: once 42001");
    let before = called(&office, "/api_component_token");
    office
        .run(["api", list, "-F", "offset=0", "-F", "count=1"])
        .expect_code(0);
    assert_eq!(called(&office, "/api_component_token"), before + 1);
}

#[test]
fn only_a_get_is_repeated_when_wechat_is_busy_or_its_answer_is_lost() {
    let office = Office::synced();
    let who = official(&office);
    let post = [
        "api",
        "/cgi-bin/menu/create",
        "--as",
        &who,
        "-d",
        "{}",
        "-o",
        "json",
    ];
    let get = ["api", "/cgi-bin/menu/get", "--as", &who, "-o", "json"];
    office.run(get).expect_code(0);
    for (fault, code) in [
        ("-1", 5),
        ("drop after", 1),
        ("status 502", 1),
        ("html", 1),
        ("truncate", 1),
    ] {
        office
            .sandbox
            .fault(&format!("/cgi-bin/menu/create: once {fault}"));
        let before = called(&office, "/menu/create");
        let failed = office.run(post).expect_code(code);
        assert_eq!(
            called(&office, "/menu/create"),
            before + 1,
            "{fault}: a POST is not repeated"
        );
        let error = failed.json_error();
        assert_eq!(hints(&error, "look first"), code == 1, "{fault}: {error}");
        assert!(!hints(&error, "repeating"), "{fault}: {error}");
    }
    for fault in ["-1", "drop after", "status 502"] {
        office
            .sandbox
            .fault(&format!("/cgi-bin/menu/get: once {fault}"));
        let before = called(&office, "/menu/get");
        office.run(get).expect_code(0);
        assert_eq!(
            called(&office, "/menu/get"),
            before + 2,
            "{fault}: a GET is"
        );
    }
    // A page of somebody between is no answer of WeChat's.
    office.sandbox.fault("/cgi-bin/menu/get: once html");
    office.run(get).expect_code(5);
}

#[test]
fn guarded_paths_are_refused_however_they_are_written() {
    let office = Office::open();
    for (path, command) in [
        (
            "/cgi-bin/component/api_component_token",
            "wxauth token component",
        ),
        (
            "/cgi-bin/component/api_authorizer_token",
            "wxauth token authorizer",
        ),
        (
            "/cgi-bin/component/api_query_auth",
            "wxauth authorizers redeem",
        ),
        ("/cgi-bin/component/api_create_preauthcode", "wxauth link"),
        (
            "/cgi-bin/component/api_start_push_ticket",
            "wxauth ticket request",
        ),
        ("/cgi-bin/clear_quota", "wxauth quota clear"),
        ("/cgi-bin/clear_quota/v2", "wxauth quota clear"),
        ("/cgi-bin/component/clear_quota/v2", "wxauth quota clear"),
        ("/cgi-bin/openapi/quota/clear", "wxauth quota clear"),
        (
            "/cgi-bin/token?grant_type=client_credential",
            "wxauth token authorizer",
        ),
        ("/cgi-bin/stable_token", "wxauth token authorizer"),
        ("clear_quota", "wxauth quota clear"),
        ("component/api_query_auth", "wxauth authorizers redeem"),
        ("//cgi-bin//Clear_Quota/", "wxauth quota clear"),
        ("/cgi-bin/Component/clear_quota/V2", "wxauth quota clear"),
        ("/CGI-BIN/Stable_Token", "wxauth token authorizer"),
        (
            "/CGI-BIN/component/API_component_token",
            "wxauth token component",
        ),
        (
            "https://api.weixin.qq.com/cgi-bin/clear_quota?access_token=x",
            "wxauth quota clear",
        ),
    ] {
        for method in ["POST", "GET"] {
            let call = ["api", path, "-X", method, "-d", "{}", "-o", "json"];
            let call = call
                .iter()
                .filter(|word| method == "POST" || !matches!(**word, "-d" | "{}"));
            let error = office.run(call).expect_code(2).json_error();
            assert!(hints(&error, command), "{path}: {error}");
        }
    }
    // Escapes and dots are no way round.
    for path in [
        "/cgi-bin/%63lear_quota",
        "/cgi-bin/./clear_quota",
        "/x/../cgi-bin/clear_quota",
    ] {
        office.run(["api", path, "-d", "{}"]).expect_code(2);
    }
    assert_eq!(office.calls(), 0);
}

#[test]
fn a_platform_held_elsewhere_is_called_with_the_tokens_it_lends() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let who = official(&office);
    let component = office.run(["token", "component"]).expect_code(0).stdout;
    let authorizer = office
        .run(["token", "authorizer", &who])
        .expect_code(0)
        .stdout;
    let script = format!(
        "case $WXAUTH_WANTED in component) echo {};; *) echo {};; esac\n",
        component.trim(),
        authorizer.trim()
    );
    let lender = office.file("lend.sh", &script);
    let command = format!("sh {}", lender.display());
    office
        .run(["profile", "set", "mint", "never"])
        .expect_code(0);
    let calls = [
        &["api", "/cgi-bin/menu/get", "--as", &who][..],
        &["quota", "show"],
        &["quota", "show", "--as", &who],
        &["quota", "clear", "--yes"],
        &["ips"],
        &["callback", "check"],
    ];
    for call in calls {
        office.run(call).expect_code(4);
    }
    office
        .run(["profile", "set", "token_command", &command])
        .expect_code(0);
    let minted = || called(&office, "_token");
    let before = minted();
    for call in calls {
        office.run(call).expect_code(0);
    }
    // The same stale token again is no reason to try again.
    office.sandbox.fault("/cgi-bin/menu/get: 9 times 40001");
    let got = called(&office, "/menu/get");
    office.run(calls[0]).expect_code(6);
    assert_eq!(called(&office, "/menu/get"), got + 1);
    assert_eq!(minted(), before, "nothing was minted");
}

#[test]
fn credentials_in_answers_are_masked_and_shown_on_demand() {
    let office = Office::synced();
    let list = [
        "api",
        "/cgi-bin/component/api_get_authorizer_list",
        "--paginate",
    ];
    let masked = office.run(list).expect_code(0);
    let secrets = live_secrets(&office);
    assert_silent(&list, &masked.stdout, &secrets);
    assert!(masked.stdout.contains("refreshtoken@@@…"));
    assert!(masked.stderr.contains("--reveal"), "{}", masked.stderr);
    let shown = office.run(list.iter().chain(&["--reveal"])).expect_code(0);
    let held =
        |secret: &&String| secret.starts_with("refreshtoken@@@") && shown.stdout.contains(*secret);
    assert!(secrets.keys().any(|secret| held(&secret)));
}

#[test]
fn no_call_says_a_secret_at_the_highest_verbosity() {
    let office = Office::synced();
    let who = official(&office);
    let stranger = office.accounts("mini_program", false).remove(0);
    let refused = office
        .run(["api", "/wxa/comit", "-o", "json"])
        .expect_code(6);
    let rid = refused.json_error()["rid"]
        .as_str()
        .expect("a rid")
        .to_owned();
    let appid = format!("authorizer_appid={who}");
    let saved = office.desk.home().join("saved.json").display().to_string();
    let info = "/cgi-bin/component/api_get_authorizer_info";
    let commands: &[&[&str]] = &[
        &["api", "/cgi-bin/menu/get", "--as", &who],
        &["api", "/cgi-bin/menu/get", "--as", &stranger],
        &[
            "api",
            "/cgi-bin/menu/create",
            "--as",
            &who,
            "-d",
            "{}",
            "--dry-run",
        ],
        &[
            "api",
            "/cgi-bin/menu/create",
            "--as",
            &who,
            "-d",
            "{}",
            "--curl",
        ],
        &["api", "/cgi-bin/menu/create", "--as", &who, "-d", "{}"],
        &["api", info, "-f", &appid],
        &["api", info, "-f", &appid, "--save", &saved],
        &[
            "api",
            "/cgi-bin/component/api_get_authorizer_list",
            "--paginate",
        ],
        &["api", "/cgi-bin/user/get", "--as", &who, "--paginate", "-q"],
        &["api", "/cgi-bin/component/api_component_token"],
        &["api", "/wxa/comit"],
        &["quota", "show"],
        &["quota", "show", "--as", &who],
        &["quota", "clear", "--yes"],
        &["quota", "clear", "--by-secret", "--yes"],
        &["rid", &rid],
        &["callback", "check"],
        &["ips"],
    ];
    for fault in [
        None,
        Some("any: 40% drop after"),
        Some("any: 40% 40001"),
        Some("any: 40% truncate"),
    ] {
        if let Some(fault) = fault {
            office.sandbox.fault(fault);
        }
        for words in commands {
            for format in ["table", "json"] {
                let ended = office.run(words.iter().chain(&["-vv", "-o", format]));
                let secrets = live_secrets(&office);
                assert_silent(words, &ended.stdout, &secrets);
                assert_silent(words, &ended.stderr, &secrets);
            }
        }
        office.sandbox.post("faults", &json!({ "clear": true }));
    }
    let kept = std::fs::read_to_string(&saved).expect("the file");
    assert_silent(&["--save"], &kept, &live_secrets(&office));
}

/// A desk whose WeChat is a server of this test's own.
pub fn desk_before(server: &Server) -> Desk {
    Desk::new()
        .with("WXAUTH_API_BASE", server.base.as_str())
        .with("WXAUTH_COMPONENT_APPID", "wx0123456789abcdef")
        .with(
            "WXAUTH_COMPONENT_APPSECRET",
            "0123456789abcdef0123456789abcdef",
        )
        .with("WXAUTH_COMPONENT_VERIFY_TICKET", "ticket@@@of-a-test")
}

pub const TOKEN: &str = "97_component-token-of-a-test-0123456789abcdefghijklmnopqrstuvwxyz";

pub fn token_step() -> Step {
    Step::json(&format!(
        r#"{{"component_access_token":"{TOKEN}","expires_in":7200}}"#
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_wechat_repeats_is_not_repeated_by_us() {
    let echo = format!(r#"{{"errcode":40066,"errmsg":"bad {TOKEN}","more":"at {TOKEN}"}}"#);
    let server = Server::start([token_step(), Step::json(&echo)]).await;
    let desk = desk_before(&server);
    for format in ["table", "json"] {
        let ended: Outcome = desk
            .run(["api", "/no/such", "-vv", "-o", format])
            .expect_code(6);
        assert!(!ended.stdout.contains(TOKEN) && !ended.stderr.contains(TOKEN));
        assert_eq!(ended.json()["more"], "at …");
    }
    let shown = desk.run(["api", "/no/such", "--reveal"]).expect_code(6);
    assert!(!shown.stdout.contains(TOKEN), "it is not the answer's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_is_what_was_given() {
    let server = Server::start([token_step(), Step::json("{}")]).await;
    let desk = desk_before(&server);
    let call = [
        "api",
        "/sns/some/call?a=1&access_token=97_pasted&b=x%20y",
        "-X",
        "put",
        "-H",
        "X-Own: yes",
        "-H",
        "Content-Type: text/xml",
        "-d",
        "<a>\\u4f60</a>",
    ];
    desk.run(call).expect_code(0);
    let plain = [
        "api",
        "/wxa/unknown",
        "-d",
        "{\"n\":\"\\u4f60\\u597d\",\"m\":1.50}",
    ];
    desk.run(plain).expect_code(0);
    desk.run(["api", "/wxa/unknown", "-X", "POST"])
        .expect_code(0);
    let seen = server.seen();
    let sent = &seen[1];
    assert_eq!(
        sent.target(),
        format!("/sns/some/call?component_access_token={TOKEN}&a=1&b=x+y")
    );
    let head = sent.head.to_ascii_lowercase();
    assert!(sent.head.starts_with("PUT "), "{head}");
    assert!(head.contains("x-own: yes") && head.contains("content-type: text/xml"));
    assert_eq!(
        sent.body, "<a>\\u4f60</a>",
        "what is no JSON goes out untouched"
    );
    let sent = &seen[2];
    assert_eq!(sent.target(), format!("/wxa/unknown?access_token={TOKEN}"));
    assert_eq!(
        sent.body, "{\"n\":\"你好\",\"m\":1.50}",
        "escapes are written out, digits stay"
    );
    assert_eq!(
        seen[3].body, "{}",
        "WeChat takes an empty body for a broken one"
    );
    desk.run(["api", "/wxa/unknown", "--columns", "a"])
        .expect_code(2);
}
