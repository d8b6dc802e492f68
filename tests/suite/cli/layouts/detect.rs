//! `store detect`: whose keys lie in a Redis.

use serde_json::{Value, json};

use super::Backend;
use crate::support::{Desk, RedisServer, refusing_address};

fn found(answer: &Value) -> Vec<(String, String, u64)> {
    let rows = answer["found"].as_array().expect("an array").iter();
    rows.map(|row| {
        let text = |name: &str| row[name].as_str().expect("a text").to_owned();
        let merchants = row["authorizers"].as_u64().expect("a number");
        (text("layout"), text("prefix"), merchants)
    })
    .collect()
}

#[test]
fn several_backends_in_one_redis_are_told_apart() {
    let mut backend = Backend::open();
    let (one, two) = ("wx1111111111111111", "wx2222222222222222");
    for number in 0..3000 {
        backend.set(&format!("session:{number}"), "of nobody", Some(600));
    }
    for (prefix, platform) in [("", one), ("wx:", one), ("wx:", two)] {
        backend.set(
            &format!("{prefix}wechat_component_verify_ticket:{platform}"),
            "ticket@@@a",
            None,
        );
        for merchant in 0..3 {
            let key = format!(
                "{prefix}wechat_authorizer_refresh_token:{platform}:wx000000000000000{merchant}"
            );
            backend.set(&key, "refreshtoken@@@a", None);
        }
    }
    backend.set("wechatpy:component_verify_ticket", "\"ticket@@@a\"", None);
    backend.set(
        &format!("x.open_platform.verify_ticket.{two}"),
        "s:10:\"ticket@@@a\";",
        Some(60),
    );
    backend.set(
        &format!("easywechat.open_platform.verify_ticket.{two}"),
        "s:10:\"ticket@@@a\";",
        Some(60),
    );
    // Nobody's: an account of its own, and an appid that is none.
    backend.set(
        "wechatpy:wx3333333333333333_access_token",
        "\"97_a\"",
        Some(60),
    );
    backend.set("wechat_component_verify_ticket:nobody", "ticket@@@a", None);
    let answer = backend.run(&["store", "detect", &backend.redis, "-o", "json"]);
    let answer = answer.expect_code(0).json();
    // A server that is making room for more keys may name some twice.
    assert!(answer["scanned"].as_u64() >= Some(3017), "{answer:#}");
    let row =
        |layout: &str, prefix: &str, merchants| (layout.to_owned(), prefix.to_owned(), merchants);
    assert_eq!(
        found(&answer),
        [
            row("easywechat5", "", 0),
            row("easywechat6", "x.", 0),
            row("wechatpy", "wechatpy:", 0),
            row("wxjava", "", 3),
            row("wxjava", "wx:", 3),
            row("wxjava", "wx:", 3),
        ]
    );
    // Version 1 of wechatpy does not say whose ticket it is.
    assert_eq!(answer["found"][2]["component_appid"], Value::Null);
    assert_eq!(answer["found"][2]["commands"], json!([]));
    let commands = answer["found"][4]["commands"].as_array().expect("commands");
    assert_eq!(
        commands[0],
        json!(format!(
            "wxauth init {one} --component-appid {one} --mint never --no-input"
        ))
    );
    let screen = backend.run(&["--lang", "zh", "store", "detect", &backend.redis]);
    assert!(screen.stdout.contains("已查看"), "{}", screen.stdout);
}

#[test]
fn prefixes_that_a_shell_would_take_apart_are_quoted() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let prefix = "it's $HOME/*;";
    backend.set(
        &format!("{prefix}component_access_token_{c}"),
        &held.component_token,
        Some(600),
    );
    assert_eq!(backend.detect()["prefix"], json!(prefix));
    backend.paste();
    let token = backend.run(&["token", "component"]).expect_code(0);
    assert_eq!(token.stdout.trim(), held.component_token);
}

#[test]
fn an_empty_redis_holds_nothing() {
    let backend = Backend::open();
    let answer = backend.run(&["store", "detect", &backend.redis, "-o", "json"]);
    let answer = answer.expect_code(0).json();
    assert_eq!(answer["scanned"], json!(0));
    assert_eq!(answer["found"], json!([]));
    let screen = backend
        .run(&["store", "detect", &backend.redis])
        .expect_code(0);
    assert!(
        screen.stderr.contains("another database"),
        "{}",
        screen.stderr
    );
}

#[test]
fn only_commands_that_read_are_sent() {
    let server = RedisServer::with(&[
        "--user", "default", "on", ">geheim", "~*", "&*", "+@all", "--user", "looker", "on",
        ">geheim", "~*", "+@read",
    ]);
    let bags = "Senparc:N:Container:Senparc.Weixin.Open.Containers.ComponentBag";
    let platform = "wx1111111111111111";
    let keys = [
        (
            "set",
            format!("wechat_component_access_token:{platform}"),
            "97_a".to_owned(),
        ),
        (
            "set",
            format!("easywechat.kernel.access_token.{:032}", 7),
            "s:1:\"x\";".to_owned(),
        ),
        (
            "hset",
            bags.to_owned(),
            format!("{platform} {{\"ComponentVerifyTicket\":\"ticket@@@a\"}}"),
        ),
    ];
    for (command, key, value) in &keys {
        let mut words = vec!["--no-auth-warning", "-a", "geheim", command, key];
        match *command {
            "hset" => words.extend(value.split_once(' ').map(|(a, b)| [a, b]).expect("two")),
            _ => words.push(value),
        }
        server.cli(&words);
    }
    let desk = Desk::new();
    let address = format!("redis://looker@127.0.0.1:{}", server.port());
    let words = [
        "store",
        "detect",
        &address,
        "--password-file",
        "-",
        "-o",
        "json",
    ];
    let answer = desk.run_with_input(words, "geheim\n").expect_code(0).json();
    assert_eq!(answer["scanned"], json!(3));
    let layouts: Vec<_> = found(&answer).into_iter().map(|row| row.0).collect();
    assert_eq!(layouts, ["senparc", "wxjava"]);
    // The password is asked for where it is missing, and never shown.
    let refused = desk.run(["store", "detect", &address]).expect_code(7);
    assert!(
        refused.stderr.contains("--password-file"),
        "{}",
        refused.stderr
    );
    let stats = server.cli(&["--no-auth-warning", "-a", "geheim", "info", "commandstats"]);
    for written in [
        "cmdstat_eval",
        "cmdstat_del",
        "cmdstat_expire",
        "cmdstat_keys",
    ] {
        assert!(!stats.contains(written), "{stats}");
    }
}

#[test]
fn a_password_is_no_argument() {
    let desk = Desk::new();
    let refused = desk.run([
        "store",
        "detect",
        &format!("redis://:geheim@{}", refusing_address()),
    ]);
    let refused = refused.expect_code(2);
    assert!(!refused.stderr.contains("geheim"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("--password-file"),
        "{}",
        refused.stderr
    );
    desk.run(["store", "detect"]).expect_code(2);
    desk.run(["store", "detect", "http://127.0.0.1"])
        .expect_code(2);
    desk.run(["store", "detect", "redis://a,b?cluster"])
        .expect_code(2);
}
