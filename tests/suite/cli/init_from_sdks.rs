//! `init --from` with the configuration of each SDK: it becomes a profile, and no secret is seen.

use serde_json::Value;

use super::init_from::{credential, sample, written};
use crate::support::{Desk, Outcome};

/// A file of an SDK, and what a profile made of it has.
struct Case {
    file: &'static str,
    flags: &'static [&'static str],
    variables: &'static [(&'static str, &'static str)],
    form: &'static str,
    sdk: Option<&'static str>,
    appid: &'static str,
    secret: &'static str,
    token: &'static str,
    key: &'static str,
    redis: Option<&'static str>,
}

const CASES: &[Case] = &[
    Case {
        file: "laravel/.env",
        flags: &[],
        variables: &[],
        form: "dotenv",
        sdk: Some("easywechat"),
        appid: "wx5e0f1a2b3c4d5e6f",
        secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        token: "shopPushToken2024",
        key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        redis: Some("redis://10.20.0.6:6380/1"),
    },
    // The array names variables; they stand in the `.env` of the project.
    Case {
        file: "laravel/config/wechat.php",
        flags: &[],
        variables: &[],
        form: "php",
        sdk: Some("easywechat"),
        appid: "wx5e0f1a2b3c4d5e6f",
        secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        token: "shopPushToken2024",
        key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        redis: Some("redis://10.20.0.6:6380/1"),
    },
    Case {
        file: "easywechat/config/easywechat.php",
        flags: &["--component-appid", "wxb1b2b3b4b5b6b7b8"],
        variables: &[("STAGE_TOKEN", "tokenOfTheStage")],
        form: "php",
        sdk: Some("easywechat"),
        appid: "wxb1b2b3b4b5b6b7b8",
        secret: "b0b1b2b3b4b5b6b7b8b9c0c1c2c3c4c5",
        token: "tokenOfTheStage",
        key: "SecondKeySecondKeySecondKeySecondKeySecond0",
        redis: None,
    },
    Case {
        file: "spring/application.yml",
        flags: &[],
        variables: &[("WX_SECRET", "c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5")],
        form: "yaml",
        sdk: Some("wxjava"),
        appid: "wxc1c2c3c4c5c6c7c8",
        secret: "c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5",
        token: "springToken",
        key: "SpringKeySpringKeySpringKeySpringKeySpring0",
        redis: Some("redis://10.30.0.7:6390/3"),
    },
    // Tokens in memory are in no Redis, whatever else the file names.
    Case {
        file: "spring/application.properties",
        flags: &[],
        variables: &[],
        form: "properties",
        sdk: Some("wxjava"),
        appid: "wxd1d2d3d4d5d6d7d8",
        secret: "d0d1d2d3d4d5d6d7d8d9e0e1e2e3e4e5",
        token: "propertiesToken",
        key: "PropsKeyPropsKeyPropsKeyPropsKeyPropsKey012",
        redis: None,
    },
    Case {
        file: "spring/profiles.yml",
        flags: &["--component-appid", "wxf1f2f3f4f5f6f7f8"],
        variables: &[],
        form: "yaml",
        sdk: Some("wxjava"),
        appid: "wxf1f2f3f4f5f6f7f8",
        secret: "f0f1f2f3f4f5f6f7f8f9a0a1a2a3a4a5",
        token: "sharedToken",
        key: "SharedKeySharedKeySharedKeySharedKeyShared0",
        redis: None,
    },
    Case {
        file: "dotnet/appsettings.json",
        flags: &[],
        variables: &[("COMPONENT_SECRET", "0a1b2c3d4e5f60718293a4b5c6d7e8f9")],
        form: "json",
        sdk: Some("senparc"),
        appid: "wx0a1b2c3d4e5f6071",
        secret: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        token: "senparcToken",
        key: "SenparcKeySenparcKeySenparcKeySenparcKey012",
        redis: Some("redis://10.40.0.5:6379/2"),
    },
    Case {
        file: "dotnet/.env",
        flags: &[],
        variables: &[],
        form: "dotenv",
        sdk: Some("senparc"),
        appid: "wx0a1b2c3d4e5f6071",
        secret: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        token: "senparcToken",
        key: "SenparcKeySenparcKeySenparcKeySenparcKey012",
        redis: None,
    },
    Case {
        file: "go/config.toml",
        flags: &[],
        variables: &[],
        form: "toml",
        sdk: Some("silenceper"),
        appid: "wx1a2b3c4d5e6f7081",
        secret: "1a2b3c4d5e6f708192a3b4c5d6e7f809",
        token: "silenceperToken",
        key: "SilenceKeySilenceKeySilenceKeySilenceKey012",
        redis: Some("redis://10.50.0.5:6379/4"),
    },
    Case {
        file: "go/config.yaml",
        flags: &[],
        variables: &[],
        form: "yaml",
        sdk: Some("powerwechat"),
        appid: "wx2a3b4c5d6e7f8091",
        secret: "2a3b4c5d6e7f8091a2b3c4d5e6f708a9",
        token: "powerToken",
        key: "PowerKeyPowerKeyPowerKeyPowerKeyPowerKey012",
        redis: Some("redis://10.50.0.6:6379/1"),
    },
    Case {
        file: "python/wechatpy.json",
        flags: &[],
        variables: &[],
        form: "json",
        sdk: None,
        appid: "wx3a4b5c6d7e8f9001",
        secret: "3a4b5c6d7e8f9001a2b3c4d5e6f70819",
        token: "wechatpyToken",
        key: "WechatpyKeyWechatpyKeyWechatpyKeyWechatpy00",
        redis: None,
    },
    // The names of WxJava's demo for open platforms, which has no starter.
    Case {
        file: "spring/demo.yml",
        flags: &[],
        variables: &[],
        form: "yaml",
        sdk: Some("wxjava"),
        appid: "wx6a7b8c9d0e1f2031",
        secret: "6a7b8c9d0e1f2031a2b3c4d5e6f70849",
        token: "demoToken",
        key: "DemoKeyDemoKeyDemoKeyDemoKeyDemoKeyDemoKey0",
        redis: Some("redis://10.60.0.5:6379"),
    },
    Case {
        file: "node/open-toolkit.json",
        flags: &[],
        variables: &[],
        form: "json",
        sdk: Some("open-toolkit"),
        appid: "wx4a5b6c7d8e9f0011",
        secret: "4a5b6c7d8e9f0011a2b3c4d5e6f70829",
        token: "toolkitToken",
        key: "ToolkitKeyToolkitKeyToolkitKeyToolkitKey012",
        redis: None,
    },
    Case {
        file: "elixir/wechat.toml",
        flags: &[],
        variables: &[],
        form: "toml",
        sdk: None,
        appid: "wx5a6b7c8d9e0f1021",
        secret: "5a6b7c8d9e0f1021a2b3c4d5e6f70839",
        token: "elixirToken",
        key: "ElixirKeyElixirKeyElixirKeyElixirKeyElixir0",
        redis: None,
    },
];

impl Case {
    fn desk(&self) -> Desk {
        let pairs = self.variables.iter();
        pairs.fold(Desk::new(), |desk, (name, value)| desk.with(name, *value))
    }

    fn run(&self, desk: &Desk, extra: &[&str]) -> Outcome {
        let file = sample(self.file);
        let words = ["init", "--from", &file].into_iter();
        desk.run(
            words
                .chain(self.flags.iter().copied())
                .chain(extra.iter().copied()),
        )
    }
}

#[test]
fn the_configuration_of_every_sdk_becomes_a_profile() {
    for case in CASES {
        let desk = case.desk();
        let answer = case.run(&desk, &["-o", "json"]).expect_code(0).json();
        let from = &answer["from"];
        let file = case.file;
        assert_eq!(from["form"], case.form, "{file}");
        assert_eq!(from["sdk"].as_str(), case.sdk, "{file}");
        assert_eq!(from["redis"].as_str(), case.redis, "{file}");
        assert_eq!(from["unresolved"], Value::Array(Vec::new()), "{file}");
        let shown = desk
            .run(["profile", "show", "-o", "json"])
            .expect_code(0)
            .json();
        assert_eq!(shown["component_appid"], case.appid, "{file}");
        // An SDK asks WeChat for tokens already.
        assert_eq!(shown["mint"], "never", "{file}");
        for (key, value) in [
            ("appsecret", case.secret),
            ("token", case.token),
            ("encoding_aes_key", case.key),
        ] {
            assert_eq!(
                credential(&desk, key).as_deref(),
                Some(value),
                "{file} {key}"
            );
        }
    }
}

#[test]
fn secrets_reach_the_credentials_and_nothing_else() {
    for case in CASES {
        for format in ["table", "json"] {
            let desk = case.desk();
            let told = case
                .run(&desk, &["-vv", "--reveal", "-o", format])
                .expect_code(0);
            let config = written(&desk, "config.toml");
            let secrets = [case.secret, case.token, case.key, "fakeredispassword"];
            for secret in secrets {
                for said in [&told.stdout, &told.stderr, &config] {
                    assert!(!said.contains(secret), "{}: {secret} in {said}", case.file);
                }
            }
        }
    }
}
