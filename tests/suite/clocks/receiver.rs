//! A receiver on a machine whose clock is wrong for a while: which ticket is the newest, and what
//! `/healthz` says.

use serde_json::{Value, json};
use wxauth::wechat::event::ticket_xml;
use wxauth::wechat::secret::Secret;

use super::{can_move_the_clock, with_each_store};
use crate::serve::receiver::{Receiver, WeChat, desk};
use crate::support::Desk;

const DAY: i64 = 24 * 3600;

fn ticket(number: u32) -> String {
    format!("ticket@@@clock-story-{number:08}")
}

/// Pushes a ticket that WeChat says it made at this distance from now.
#[track_caller]
fn push(receiver: &Receiver, number: u32, create_time: i64) {
    let wechat = WeChat::new();
    let now = wxauth::sys::clock::machine_milliseconds() / 1000;
    let ticket = Secret::new(ticket(number));
    let text = ticket_xml(&wechat.platform, now + create_time, &ticket);
    let answer = receiver.send("/events", &wechat.event(&text));
    assert_eq!(answer, (200, "success".to_owned()));
}

/// What `/healthz` says of the platform.
fn health(receiver: &Receiver) -> (u16, Value) {
    let request = b"GET /healthz HTTP/1.1\r\nHost: receiver\r\nConnection: close\r\n\r\n";
    let (status, body) = receiver.raw(request);
    let health: Value = serde_json::from_str(body.trim()).expect("JSON");
    (status, health["platforms"][0].clone())
}

#[track_caller]
fn newest(desk: &Desk) -> Value {
    let shown = desk.run(["ticket", "show", "--reveal", "-o", "json"]);
    shown.expect_code(0).json()
}

#[test]
fn a_push_with_any_create_time_brings_the_newest_ticket() {
    with_each_store(desk, |desk| {
        let receiver = Receiver::start(&desk, &[]);
        let times = [0, 30 * DAY, -30 * DAY, 60, -60, 2 * DAY, 0];
        for (number, create_time) in (1..).zip(times) {
            push(&receiver, number, create_time);
            let newest = newest(&desk);
            assert_eq!(newest["ticket"], ticket(number), "{create_time}");
            assert!(
                newest["age"]
                    .as_i64()
                    .is_some_and(|age| (0..60).contains(&age))
            );
            let (status, health) = health(&receiver);
            assert_eq!(
                (status, &health["ticket"]),
                (200, &json!("live")),
                "{health}"
            );
        }
    });
}

#[test]
fn a_ticket_received_with_the_clock_ahead_is_never_called_live() {
    if !can_move_the_clock() {
        return;
    }
    for clock in ["+48h", "+2h"] {
        with_each_store(desk, |desk| {
            let ahead = Receiver::start_at(&desk, clock);
            push(&ahead, 1, 0);
            assert_eq!(health(&ahead).0, 200, "by its own clock all is well");
            ahead.stop();

            let receiver = Receiver::start(&desk, &[]);
            let told = receiver.told("clock_fault");
            assert_eq!(told["stored_in_the_future"], "ticket", "{told}");
            let (status, said) = health(&receiver);
            assert_eq!(status, 503);
            assert_eq!(said["ticket"], "clock_fault");
            assert_eq!(
                (&said["clock"], &said["ticket_age"]),
                (&json!("fault"), &Value::Null)
            );
            desk.run(["check"]).expect_code(0);
            desk.run(["status"]).expect_code(3);

            push(&receiver, 2, 0);
            assert_eq!(receiver.told("clock_fault")["resolved"], true);
            let (status, said) = health(&receiver);
            assert_eq!(
                (status, &said["ticket"], &said["clock"]),
                (200, &json!("live"), &json!("ok"))
            );
            assert_eq!(newest(&desk)["ticket"], ticket(2));
        });
    }
}

#[test]
fn a_ticket_received_with_the_clock_behind_is_the_newest() {
    if !can_move_the_clock() {
        return;
    }
    with_each_store(desk, |desk| {
        let receiver = Receiver::start(&desk, &[]);
        push(&receiver, 1, 0);
        receiver.stop();
        let behind = Receiver::start_at(&desk, "-48h");
        assert_eq!(
            health(&behind).0,
            503,
            "the first ticket lies in the future"
        );
        push(&behind, 2, 0);
        assert_eq!(health(&behind).0, 200);
        behind.stop();

        let receiver = Receiver::start(&desk, &[]);
        assert_eq!(newest(&desk)["ticket"], ticket(2));
        assert_eq!(health(&receiver).0, 200);
        push(&receiver, 3, 0);
        assert_eq!(newest(&desk)["ticket"], ticket(3));
        assert_eq!(health(&receiver).0, 200);
    });
}
