//! The shape of what the verbs of `store` answer.

use serde_json::Value;

use super::office::Office;
use crate::support::Outcome;

/// An answer about a store that is partly sealed with a key that is not at hand; open afterwards.
pub fn sealed(office: &Office) -> Value {
    let run = |key: &str, words: &[&str]| {
        let mut command = office.desk.command(words.iter().chain(&["-o", "json"]));
        let command = command.env("WXAUTH_SEAL_KEY", key.repeat(32));
        Outcome::of(command.spawn().expect("the program"))
    };
    run("0a", &["store", "seal"]).expect_code(0);
    let remaining = run("0b", &["store", "seal"]).expect_code(4).json();
    assert_eq!(remaining["remaining"].as_array().map(Vec::len), Some(1));
    run("0a", &["store", "seal", "--open", "--yes"]).expect_code(0);
    remaining
}
