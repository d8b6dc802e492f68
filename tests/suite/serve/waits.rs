//! The store cannot be written for a while: pushes are answered before WeChat hangs up, commands
//! wait as long as they are told to.

use std::process::Stdio;

use super::receiver::{Receiver, WeChat, desk};
use crate::support::lock_store;

#[test]
fn locked_store_refuses_pushes_while_a_command_waits_by_its_own_limit() {
    let desk = desk();
    let (server, wechat) = (Receiver::start(&desk, &[]), WeChat::new());
    assert_eq!(server.send("/events", &wechat.ticket(1)).0, 200);
    let lock = lock_store(&desk.config_dir().join("store.db"));
    let ticket = |number: u32| format!("ticket@@@by-hand-{number:08}");
    let set = ["ticket", "set", "-o", "json", "--lock-timeout"];

    let mut patient = desk
        .command(set.iter().chain(&["1h"]))
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut stdin = patient.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut stdin, ticket(1).as_bytes()).expect("taken");
    drop(stdin);

    let hasty = desk.run_with_input(set.iter().chain(&["100ms"]), &ticket(2));
    let error = hasty.expect_code(7).json_error();
    let hints = error["hints"].to_string();
    assert!(hints.contains("--lock-timeout 60s"), "{error}");
    for number in 2..5 {
        assert_eq!(server.send("/events", &wechat.ticket(number)).0, 500);
    }
    assert!(patient.try_wait().expect("a state").is_none());

    drop(lock);
    assert!(patient.wait().expect("it ends").success());
    assert_eq!(server.send("/events", &wechat.ticket(5)).0, 200);
}

#[cfg(feature = "redis")]
#[test]
fn redis_that_does_not_write_refuses_pushes_until_it_does() {
    use crate::support::{RedisServer, eventually, free_port};

    let redis = RedisServer::start();
    let desk = desk().with("WXAUTH_STORE", redis.url());
    let (server, wechat) = (Receiver::start(&desk, &[]), WeChat::new());
    let number = std::cell::Cell::new(0);
    let push = || {
        number.set(number.get() + 1);
        server.send("/events", &wechat.ticket(number.get())).0
    };
    assert_eq!(push(), 200);
    let nowhere = free_port().to_string();
    for (trouble, cure) in [
        (
            &["replicaof", "127.0.0.1", &nowhere][..],
            &["replicaof", "no", "one"][..],
        ),
        (
            &["client", "pause", "3600000", "write"],
            &["client", "unpause"],
        ),
        (
            &["config", "set", "maxmemory", "1"],
            &["config", "set", "maxmemory", "0"],
        ),
    ] {
        redis.cli(trouble);
        assert_eq!(push(), 500, "{trouble:?}");
        redis.cli(cure);
        eventually(|| push() == 200);
    }
    redis.signal("STOP");
    assert_eq!(push(), 500);
    redis.signal("CONT");
    eventually(|| push() == 200);
}
