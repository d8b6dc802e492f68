//! The configuration of SDKs: forms, names and placeholders.

use wxauth::config::import::{Form, Found, FoundValue, ImportError, Lookup, Sheet, Unresolved};
use wxauth::sys::env::Environment;

use super::{APPID, environment};

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

pub(super) fn platforms(name: Option<&str>, text: &str) -> Result<Vec<Found>, ImportError> {
    platforms_with(name, text, &environment(&[]))
}

fn platforms_with(
    name: Option<&str>,
    text: &str,
    environment: &Environment,
) -> Result<Vec<Found>, ImportError> {
    let lookup = Lookup {
        environment,
        beside: None,
    };
    Sheet::read(name, text.as_bytes())?.platforms(lookup)
}

/// The only platform of a file, as (key, what is known of it).
#[track_caller]
fn only(name: Option<&str>, text: &str) -> Vec<(&'static str, String)> {
    let mut found = platforms(name, text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(found.len(), 1, "{found:?}\n{text}");
    let settings = found.remove(0).settings.into_iter().map(|setting| {
        let told = match setting.value {
            FoundValue::Given { text, .. } => text.expose().to_owned(),
            FoundValue::Empty => "(empty)".to_owned(),
            FoundValue::Unresolved(why) => format!("{why:?}"),
        };
        (setting.key, told)
    });
    settings.collect()
}

#[test]
fn the_form_is_told_by_the_name_or_else_by_the_content() {
    let texts = [
        (
            Form::Dotenv,
            ".env.production",
            "COMPONENT_APPID=wx0123456789abcdef",
        ),
        (
            Form::Dotenv,
            "shop.env",
            "# shop\nexport COMPONENT_APPID=wx0123456789abcdef",
        ),
        (
            Form::Php,
            "wechat.php",
            "<?php\nreturn ['component_appid' => 'wx0123456789abcdef'];",
        ),
        (
            Form::Properties,
            "application.properties",
            "# x\nwx.open.appId=wx0123456789abcdef",
        ),
        (
            Form::Yaml,
            "application.yml",
            "# x\nwx:\n  open:\n    appId: wx0123456789abcdef",
        ),
        (
            Form::Yaml,
            "a.yaml",
            "---\ncomponent_appid: wx0123456789abcdef",
        ),
        (
            Form::Json,
            "appsettings.json",
            "// x\n{\"component_appid\":\"wx0123456789abcdef\"}",
        ),
        (
            Form::Json,
            "list.json",
            "[{\"component_appid\":\"wx0123456789abcdef\"}]",
        ),
        (
            Form::Toml,
            "config.toml",
            "[open]\ncomponent_appid = \"wx0123456789abcdef\"",
        ),
        (
            Form::Toml,
            "config.toml",
            "component_appid = \"wx0123456789abcdef\"",
        ),
    ];
    for (form, name, text) in texts {
        for name in [Some(name), None] {
            // Windows writes both of these.
            for text in [
                text.to_owned(),
                format!("\u{feff}{}", text.replace('\n', "\r\n")),
            ] {
                let sheet = Sheet::read(name, text.as_bytes()).expect(&text);
                assert_eq!(sheet.form(), form, "{name:?} {text}");
                assert_eq!(only(name, &text), [("component_appid", APPID.to_owned())]);
            }
        }
    }
    for nothing in ["", "# only a comment", "Dear all,", "<config/>"] {
        let unknown = Sheet::read(None, nothing.as_bytes()).expect_err(nothing);
        assert_eq!(unknown, ImportError::UnknownForm);
    }
}

#[test]
fn one_setting_has_many_spellings() {
    for names in [
        [
            "component_appid",
            "component_appsecret",
            "component_token",
            "encoding_aes_key",
        ],
        [
            "Component_Appid",
            "Component_Secret",
            "Component_Token",
            "Component_EncodingAESKey",
        ],
        [
            "componentAppId",
            "componentAppSecret",
            "token",
            "encodingAESKey",
        ],
        [
            "COMPONENT_APPID",
            "COMPONENT_APPSECRET",
            "TOKEN",
            "ENCODING_AES_KEY",
        ],
        [
            "WXAUTH_COMPONENT_APPID",
            "WXAUTH_COMPONENT_APPSECRET",
            "WXAUTH_TOKEN",
            "WXAUTH_ENCODING_AES_KEY",
        ],
        [
            "wx.open.app-id",
            "wx.open.secret",
            "wx.open.token",
            "wx.open.aes-key",
        ],
        [
            "wx.open.appId",
            "wx.open.secret",
            "wx.open.token",
            "wx.open.aesKey",
        ],
        [
            "wx.open.app_id",
            "wx.open.secret",
            "wx.open.token",
            "wx.open.aes_key",
        ],
        [
            "WX_OPEN_APPID",
            "WX_OPEN_SECRET",
            "WX_OPEN_TOKEN",
            "WX_OPEN_AESKEY",
        ],
        ["AppID", "Secret", "Token", "AESKey"],
        ["app_id", "app_secret", "token", "encoding_aes_key"],
    ] {
        let values = [APPID, "0123456789abcdef0123456789abcdef", "pushToken", KEY];
        let pairs = names.iter().zip(values);
        let lines: String = pairs
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        let found = only(Some("application.properties"), &lines);
        let keys = ["component_appid", "appsecret", "token", "encoding_aes_key"];
        let expected: Vec<_> = keys.into_iter().zip(values.map(str::to_owned)).collect();
        assert_eq!(found, expected, "{names:?}");
    }
}

#[test]
fn accounts_of_other_kinds_are_left_alone() {
    let others = [
        "WECHAT_OFFICIAL_ACCOUNT",
        "WECHAT_MINI_PROGRAM",
        "WECHAT_PAYMENT",
        "WECHAT_WORK",
        "WX_MP",
        "WX_MINIAPP",
        "WX_CP",
        "ALIPAY",
        "WECHAT_OPEN_WORK",
    ];
    let lines: String = others
        .iter()
        .map(|name| format!("{name}_APP_ID=wx1111111111111111\n{name}_SECRET=x\n"))
        .collect();
    match platforms(Some(".env"), &lines) {
        Err(ImportError::NoPlatform { empty, names }) => {
            assert_eq!((empty, names), (Vec::new(), 2 * others.len()));
        }
        other => panic!("{other:?}"),
    }
    // Beside a platform that is marked as one, what is not marked is something else.
    let text = format!("{lines}APPID=wx2222222222222222\nWECHAT_OPEN_PLATFORM_APPID={APPID}\n");
    let found = platforms(Some(".env"), &text).expect("a platform");
    let appids: Vec<_> = found.iter().filter_map(Found::appid).collect();
    assert_eq!(appids.len(), 1);
    assert_eq!(appids[0].as_str(), APPID);
}

#[test]
fn a_senparc_file_without_a_component_has_none() {
    // Its `WxOpen` is a mini program, and the names without a word are an official account's.
    let text = r#"{"SenparcWeixinSetting":{"Token":"t","WeixinAppId":"wx1111111111111111",
        "WxOpenAppId":"wx2222222222222222","Component_Appid":""}}"#;
    match platforms(Some("appsettings.json"), text) {
        Err(ImportError::NoPlatform { empty, .. }) => {
            let name = "SenparcWeixinSetting.Component_Appid".to_owned();
            assert_eq!(empty, [(name, 2)]);
        }
        other => panic!("{other:?}"),
    }
    // Nor does an official account's key become the component's.
    let text =
        r#"{"SenparcWeixinSetting":{"EncodingAESKey":"x","Component_Appid":"wx0123456789abcdef"}}"#;
    assert_eq!(
        only(Some("a.json"), text),
        [("component_appid", APPID.to_owned())]
    );
}

#[test]
fn quotes_comments_and_escapes_are_those_of_each_form() {
    let secret = "0123456789abcdef";
    for (name, text) in [
        (
            ".env",
            "component_appid=X\ncomponent_secret= 0123456789abcdef  # that one",
        ),
        (
            ".env",
            "component_appid=X\ncomponent_secret='0123456789abcdef' # that one",
        ),
        (
            ".env",
            "component_appid=X\nA=\"two\nlines # no comment\"\ncomponent_secret=\"0123456789abcdef\"",
        ),
        (
            "a.php",
            "<?php return ['component_appid'=>'X', /* , */ 'component_secret' # ,\n => \"0123456789abcdef\"];",
        ),
        (
            "a.php",
            "<?php return array('f' => fn ($x) => [1, ')'], 'component_appid'=>'X', 'component_secret'=>'0123456789abcdef',);",
        ),
        (
            "a.php",
            "<?php $config = ['component_appid'=>'X', 'component_secret'=> null ?? '0123456789abcdef'] + DEFAULTS;",
        ),
        (
            "a.properties",
            "component_appid=X\ncomponent_\\\n   secret \\\n : 01234567\\\n  \\u00389abcdef",
        ),
        (
            "a.yml",
            "a: &base {component_secret: '0123456789abcdef'}\nb:\n  <<: *base\n  component_appid: X # that one",
        ),
        (
            "a.json",
            "{/* , */ \"component_appid\": \"X\", // }\n \"component_\\u0073ecret\": \"0123456789abcdef\",}",
        ),
        (
            "a.toml",
            "component_appid = 'X' # that one\ncomponent_secret = \"\"\"0123456789abcdef\"\"\"",
        ),
    ] {
        let found = only(Some(name), &text.replace('X', APPID));
        assert!(
            found.contains(&("appsecret", secret.to_owned())),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn placeholders_are_followed_or_told() {
    let known = environment(&[("WX_SECRET", "0123456789abcdef"), ("OUTER", "wrong")]);
    let given = |text: &str| FoundValue::Given {
        text: wxauth::wechat::secret::Secret::new(text),
        through: None,
    };
    let variable = |name: &str| FoundValue::Unresolved(Unresolved::Variable(name.to_owned()));
    for (file, value, expected) in [
        ("a.yml", "${WX_SECRET}", given("0123456789abcdef")),
        ("a.yml", "${wx.secret}", given("0123456789abcdef")),
        (
            "a.yml",
            "pre${WX_SECRET}post",
            given("pre0123456789abcdefpost"),
        ),
        ("a.yml", "${NOBODY:${WX_SECRET}}", given("0123456789abcdef")),
        ("a.yml", "${NOBODY:fallback}", given("fallback")),
        ("a.yml", "${NOBODY:}", variable("NOBODY")),
        ("a.yml", "${NOBODY:your-app-secret}", variable("NOBODY")),
        ("a.yml", "${app.secret}", given("inTheSameFile")),
        ("a.yml", "${component_secret}", variable("component_secret")),
        ("a.yml", "${loop.a}", variable("loop.a")),
        ("a.yml", "'#{WX_SECRET}#'", given("0123456789abcdef")),
        ("a.yml", "'%NOBODY%'", variable("NOBODY")),
        ("a.yml", "'@wx.secret@'", given("0123456789abcdef")),
        ("a.yml", "'{{ .WX_SECRET }}'", given("0123456789abcdef")),
        (
            "a.yml",
            "ENC(0123456789abcdef)",
            FoundValue::Unresolved(Unresolved::Encrypted),
        ),
        (
            "a.yml",
            "your-app-secret",
            FoundValue::Unresolved(Unresolved::Sample),
        ),
        (
            "a.yml",
            "你的AppSecret",
            FoundValue::Unresolved(Unresolved::Sample),
        ),
        ("a.yml", "cash$WX_SECRET", given("cash$WX_SECRET")),
        ("a.yml", "null", FoundValue::Empty),
        (".env", "$WX_SECRET", given("0123456789abcdef")),
        (".env", "'$WX_SECRET'", given("$WX_SECRET")),
        (".env", "\"\\$WX_SECRET\"", given("$WX_SECRET")),
        (".env", "${NOBODY:-fallback}", given("fallback")),
    ] {
        let text = match file {
            ".env" => format!("component_appid={APPID}\ncomponent_secret={value}\n"),
            _ => format!(
                "component_appid: {APPID}\ncomponent_secret: {value}\napp:\n  secret: inTheSameFile\nloop:\n  a: ${{loop.b}}\n  b: ${{loop.a}}\n"
            ),
        };
        let found = platforms_with(Some(file), &text, &known).expect(value);
        let setting = found[0].settings.iter().find(|it| it.key == "appsecret");
        let value_found = &setting.expect(value).value;
        match (value_found, &expected) {
            (FoundValue::Given { text, .. }, FoundValue::Given { text: due, .. }) => {
                assert_eq!(text.expose(), due.expose(), "{value}");
            }
            (found, due) => assert_eq!(format!("{found:?}"), format!("{due:?}"), "{value}"),
        }
    }
}

#[test]
fn php_is_read_and_never_run() {
    let text = "<?php
        // 'component_appid' => 'wx2222222222222222',
        return [
            'component_appid' => env('NOBODY', 'wx0123456789abcdef'),
            'component_secret' => decrypt(file_get_contents('/secret')),
            'component_token' => \"x{$y}\",
            'encoding_aes_key' => \\env('AES' . '_KEY'),
        ];";
    assert_eq!(
        only(Some("wechat.php"), text),
        [
            ("component_appid", APPID.to_owned()),
            ("appsecret", "Computed".to_owned()),
            ("token", "Computed".to_owned()),
            ("encoding_aes_key", "Computed".to_owned()),
        ]
    );
}
