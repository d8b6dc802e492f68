//! Which values are taken, and what is said of the others.

use std::path::PathBuf;

use url::Url;
use wxauth::config::{
    ConfigError, ConfigWarning, Mint, Origin, PermissionSets, PlatformName, SandboxPlatform,
    Settings, StoreSetting, environment_names,
};
use wxauth::sys::env::SECRETS;
use wxauth::wechat::secret::Secret;

use super::{APPID, Desk, environment};

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

#[test]
fn every_variable_of_the_platform_set_arrives() {
    let settings = Desk::empty()
        .resolve(&[
            ("WXAUTH_COMPONENT_APPID", APPID),
            (
                "WXAUTH_COMPONENT_APPSECRET",
                "0123456789abcdef0123456789abcdef\n",
            ),
            ("WXAUTH_COMPONENT_VERIFY_TICKET", "ticket@@@abc"),
            ("WXAUTH_TOKEN", "pamtest"),
            ("WXAUTH_ENCODING_AES_KEY", KEY),
            ("WXAUTH_ENCODING_AES_KEY_PREVIOUS", KEY),
            (
                "WXAUTH_REDIRECT_URI",
                "https://www.example.com/callback?state=1",
            ),
            ("WXAUTH_LAUNCH_DOMAIN", "WWW.example.com"),
            ("WXAUTH_API_BASE", "https://gateway.example.com:8443/weixin"),
            ("WXAUTH_MINT", "wxauth"),
            ("WXAUTH_STORE", "sqlite:state/wx.db"),
        ])
        .unwrap();
    let secret = settings.appsecret.unwrap();
    assert_eq!(secret.value.expose(), "0123456789abcdef0123456789abcdef");
    assert_eq!(
        secret.origin,
        Origin::Environment("WXAUTH_COMPONENT_APPSECRET")
    );
    assert_eq!(settings.ticket.unwrap().value.expose(), "ticket@@@abc");
    assert_eq!(settings.token.unwrap().value.expose(), "pamtest");
    assert_eq!(settings.encoding_aes_key.unwrap().value.expose(), KEY);
    assert_eq!(
        settings.encoding_aes_key_previous.unwrap().value.expose(),
        KEY
    );
    let redirect_uri = settings.redirect_uri.unwrap().value;
    assert_eq!(redirect_uri, "https://www.example.com/callback?state=1");
    assert_eq!(settings.launch_domain.unwrap().value, "www.example.com");
    assert_eq!(settings.realm, "gateway.example.com:8443");
    assert_eq!(settings.mint.value, Mint::Wxauth);
    let store = StoreSetting::Sqlite(PathBuf::from("state/wx.db"));
    assert_eq!(settings.store.value, store);
}

#[test]
fn a_value_of_the_wrong_shape_is_refused_with_its_variable() {
    let cases = [
        ("WXAUTH_COMPONENT_APPID", "wx123"),
        ("WXAUTH_COMPONENT_APPID", "wx0123456789ABCDEF"),
        ("WXAUTH_COMPONENT_APPSECRET", "two words"),
        ("WXAUTH_COMPONENT_VERIFY_TICKET", " \n"),
        ("WXAUTH_TOKEN", "two words"),
        ("WXAUTH_ENCODING_AES_KEY", "short"),
        ("WXAUTH_ENCODING_AES_KEY_PREVIOUS", "short"),
        ("WXAUTH_REDIRECT_URI", "www.example.com/callback"),
        ("WXAUTH_REDIRECT_URI", "http://www.example.com/callback"),
        ("WXAUTH_REDIRECT_URI", "ftp://www.example.com/callback"),
        ("WXAUTH_LAUNCH_DOMAIN", "https://www.example.com"),
        ("WXAUTH_LAUNCH_DOMAIN", "www.example.com/start"),
        ("WXAUTH_API_BASE", "http://api.weixin.qq.com"),
        ("WXAUTH_API_BASE", "https://me:pass@api.weixin.qq.com"),
        ("WXAUTH_API_BASE", "https://api.weixin.qq.com?a=b"),
        ("WXAUTH_MINT", "always"),
        ("WXAUTH_STORE", "postgres://x"),
        ("WXAUTH_STORE", "sqlite:"),
        ("WXAUTH_STORE", "sqlite:~/store.db"),
    ];
    for (variable, value) in cases {
        let mut variables = vec![("WXAUTH_COMPONENT_APPID", APPID)];
        variables.push((variable, value));
        match Desk::empty().resolve(&variables) {
            Err(ConfigError::Invalid { name, origin, .. }) => {
                assert_eq!(name, variable);
                assert_eq!(origin, Origin::Environment(variable));
            }
            other => panic!("{variable}={value} gave {other:?}"),
        }
    }
}

#[test]
fn without_a_profile_wxauth_mints_only_against_this_machine() {
    for (base, mint) in [
        ("https://api.weixin.qq.com", Mint::Never),
        ("https://gateway.example.com", Mint::Never),
        ("http://127.0.0.1:8787", Mint::Wxauth),
        ("http://localhost:8787", Mint::Wxauth),
        ("http://[::1]:8787", Mint::Wxauth),
        ("https://localhost", Mint::Wxauth),
    ] {
        let variables = [("WXAUTH_COMPONENT_APPID", APPID), ("WXAUTH_API_BASE", base)];
        let settings = Desk::empty().resolve(&variables).unwrap();
        assert_eq!(settings.mint.value, mint, "{base}");
    }
    let variables = [
        ("WXAUTH_COMPONENT_APPID", APPID),
        ("WXAUTH_API_BASE", "http://127.0.0.1:8787"),
        ("WXAUTH_MINT", "never"),
    ];
    let settings = Desk::empty().resolve(&variables).unwrap();
    assert_eq!(settings.mint.value, Mint::Never);
    assert_eq!(settings.realm, "127.0.0.1:8787");
}

#[test]
fn a_profile_that_does_not_say_who_mints_only_borrows_and_says_so() {
    let text = format!(
        "[profiles.main]\ncomponent_appid = \"{APPID}\"\napi_base = \"http://127.0.0.1:1\"\n"
    );
    let settings = Desk::with(&text, "").resolve(&[]).unwrap();
    assert_eq!(settings.mint.value, Mint::Never);
    let profile = "main".to_owned();
    assert_eq!(settings.warnings, [ConfigWarning::MintUnset { profile }]);
}

#[test]
fn the_built_in_platform_has_a_realm_and_a_store_of_its_own() {
    let desk = Desk::empty();
    let platform = SandboxPlatform {
        component_appid: APPID.parse().unwrap(),
        appsecret: Secret::new("0123456789abcdef0123456789abcdef"),
        token: Secret::new("pamtest"),
        encoding_aes_key: Secret::new(KEY),
        encoding_aes_key_previous: Some(Secret::new(KEY)),
        redirect_uri: "https://platform-one.example.com/callback".to_owned(),
        launch_domain: "platform-one.example.com".to_owned(),
        released: true,
        test_list: Vec::new(),
        configured_permissions: PermissionSets::default(),
        api_base: Url::parse("http://127.0.0.1:40123").unwrap(),
    };
    let elsewhere = environment(&[("WXAUTH_SANDBOX_STORE", "redis://cache/1")]);
    let moved = Settings::sandbox(&desk.folder, &elsewhere, platform.clone()).unwrap();
    assert_eq!(moved.store.value.to_string(), "redis://cache:6379/1");
    let settings = Settings::sandbox(&desk.folder, &environment(&[]), platform).unwrap();
    assert_eq!(settings.name, PlatformName::Sandbox);
    assert_eq!(settings.realm, "sandbox");
    assert!(settings.encoding_aes_key_previous.is_some());
    assert_eq!(settings.mint.value, Mint::Wxauth);
    let store = desk.folder.path().join("sandbox").join("client.db");
    assert_eq!(settings.store.value, StoreSetting::Sqlite(store));
}

#[test]
fn secret_variables_are_known_and_names_are_unique() {
    let mut names: Vec<&str> = environment_names().iter().map(|one| one.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    let secrets: Vec<&str> = SECRETS
        .into_iter()
        .filter(|secret| names.contains(secret))
        .collect();
    assert_eq!(secrets, SECRETS, "every secret is a variable");
    let words = ["SECRET", "KEY", "TICKET", "TOKEN", "WEBHOOK", "PASSWORD"];
    for name in names {
        let opens = words.iter().any(|word| name.contains(word));
        assert_eq!(opens, SECRETS.contains(&name), "{name}");
    }
}
