//! The shape of `check`'s answer, of merchants and of the platform.

use serde_json::Value;

use super::office::Office;

/// An answer that lists every outcome a store can give.
pub fn answer(office: &Office) -> Value {
    let words = ["check", "--all", "--authorizers", "all", "-o", "json"];
    let answer = office.run(words);
    assert!(matches!(answer.code, 0 | 3), "{answer:?}");
    let answer = answer.json();
    assert!(
        answer["checks"]
            .as_array()
            .is_some_and(|rows| rows.len() > 3)
    );
    answer
}
