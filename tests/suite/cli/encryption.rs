//! Encryption of a store, from the operator's point of view.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use super::office::{Office, hints, text};
use crate::support::{Outcome, tamper};

const FIRST: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";
const SECOND: &str = "Ejq83vRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

/// An office with a profile, merchants and tokens, and the encryption key in a file.
fn encrypted() -> Office {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    set_key(&office, FIRST);
    office.run(["store", "encrypt", "-q"]).expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    office.run(["authorizers", "refresh", "-q"]).expect_code(0);
    office
}

fn set_key(office: &Office, key: &str) {
    let file = office.file("encryption.key", key);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    let file = file.to_str().expect("UTF-8");
    office
        .run(["profile", "set", "encryption_key_file", file])
        .expect_code(0);
}

fn forget_key(office: &Office) {
    office
        .run(["profile", "set", "encryption_key_file", ""])
        .expect_code(0);
}

/// The files of the store, as one text.
fn kept(office: &Office) -> String {
    let store = office.store();
    let beside = |end: &str| Path::new(&format!("{}{end}", store.display())).to_owned();
    let files = [store.clone(), beside("-wal")];
    let bytes = files.iter().filter_map(|file| std::fs::read(file).ok());
    String::from_utf8_lossy(&bytes.flatten().collect::<Vec<_>>()).into_owned()
}

/// The secrets that the store must have: a ticket and a token of each kind.
fn secrets(office: &Office) -> Vec<String> {
    let appid = office.accounts("official_account", true).remove(0);
    let token = |words: &[&str]| {
        let told = office.run(words.iter().chain(&["-o", "json"]));
        text(&told.expect_code(0).json(), "token")
    };
    vec![
        office.sandbox.text("component_verify_ticket"),
        token(&["token", "component"]),
        token(&["token", "authorizer", &appid]),
    ]
}

/// How many of the secrets are stored in plain text.
fn in_plain_text(office: &Office, secrets: &[String]) -> usize {
    let kept = kept(office);
    secrets.iter().filter(|it| kept.contains(*it)).count()
}

fn with_key(office: &Office, key: &str, previous: &str, words: &[&str]) -> Outcome {
    let mut command = office.desk.command(words);
    command.env("WXAUTH_ENCRYPTION_KEY", key);
    command.env("WXAUTH_ENCRYPTION_KEY_PREVIOUS", previous);
    Outcome::of(command.spawn().expect("the program"))
}

fn key_id(office: &Office) -> String {
    text(
        &office.run(["status", "-o", "json"]).expect_code(0).json(),
        "encryption_key",
    )
}

#[test]
fn a_store_in_use_can_be_encrypted_and_decrypted_again() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let none = office
        .run(["store", "encrypt", "-o", "json"])
        .expect_code(4);
    assert!(hints(&none.json_error(), "openssl rand -base64 32"));
    let secrets = secrets(&office);
    assert_eq!(in_plain_text(&office, &secrets), 3);

    set_key(&office, FIRST);
    let done = office
        .run(["store", "encrypt", "-o", "json"])
        .expect_code(0);
    let done = done.json();
    assert!(done["changed"].as_u64() > Some(3), "{done:#}");
    assert_eq!(done["changed"], done["as_wanted"]);
    assert_eq!(done["former_are_gone"], true);
    assert_eq!(done["key_id"], key_id(&office).as_str());
    assert_eq!(in_plain_text(&office, &secrets), 0);
    assert_eq!(self::secrets(&office), secrets);
    assert_eq!(in_plain_text(&office, &secrets), 0);
    let report = office.run(["doctor", "-o", "json"]).json();
    let rows = report["checks"].as_array();
    let line = rows
        .expect("lines")
        .iter()
        .find(|row| row["name"] == "encryption");
    assert_eq!(line.expect("a line")["status"], "pass", "{report:#}");

    let unasked = office.run(["store", "decrypt"]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    office.run(["store", "decrypt", "--yes"]).expect_code(0);
    forget_key(&office);
    assert_eq!(self::secrets(&office), secrets);
}

#[test]
fn a_missing_key_is_named_in_every_format() {
    let office = encrypted();
    let key_id = key_id(&office);
    forget_key(&office);
    for format in ["table", "json", "ndjson"] {
        let words = ["authorizers", "refresh", "--due-within", "3h", "-o", format];
        let missing = office.run(words);
        let missing = missing.expect_code(4);
        assert!(missing.stderr.contains(&key_id), "{}", missing.stderr);
        assert!(missing.stderr.contains("encryption_key_file"), "{format}");
    }
    let chinese = office.run(["status", "--lang", "zh"]).expect_code(4);
    assert!(chinese.stderr.contains("加密"), "{}", chinese.stderr);
    // A ticket must not be stored in plain text among them.
    let refused = office
        .desk
        .run_with_input(["ticket", "set"], "ticket@@@late");
    refused.expect_code(4);
    assert!(!kept(&office).contains("ticket@@@late"));

    let other = with_key(&office, SECOND, "", &["status", "-o", "json"]).expect_code(4);
    let error = other.json_error();
    assert!(hints(&error, "WXAUTH_ENCRYPTION_KEY_PREVIOUS"), "{error:#}");
    with_key(&office, SECOND, FIRST, &["status"]).expect_code(0);
    with_key(&office, FIRST, "", &["status"]).expect_code(0);
}

#[test]
fn a_command_of_the_operator_prints_the_key() {
    let office = encrypted();
    let key_id = key_id(&office);
    forget_key(&office);
    let command = format!("printf %s {FIRST}");
    office
        .run(["profile", "set", "encryption_key_command", &command])
        .expect_code(0);
    assert_eq!(self::key_id(&office), key_id);
    office
        .run(["profile", "set", "encryption_key_command", "false"])
        .expect_code(0);
    assert_ne!(office.run(["status"]).code, 0);
    office
        .desk
        .run_with_input(["profile", "set", "encryption_key"], FIRST)
        .expect_code(0);
    assert_eq!(self::key_id(&office), key_id);
    let shown = office.run(["profile", "show", "-o", "json"]).expect_code(0);
    assert_eq!(text(&shown.json(), "encryption_key"), key_id);
}

#[test]
fn an_invalid_key_is_refused_and_never_shown() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let wrong = "not-a-key-0123456789";
    let refused = office
        .desk
        .run_with_input(["profile", "set", "encryption_key"], wrong)
        .expect_code(2);
    assert!(!refused.stderr.contains(wrong), "{}", refused.stderr);
    let refused = with_key(&office, wrong, "", &["status"]).expect_code(2);
    assert!(refused.stderr.contains("WXAUTH_ENCRYPTION_KEY"));
    assert!(!refused.stderr.contains(wrong), "{}", refused.stderr);
    set_key(&office, wrong);
    let refused = office.run(["status"]).expect_code(2);
    assert!(
        refused.stderr.contains("encryption.key"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains(wrong), "{}", refused.stderr);

    set_key(&office, FIRST);
    let file = office.desk.home().join("encryption.key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    let warned = office.run(["status"]);
    assert!(
        warned.stderr.contains("open to others"),
        "{}",
        warned.stderr
    );
    std::fs::remove_file(&file).expect("a file");
    let gone = office.run(["status"]).expect_code(4);
    assert!(
        gone.stderr.contains("there is no such file"),
        "{}",
        gone.stderr
    );
}

#[test]
fn a_secret_that_cannot_be_decrypted_is_named() {
    let office = encrypted();
    let appid = office.accounts("official_account", true).remove(0);
    let broken = format!(
        "UPDATE tokens SET access = substr(access, 1, 19) || replace(hex(zeroblob(30)), '0', 'A')
         WHERE owner = '{appid}'"
    );
    assert_eq!(tamper(&office.store(), &broken), 1);
    for format in ["table", "json"] {
        let words = ["token", "authorizer", &appid, "-o", format];
        let refused = office.run(words);
        if format == "table" && refused.code == 2 {
            continue;
        }
        let refused = refused.expect_code(7);
        assert!(
            refused.stderr.contains(&format!("token:{appid}")),
            "{}",
            refused.stderr
        );
    }
    let named = office
        .run(["store", "encrypt", "-o", "json"])
        .expect_code(0);
    assert_eq!(named.json()["broken"], Value::Array(Vec::new()));
    let words = ["store", "encrypt", "-o", "json"];
    let named = with_key(&office, SECOND, FIRST, &words).expect_code(7);
    assert_eq!(named.json()["broken"][0], format!("token:{appid}"));
}

#[test]
fn keys_change_while_another_process_refreshes() {
    let office = encrypted();
    set_key(&office, &format!("{FIRST}\n{SECOND}\n"));
    let refresh = ["authorizers", "refresh", "--due-within", "3h", "-q"];
    let mut refreshing: Vec<_> = (0..3).map(|_| office.desk.start(refresh)).collect();
    let words = ["store", "encrypt", "-o", "json"];
    while refreshing
        .iter_mut()
        .any(|child| child.try_wait().expect("a child").is_none())
    {
        let code = with_key(&office, SECOND, FIRST, &words).code;
        assert!(matches!(code, 0 | 4), "{code}");
    }
    for child in refreshing {
        Outcome::of(child).expect_code(0);
    }
    with_key(&office, SECOND, FIRST, &words).expect_code(0);
    forget_key(&office);
    let words = ["authorizers", "refresh", "--due-within", "3h", "-o", "json"];
    let all = with_key(&office, SECOND, "", &words).expect_code(0).json();
    assert_eq!(all["failed"], Value::Array(Vec::new()));
}

#[cfg(feature = "redis")]
#[test]
fn secrets_in_a_shared_redis_are_encrypted_too() {
    let server = crate::support::RedisServer::start();
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office
        .run(["profile", "set", "store", &server.url()])
        .expect_code(0);
    let ticket = office.sandbox.text("component_verify_ticket");
    let ticket = office.desk.run_with_input(["ticket", "set"], &ticket);
    ticket.expect_code(0);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let secrets = secrets(&office);
    let in_plain_text = || {
        let keys = server.cli(&["--scan"]);
        let values = keys
            .lines()
            .map(|key| match server.cli(&["TYPE", key]).as_str() {
                "hash" => server.cli(&["HGETALL", key]),
                "string" => server.cli(&["GET", key]),
                "zset" => server.cli(&["ZRANGE", key, "0", "-1"]),
                _ => String::new(),
            });
        let kept: String = values.collect();
        secrets.iter().filter(|it| kept.contains(*it)).count()
    };
    assert_eq!(in_plain_text(), 3);
    let encryption_line = || {
        let report = office.run(["doctor", "-o", "json"]).json();
        let rows = report["checks"].as_array().expect("lines").clone();
        let line = rows.into_iter().find(|row| row["name"] == "encryption");
        line.expect("a line")["status"].clone()
    };
    assert_eq!(encryption_line(), "warn");

    set_key(&office, FIRST);
    let done = office
        .run(["store", "encrypt", "-o", "json"])
        .expect_code(0);
    assert_eq!(done.json()["remaining"], Value::Array(Vec::new()));
    assert_eq!(in_plain_text(), 0);
    assert_eq!(self::secrets(&office), secrets);
    assert_eq!(encryption_line(), "pass");
    let words = ["store", "encrypt", "-o", "json"];
    with_key(&office, SECOND, FIRST, &words).expect_code(0);
    office.run(["status"]).expect_code(4);
    let refused = office
        .desk
        .run_with_input(["ticket", "set"], "ticket@@@late");
    refused.expect_code(4);
    assert_eq!(in_plain_text(), 0);
}

#[cfg(feature = "crash-points")]
#[test]
fn a_run_that_was_killed_is_continued_by_the_next() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let secrets = secrets(&office);
    set_key(&office, FIRST);
    let mut killed = office.desk.command(["store", "encrypt"]);
    let killed = killed.env("WXAUTH_CRASH_POINT", "encrypt:piece").spawn();
    assert_eq!(Outcome::of(killed.expect("the program")).code, -1);
    office.run(["status"]).expect_code(0);
    let encryption_line = || {
        let report = office.run(["doctor", "-o", "json"]).json();
        let rows = report["checks"].as_array().expect("lines").clone();
        let line = rows.into_iter().find(|row| row["name"] == "encryption");
        line.expect("a line")
    };
    let line = encryption_line();
    assert_eq!(line["status"], "warn", "{line:#}");
    assert!(
        line["detail"].to_string().contains("interrupted"),
        "{line:#}"
    );
    let rest = office
        .run(["store", "encrypt", "-o", "json"])
        .expect_code(0)
        .json();
    assert!(
        rest["changed"].as_u64() < rest["as_wanted"].as_u64(),
        "{rest:#}"
    );
    assert_eq!(rest["remaining"], Value::Array(Vec::new()));
    assert_eq!(in_plain_text(&office, &secrets), 0);
    assert_eq!(self::secrets(&office), secrets);
    assert_eq!(encryption_line()["status"], "pass");
}
