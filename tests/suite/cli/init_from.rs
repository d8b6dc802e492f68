//! `init --from`: a platform is taken over from a file, chosen, told and refused.

use std::path::PathBuf;

use crate::support::{Desk, Outcome};

pub(super) fn sample(file: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/imports");
    folder.join(file).display().to_string()
}

pub(super) fn written(desk: &Desk, file: &str) -> String {
    std::fs::read_to_string(desk.config_dir().join(file)).unwrap_or_default()
}

#[track_caller]
pub(super) fn credential(desk: &Desk, key: &str) -> Option<String> {
    let table: toml::Table = written(desk, "credentials.toml").parse().expect("TOML");
    let profile = table.get("profiles")?.get("default")?;
    Some(profile.get(key)?.as_str().expect("a text").to_owned())
}

#[test]
fn what_was_taken_is_told_with_name_line_and_mask() {
    let desk = Desk::new();
    let file = sample("laravel/.env");
    let told = desk.run(["init", "--from", &file]).expect_code(0);
    let row = |name: &str| {
        let line = told.stdout.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name} in {}", told.stdout))
            .to_owned()
    };
    let appid = row("WECHAT_OPEN_PLATFORM_APPID");
    assert!(
        appid.contains(" 23 ") && appid.contains("wx5e0f1a2b3c4d5e6f"),
        "{appid}"
    );
    let secret = row("WECHAT_OPEN_PLATFORM_SECRET");
    assert!(
        secret.contains("appsecret") && secret.contains("…e1f0"),
        "{secret}"
    );
    row("WECHAT_OPEN_PLATFORM_AES_KEY");
    for said in [
        "18 other settings",
        "EasyWeChat holds this platform",
        "`--mint wxauth`",
        "`wxauth store detect redis://10.20.0.6:6380/1`",
        "password is not taken over",
    ] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    let words = ["--lang", "zh", "init", "again", "--from", &file];
    let told = desk.run(words).expect_code(0);
    assert!(told.stdout.contains("文件中的名称"), "{}", told.stdout);
    assert!(
        told.stderr.contains("建议 `mint = never`"),
        "{}",
        told.stderr
    );
}

#[test]
fn who_mints_is_the_operators_word() {
    let file = sample("laravel/.env");
    for (desk, flags) in [
        (Desk::new(), &["--mint", "wxauth"][..]),
        (Desk::new().with("WXAUTH_MINT", "wxauth"), &[]),
    ] {
        let words = ["init", "--from", &file]
            .into_iter()
            .chain(flags.iter().copied());
        let told = desk.run(words).expect_code(0);
        assert!(!told.stderr.contains("is proposed"), "{}", told.stderr);
        let shown = desk.run(["profile", "show", "-o", "json"]).expect_code(0);
        assert_eq!(shown.json()["mint"], "wxauth");
    }
}

#[test]
fn several_platforms_are_listed_and_one_must_be_chosen() {
    let file = sample("easywechat/config/easywechat.php");
    let desk = Desk::new();
    let refused = desk.run(["init", "--from", &file]).expect_code(2);
    for said in [
        "wxa1a2a3a4a5a6a7a8: `open_platform.default.app_id` in line 7",
        "wxb1b2b3b4b5b6b7b8: `open_platform.stage.app_id` in line 13",
        "`--component-appid APPID`",
    ] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    let other = [
        "init",
        "--from",
        &file,
        "--component-appid",
        "wx1111111111111111",
    ];
    let refused = desk.run(other).expect_code(2);
    assert!(
        refused.stderr.contains("wxa1a2a3a4a5a6a7a8"),
        "{}",
        refused.stderr
    );
    // Sections of a Spring file are told by their profiles.
    let refused = desk.run(["init", "--from", &sample("spring/profiles.yml")]);
    let refused = refused.expect_code(2).stderr;
    assert!(refused.contains("line 12, for `dev`"), "{refused}");
    assert!(
        !desk.config_dir().exists(),
        "nothing is written after a refusal"
    );
}

#[test]
fn at_a_terminal_the_platform_is_chosen_by_its_number() {
    let office = super::office::Office::unnamed();
    let file = sample("easywechat/config/easywechat.php");
    let answers = [
        ("Which platform", "3", false),
        ("Which platform", "2", false),
        ("Redirect URI", "", false),
        ("Launch domain", "", false),
        ("Released", "", false),
        // Enter takes what is proposed.
        ("Who asks WeChat for tokens", "", false),
    ];
    let words = ["init", "shop", "--from", &file];
    let Some(asked) = super::terminal::typed(&office, &words, &answers) else {
        return;
    };
    let asked = asked.expect_code(0);
    assert!(
        !asked.stdout.contains("b0b1b2b3b4b5b6b7"),
        "{}",
        asked.stdout
    );
    let shown = office
        .run(["profile", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["component_appid"], "wxb1b2b3b4b5b6b7b8");
    assert_eq!(shown["mint"], "never");
}

#[test]
fn what_nobody_sets_is_said_and_left_for_later() {
    let desk = Desk::new();
    let file = sample("spring/application.yml");
    let told = desk.run(["init", "--from", &file]).expect_code(0);
    for said in [
        "`wx.open.secret` in line 18 is left to `WX_SECRET`",
        "`wxauth profile set appsecret`",
    ] {
        assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
    }
    assert_eq!(credential(&desk, "appsecret"), None);
    let later = "c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5";
    let set = ["profile", "set", "appsecret"];
    desk.run_with_input(set, later).expect_code(0);
    assert_eq!(credential(&desk, "appsecret").as_deref(), Some(later));

    let words = ["init", "again", "--from", &file, "-o", "json"];
    let open = desk.run(words).expect_code(0).json()["from"]["unresolved"].clone();
    assert_eq!(open[0]["setting"], "appsecret");
    assert_eq!(
        (&open[0]["why"], &open[0]["variable"]),
        (&"variable".into(), &"WX_SECRET".into())
    );
}

/// Runs it on a text of its own, as a file of this name.
#[track_caller]
fn from_text(desk: &Desk, name: &str, text: &str, extra: &[&str]) -> Outcome {
    let path = desk.home().join(name);
    std::fs::write(&path, text).expect("a file");
    let path = path.to_str().expect("a path");
    desk.run(
        ["init", "--from", path]
            .into_iter()
            .chain(extra.iter().copied()),
    )
}

#[test]
fn the_environment_comes_before_the_env_file_and_both_before_the_default() {
    let text = "component_appid: ${PLATFORM:wx0000000000000001}\ncomponent_appsecret: ${S1}\n";
    let of = |desk: Desk, dotenv: &str| {
        std::fs::write(desk.home().join(".env"), dotenv).expect("a file");
        let words = ["-o", "json"];
        let told = from_text(&desk, "settings.yaml", text, &words).expect_code(0);
        let rows = told.json()["from"]["settings"].clone();
        (rows[0]["value"].clone(), rows[0]["source"].clone())
    };
    let dotenv = "PLATFORM=wx0000000000000002\nS1=00000000000000000000000000000002\n";
    let set = || Desk::new().with("PLATFORM", "wx0000000000000003");
    for (desk, dotenv, appid, source) in [
        (set(), dotenv, "wx0000000000000003", "environment"),
        (Desk::new(), dotenv, "wx0000000000000002", "dotenv"),
        (Desk::new(), "S1=x", "wx0000000000000001", "default"),
    ] {
        assert_eq!(of(desk, dotenv), (appid.into(), source.into()));
    }
}

#[test]
fn a_value_of_the_wrong_shape_is_refused_with_its_line_and_never_shown() {
    let fields = [
        ("component_appid", "gh_0123456789ab", "is no platform appid"),
        ("component_appsecret", "two words", "white space"),
        (
            "encoding_aes_key",
            "tooShortToBeAKey",
            "is no EncodingAESKey",
        ),
    ];
    for (wrong, value, why) in fields {
        let desk = Desk::new();
        let text: String = [
            ("component_appid", "wx0123456789abcdef"),
            ("component_appsecret", "0123456789abcdef0123456789abcdef"),
            (
                "encoding_aes_key",
                "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            ),
        ]
        .iter()
        .map(|(name, right)| {
            let value = if *name == wrong { value } else { right };
            format!("\n{name} = \"{value}\"")
        })
        .collect();
        let line = text
            .lines()
            .position(|line| line.starts_with(wrong))
            .expect("a line")
            + 1;
        let refused = from_text(&desk, "wechat.toml", &text, &[])
            .expect_code(2)
            .stderr;
        let told = format!("`{wrong}` in line {line} ");
        assert!(
            refused.contains(&told) && refused.contains(why),
            "{refused}"
        );
        assert!(!refused.contains(value), "{refused}");
        assert!(!desk.config_dir().exists(), "nothing is written");
    }
}

#[test]
fn a_file_without_a_platform_is_refused_with_what_was_looked_for() {
    let desk = Desk::new();
    let official =
        "WECHAT_OFFICIAL_ACCOUNT_APPID=wx1111111111111111\nWECHAT_OPEN_PLATFORM_APPID=\n";
    let refused = from_text(&desk, ".env", official, &[])
        .expect_code(2)
        .stderr;
    for said in [
        "names no third-party platform",
        "`WECHAT_OPEN_PLATFORM_APPID` in line 2 is empty",
        "`wx.open.appId`",
    ] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    let refused = from_text(&desk, "logo.bin", "\u{89}PNG\0\0", &[])
        .expect_code(2)
        .stderr;
    assert!(refused.contains("is no text"), "{refused}");
    let refused = from_text(&desk, "notes.txt", "Dear all,\nsee you", &[])
        .expect_code(2)
        .stderr;
    assert!(refused.contains("appsettings.json"), "{refused}");
    desk.run(["init", "--from", &desk.missing_file()])
        .expect_code(2);
}

#[test]
fn stdin_is_read_and_an_open_appid_is_given_by_flag() {
    let text =
        "wx:\n  open:\n    app-id: ${OPEN_APPID}\n    secret: 0123456789abcdef0123456789abcdef\n";
    let desk = Desk::new();
    let words = ["init", "--from", "-"];
    let refused = desk.run_with_input(words, text).expect_code(2).stderr;
    assert!(refused.contains("`OPEN_APPID`"), "{refused}");
    assert!(refused.contains("--component-appid APPID"), "{refused}");
    let given = [
        "init",
        "--from",
        "-",
        "--component-appid",
        "wx0123456789abcdef",
    ];
    let told = desk.run_with_input(given, text).expect_code(0);
    // A website application has an appid and a secret too, and no pushes.
    assert!(
        told.stderr.contains("website application"),
        "{}",
        told.stderr
    );
    let shown = desk
        .run(["profile", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["component_appid"], "wx0123456789abcdef");
    // 微管家 keeps everything but the appid in its database.
    let guanjia = std::fs::read_to_string(sample("guanjia.env")).expect("the sample");
    let words = ["init", "guanjia", "--from", "-", "-o", "json"];
    let answer = desk.run_with_input(words, &guanjia).expect_code(0).json();
    assert_eq!(answer["from"]["settings"][0]["value"], "wx6a7b8c9d0e1f2031");
}

#[test]
fn variables_of_another_platform_stay_out_of_the_profile() {
    let secret = "ffffffffffffffffffffffffffffffff";
    let desk = Desk::new()
        .with("WXAUTH_COMPONENT_APPID", "wxffffffffffffffff")
        .with("WXAUTH_COMPONENT_APPSECRET", secret)
        .with("WXAUTH_MINT", "wxauth");
    let file = sample("spring/application.yml");
    let told = desk.run(["init", "--from", &file]).expect_code(0);
    assert!(
        told.stderr.contains("names another platform"),
        "{}",
        told.stderr
    );
    assert_eq!(credential(&desk, "appsecret"), None);
    assert!(written(&desk, "config.toml").contains("mint = \"never\""));
    // Those of the same platform, or of none, fill what the file leaves open.
    let desk = Desk::new().with("WXAUTH_COMPONENT_APPSECRET", secret);
    desk.run(["init", "--from", &file]).expect_code(0);
    assert_eq!(credential(&desk, "appsecret").as_deref(), Some(secret));
}
