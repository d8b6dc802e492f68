//! No command says a secret that it was not asked for, however much it is asked to tell.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::examples::goes_on;
use super::help::commands;
use super::office::{Office, text};
use super::scene::{ENCRYPTION_KEY, Scene, examples};
use crate::support::{Outcome, SandboxProcess, with_store};
use wxauth::store::encryption::{EncryptionKey, Keyring};
use wxauth::store::roster::RosterFilter;
use wxauth::store::tokens::TokenOwner;
use wxauth::wechat::secret::Secret;

/// Every secret that lives: of the sandbox's platforms, and of the office's store.
pub fn live_secrets(office: &Office) -> BTreeMap<String, String> {
    let mut secrets = of_platforms(&office.sandbox);
    let stored = of_store(&office.store());
    for kind in ["access token", "refresh token"] {
        let held = stored.values().any(|name| name == kind);
        assert!(held, "the store holds no {kind}");
    }
    secrets.extend(stored);
    secrets
}

/// The secrets of every platform of the sandbox.
fn of_platforms(sandbox: &SandboxProcess) -> BTreeMap<String, String> {
    let mut secrets = BTreeMap::new();
    let fields = [
        "component_appsecret",
        "token",
        "encoding_aes_key",
        "component_verify_ticket",
    ];
    for platform in sandbox.card["platforms"].as_array().expect("platforms") {
        for field in fields {
            secrets.insert(text(platform, field), field.to_owned());
        }
    }
    secrets
}

/// The tickets and tokens of a store, encrypted or not.
fn of_store(path: &Path) -> BTreeMap<String, String> {
    let key = EncryptionKey::parse(&Secret::new(ENCRYPTION_KEY)).expect("a key");
    let keyring = Keyring::decrypting([key]);
    with_store(path, keyring, async |store| {
        let mut secrets = BTreeMap::new();
        for key in store.platforms().await.expect("platforms") {
            for record in store.tickets(&key).await.expect("tickets") {
                secrets.insert(record.ticket.expose().to_owned(), "ticket".to_owned());
            }
            let everybody = RosterFilter::default();
            let rows = store.page(&key, &everybody, None, usize::MAX).await;
            let rows = rows.expect("the roster").into_iter();
            let merchants = rows.map(|row| TokenOwner::Authorizer(row.appid));
            let mut found = 0;
            for owner in merchants.chain([TokenOwner::Component]) {
                let token = store.token(&key, &owner).await.expect("a token");
                found += u64::from(token.is_some());
                let token = token.unwrap_or_default();
                for (secret, name) in [
                    (token.access_token, "access token"),
                    (token.refresh_token, "refresh token"),
                ] {
                    secrets.extend(secret.map(|it| (it.expose().to_owned(), name.to_owned())));
                }
            }
            let holding = store.holding(&key).await.expect("the store").records;
            let all = holding.get("tokens").copied().unwrap_or_default();
            assert_eq!(found, all, "each token has a known owner");
        }
        secrets
    })
}

#[track_caller]
pub fn assert_silent(words: &[&str], said: &str, secrets: &BTreeMap<String, String>) {
    for (secret, name) in secrets {
        let held = said.contains(secret.as_str());
        // Half of a long one is as good as the whole to whoever can ask for the rest.
        let half = secret.len() > 40 && said.contains(&secret[8..secret.len() - 8]);
        assert!(
            !held && !half,
            "{words:?} says the {name} {secret}:\n{said}"
        );
    }
}

#[test]
fn no_command_says_a_secret_at_the_highest_verbosity() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let card = |field| office.sandbox.text(field);
    for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
        office
            .desk
            .run_with_input(["profile", "set", key], &card(field))
            .expect_code(0);
    }
    office.run(["authorizers", "sync"]).expect_code(0);
    let mini_program = office.accounts("mini_program", true).remove(0);
    let official = office.accounts("official_account", true).remove(0);
    let channels = office.accounts("channels", true).remove(0);
    for who in [&mini_program, &official] {
        office.run(["token", "authorizer", who]).expect_code(0);
    }
    let (code, dead) = (office.code(), office.code());
    office
        .desk
        .run_with_input(["authorizers", "redeem"], &code)
        .expect_code(0);
    office
        .sandbox
        .post("revoke", &serde_json::json!({ "appid": channels }));
    let ticket = card("component_verify_ticket");
    let redirect = format!("https://platform-one.example.com/back?auth_code={dead}&expires_in=1");

    let commands: &[(&[&str], &str)] = &[
        (&["status"], ""),
        (&["profile", "list"], ""),
        (&["profile", "show"], ""),
        (&["profile", "set", "released", "true"], ""),
        (
            &["profile", "set", "appsecret"],
            &card("component_appsecret"),
        ),
        (&["profile", "use", "shop"], ""),
        (&["ticket", "show"], ""),
        (&["ticket", "set"], &ticket),
        (&["ticket", "request"], ""),
        (&["authorizers", "list"], ""),
        (&["authorizers", "show", &mini_program], ""),
        (&["authorizers", "sync", "--full"], ""),
        (&["authorizers", "refresh"], ""),
        (
            &[
                "authorizers",
                "refresh",
                &mini_program,
                &official,
                &channels,
            ],
            "",
        ),
        (&["authorizers", "log"], ""),
        (&["authorizers", "option", &official, "voice_recognize"], ""),
        (
            &[
                "authorizers",
                "option",
                &official,
                "voice_recognize",
                "--generation",
                "old",
            ],
            "",
        ),
        (&["authorizers", "set", &official, "--external-id", "x"], ""),
        (&["authorizers", "redeem"], &code),
        (
            &["authorizers", "redeem"],
            "queryauthcode@@@never-given-0123456789abcdefghijklmnopqrstuv",
        ),
        (&["authorizers", "forget", &channels, "--yes"], ""),
        (&["authorizers", "recover"], ""),
        (&["link", "--lint", &redirect], ""),
        (&["init", "shop"], ""),
        (&["no-such-command"], ""),
    ];
    for format in ["table", "json"] {
        for (words, input) in commands {
            let flags = ["-vv", "-o", format];
            let arguments = words.iter().chain(&flags);
            let ended = office.desk.run_with_input(arguments, input);
            let mut secrets = live_secrets(&office);
            secrets.insert(code.clone(), "authorization code".to_owned());
            if !words.contains(&"--lint") {
                secrets.insert(dead.clone(), "authorization code".to_owned());
            }
            assert_silent(words, &ended.stdout, &secrets);
            assert_silent(words, &ended.stderr, &secrets);
        }
    }
}

#[test]
fn what_the_contract_prints_stands_on_stdout_alone() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    for words in [
        &["token", "component"][..],
        &["token", "authorizer", &who],
        &["exec", "--", "sh", "-c", "true"],
        &["link", "--no-qr"],
    ] {
        let ended = office.run(words.iter().chain(&["-vv"])).expect_code(0);
        let secrets = live_secrets(&office);
        assert_silent(words, &ended.stderr, &secrets);
        if words[0] == "link" {
            assert!(
                ended.stderr.contains("api_create_preauthcode"),
                "-vv tells each call"
            );
            // Its own code, and nothing else.
            assert_silent(words, &ended.stdout, &secrets);
            let code = ended.stdout.split_once("pre_auth_code=").expect("a code").1;
            let code = code.split('&').next().expect("a code");
            assert!(!ended.stderr.contains(code));
        }
    }
}

#[test]
fn failures_say_no_secret_either() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    let code = office.code();
    for fault in [
        "any: 99 times drop",
        "any: 99 times cut",
        "any: 99 times 40001",
    ] {
        office.sandbox.fault(fault);
        for words in [
            &["link"][..],
            &["authorizers", "sync", "--full"],
            &["authorizers", "refresh", &who],
            &["authorizers", "redeem"],
            &["ticket", "request"],
            &["token", "authorizer", &who, "--min-life", "119m"],
        ] {
            let child = office
                .desk
                .run_with_input(words.iter().chain(&["-vv"]), &code);
            let Outcome {
                stderr, code: exit, ..
            } = child;
            assert_ne!(exit, 0, "{words:?} under {fault}");
            let mut secrets = live_secrets(&office);
            secrets.insert(code.clone(), "authorization code".to_owned());
            assert_silent(words, &stderr, &secrets);
        }
        office
            .sandbox
            .post("faults", &serde_json::json!({ "clear": true }));
    }
}

/// Commands that print secrets because that is what they are for, and flags that ask for them;
/// stderr has none all the same.
const PRINT: [&str; 5] = ["token", "exec", "link", "sandbox", "events decode"];
const ASK: [&str; 2] = ["--mint-links", "--reveal"];

/// Whatever command is added: its examples are heard here, told to say as much as it can.
#[test]
fn no_example_of_any_help_says_a_secret_at_the_highest_verbosity() {
    let tools = tempfile::tempdir().expect("a folder");
    let loud = tools.path().join("wxauth");
    let script = format!(
        "#!/bin/sh\nexec '{}' -vv \"$@\"\n",
        env!("CARGO_BIN_EXE_wxauth")
    );
    std::fs::write(&loud, script).expect("a script");
    std::fs::set_permissions(&loud, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", tools.path().display());

    let scene = Scene::set(true);
    let folder = scene.desk.config_dir();
    let stores = [folder.join("store.db"), folder.join("sandbox/client.db")];
    let (mut heard, mut said) = (BTreeSet::new(), 0);
    for command in commands() {
        for example in examples(&command) {
            if goes_on(&example) || !heard.insert(example.clone()) {
                continue;
            }
            let mut shell = scene.shell(&example);
            let ended = Outcome::of(shell.env("PATH", &path).spawn().expect("a shell"));
            said += ended.stderr.lines().count();
            let mut secrets = of_platforms(scene.sandbox());
            secrets.extend(stores.iter().flat_map(|store| of_store(store)));
            assert_silent(&[&example], &ended.stderr, &secrets);
            let printed = PRINT.iter().any(|known| command.starts_with(known));
            if !printed && !ASK.iter().any(|flag| example.contains(flag)) {
                assert_silent(&[&example], &ended.stdout, &secrets);
            }
        }
    }
    assert!(
        heard.len() > 60 && said > 200,
        "{} examples, {said} lines",
        heard.len()
    );
}

#[cfg(unix)]
#[test]
fn files_with_secrets_are_the_owners_alone() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync"]).expect_code(0);
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).unwrap_or_else(|_| panic!("no {}", path.display()));
        metadata.permissions().mode() & 0o777
    };
    let folder = office.desk.config_dir();
    assert_eq!(mode(&folder), 0o700);
    for name in ["config.toml", "credentials.toml", "store.db"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    for side in ["store.db-wal", "store.db-shm"] {
        let path = folder.join(side);
        assert!(!path.exists() || mode(&path) == 0o600, "{side}");
    }
}
