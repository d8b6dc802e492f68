//! What `store export --layout` leaves alone, and what it does not begin.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use super::Backend;
use super::giving::{desk, export, php};
use crate::support::{Outcome, RedisServer, refusing_address, tamper};

#[test]
fn what_the_backend_has_newer_stays() {
    let (mut backend, ours) = desk("wechatpy", &[]);
    let (c, a) = (backend.platform(), ours.appid.clone());
    let quoted = |text: &str| format!("\"{text}\"");
    let (platform, merchant) = (
        format!("wechatpy:{c}_component_access_token"),
        format!("wechatpy:{a}_access_token"),
    );
    let (ticket, refresh) = (
        format!("wechatpy:{c}_component_verify_ticket"),
        format!("wechatpy:{a}_refresh_token"),
    );
    backend.set(&ticket, quoted("ticket@@@that_nobody_here_saw"), None);
    backend.set(&platform, quoted("99_minted_later"), Some(7300));
    backend.set(&merchant, quoted("98_minted_before"), Some(300));
    backend.set(&refresh, quoted("refreshtoken@@@before"), None);
    let said = backend.run(&["store", "export", "--layout", "--dry-run"]);
    let said = said.expect_code(0).stderr;
    let row = export(&backend, &[]);
    assert_eq!(row["skipped"], json!({"tickets": 1, "tokens": 1}));
    assert_eq!(row["verified"], json!(true));
    for words in ["the ticket that lies there", "1 tokens that live longer"] {
        assert!(said.contains(words), "{said}");
    }
    let found = |backend: &mut Backend, key: &str| backend.get(key).expect("a value");
    assert_eq!(found(&mut backend, &platform), quoted("99_minted_later"));
    assert!(found(&mut backend, &ticket).contains("nobody_here_saw"));
    assert_eq!(
        found(&mut backend, &merchant),
        quoted(&ours.authorizer_token)
    );
    assert_eq!(found(&mut backend, &refresh), quoted(&ours.refresh_token));
}

#[test]
fn a_ticket_known_for_an_older_one_makes_room() {
    let (mut backend, ours) = desk("wxjava", &[]);
    let key = format!("wechat_component_verify_ticket:{}", backend.platform());
    backend.set(&key, &ours.ticket, Some(2_147_483_647));
    // WeChat pushes one every ten minutes.
    let earlier = "UPDATE tickets SET received_at = received_at - 600";
    assert_eq!(tamper(&backend.office.store(), earlier), 1);
    let desk = &backend.office.desk;
    desk.run_with_input(["ticket", "set"], "ticket@@@that_came_later")
        .expect_code(0);
    let row = export(&backend, &[]);
    assert_eq!(row["written"]["tickets"], json!(1), "{row}");
    assert_eq!(
        backend.get(&key).as_deref(),
        Some("ticket@@@that_came_later")
    );
}

/// An export that waits in vain for a lock that the backend holds.
#[track_caller]
fn export_under_lock(backend: &mut Backend, lock: &str) -> Outcome {
    backend.set(lock, "8a1f-of-a-jvm", Some(60));
    let words = ["store", "export", "--layout", "--yes"];
    let patience = ["--lock-timeout", "1s"];
    backend
        .run(&[&words[..], &patience].concat())
        .expect_code(7)
}

#[test]
fn while_wxjava_mints_nothing_is_written_in_its_place() {
    let (mut backend, ours) = desk("wxjava", &[]);
    let c = backend.platform();
    let lock = "componentAccessTokenLock";
    let key = format!("wechat_component_access_token:{c}");
    let refused = export_under_lock(&mut backend, lock);
    assert!(refused.stderr.contains(lock), "{}", refused.stderr);
    assert_eq!(backend.get(&key), None);

    let waiting = backend
        .office
        .desk
        .start(["store", "export", "--layout", "--yes"]);
    sleep(Duration::from_millis(300));
    assert_eq!(backend.get(&key), None);
    backend.redis(&[b"DEL", lock.as_bytes()]);
    Outcome::of(waiting).expect_code(0);
    assert_eq!(backend.get(&key), Some(ours.component_token));
}

#[test]
fn a_ticket_that_a_lock_keeps_back_is_said() {
    let (mut backend, _) = desk("wxjava", &[]);
    let refused = export_under_lock(&mut backend, "componentAccessTokenLock");
    let said = &refused.stderr;
    assert!(
        said.contains("not given: the ticket, as the lock"),
        "{said}"
    );
    assert!(refused.stdout.contains("tickets 1"), "{refused:?}");
    let key = format!("wechat_component_verify_ticket:{}", backend.platform());
    assert_eq!(backend.get(&key), None);
}

#[test]
fn what_lies_in_the_tickets_place_keeps_no_token_back() {
    let (mut backend, ours) = desk("easywechat6", &[]);
    let c = backend.platform();
    let key = format!("open_platform.verify_ticket.{c}");
    backend.redis(&[b"RPUSH", key.as_bytes(), b"a", b"list"]);
    let words = ["store", "export", "--layout", "--yes"];
    let said = backend.run(&words).expect_code(0).stderr;
    assert!(said.contains("not given: the ticket"), "{said}");
    let token = backend.get(&format!("open_platform.component_access_token.{c}"));
    assert_eq!(token, Some(php(&ours.component_token)));
}

#[test]
fn nothing_is_put_where_it_would_not_last() {
    let (mut backend, _) = desk("wxjava", &[]);
    let unconfirmed = backend.run(&["store", "export", "--layout"]);
    unconfirmed.expect_code(2);
    assert_eq!(backend.redis(&[b"DBSIZE"]), redis::Value::Int(0));
    backend
        .run(&["store", "export", "--layout", "--to", "x"])
        .expect_code(2);
    backend
        .run(&["store", "export", "--dry-run"])
        .expect_code(2);

    backend.configure(&[("layout", "senparc")]);
    let words = ["store", "export", "--layout", "--yes"];
    let refused = backend.run(&words).expect_code(4);
    assert!(
        refused.stderr.contains("object of many fields"),
        "{}",
        refused.stderr
    );
    backend.configure(&[
        ("layout", "wxjava"),
        (
            "layout_redis",
            &format!("redis://{}?cluster", refusing_address()),
        ),
    ]);
    let refused = backend.run(&words).expect_code(4);
    assert!(
        refused.stderr.contains("different nodes"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_redis_that_is_gone_is_said() {
    let (backend, _) = desk("wxjava", &[]);
    let server = RedisServer::start();
    backend.configure(&[("layout_redis", &server.url())]);
    drop(server);
    let words = ["store", "export", "--layout", "--yes"];
    backend.run(&words).expect_code(7);
}
