//! The shape of what the verbs of `store` answer.

use serde_json::Value;

use super::office::Office;
use crate::support::Outcome;

/// The reports of `store encrypt` without the key of some secrets, and of `store decrypt`; the store is in
/// plain text afterwards.
pub fn encrypted(office: &Office) -> (Value, Value) {
    let run = |key: &str, words: &[&str]| {
        let mut command = office.desk.command(words.iter().chain(&["-o", "json"]));
        let command = command.env("WXAUTH_ENCRYPTION_KEY", key.repeat(32));
        Outcome::of(command.spawn().expect("the program"))
    };
    run("0a", &["store", "encrypt"]).expect_code(0);
    let remaining = run("0b", &["store", "encrypt"]).expect_code(4).json();
    assert_eq!(remaining["remaining"].as_array().map(Vec::len), Some(1));
    let decrypted = run("0a", &["store", "decrypt", "--yes"])
        .expect_code(0)
        .json();
    (remaining, decrypted)
}
