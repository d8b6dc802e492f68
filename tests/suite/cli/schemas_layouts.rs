//! The shapes of what is told of a backend's keys.

use serde_json::Value;

use super::layouts::Backend;

/// Answers of commands, each with its schema.
pub fn answers() -> [(&'static str, &'static str, Value); 3] {
    let mut backend = Backend::open();
    let ticket = format!("wechat_component_verify_ticket:{}", backend.platform());
    let token = format!("wechat_component_access_token:{}", backend.platform());
    backend.set(&ticket, "ticket@@@of_the_backend", None);
    backend.set(&token, "97_of_the_backend", Some(7000));
    let ask = ["store", "detect", &backend.redis, "-o", "json"];
    let found = backend.run(&ask).expect_code(0).json();
    assert_eq!(found["found"].as_array().map(Vec::len), Some(1));
    backend.paste();
    let show = backend.run(&["ticket", "show", "-o", "json"]);
    let status = backend.run(&["status", "-o", "json"]).expect_code(0);
    [
        ("store detect", "store-detect", found),
        ("ticket show", "ticket-show", show.expect_code(0).json()),
        ("status", "status", status.json()),
    ]
}
