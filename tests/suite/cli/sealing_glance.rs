//! What `status` and `doctor` say of the seal is what the store is like, not what is set.

use serde_json::{Value, json};

use super::office::Office;
use crate::support::Outcome;

const KEY: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

fn with_key(office: &Office, words: &[&str]) -> Outcome {
    let mut command = office.desk.command(words);
    command.env("WXAUTH_SEAL_KEY", KEY);
    Outcome::of(command.spawn().expect("the program"))
}

#[track_caller]
fn seal_line(office: &Office) -> Value {
    let report = with_key(office, &["doctor", "-o", "json"]).json();
    let lines = report["checks"].as_array().expect("lines").iter();
    let mut lines = lines.filter(|line| line["name"] == "seal");
    lines.next().expect("a line").clone()
}

#[test]
fn a_key_that_is_set_is_not_yet_a_seal() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    let status = office.run(["status", "-o", "json"]).json();
    let secrets = status["seals"][0]["secrets"].as_u64().expect("a number");
    assert_eq!(
        status["seals"],
        json!([{"key_id": null, "secrets": secrets}])
    );
    assert!(secrets > 0, "{status:#}");

    // The key is set, and everything lies open still.
    let status = with_key(&office, &["status", "-o", "json"]).json();
    let key = status["seal_key"].as_str().expect("a key").to_owned();
    assert_eq!(
        status["seals"],
        json!([{"key_id": null, "secrets": secrets}])
    );
    let screen = with_key(&office, &["status"]).stdout;
    assert!(screen.contains(&format!("{secrets} lie open")), "{screen}");
    assert!(screen.contains("new ones are sealed"), "{screen}");
    let line = seal_line(&office);
    assert_eq!(line["status"], "warn", "{line:#}");
    assert!(
        line["cure"].to_string().contains("wxauth store seal"),
        "{line:#}"
    );

    with_key(&office, &["store", "seal"]).expect_code(0);
    let status = with_key(&office, &["status", "-o", "json"]).json();
    assert_eq!(
        status["seals"],
        json!([{"key_id": key, "secrets": secrets}])
    );
    let screen = with_key(&office, &["--lang", "zh", "status"]).stdout;
    assert!(screen.contains(&format!("已用密钥 {key} 密封")), "{screen}");
    assert!(!screen.contains("新写入"), "{screen}");
    assert_eq!(seal_line(&office)["status"], "pass");
}

#[test]
fn a_seal_taken_off_comes_back_while_its_key_is_set() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    office.run(["authorizers", "sync", "-q"]).expect_code(0);
    with_key(&office, &["store", "seal"]).expect_code(0);
    let open = with_key(&office, &["store", "seal", "--open", "--yes"]).expect_code(0);
    for said in ["still set", "`WXAUTH_SEAL_KEY_PREVIOUS`"] {
        assert!(open.stderr.contains(said), "{}", open.stderr);
    }
    let open = with_key(&office, &["store", "seal", "--open", "--yes", "-o", "json"]).json();
    let key = open["present_key"].as_str().expect("a key").to_owned();
    let fetched = with_key(&office, &["token", "component", "-q"]);
    fetched.expect_code(0);
    let appid = office.accounts("official_account", true).remove(0);
    let fetched = with_key(&office, &["token", "authorizer", &appid, "-q"]);
    fetched.expect_code(0);
    let seals = with_key(&office, &["status", "-o", "json"]).json()["seals"].clone();
    let sealed = seals.as_array().expect("seals").iter();
    assert!(
        sealed.clone().any(|count| count["key_id"] == key.as_str()),
        "{seals:#}"
    );

    // What the hint says opens them for good.
    let mut command = office.desk.command(["store", "seal", "--open", "--yes"]);
    command.env("WXAUTH_SEAL_KEY_PREVIOUS", KEY);
    let open = Outcome::of(command.spawn().expect("the program")).expect_code(0);
    assert!(!open.stderr.contains("still set"), "{}", open.stderr);
    let seals = office.run(["status", "-o", "json"]).json()["seals"].clone();
    let mut keys = seals.as_array().expect("seals").iter();
    assert!(
        keys.all(|count| count["key_id"] == Value::Null),
        "{seals:#}"
    );

    let file = office.file("seal.key", KEY);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("a mode");
    let file = file.display().to_string();
    office
        .run(["profile", "set", "seal_key_file", &file])
        .expect_code(0);
    let open = office
        .run(["store", "seal", "--open", "--yes"])
        .expect_code(0);
    let clear = "`wxauth profile set seal_key_file ''`";
    assert!(open.stderr.contains(clear), "{}", open.stderr);
}
