//! A backend that takes nothing: what waits for it has an end, and each outcome is told.

use std::net::TcpListener;

use wxauth::wechat::push::{KeyUsed, To};

use super::receiver::{Receiver, WeChat, desk};

/// More than may wait and be on the way.
const SENT: usize = 1_050;

#[test]
fn messages_beyond_the_queue_are_dropped_and_every_outcome_is_told() {
    // It takes connections and never answers.
    let backend = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", backend.local_addr().expect("an address"));
    let desk = desk();
    let receiver = Receiver::start(&desk, &["--forward-to", &url]);
    let wechat = WeChat::new();
    for number in 0..SENT {
        let text = format!(
            "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
             <MsgType>text</MsgType><MsgId>{number}</MsgId></xml>"
        );
        let push = wechat.push(KeyUsed::Present, &text, To::Account("gh_a"));
        // WeChat is answered at once all the same.
        let answer = receiver.send("/messages/wx00000000000000aa", &push);
        assert_eq!(answer, (200, "success".to_owned()));
    }
    assert_eq!(receiver.told("forwarded")["result"], "dropped");
    receiver.signal(rustix::process::Signal::TERM);
    // The first one that was dropped is told of above: the end tells of all others.
    for number in 1..SENT {
        let line = receiver.told("forwarded");
        assert_eq!(line["result"], "dropped", "{number}: {line}");
    }
    assert_eq!(receiver.stop(), 0);
}
