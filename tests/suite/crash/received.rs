//! SIGKILL of the receiver at every step of an event: what was answered `success` is there.

use serde_json::json;

use crate::serve::receiver::{Receiver, WeChat, events, link};
use crate::support::{Desk, SandboxProcess};

const SANDBOX: &[&str] = &["--sandbox"];

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_while_an_event_is_taken_the_receiver_has_it_or_never_said_so() {
    for step in ["event:received", "event:accepted"] {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let mut receiver = Receiver::start_to_die_at(&desk, SANDBOX, step);
        let (_, body) = receiver.send("/events", &WeChat::of(&sandbox).ticket(1));
        assert!(!body.contains("success"), "{step}: it said so too early");
        assert!(receiver.was_killed(), "{step} was not reached");
        let kept = events(&desk, SANDBOX);
        assert_eq!(
            kept.is_empty(),
            step == "event:received",
            "{step}: {kept:?}"
        );
        // WeChat counted a failure; what it sends next is taken.
        let receiver = Receiver::start(&desk, SANDBOX);
        let (status, body) = receiver.send("/events", &WeChat::of(&sandbox).ticket(2));
        assert_eq!((status, body.as_str()), (200, "success"), "{step}");
    }
}

#[test]
#[cfg_attr(
    not(feature = "crash-points"),
    ignore = "needs the feature crash-points"
)]
fn killed_while_an_event_is_worked_on_the_next_start_ends_the_work() {
    for step in ["event:worked", "event:finished"] {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let mut receiver = Receiver::start_to_die_at(&desk, SANDBOX, step);
        let listed = sandbox.get("accounts?authorized=false");
        let appid = listed[0]["appid"].as_str().expect("an appid").to_owned();
        link(&desk);
        sandbox.post("authorize", &json!({ "appid": appid }));
        assert!(receiver.was_killed(), "{step} was not reached");
        let outcome = || {
            let kept = events(&desk, SANDBOX);
            let row = kept.iter().find(|row| row["info_type"] == "authorized");
            row.expect("it was answered `success`")["outcome"].clone()
        };
        let before = outcome();
        let receiver = Receiver::start(&desk, SANDBOX);
        if step == "event:worked" {
            assert_eq!(before, "pending");
            assert_eq!(receiver.told("event_worked")["outcome"], "done");
        }
        assert_eq!(outcome(), "done", "{step}");
        let show = ["--sandbox", "authorizers", "show", &appid, "-o", "json"];
        let merchant = desk.run(show).expect_code(0).json();
        assert_eq!(merchant["status"], "active", "{step}");
        assert_eq!(merchant["has_refresh_token"], true, "{step}");
    }
}
