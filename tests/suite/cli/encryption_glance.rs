//! What `status` and `doctor` say about encryption is how the store is, not what is set.

use serde_json::{Value, json};

use super::office::{Office, hints};
use crate::support::Outcome;

const KEY: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

fn with_key(office: &Office, words: &[&str]) -> Outcome {
    let mut command = office.desk.command(words);
    command.env("WXAUTH_ENCRYPTION_KEY", KEY);
    Outcome::of(command.spawn().expect("the program"))
}

#[track_caller]
fn encryption_line(office: &Office) -> Value {
    let report = with_key(office, &["doctor", "-o", "json"]).json();
    let lines = report["checks"].as_array().expect("lines").iter();
    let mut lines = lines.filter(|line| line["name"] == "encryption");
    lines.next().expect("a line").clone()
}

#[test]
fn a_key_that_is_set_does_not_mean_that_secrets_are_encrypted() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let status = office.run(["status", "-o", "json"]).json();
    let secrets = status["secrets"][0]["secrets"].as_u64().expect("a number");
    assert_eq!(
        status["secrets"],
        json!([{"key_id": null, "secrets": secrets}])
    );
    assert!(secrets > 0, "{status:#}");

    // The key is set, and everything is still in plain text: that is not read.
    let refused = with_key(&office, &["status", "-o", "json"]).expect_code(4);
    assert!(hints(&refused.json_error(), "`wxauth store encrypt`"));
    let line = encryption_line(&office);
    assert_eq!(line["status"], "fail", "{line:#}");
    assert!(
        line["cure"].to_string().contains("wxauth store encrypt"),
        "{line:#}"
    );

    with_key(&office, &["store", "encrypt"]).expect_code(0);
    let status = with_key(&office, &["status", "-o", "json"]).json();
    let key = status["encryption_key"].as_str().expect("a key").to_owned();
    assert_eq!(
        status["secrets"],
        json!([{"key_id": key, "secrets": secrets}])
    );
    let screen = with_key(&office, &["--lang", "zh", "status"]).stdout;
    assert!(screen.contains(&format!("已用密钥 {key} 加密")), "{screen}");
    assert!(!screen.contains("新写入"), "{screen}");
    assert_eq!(encryption_line(&office)["status"], "pass");
}

#[test]
fn decrypting_with_a_current_key_says_how_to_remove_it() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    with_key(&office, &["store", "encrypt"]).expect_code(0);
    let decrypted = with_key(&office, &["store", "decrypt", "--yes"]).expect_code(0);
    for said in ["still set", "`WXAUTH_ENCRYPTION_KEY`"] {
        assert!(decrypted.stderr.contains(said), "{}", decrypted.stderr);
    }
    let report = with_key(&office, &["store", "decrypt", "--yes", "-o", "json"]).json();
    assert!(report["current_key"].is_string(), "{report:#}");

    // A previous key decrypts, and there is nothing to warn of.
    with_key(&office, &["store", "encrypt"]).expect_code(0);
    let mut command = office.desk.command(["store", "decrypt", "--yes"]);
    command.env("WXAUTH_ENCRYPTION_KEY_PREVIOUS", KEY);
    let decrypted = Outcome::of(command.spawn().expect("the program")).expect_code(0);
    assert!(
        !decrypted.stderr.contains("still set"),
        "{}",
        decrypted.stderr
    );
    let secrets = office.run(["status", "-o", "json"]).json()["secrets"].clone();
    let mut keys = secrets.as_array().expect("secrets").iter();
    assert!(
        keys.all(|count| count["key_id"] == Value::Null),
        "{secrets:#}"
    );

    let file = office.file("encryption.key", KEY);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("a mode");
    let file = file.display().to_string();
    office
        .run(["profile", "set", "encryption_key_file", &file])
        .expect_code(0);
    let decrypted = office.run(["store", "decrypt", "--yes"]).expect_code(0);
    let clear = "`wxauth profile set encryption_key_file ''`";
    assert!(decrypted.stderr.contains(clear), "{}", decrypted.stderr);
}
