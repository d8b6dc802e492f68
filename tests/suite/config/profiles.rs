//! Profiles as an operator writes and changes them.

use wxauth::config::{
    ConfigError, ConfigFile, ConfigWarning, Credentials, Entry, KEYS, Mint, Origin, Profile,
    StoreSetting,
};
use wxauth::wechat::id::PermissionSetId;
use wxauth::wechat::secret::Secret;

use super::{APPID, Desk, OTHER_APPID};

const PROMPT: Origin = Origin::Flag("profile set");

fn entry() -> Entry {
    Entry {
        profile: Profile::new(APPID.parse().unwrap()),
        credentials: Credentials::default(),
    }
}

const SETTINGS: [(&str, &str); 30] = [
    ("component_appid", OTHER_APPID),
    ("appsecret", "0123456789abcdef0123456789abcdef"),
    ("token", "pamtest"),
    (
        "encoding_aes_key",
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    ),
    (
        "encoding_aes_key_previous",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg",
    ),
    ("redirect_uri", "https://www.example.com/callback"),
    ("launch_domain", "www.example.com"),
    ("launch_page", "https://www.example.com/authorize?from=chat"),
    ("released", "yes"),
    ("test_list", "gh_0123456789ab;gh_abcdefabcdef"),
    ("configured_permissions.official_account", "1,15"),
    ("configured_permissions.mini_program", "18 25"),
    ("required_permissions.official_account", "1"),
    ("mint", "wxauth"),
    ("token_command", "pass show 'wechat token'"),
    ("layout", "wxjava"),
    ("layout_prefix", "wx:open:"),
    ("layout_redis", "redis://app@10.0.0.5:6380/1"),
    ("layout_redis_password", "another password"),
    ("ticket_command", "./ticket.sh"),
    ("appsecret_command", "secret-tool lookup a b"),
    ("encoding_aes_key_command", "pass show key"),
    (
        "encryption_key",
        "7u0l2NqLZ1GkvHkLZ1bL8o3nSxF3pJQ0cK8mY5r2aXk=",
    ),
    (
        "encryption_key_previous",
        "7u0l2NqLZ1GkvHkLZ1bL8o3nSxF3pJQ0cK8mY5r2aXo= 7u0l2NqLZ1GkvHkLZ1bL8o3nSxF3pJQ0cK8mY5r2aXs=",
    ),
    ("encryption_key_file", "encryption.key"),
    ("encryption_key_command", "pass show wxauth"),
    ("api_base", "https://gateway.example.com/"),
    ("store", "sqlite:state/wx.db"),
    ("store_password", "a password"),
    ("ca_file", "ca.pem"),
];

#[test]
fn what_is_set_is_read_back_and_stands_in_the_right_file() {
    let desk = Desk::empty();
    let mut entry = entry();
    for (key, text) in SETTINGS {
        entry.assign(key, text, &PROMPT).unwrap();
    }
    ConfigFile::edit(&desk.folder, |file| file.put("main", &entry)).unwrap();

    let file = ConfigFile::load(&desk.folder).unwrap();
    assert_eq!(file.get("main").unwrap(), Some(entry));
    let (config, credentials) = (desk.config_text(), desk.credentials_text());
    for text in [&config, &credentials] {
        assert!(text.contains("version = 1"), "{text}");
    }
    for key in KEYS.iter().filter(|key| key.is_secret()) {
        let line = format!("\n{} = ", key.name);
        assert!(
            credentials.contains(&line) && !config.contains(&line),
            "{line}"
        );
    }

    let settings = desk.resolve(&[]).unwrap();
    assert_eq!(settings.component_appid.value.as_str(), OTHER_APPID);
    assert_eq!(settings.mint.value, Mint::Wxauth);
    assert_eq!(settings.released, Some(true));
    assert_eq!(settings.test_list.len(), 2);
    let sets = &settings.configured_permissions;
    assert_eq!(
        sets.of("mini_program"),
        [PermissionSetId(18), PermissionSetId(25)]
    );
    let token_command = settings.token_command.unwrap();
    assert_eq!(token_command.arguments(), ["show", "wechat token"]);
    // Relative paths count from the folder that holds the profile.
    let store = desk.folder.path().join("state/wx.db");
    assert_eq!(settings.store.value, StoreSetting::Sqlite(store));
    assert_eq!(settings.ca_file, Some(desk.folder.path().join("ca.pem")));
    // A stored secret wins over the command for it, and that is said.
    assert_eq!(settings.appsecret_command, None);
    assert_eq!(settings.encoding_aes_key_command, None);
    let unused = |key| ConfigWarning::CommandUnused {
        profile: "main".to_owned(),
        key,
    };
    let expected = ["appsecret", "encoding_aes_key", "encryption_key"].map(unused);
    assert_eq!(settings.warnings, expected);
}

#[test]
fn a_setting_is_taken_away_again_but_the_platform_stays_named() {
    let mut entry = entry();
    for (key, text) in SETTINGS {
        entry.assign(key, text, &PROMPT).unwrap();
    }
    for (key, _) in &SETTINGS[1..] {
        entry.clear(key, &PROMPT).unwrap();
    }
    let bare = Entry {
        profile: Profile::new(OTHER_APPID.parse().unwrap()),
        credentials: Credentials::default(),
    };
    assert_eq!(entry, bare);
    let error = entry.clear("component_appid", &PROMPT).unwrap_err();
    assert!(matches!(
        error,
        ConfigError::Missing {
            key: "component_appid",
            ..
        }
    ));
}

#[test]
fn a_setting_that_cannot_be_used_leaves_the_profile_as_it_was() {
    let mut entry = entry();
    for (key, text) in [
        ("component_appid", "gh_0123456789ab"),
        ("released", "perhaps"),
        ("test_list", "wx0123456789abcdef"),
        ("configured_permissions.mini_program", "eighteen"),
        ("token_command", "pass 'show"),
        ("token_command", ""),
        ("ca_file", "~/ca.pem"),
        ("api_base", "http://api.weixin.qq.com"),
        ("launch_page", "www.example.com/authorize"),
        ("launch_page", "https://www.example.com/authorize#top"),
    ] {
        match entry.assign(key, text, &PROMPT).unwrap_err() {
            ConfigError::Invalid { name, origin, .. } => {
                assert!(key.starts_with(&name), "{name}");
                assert_eq!(origin, PROMPT);
            }
            other => panic!("{key}: {other:?}"),
        }
    }
    let eleven: Vec<String> = (0..11).map(|n| format!("gh_{n:012}")).collect();
    let error = entry.assign("test_list", &eleven.join(","), &PROMPT);
    assert!(matches!(error, Err(ConfigError::Invalid { .. })));
    for key in [
        "colour",
        "configured_permissions",
        "configured_permissions.games",
        "",
    ] {
        let error = entry.assign(key, "1", &PROMPT);
        assert!(
            matches!(error, Err(ConfigError::UnknownKey { .. })),
            "{key}"
        );
    }
    assert_eq!(entry, self::entry());
}

#[test]
fn a_profile_that_could_not_be_read_back_is_not_written() {
    let desk = Desk::empty();
    let mut entry = entry();
    entry.profile.redirect_uri = Some("http://www.example.com".to_owned());
    let refused = ConfigFile::edit(&desk.folder, |file| file.put("main", &entry));
    assert!(matches!(refused, Err(ConfigError::Invalid { .. })));
    assert_eq!(desk.config_text(), "");
}

#[test]
fn names_are_plain_and_the_sandbox_keeps_its_own() {
    let desk = Desk::empty();
    for name in ["", "sandbox", "a b", "-x", "../x", "名", &"x".repeat(65)] {
        let put = ConfigFile::edit(&desk.folder, |file| file.put(name, &entry()));
        assert!(
            matches!(put, Err(ConfigError::ProfileName { .. })),
            "{name}"
        );
    }
    for name in ["main", "shop-2.test", "A_1"] {
        ConfigFile::edit(&desk.folder, |file| file.put(name, &entry())).unwrap();
    }
    let file = ConfigFile::load(&desk.folder).unwrap();
    assert_eq!(file.list(), ["A_1", "main", "shop-2.test"]);
}

#[test]
fn removing_the_chosen_profile_takes_its_secrets_and_the_choice() {
    let desk = Desk::with_profiles(&["first", "second"]);
    ConfigFile::edit(&desk.folder, |file| {
        let mut entry = file.get("first")?.unwrap();
        entry.credentials.appsecret = Some(Secret::new("gone-with-the-profile"));
        file.put("first", &entry)?;
        file.choose("first")
    })
    .unwrap();
    assert!(desk.credentials_text().contains("gone-with-the-profile"));
    ConfigFile::edit(&desk.folder, |file| {
        assert_eq!(file.chosen(), Some("first"));
        assert!(file.remove("first"));
        assert!(!file.remove("first"));
        Ok::<_, ConfigError>(())
    })
    .unwrap();
    let file = ConfigFile::load(&desk.folder).unwrap();
    assert_eq!(file.chosen(), None);
    assert_eq!(file.list(), ["second"]);
    assert!(!desk.credentials_text().contains("gone-with-the-profile"));

    let chosen = ConfigFile::edit(&desk.folder, |file| file.choose("first"));
    assert!(matches!(chosen, Err(ConfigError::NoSuchProfile { .. })));
}

#[test]
fn a_mistake_in_one_profile_does_not_stop_another() {
    let good = format!("[profiles.good]\ncomponent_appid = \"{APPID}\"\n");
    let bad = "[profiles.bad]\ncomponent_appid = \"nonsense\"\n";
    let desk = Desk::with(&format!("profile = \"good\"\n{good}{bad}"), "");
    assert!(desk.resolve(&[]).is_ok());
    match desk.resolve(&[("WXAUTH_PROFILE", "bad")]).unwrap_err() {
        ConfigError::Invalid { name, origin, .. } => {
            assert_eq!(name, "component_appid");
            let file = desk.folder.config_file();
            assert_eq!(
                origin,
                Origin::Profile {
                    name: "bad".to_owned(),
                    file
                }
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_offered_cannot_be_required() {
    let mut entry = entry();
    // As long as nobody says what is offered, anything may be.
    entry
        .assign("required_permissions.mini_program", "18,30,17", &PROMPT)
        .unwrap();
    let before = entry.clone();
    let refused = entry.assign("configured_permissions.mini_program", "17,25", &PROMPT);
    match refused.unwrap_err() {
        ConfigError::RequiredNotConfigured { kind, ids, .. } => {
            assert_eq!(kind, "mini_program");
            assert_eq!(ids, [PermissionSetId(18), PermissionSetId(30)]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(entry, before);
    entry
        .assign(
            "configured_permissions.mini_program",
            "17,18,25,30",
            &PROMPT,
        )
        .unwrap();
    let refused = entry.assign("required_permissions.mini_program", "17,19", &PROMPT);
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .ends_with("not among its configured ones: 19")
    );
    // Of other kinds nothing was said.
    entry
        .assign("required_permissions.official_account", "1", &PROMPT)
        .unwrap();
}
