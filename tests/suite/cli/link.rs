//! `link`: what is refused before a code is spent, what is warned of, what is made.

use super::office::{Office, hints, text};

const CODES: &str = "api_create_preauthcode";

#[test]
fn what_cannot_work_is_refused_before_any_call() {
    let office = Office::synced();
    let before = office.calls();
    let cases: [(&[&str], &str); 8] = [
        (
            &["--redirect-uri", "http://platform-one.example.com/x"],
            "https",
        ),
        (
            &["--redirect-uri", "https://other.example.com/x"],
            "other.example.com",
        ),
        (&["--redirect-uri", "platform-one.example.com/x"], ""),
        (&["--type", "official-account", "--permissions", "17"], "17"),
        (&["--for", "nobody"], "nobody"),
        (&["--for", "wx123"], "wx123"),
        (&["--permissions", "no such set"], "no such set"),
        (&["--save", "link.gif"], "link.gif"),
    ];
    for (flags, part) in cases {
        let refused = office.run(["link", "-o", "json"].iter().chain(flags));
        let error = refused.expect_code(2).json_error();
        assert!(text(&error, "message").contains(part), "{flags:?}: {error}");
    }
    assert_eq!(office.calls(), before);
    let host = office.run([
        "link",
        "--redirect-uri",
        "https://other.example.com/x",
        "-o",
        "json",
    ]);
    assert!(hints(&host.json_error(), "授权发起页域名"));
}

#[test]
fn a_merchants_own_kind_decides_which_sets_fit() {
    let office = Office::synced();
    let official_account = office.accounts("official_account", true).remove(0);
    let flags = [
        "link",
        "--for",
        &official_account,
        "--permissions",
        "17",
        "--yes",
    ];
    office.run(flags).expect_code(2);
    assert_eq!(office.sandbox.successes(CODES), 0);
}

#[test]
fn every_link_has_a_code_of_its_own_and_says_what_it_offers() {
    let office = Office::synced();
    let link = |flags: &[&str]| {
        let made = office.run(["link", "-o", "json"].iter().chain(flags));
        made.expect_code(0).json()
    };
    let both = link(&[]);
    assert_eq!(
        (&both["kind"], &both["auth_type"]),
        (&"h5".into(), &3.into())
    );
    assert!(both["biz_appid"].is_null());
    let url = text(&both, "url");
    assert!(url.contains(&text(&both, "pre_auth_code")) && url.ends_with("#wechat_redirect"));
    let narrow = link(&["--type", "mini-program", "--permissions", "17,30"]);
    assert_eq!(narrow["permission_ids"], serde_json::json!([17, 30]));
    assert!(
        text(&narrow, "url").contains("auth_type=2&category_id_list=17%7C30"),
        "{narrow}"
    );
    assert_ne!(narrow["pre_auth_code"], both["pre_auth_code"]);
    let appid = office.accounts("mini_program", true).remove(0);
    let only = link(&["--for", &appid]);
    assert_eq!(only["biz_appid"], *appid);
    assert!(text(&only, "url").contains(&format!("biz_appid={appid}")));
    let named = link(&["--permissions", "账号服务"]);
    assert_eq!(named["permission_ids"], serde_json::json!([3]));
    assert_eq!(office.sandbox.successes(CODES), 4);
}

#[test]
fn a_pc_link_says_that_it_must_be_clicked() {
    let office = Office::open();
    let made = office.run(["link", "--pc"]).expect_code(0);
    assert!(made.stdout.contains("/cgi-bin/componentloginpage?"));
    assert!(
        made.stderr
            .contains("clicked on a page of the launch domain"),
        "{}",
        made.stderr
    );
    assert!(!made.stdout.contains('█'), "a PC link cannot be scanned");
}

#[test]
fn what_may_go_wrong_with_a_link_is_said() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    let warnings = |flags: &[&str]| {
        let made = office.run(["link", "--no-qr"].iter().chain(flags));
        let made = made.expect_code(0);
        let lines = made
            .stderr
            .lines()
            .filter(|line| line.starts_with("warning: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings(&[]), Vec::<String>::new());
    let version_release = warnings(&["--permissions", "18"]);
    assert!(
        version_release
            .iter()
            .any(|line| line.contains("one platform only"))
    );
    assert!(
        version_release
            .iter()
            .any(|line| line.contains("set 18 takes version release"))
    );
    assert!(warnings(&["--permissions", "9999"])[0].contains("not in the catalogue"));

    office
        .run(["profile", "set", "released", "false"])
        .expect_code(0);
    assert!(warnings(&[])[0].contains("only accounts of the test list"));
    let known = office
        .run(["authorizers", "show", "街角咖啡", "-o", "json"])
        .expect_code(0);
    let known = known.json();
    let user_name = text(&known, "user_name");
    office
        .run(["profile", "set", "test_list", &user_name])
        .expect_code(0);
    assert_eq!(warnings(&["--for", &user_name]), Vec::<String>::new());
    assert_eq!(warnings(&["--for", "老王读报"]).len(), 1);

    office
        .run(["profile", "set", "released", ""])
        .expect_code(0);
    assert!(warnings(&[])[0].contains("is not known"));
}

#[test]
fn narrowing_a_merchant_that_has_authorized_takes_consent() {
    let office = Office::synced();
    let appid = office.accounts("mini_program", true).remove(0);
    let flags = ["link", "--for", &appid, "--permissions", "17", "-o", "json"];
    let refused = office.run(flags).expect_code(2);
    assert!(text(&refused.json_error(), "message").contains("--yes"));
    assert_eq!(office.sandbox.successes(CODES), 0);
    office.run(flags.iter().chain(&["--yes"])).expect_code(0);
    assert_eq!(office.sandbox.successes(CODES), 1);
}

#[test]
fn the_text_for_the_merchant_is_part_of_the_answer_in_both_languages() {
    let office = Office::synced();
    let flags = ["link", "--for", "街角咖啡", "--no-qr", "--message", "-q"];
    let english = office
        .run(flags.iter().chain(&["--lang", "en"]))
        .expect_code(0);
    let chinese = office
        .run(flags.iter().chain(&["--lang", "zh"]))
        .expect_code(0);
    for part in [
        "“街角咖啡点单”",
        "administrator",
        "绑定查询",
        "works once",
        "pre_auth_code=",
    ] {
        assert!(
            english.stdout.contains(part),
            "{part} in {}",
            english.stdout
        );
    }
    for part in [
        "「街角咖啡点单」",
        "请保持勾选",
        "绑定查询",
        "仅可使用一次",
        "pre_auth_code=",
    ] {
        assert!(
            chinese.stdout.contains(part),
            "{part} in {}",
            chinese.stdout
        );
    }
    let json = office
        .run(flags.iter().chain(&["-o", "json"]))
        .expect_code(0)
        .json();
    assert!(text(&json, "message").contains("绑定查询"));
    let without = office.run(["link", "-o", "json"]).expect_code(0).json();
    assert!(without["message"].is_null());
}

#[test]
fn a_good_link_is_found_good_and_bad_ones_bad() {
    let office = Office::open();
    let good = text(
        &office.run(["link", "-o", "json"]).expect_code(0).json(),
        "url",
    );
    // Of a sandbox as of WeChat itself, but for its host.
    let good = good.replace(office.sandbox.url(), "https://open.weixin.qq.com");
    let judged = office
        .run(["link", "--lint", &good, "-o", "json"])
        .expect_code(0);
    assert!(
        judged
            .json()
            .as_array()
            .expect("findings")
            .iter()
            .all(|row| row["severity"] != "error")
    );

    let cases = [
        (good.replace("#wechat_redirect", ""), "fragment_missing"),
        (good.replace("https://open.", "http://open."), "not_https"),
        (
            good.replace("platform-one.", "platform-two."),
            "redirect_host",
        ),
        (
            good.replace("auth_type=3", "auth_type=0"),
            "auth_type_unknown",
        ),
        (
            good.replace("component_appid=wx", "component_appid="),
            "component_appid_malformed",
        ),
        (String::new(), "empty"),
        ("hello".to_owned(), "not_a_url"),
    ];
    for (link, code) in cases {
        let judged = office
            .run(["link", "--lint", &link, "-o", "json"])
            .expect_code(3)
            .json();
        let found: Vec<_> = judged.as_array().expect("findings").iter().collect();
        assert!(
            found
                .iter()
                .any(|row| row["code"] == code && row["severity"] == "error"),
            "{code} for {link}: {judged:#}"
        );
        assert!(found.iter().all(|row| !text(row, "explanation").is_empty()));
    }
    // A link can be judged where no platform is known.
    let nowhere = crate::support::Desk::new();
    nowhere.run(["link", "--lint", &good]).expect_code(0);
    nowhere
        .run(["link", "--lint", "x", "-o", "ndjson"])
        .expect_code(3);
}
