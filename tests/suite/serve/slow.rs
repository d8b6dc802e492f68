//! Slow senders and those who hang up: they hold a connection of their own and nothing else.

use std::io::{ErrorKind, Write};
use std::net::{Shutdown, TcpStream};

use super::receiver::{Receiver, WeChat, answer, desk, events, posted};

fn success() -> (u16, String) {
    (200, "success".to_owned())
}

#[test]
fn slow_heads_and_slow_bodies_end_by_themselves_and_hold_nobody_up() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let (query, body) = wechat.ticket(1);
    let whole = posted("/events", &query, &body);
    let slow = |bytes: &[u8]| -> Vec<TcpStream> {
        let open = (0..40).map(|_| {
            let mut stream = receiver.connect();
            stream.write_all(bytes).expect("it listens");
            stream
        });
        open.collect()
    };
    let silent = slow(b"");
    let heads = slow(&whole[..60]);
    let bodies = slow(&whole[..whole.len() - 5]);
    for number in 2..12 {
        assert_eq!(receiver.send("/events", &wechat.ticket(number)), success());
    }
    // Each is ended by the server: nobody here says another word.
    for stream in bodies {
        assert_eq!(answer(stream).0, 408);
    }
    for stream in heads.into_iter().chain(silent) {
        assert!(
            matches!(answer(stream).0, 0 | 408),
            "no answer, or that it took too long"
        );
    }
    assert_eq!(receiver.told("rejected")["why"], "too_slow");
    assert_eq!(
        events(&desk, &[]).len(),
        10,
        "the slow ones brought nothing"
    );
}

#[test]
fn a_body_without_an_end_is_refused() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let (query, _) = WeChat::new().ticket(1);
    let mut stream = receiver.connect();
    let head =
        format!("POST /events?{query} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("it listens");
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    // It stops listening long before this ends.
    let taken = (0..100_000).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok());
    assert!(taken.count() < 100_000, "it reads for ever");
    assert_eq!(receiver.told("rejected")["why"], "too_large");
}

#[test]
fn a_body_that_is_announced_too_large_is_not_waited_for() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let (query, _) = WeChat::new().ticket(1);
    let mut stream = receiver.connect();
    let head =
        format!("POST /events?{query} HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("it listens");
    assert_eq!(answer(stream).0, 413);
    assert_eq!(receiver.told("rejected")["why"], "too_large");
}

#[test]
fn whoever_hangs_up_in_the_middle_leaves_no_half_event() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let (query, body) = wechat.ticket(1);
    let whole = posted("/events", &query, &body);
    for length in [1, 40, whole.len() - body.len(), whole.len() - 1] {
        let mut stream = receiver.connect();
        stream.write_all(&whole[..length]).expect("it listens");
        stream.shutdown(Shutdown::Both).expect("open");
    }
    assert_eq!(receiver.send("/events", &wechat.ticket(2)), success());
    assert_eq!(events(&desk, &[]).len(), 1);
}

/// The end of the connection may be there before the push is looked at: a race, so many of them.
#[test]
fn what_was_sent_whole_counts_though_nobody_waits_for_the_answer() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    for number in 1..=90 {
        let (query, body) = wechat.ticket(number);
        let mut stream = receiver.connect();
        stream
            .write_all(&posted("/events", &query, &body))
            .expect("it listens");
        drop(stream);
    }
    for _ in 1..=90 {
        receiver.told("event_accepted");
    }
    assert_eq!(events(&desk, &[]).len(), 90);
}

#[test]
fn a_stop_lets_the_request_under_way_end_and_takes_no_more() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let (query, body) = WeChat::new().ticket(1);
    let whole = posted("/events", &query, &body);
    let (most, last) = whole.split_at(whole.len() - 1);
    let mut stream = receiver.connect();
    stream.write_all(most).expect("it listens");
    // Something after it was answered, so that this one's head was read.
    assert_eq!(
        receiver
            .raw(b"GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .0,
        200
    );
    receiver.signal(rustix::process::Signal::TERM);
    while TcpStream::connect(&receiver.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(last).expect("it still reads");
    assert_eq!(answer(stream), success());
    assert_eq!(receiver.stop(), 0);
    assert_eq!(events(&desk, &[]).len(), 1);
}

/// Requests are sent until the answers fill every buffer; the end must come from the server.
#[test]
fn whoever_never_reads_its_answers_is_let_go() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let mut stream = receiver.connect();
    stream
        .set_write_timeout(Some(2 * super::receiver::PATIENCE))
        .expect("a timeout");
    let many = b"GET /callback HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let error = loop {
        if let Err(error) = stream.write_all(&many) {
            break error;
        }
    };
    let gone = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    assert!(gone.contains(&error.kind()), "it is held: {error}");
}

#[test]
fn slow_body_is_answered_before_wechat_hangs_up() {
    let receiver = Receiver::start(&desk(), &[]);
    let (query, body) = WeChat::new().ticket(1);
    for path in ["/events", "/messages/wx00000000000000aa"] {
        let whole = posted(path, &query, &body);
        let began = std::time::Instant::now();
        let mut stream = receiver.connect();
        stream
            .write_all(&whole[..whole.len() - 5])
            .expect("it listens");
        assert_eq!(answer(stream).0, 408);
        // The store would still have time.
        assert!(began.elapsed().as_secs() < 3, "{:?}", began.elapsed());
    }
}
