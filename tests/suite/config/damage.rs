//! Files that cannot be used, and why.

use proptest::prelude::*;
use wxauth::config::{ConfigError, ConfigFile, Settings};

use super::{APPID, Desk, environment, shown};

#[test]
fn damage_is_named_by_line_and_column() {
    for (text, line, column) in [
        ("version = 1\n[profiles.main\ncomponent_appid = 1\n", 2, 15),
        ("version = 1\n\n名 = 1\n", 3, 1),
        ("a = 1\na = 2\n", 2, 1),
    ] {
        let desk = Desk::with(text, "");
        match desk.resolve(&[]).unwrap_err() {
            ConfigError::Damaged {
                file,
                line: found,
                column: at,
                message,
            } => {
                assert_eq!(file, desk.folder.config_file());
                assert_eq!((found, at), (line, column), "{text}: {message}");
                assert!(!message.is_empty());
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_file_in_another_encoding_is_damaged() {
    let desk = Desk::empty();
    wxauth::sys::files::replace_private(&desk.folder.config_file(), b"a = \"\xff\"").unwrap();
    assert!(matches!(
        desk.resolve(&[]),
        Err(ConfigError::Damaged { .. })
    ));
}

#[test]
fn a_newer_file_is_refused_and_not_written_over() {
    for (config, credentials) in [("version = 2\n", ""), ("", "version = 2\n")] {
        let desk = Desk::with(config, credentials);
        let edit = ConfigFile::edit(&desk.folder, |file| {
            file.remove("main");
            Ok::<_, ConfigError>(())
        });
        match edit {
            Err(ConfigError::NewerVersion {
                found: 2, known: 1, ..
            }) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(desk.config_text(), config);
        assert_eq!(desk.credentials_text(), credentials);
    }
}

#[test]
fn the_wrong_kind_of_value_is_named_by_its_key() {
    for (key, value) in [
        ("version", "\"1\""),
        ("version", "0"),
        ("profile", "1"),
        ("profiles", "1"),
        ("profiles.main", "\"x\""),
        ("profiles.main.component_appid", "1"),
        ("profiles.main.released", "\"yes\""),
        ("profiles.main.test_list", "\"gh_0123456789ab\""),
        ("profiles.main.test_list", "[1]"),
        ("profiles.main.token_command", "1"),
        ("profiles.main.token_command", "[]"),
        ("profiles.main.token_command", "[\"a\", 1]"),
        ("profiles.main.configured_permissions", "[1]"),
        ("profiles.main.configured_permissions.games", "[1]"),
        ("profiles.main.configured_permissions.mini_program", "[-1]"),
        ("profiles.main.configured_permissions.mini_program", "1"),
    ] {
        let appid = if key.ends_with("appid") || !key.starts_with("profiles.main.") {
            String::new()
        } else {
            format!("profiles.main.component_appid = \"{APPID}\"\n")
        };
        let desk = Desk::with(&format!("{appid}{key} = {value}\n"), "");
        match desk.resolve(&[]).unwrap_err() {
            ConfigError::Invalid { name, .. } => assert!(key.contains(&name), "{key}: {name}"),
            other => panic!("{key} = {value}: {other:?}"),
        }
    }
}

fn visit(config: &str, credentials: &str) -> Option<ConfigError> {
    let desk = Desk::with(config, credentials);
    if let Ok(file) = ConfigFile::load(&desk.folder) {
        for name in file.list() {
            let _ = (file.get(&name), file.warnings(&name));
        }
    }
    let request = wxauth::config::Request::default();
    Settings::resolve(&desk.folder, &request, &environment(&[])).err()
}

/// A file that is nearly right: known keys with values of any kind.
fn nearly_right() -> impl Strategy<Value = String> {
    let key = prop::sample::select(
        wxauth::config::KEYS
            .iter()
            .map(|key| key.name)
            .collect::<Vec<_>>(),
    );
    let value = prop_oneof![
        "\"[ -~]{0,20}\"".prop_map(|text| text),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        "\\[[0-9, \"a-z]{0,12}\\]".prop_map(|text| text),
        "\\{[0-9, =a-z]{0,12}\\}".prop_map(|text| text),
    ];
    prop::collection::vec((key, value), 0..6).prop_map(|pairs| {
        let lines = pairs
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n"));
        format!("[profiles.main]\n{}", lines.collect::<String>())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_makes_it_panic(config in "\\PC{0,200}", credentials in "\\PC{0,60}") {
        visit(&config, &credentials);
    }

    #[test]
    fn no_values_make_it_panic(config in nearly_right(), credentials in nearly_right()) {
        visit(&config, &credentials);
    }

    #[test]
    fn no_damage_makes_an_error_show_a_secret(at in 0usize..120, noise in "[\"'=\\[\\]\\\\\n{}# a]{1,3}") {
        let credentials = "[profiles.main]\nappsecret = \"XYZZY1\"\ntoken = XYZZY2\nencoding_aes_key = \"XYZZY3\"\n";
        let config = format!("[profiles.main]\ncomponent_appid = \"{APPID}\"\n");
        let mut text = credentials.to_owned();
        text.insert_str(at.min(text.len()), &noise);
        if let Some(error) = visit(&config, &text) {
            prop_assert!(!shown(&error).contains("XYZZY"), "{}", shown(&error));
        }
    }
}
