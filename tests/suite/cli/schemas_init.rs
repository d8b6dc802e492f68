//! The answers of `init` for the check of schemas.

use serde_json::Value;

use super::init_from::sample;
use crate::support::Desk;

/// With a file and without, with something left open and without.
pub fn answers() -> Vec<Value> {
    let desk = Desk::new();
    let (complete, open) = (sample("laravel/.env"), sample("spring/application.yml"));
    [
        &["init", "a", "--component-appid", "wx0123456789abcdef"][..],
        &["init", "b", "--from", &complete],
        &["init", "c", "--from", &open],
    ]
    .map(|words| {
        let words = words.iter().chain(&["-o", "json"]);
        desk.run(words).expect_code(0).json()
    })
    .into()
}
