//! The configuration of SDKs: files that break their form.

use proptest::prelude::*;
use wxauth::config::import::{ImportError, Lookup, Sheet};

use super::environment;
use super::imports::platforms;

#[test]
fn damage_is_told_with_its_line_and_without_the_text() {
    for (name, text, line) in [
        (".env", "A=1\nsecretvalue\n", 2),
        (".env", "A=1\nB=\"secretvalue\n\n", 2),
        (".env", "A='1' secretvalue\n", 1),
        ("a.properties", "a=1\nb=\\u00zzsecretvalue", 2),
        ("a.yml", "a:\n  - b\n c: secretvalue\n", 3),
        ("a.yml", "a: *secretvalue\n", 1),
        ("a.json", "{\n\"a\": \"secretvalue\n}", 2),
        ("a.json", "{\n\"a\": secretvalue }", 2),
        ("a.json", "{\"a\": 1}\n}", 2),
        ("a.json", "{\n/* secretvalue", 2),
        ("a.toml", "a = 1\nb = secretvalue\n", 2),
        ("a.php", "<?php return [\n'a' => 'secretvalue\n];", 2),
        ("a.php", "<?php return [\n'a' => f(secretvalue\n];", 3),
        ("a.php", "<?php secretvalue();", 1),
    ] {
        match platforms(Some(name), text) {
            Err(ImportError::Damaged {
                line: found,
                message,
                ..
            }) => {
                assert_eq!(found, line, "{text}: {message}");
                assert!(
                    !message.is_empty() && !message.contains("secretvalue"),
                    "{message}"
                );
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_nests_or_grows_without_end_is_refused() {
    let deep = 100_000;
    let laughs: String = (1..30)
        .map(|it| {
            format!(
                "a{it}: &a{it} [{0}, {0}, {0}, {0}]\n",
                format!("*a{}", it - 1)
            )
        })
        .collect();
    let spread = format!("component_appid: {}\n", "${a}".repeat(4000));
    let endless = format!(
        "a: {0}\nb: {1}\n{spread}",
        "${b}".repeat(40),
        "${a}".repeat(40)
    );
    for (name, text) in [
        ("a.json", "[".repeat(deep)),
        ("a.json", "{\"a\":".repeat(deep)),
        ("a.php", format!("<?php return {}", "[".repeat(deep))),
        ("a.php", format!("<?php return [{}", "env(".repeat(deep))),
        (
            "a.php",
            format!("<?php return [{}", "null ?? ".repeat(deep)),
        ),
        ("a.yml", "[".repeat(deep)),
        ("a.yml", "- ".repeat(deep)),
        ("a.yml", format!("a0: &a0 x\n{laughs}")),
        ("a.toml", format!("a = {}", "[".repeat(deep))),
    ] {
        let refused = platforms(Some(name), &text);
        assert!(
            matches!(refused, Err(ImportError::Damaged { .. })),
            "{name}: {refused:?}"
        );
    }
    let _ = platforms(Some("a.yml"), &endless);
}

fn no_panic(text: &str) {
    let names = [
        ".env",
        "a.php",
        "a.properties",
        "a.yml",
        "a.json",
        "a.toml",
        "unknown",
    ];
    let environment = environment(&[("A", "${A}")]);
    for name in names {
        let Ok(sheet) = Sheet::read(Some(name), text.as_bytes()) else {
            continue;
        };
        let lookup = Lookup {
            environment: &environment,
            beside: Some(&sheet),
        };
        let _ = sheet.redis(lookup);
        for found in sheet.platforms(lookup).into_iter().flatten() {
            let _ = (found.check(), found.appid(), found.is_doubtful());
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        no_panic(&text);
    }

    #[test]
    fn no_text_of_their_own_signs_makes_a_reader_panic(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "\n", " ", "  ", "=", ":", "- ", "{", "}", "[", "]", "(", ")", ",", "\"", "'", "\\", "\\u",
                "#", "//", "/*", "*/", "&a ", "*a", "<<: ", "$", "${", "${A:", "}#", "#{", "%", "@", "=>", "??",
                "<?php ", "return ", "env(", "array(", "null", "---\n", "|\n", "component_appid", "redis.host",
                "wx.open.appId", "secret", "token", "wx0123456789abcdef", "é", "你", "\u{0}", "\t", "1", "<<<",
            ]),
            0..60,
        )
    ) {
        no_panic(&pieces.concat());
    }

    #[test]
    fn no_cut_of_a_real_file_makes_a_reader_panic(cut in 0_usize..1800, gap in 0_usize..40) {
        for text in [
            include_str!("../../data/imports/laravel/config/wechat.php"),
            include_str!("../../data/imports/spring/application.yml"),
            include_str!("../../data/imports/spring/application.properties"),
            include_str!("../../data/imports/dotnet/appsettings.json"),
        ] {
            let letters: Vec<char> = text.chars().collect();
            let cut = cut % letters.len();
            let after = (cut + gap).min(letters.len());
            let text: String = letters[..cut].iter().chain(&letters[after..]).collect();
            no_panic(&text);
        }
    }
}
