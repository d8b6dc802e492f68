//! One sandbox for a config directory: who hosts it and who joins.

use std::sync::mpsc;
use std::time::Duration;

use wxauth::sandbox::home::{Claim, Found, Home, Joined};

fn claim(home: &Home) -> Claim {
    match home.join_or_claim().unwrap() {
        Found::Free(claim) => claim,
        Found::Running(joined) => panic!("somebody hosts it at {}", joined.url),
    }
}

fn join(home: &Home) -> Joined {
    match home.join_or_claim().unwrap() {
        Found::Running(joined) => joined,
        Found::Free(_) => panic!("nobody hosts it"),
    }
}

#[test]
fn the_first_hosts_and_the_second_joins() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("sandbox"));
    let mut host = claim(&home);
    host.announce("http://127.0.0.1:8787", "nonce").unwrap();
    let joined = join(&home);
    assert_eq!(
        (joined.url.as_str(), joined.nonce.as_str()),
        ("http://127.0.0.1:8787", "nonce")
    );
    assert_eq!(joined.pid, std::process::id());
    drop(joined);
    drop(host);
    claim(&home);
}

#[test]
fn a_joiner_waits_for_the_address_of_a_host_that_just_began() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().to_owned());
    let mut host = claim(&home);
    let joiner = std::thread::spawn(move || join(&home).url);
    std::thread::sleep(Duration::from_millis(50));
    host.announce("http://127.0.0.1:1", "n").unwrap();
    assert_eq!(joiner.join().unwrap(), "http://127.0.0.1:1");
}

#[test]
fn a_host_that_is_done_waits_for_whoever_joined() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().to_owned());
    let mut host = claim(&home);
    host.announce("http://127.0.0.1:1", "n").unwrap();
    let joined = join(&home);
    let (done, left) = mpsc::channel();
    let leaving = std::thread::spawn(move || {
        host.withdraw().unwrap();
        done.send(()).unwrap();
        host
    });
    assert!(
        left.recv_timeout(Duration::from_millis(100)).is_err(),
        "the joiner lost its sandbox"
    );
    drop(joined);
    left.recv_timeout(Duration::from_secs(10))
        .expect("the host leaves");
    drop(leaving.join().unwrap());
    claim(&home);
}

#[test]
fn the_address_of_a_host_that_was_killed_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().to_owned());
    let left_behind = r#"{"url":"http://127.0.0.1:1","nonce":"n","pid":1}"#;
    #[allow(clippy::disallowed_methods, reason = "plays another program")]
    std::fs::write(folder.path().join("address.json"), left_behind).unwrap();
    claim(&home);
    assert!(!folder.path().join("address.json").exists());
}

#[test]
fn of_many_that_come_at_once_one_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().to_owned());
    let (tell, told) = mpsc::channel();
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let (home, tell) = (home.clone(), tell.clone());
            std::thread::spawn(move || match home.join_or_claim().unwrap() {
                Found::Free(mut claim) => {
                    claim.announce("http://127.0.0.1:1", "n").unwrap();
                    tell.send("hosts").unwrap();
                    // Stays until everybody has come.
                    std::thread::sleep(Duration::from_millis(500));
                    claim.withdraw().unwrap();
                }
                Found::Running(_) => tell.send("joins").unwrap(),
            })
        })
        .collect();
    for racer in racers {
        racer.join().unwrap();
    }
    drop(tell);
    let roles: Vec<&str> = told.iter().collect();
    assert_eq!(roles.iter().filter(|role| **role == "hosts").count(), 1);
    assert_eq!(roles.len(), 8);
}
