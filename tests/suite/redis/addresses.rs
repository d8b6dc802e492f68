//! What an address of a Redis says.

use std::path::PathBuf;

use wxauth::sys::redis::{Address, Node, Topology};

fn read(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn tcp(host: &str, port: u16) -> Node {
    Node::Tcp(host.to_owned(), port)
}

#[test]
fn an_address_names_host_port_user_and_database() {
    let plain = read("redis://cache");
    assert_eq!(plain.nodes, [tcp("cache", 6379)]);
    assert_eq!(
        (plain.database, &plain.user, plain.tls.is_some()),
        (0, &None, false)
    );
    let whole = read("rediss://wx:a%40b@cache.example.com:6380/3?ca=/etc/ca.pem");
    assert_eq!(whole.nodes, [tcp("cache.example.com", 6380)]);
    assert_eq!((whole.database, whole.user.as_deref()), (3, Some("wx")));
    assert_eq!(
        whole.tls.unwrap().ca_file,
        Some(PathBuf::from("/etc/ca.pem"))
    );
    assert_eq!(read("redis://[::1]:7000").nodes, [tcp("::1", 7000)]);
    let socket = read("redis+unix:///run/redis.sock?db=2");
    assert_eq!(socket.nodes, [Node::Unix(PathBuf::from("/run/redis.sock"))]);
    assert_eq!(socket.database, 2);
}

#[test]
fn sentinels_and_nodes_of_a_cluster_stand_with_commas_between() {
    let sentinels = read("redis://one,two:26380/1?sentinel=platform&sentinel_auth");
    assert_eq!(sentinels.nodes, [tcp("one", 26379), tcp("two", 26380)]);
    let master = "platform".to_owned();
    assert_eq!(sentinels.topology, Topology::Sentinel { master });
    assert!(sentinels.sentinel_auth);
    assert_eq!(read("redis://one,two?cluster").topology, Topology::Cluster);
}

#[test]
fn what_is_shown_is_read_back_and_holds_no_password() {
    for text in [
        "redis://cache:6379",
        "redis://wx:pass%2Fword@cache:6379/3",
        "redis://:password@[::1]:6379",
        "rediss://cache:6380?ca=/a b&cert=/c%26d&key=/k",
        "redis://one:26379,two:26379/1?sentinel=platform&sentinel_auth",
        "redis://one:7000,two:7001?cluster",
        "redis+unix:///run/redis.sock?db=2",
    ] {
        let mut address = read(text);
        let shown = address.to_string();
        assert!(!shown.contains("pass"), "{shown}");
        assert!(!format!("{address:?}").contains("pass%2Fword"));
        assert!(!format!("{address:?}").contains("pass/word"));
        address.password = None;
        assert_eq!(read(&shown), address, "{shown}");
    }
}

#[test]
fn what_is_wrong_is_named_without_repeating_it() {
    for text in [
        "cache:6379",
        "http://cache",
        "redis://",
        "redis://user:secret@",
        "redis://cache:port",
        "redis://cache:70000",
        "redis://cache/first",
        "redis://one,two",
        "redis://cache/1?cluster",
        "redis://cache?ca=/ca.pem",
        "rediss://cache?cert=/c.pem",
        "redis://cache?what=1",
        "redis://cache%zz@x/1%z",
        "redis+unix://run/redis.sock",
        "redis+unix:///run/redis.sock?cluster",
    ] {
        match Address::parse(text) {
            Ok(address) => panic!("{text} was read as {address:?}"),
            Err(error) => assert!(!error.to_string().contains("secret")),
        }
    }
}
