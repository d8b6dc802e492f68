//! The text a merchant needs, and the command that cannot exist.

use serde_json::{Value, json};

use super::office::{Office, hints, text};
use crate::support::Desk;

const MP_CONSOLE: &str = "微信公众平台 – 设置 – 第三方设置 – 管理授权";
const IN_WECHAT: &str = "绑定查询 – 微信号绑定账号 – 选择账号";

/// The text for any account of a kind.
#[track_caller]
fn guide(occasion: &str, kind: &str) -> Value {
    let words = [
        "authorizers",
        "guide",
        "--for",
        occasion,
        "--kind",
        kind,
        "-o",
        "json",
    ];
    Desk::new().run(words).expect_code(0).json()
}

/// Whether the Chinese text, and the English one, hold `part`.
#[track_caller]
fn both_hold(guide: &Value, part: &str) -> bool {
    let (zh, en) = (text(guide, "zh"), text(guide, "en"));
    assert_eq!(zh.contains(part), en.contains(part), "{part}\n{zh}\n{en}");
    zh.contains(part)
}

#[test]
fn an_update_in_the_mp_console_is_for_mini_programs_only() {
    assert!(both_hold(&guide("update", "mini-program"), MP_CONSOLE));
    assert!(!both_hold(&guide("update", "official-account"), MP_CONSOLE));
    assert!(!both_hold(&guide("update", "channels"), MP_CONSOLE));
    for kind in ["mini-program", "official-account"] {
        let update = guide("update", kind);
        assert!(both_hold(&update, IN_WECHAT) && both_hold(&update, "更新授权"));
        assert!(text(&update, "zh").contains("默认已勾选"));
    }
    // Who cannot be asked what it is gets all paths, each with the accounts that have it.
    let any = guide("update", "unknown");
    assert!(text(&any, "zh").contains(&format!("小程序：{MP_CONSOLE}")));
    assert!(text(&any, "en").contains(&format!("mini programs only: {MP_CONSOLE}")));
}

#[test]
fn each_kind_is_told_where_it_ends_an_authorization() {
    let mini_program = "微信公众平台 – 设置 – 第三方设置 – 解除授权";
    let official = "微信公众平台 – 设置与开发 – 公众号设置 – 授权管理 – 查看平台详情 – 取消授权";
    let icon = "取消授权图标";
    let channels = "直播管理 – 开放能力";
    for (kind, has) in [
        ("mini-program", [true, false, true, false]),
        ("official-account", [false, true, true, false]),
        ("channels", [false, false, false, true]),
        ("unknown", [true, true, true, true]),
    ] {
        let end = guide("end", kind);
        let found = [mini_program, official, icon, channels].map(|path| both_hold(&end, path));
        assert_eq!(found, has, "{kind}");
    }
}

#[test]
fn a_first_authorization_names_administrators_the_limit_and_the_ticks() {
    for kind in ["mini-program", "official-account", "channels"] {
        let first = guide("first", kind);
        assert!(both_hold(&first, " 15 "), "15 platforms at most");
        assert!(both_hold(
            &first,
            "「公众平台安全助手」– 绑定查询 – 微信号绑定账号"
        ));
        assert!(text(&first, "zh").contains("默认已全部勾选"));
        assert_eq!(both_hold(&first, "直播管理 – 开放能力"), kind == "channels");
    }
    assert!(text(&guide("first", "store"), "zh").contains("微信服务市场"));
}

#[test]
fn the_text_follows_how_the_merchant_stands_and_what_the_platform_requires() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let shop = office.accounts("mini_program", true).remove(0);
    let guide = || {
        let guide = office.run(["authorizers", "guide", &shop, "-o", "json"]);
        guide.expect_code(0).json()
    };
    let sync = || {
        office
            .run(["authorizers", "sync", "--full", "-q"])
            .expect_code(0)
    };
    for list in ["configured_permissions", "required_permissions"] {
        let key = format!("{list}.mini_program");
        office.run(["profile", "set", &key, "17,18"]).expect_code(0);
    }
    office
        .run(["sandbox", "update", &shop, "--permissions", "17"])
        .expect_code(0);
    sync();
    let update = guide();
    assert_eq!(
        (&update["for"], &update["kind"]),
        (&json!("update"), &json!("mini_program"))
    );
    assert_eq!(update["permission_ids"], json!([18]));
    let name = text(&update, "nick_name");
    assert!(both_hold(&update, &name) && both_hold(&update, "小程序开发与数据分析"));
    assert!(
        text(&update, "zh").contains("请先解除对方的授权"),
        "{update}"
    );

    office.run(["sandbox", "revoke", &shop]).expect_code(0);
    sync();
    assert_eq!(guide()["for"], "first", "an ended one authorizes anew");
    let zh = office.run([
        "authorizers",
        "guide",
        &shop,
        "--for",
        "end",
        "--lang",
        "zh",
    ]);
    assert!(zh.expect_code(0).stdout.starts_with("您好"));
    let en = office.run([
        "authorizers",
        "guide",
        &shop,
        "--for",
        "end",
        "--lang",
        "en",
    ]);
    assert!(en.expect_code(0).stdout.starts_with("Only you can end"));
}

#[test]
fn one_whose_code_was_never_exchanged_is_asked_to_change_something() {
    let office = Office::synced();
    let list = office.run([
        "authorizers",
        "list",
        "--status",
        "pending_exchange",
        "-o",
        "json",
    ]);
    let pending = text(&list.expect_code(0).json()[0], "appid");
    let guide = office.run(["authorizers", "guide", &pending, "-o", "json"]);
    let guide = guide.expect_code(0).json();
    assert_eq!(guide["for"], "update");
    assert!(text(&guide, "zh").contains("至少改动一项权限"), "{guide}");
    assert!(
        text(&guide, "en").contains("change at least one permission"),
        "{guide}"
    );
}

#[test]
fn nobody_but_the_merchant_ends_an_authorization() {
    let desk = Desk::new();
    let refused = desk.run(["authorizers", "revoke", "江南书院", "-o", "json"]);
    let error = refused.expect_code(2).json_error();
    assert!(hints(&error, "第三方设置 – 解除授权"), "{error}");
    assert!(
        hints(&error, "authorizers guide 江南书院 --for end"),
        "{error}"
    );
    let help = desk.run(["authorizers", "--help"]).expect_code(0).stdout;
    assert!(!help.contains("revoke"), "{help}");
}
