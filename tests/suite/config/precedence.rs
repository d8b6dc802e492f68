//! One platform comes whole from one origin.

use wxauth::config::{
    ConfigError, Ignored, IgnoredWhy, Mint, Origin, PlatformName, Request, Settings,
};

use super::{APPID, Desk, OTHER_APPID, environment};

struct Case {
    flag: Option<&'static str>,
    variables: &'static [(&'static str, &'static str)],
    profiles: &'static [&'static str],
    chosen: Option<&'static str>,
    answer: Result<&'static str, &'static str>,
    ignored: &'static [&'static str],
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("WXAUTH_COMPONENT_APPID", OTHER_APPID),
    ("WXAUTH_PROFILE", "second"),
    ("WXAUTH_TOKEN", "pamtest"),
];
const STRAY: &[(&str, &str)] = &[("WXAUTH_STORE", "memory"), ("WXAUTH_MINT", "wxauth")];
const NAMED: &[(&str, &str)] = &[("WXAUTH_PROFILE", "second")];

const CASES: &[Case] = &[
    Case {
        flag: None,
        variables: &[],
        profiles: &[],
        chosen: None,
        answer: Err("no platform"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: &[],
        profiles: &["first"],
        chosen: None,
        answer: Ok("first"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: &[],
        profiles: &["first", "second"],
        chosen: None,
        answer: Err("no platform"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: &[],
        profiles: &["first", "second"],
        chosen: Some("second"),
        answer: Ok("second"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: &[],
        profiles: &["first"],
        chosen: Some("gone"),
        answer: Err("no profile gone"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: NAMED,
        profiles: &["first", "second"],
        chosen: Some("first"),
        answer: Ok("second"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: NAMED,
        profiles: &["first"],
        chosen: Some("first"),
        answer: Err("no profile second"),
        ignored: &[],
    },
    Case {
        flag: None,
        variables: STRAY,
        profiles: &["first"],
        chosen: None,
        answer: Ok("first"),
        ignored: &["WXAUTH_MINT", "WXAUTH_STORE"],
    },
    Case {
        flag: None,
        variables: ENVIRONMENT,
        profiles: &[],
        chosen: None,
        answer: Ok("environment"),
        ignored: &["profile second"],
    },
    Case {
        flag: None,
        variables: &[("WXAUTH_COMPONENT_APPID", OTHER_APPID)],
        profiles: &["first"],
        chosen: None,
        answer: Ok("environment"),
        ignored: &["profile first"],
    },
    Case {
        flag: None,
        variables: &[("WXAUTH_COMPONENT_APPID", "")],
        profiles: &["first"],
        chosen: None,
        answer: Ok("first"),
        ignored: &[],
    },
    Case {
        flag: Some("first"),
        variables: ENVIRONMENT,
        profiles: &["first", "second"],
        chosen: Some("second"),
        answer: Ok("first"),
        ignored: &["WXAUTH_COMPONENT_APPID", "WXAUTH_TOKEN"],
    },
    Case {
        flag: Some("gone"),
        variables: ENVIRONMENT,
        profiles: &["first", "second"],
        chosen: None,
        answer: Err("no profile gone"),
        ignored: &[],
    },
];

#[test]
fn the_strongest_origin_gives_the_whole_platform_and_the_rest_is_named() {
    for (place, case) in CASES.iter().enumerate() {
        let desk = Desk::with_profiles(case.profiles);
        if let Some(chosen) = case.chosen {
            let text = format!("profile = \"{chosen}\"\n{}", desk.config_text());
            desk.write(&desk.folder.config_file(), &text);
        }
        let request = Request {
            profile: case.flag.map(str::to_owned),
            sandbox: false,
        };
        let answer = Settings::resolve(&desk.folder, &request, &environment(case.variables));
        let ignored: Vec<String> = match &answer {
            Ok(settings) => settings
                .ignored
                .iter()
                .map(|one| one.name.clone())
                .collect(),
            Err(_) => Vec::new(),
        };
        let answer = match answer {
            Ok(settings) => Ok(settings.name.to_string()),
            Err(ConfigError::NoPlatform { profiles, .. }) => {
                assert_eq!(profiles, case.profiles, "case {place}");
                Err("no platform".to_owned())
            }
            Err(ConfigError::NoSuchProfile { name, known, .. }) => {
                assert_eq!(known, case.profiles, "case {place}");
                Err(format!("no profile {name}"))
            }
            Err(other) => Err(other.to_string()),
        };
        let expected = case.answer.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(answer, expected, "case {place}");
        assert_eq!(ignored, case.ignored, "case {place}");
    }
}

#[test]
fn nothing_of_the_environment_reaches_a_profile() {
    let desk = Desk::with(
        &format!("[profiles.main]\ncomponent_appid = \"{APPID}\"\nmint = \"never\"\n"),
        "[profiles.main]\nappsecret = \"filed-secret\"\n",
    );
    let settings = desk
        .resolve(&[
            ("WXAUTH_COMPONENT_APPSECRET", "another-secret"),
            ("WXAUTH_COMPONENT_VERIFY_TICKET", "ticket@@@another"),
            ("WXAUTH_API_BASE", "https://elsewhere.example.com"),
            ("WXAUTH_MINT", "wxauth"),
            ("WXAUTH_STORE", "memory"),
        ])
        .unwrap();
    let secret = settings.appsecret.unwrap();
    assert_eq!(secret.value.expose(), "filed-secret");
    assert_eq!(
        secret.origin,
        Origin::Profile {
            name: "main".to_owned(),
            file: desk.folder.credentials_file()
        }
    );
    assert_eq!(settings.ticket, None);
    assert_eq!(
        settings.api_base.value.as_str(),
        "https://api.weixin.qq.com/"
    );
    assert_eq!(settings.realm, "api.weixin.qq.com");
    assert_eq!(settings.mint.value, Mint::Never);
    assert_eq!(settings.ignored.len(), 5);
    assert!(
        settings
            .ignored
            .iter()
            .all(|one| one.why == IgnoredWhy::NoAppid)
    );
}

#[test]
fn nothing_of_a_profile_reaches_the_environment_and_damage_does_not_stop_it() {
    let desk = Desk::with("this is no TOML", "[profiles.main]\nappsecret = \"filed\"");
    let settings = desk.resolve(&[("WXAUTH_COMPONENT_APPID", APPID)]).unwrap();
    assert_eq!(settings.name, PlatformName::Environment);
    assert_eq!(settings.component_appid.value.as_str(), APPID);
    assert_eq!(settings.appsecret, None);
    assert_eq!(settings.mint.value, Mint::Never);
    assert_eq!(settings.mint.origin, Origin::Default);
    assert_eq!(settings.ignored, Vec::<Ignored>::new());
}

/// Processes with one Redis request tokens under its leases; what listens on this machine is not
/// WeChat. Otherwise a backend may be requesting them, whose tokens ours would end.
#[cfg(feature = "redis")]
#[test]
fn tokens_are_requested_by_default_only_where_that_ends_no_other_token() {
    let desk = Desk::empty();
    let (redis, wechat) = ("redis://10.0.0.1:6379/2", "https://api.example.com");
    for (variables, mint) in [
        (&[][..], Mint::Never),
        (&[("WXAUTH_API_BASE", wechat)], Mint::Never),
        (
            &[("WXAUTH_API_BASE", "http://127.0.0.1:8787")],
            Mint::Wxauth,
        ),
        (&[("WXAUTH_STORE", "memory")], Mint::Never),
        (
            &[("WXAUTH_STORE", redis), ("WXAUTH_API_BASE", wechat)],
            Mint::Wxauth,
        ),
        (
            &[("WXAUTH_STORE", redis), ("WXAUTH_MINT", "never")],
            Mint::Never,
        ),
    ] {
        let appid = [("WXAUTH_COMPONENT_APPID", APPID)];
        let settings = desk.resolve(&[&appid, variables].concat()).unwrap();
        assert_eq!(settings.mint.value, mint, "{variables:?}");
    }
}

#[test]
fn the_sandbox_is_asked_for_its_own_platform() {
    let desk = Desk::with_profiles(&["first"]);
    let ask = |profile: Option<&str>| {
        let request = Request {
            profile: profile.map(str::to_owned),
            sandbox: true,
        };
        Settings::resolve(&desk.folder, &request, &environment(ENVIRONMENT)).unwrap_err()
    };
    assert!(matches!(ask(None), ConfigError::SandboxCard));
    assert!(matches!(ask(Some("first")), ConfigError::TwoPlatforms));

    let why = IgnoredWhy::Explicit("--sandbox");
    let ignored = Ignored::variables(&environment(ENVIRONMENT), why);
    let names: Vec<&str> = ignored.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["WXAUTH_COMPONENT_APPID", "WXAUTH_TOKEN"]);
}
