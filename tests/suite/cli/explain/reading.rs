//! What is recognised in what people paste, and what is never repeated.

use serde_json::Value;
use wxauth::cli::knowledge::{self, Thing};
use wxauth::wechat::value::ValueKind;

use crate::support::Desk;

/// Every kind of value.
pub const THINGS: [Thing; 11] = [
    Thing::Certain(ValueKind::Ticket),
    Thing::Certain(ValueKind::PreAuthCode),
    Thing::Certain(ValueKind::AuthorizationCode),
    Thing::Certain(ValueKind::RefreshToken),
    Thing::Certain(ValueKind::AccessToken),
    Thing::Certain(ValueKind::ServiceMarketCode),
    Thing::Certain(ValueKind::Appid),
    Thing::Certain(ValueKind::UserName),
    Thing::EncodingAesKey,
    Thing::Appsecret,
    Thing::Openid,
];

fn explained(desk: &Desk, text: &str) -> Value {
    let answer = desk.run_with_input(["explain", "-", "-o", "json", "--lang", "en"], text);
    answer.expect_code(0).json()
}

/// A secret of each kind, as long as WeChat's are.
fn secrets() -> Vec<(&'static str, String)> {
    let body = "aZ3-_k9QwErTyUiOpAsDfGhJkLzXcVbNm0123456789aZ3-_k9QwErTyUiOpAsDfGhJkLzXcVbNm012345";
    vec![
        ("component_verify_ticket", format!("ticket@@@{body}")),
        ("pre_auth_code", format!("preauthcode@@@{body}")),
        ("authorization_code", format!("queryauthcode@@@{body}")),
        (
            "authorizer_refresh_token",
            format!("refreshtoken@@@{}", &body[..43]),
        ),
        ("access_token", format!("97_{body}{body}")),
        ("service_market_code", "0123456789abcdef".to_owned()),
        (
            "encoding_aes_key",
            "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR".to_owned(),
        ),
        ("appsecret", "0123456789abcdef0123456789abcdef".to_owned()),
    ]
}

#[test]
fn what_people_paste_is_recognised() {
    let desk = Desk::new();
    let pasted = r#"{"errcode":61004,"errmsg":"access clientip is not registered requestIP: 192.0.2.7 rid: 64f69b23-60f73830-19f36488"}"#;
    for (text, kind, subject) in [
        ("61007", "errcode", "61007"),
        ("-40001", "errcode", "-40001"),
        ("errcode 45009", "errcode", "45009"),
        ("错误码：61023", "errcode", "61023"),
        ("error code: 89999", "errcode", "89999"),
        (r#"{"errcode":"61003","errmsg":"x"}"#, "errcode", "61003"),
        (pasted, "errcode", "61004"),
        (
            "2026-11-22 10:00:01 ERROR c.s.Client - POST https://api.weixin.qq.com/wxa/commit?access_token=x failed [61007] api unauthorized",
            "errcode",
            "61007",
        ),
        ("access clientip is not registered", "errcode", "61004"),
        ("reach max api daily quota limit", "errcode", "45009"),
        (
            r#"{"error":{"kind":"refused","message":"x","errcode":61009,"rid":"64f69b23-60f73830-19f36488","hints":[]}}"#,
            "errcode",
            "61009",
        ),
        (
            r#"{"error":{"kind":"store","message":"x","errcode":null,"rid":null,"hints":[]}}"#,
            "exit_code",
            "exit 7",
        ),
        (
            "64f69b23-60f73830-19f36488",
            "rid",
            "64f69b23-60f73830-19f36488",
        ),
        (
            "rid: 64f69b23-60f73830-19f36488",
            "rid",
            "64f69b23-60f73830-19f36488",
        ),
        ("exit 5", "exit_code", "exit 5"),
        ("exit-code 5", "exit_code", "exit 5"),
        ("Exit status 130", "exit_code", "exit 130"),
        ("退出码 4", "exit_code", "exit 4"),
        ("5", "exit_code", "exit 5"),
        ("0", "exit_code", "exit 0"),
        ("130", "exit_code", "exit 130"),
        ("-1", "errcode", "-1"),
        ("9", "errcode", "9"),
        (
            "component_verify_ticket",
            "info_type",
            "component_verify_ticket",
        ),
        ("InfoType unauthorized", "info_type", "unauthorized"),
        (
            "<xml><AppId>wx0123456789abcdef</AppId><InfoType><![CDATA[authorized]]></InfoType></xml>",
            "info_type",
            "authorized",
        ),
        (
            "notify_third_fasteregister",
            "info_type",
            "notify_third_fasteregister",
        ),
        ("wx0123456789abcdef", "value", "wx0123456789abcdef"),
        ("WX0123456789ABCDEF", "value", "WX0123456789ABCDEF"),
        ("gh_0123456789ab", "value", "gh_0123456789ab"),
        (
            "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
            "value",
            "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        ),
        ("weapp_audit_fail", "event", "weapp_audit_fail"),
        ("/wxa/commit", "path", "/wxa/commit"),
        (
            "https://api.weixin.qq.com/wxa/commit?access_token=x",
            "path",
            "/wxa/commit",
        ),
        ("POST /no/such/call", "path", "/no/such/call"),
        ("账号服务", "permission_set", "3"),
        ("set 18", "permission_set", "18"),
        ("权限集 18", "permission_set", "18"),
        (
            "请确认授权入口页所在域名，与授权后回调页所在域名相同",
            "trouble",
            "launch_domain",
        ),
        ("ticket", "trouble", "ticket"),
        ("quota", "errcode", "45009"),
        (
            "<xml><AppId>x</AppId><Encrypt>abc</Encrypt></xml>",
            "push",
            "<Encrypt>…</Encrypt>",
        ),
        ("something went wrong", "unknown", "…"),
        (
            "https://hooks.example.com/AZaz0123456789AZaz0123456789AZaz0123456789AZaz",
            "unknown",
            "…",
        ),
    ] {
        let answer = explained(&desk, text);
        let found = (answer["kind"].as_str(), answer["subject"].as_str());
        assert_eq!(found, (Some(kind), Some(subject)), "{text}: {answer:#}");
    }
    let answer = explained(&desk, pasted);
    assert_eq!(answer["rid"], "64f69b23-60f73830-19f36488");
    assert!(
        answer["notes"].to_string().contains("192.0.2.7"),
        "{answer:#}"
    );
}

#[test]
fn a_bare_small_number_says_what_it_was_taken_for() {
    let desk = Desk::new();
    for (number, said) in [("5", "no errcode 5"), ("0", "0 is success too")] {
        let answer = explained(&desk, number);
        assert!(answer["notes"].to_string().contains(said), "{answer:#}");
    }
    assert_eq!(explained(&desk, "exit 5")["notes"], serde_json::json!([]));
}

#[test]
fn an_unknown_code_says_where_to_look() {
    let desk = Desk::new();
    for (code, range, near) in [
        ("61099", "the third-party platform's own", "61070"),
        ("85086", "code management", "85085"),
        ("89300", "quick registration", ""),
        ("123456789", "another product's", ""),
    ] {
        let answer = explained(&desk, code);
        assert_eq!(
            (&answer["kind"], &answer["known"]),
            (&"errcode".into(), &false.into())
        );
        let meaning = answer["meaning"].as_str().unwrap_or_default();
        assert!(meaning.contains(range), "{code}: {meaning}");
        assert!(answer["notes"].to_string().contains(near), "{answer:#}");
        assert!(
            answer["advice"].to_string().contains("community"),
            "{answer:#}"
        );
        assert!(answer["source_url"].to_string().contains("Return_codes"));
    }
}

#[test]
fn a_secret_is_recognised_and_never_repeated() {
    let desk = Desk::new();
    for (name, secret) in secrets() {
        let title = THINGS
            .into_iter()
            .map(knowledge::value)
            .find(|known| known.name == name);
        let title = title.expect("known").title.of(wxauth::lang::Lang::En);
        for text in [
            secret.clone(),
            format!("\"{secret}\""),
            format!("2026-11-22 WARN sent {secret} to the platform"),
            format!(
                "https://x.example.com/?value={}",
                secret.replace('@', "%40")
            ),
        ] {
            for flags in [&["-o", "json"][..], &["-v"], &["--lang", "zh"]] {
                let piped = ["explain", "-"].iter().chain(flags);
                let answer = desk.run_with_input(piped, &text).expect_code(0);
                let typed = desk
                    .run(["explain", &text].iter().chain(&flags.to_vec()))
                    .expect_code(0);
                for outcome in [&answer, &typed] {
                    let said = format!("{}{}", outcome.stdout, outcome.stderr);
                    assert!(!said.contains(&secret), "{name}: {said}");
                    let body = secret.rsplit("@@@").next().unwrap_or_default();
                    assert!(!said.contains(&body[..12]), "{name}: {said}");
                }
                if flags[0] == "-o" {
                    let typed = typed.json();
                    let warning = typed["warning"].as_str().unwrap_or_default();
                    assert!(warning.contains("history"), "{name}: {warning}");
                    assert_eq!(answer.json()["warning"], Value::Null, "{name}");
                    if text == secret {
                        assert_eq!(typed["title"], title);
                    }
                }
            }
        }
    }
}

#[test]
fn a_token_in_a_line_about_an_error_is_not_repeated_either() {
    let desk = Desk::new();
    for (name, secret) in secrets() {
        let line =
            format!("GET /x?t={secret} answered errcode 40001, rid 64f69b23-60f73830-19f36488");
        let answer = desk.run(["explain", &line, "-o", "json"]).expect_code(0);
        assert!(
            !answer.stdout.contains(&secret),
            "{name}: {}",
            answer.stdout
        );
        let answer = answer.json();
        assert_eq!(answer["errcode"], 40001, "{name}");
        assert!(answer["warning"].is_string(), "{name}");
    }
}

#[test]
fn words_are_joined_and_nothing_is_nothing() {
    let desk = Desk::new();
    let joined = desk.run(["explain", "exit", "code", "5"]).expect_code(0);
    assert!(joined.stdout.starts_with("exit 5"), "{}", joined.stdout);
    for empty in ["", "  ", "\"\""] {
        desk.run(["explain", empty]).expect_code(2);
        desk.run_with_input(["explain", "-"], empty).expect_code(2);
    }
    desk.run(["explain"]).expect_code(2);
}

#[test]
fn it_needs_no_profile_and_makes_nothing() {
    let desk = Desk::new()
        .with("WXAUTH_STORE", "sqlite:/nowhere/store.db")
        .with("WXAUTH_MINT", "nonsense");
    desk.run(["explain", "61007"]).expect_code(0);
    desk.run(["explain", "wx0123456789abcdef", "--profile", "nobody"])
        .expect_code(0);
    desk.run(["explain", "61007", "--sandbox"]).expect_code(0);
    assert!(!desk.config_dir().exists(), "nothing is opened");
}

#[test]
fn the_screen_is_in_the_language_of_the_reader_and_names_the_sandbox_there() {
    let desk = Desk::new();
    let english = desk.run(["explain", "61007"]).expect_code(0).stdout;
    let chinese = desk
        .run(["explain", "61007", "--lang", "zh"])
        .expect_code(0)
        .stdout;
    assert!(
        english.contains("1. the merchant authorized before"),
        "{english}"
    );
    assert!(
        chinese.contains("可能原因") && chinese.contains("识别："),
        "{chinese}"
    );
    assert!(!english.contains("sandbox"), "{english}");
    let sandbox = desk
        .run(["--sandbox", "explain", "61007"])
        .expect_code(0)
        .stdout;
    assert!(
        sandbox.contains("wxauth --sandbox permissions why"),
        "{sandbox}"
    );
    assert!(sandbox.contains("wxauth sandbox update WHO"), "{sandbox}");
}
