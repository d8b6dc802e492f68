//! Strangers who ask without end: pushes go on beside them.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use wxauth::flow::StateSigner;
use wxauth::sys::host;

use super::receiver::{Receiver, WeChat, answer, desk, posted};

/// Whose flood it is.
const STRANGER: &str = "127.0.0.2:0";
/// From where WeChat pushes; the second is the stranger's own address, as behind a proxy that names
/// no visitors.
const SENDERS: [&str; 2] = ["127.0.0.1:0", STRANGER];
/// Pushes from each of them.
const PUSHES: u32 = 50;

/// Then it hangs up.
const WECHAT_WAITS: Duration = Duration::from_secs(5);

/// A receiver that leaves codes to others, so that browsers wait for the event.
const WAITING: [&str; 2] = ["--exchange", "never"];

/// The request of a browser that comes back with a code and a state that was signed here.
fn callback(wechat: &WeChat, code: usize) -> Vec<u8> {
    let signer = StateSigner::new(&wechat.keys);
    let (state, _) = signer.issue(None, Timestamp::now()).expect("a state");
    callback_with(&state, code)
}

fn callback_with(state: &str, code: usize) -> Vec<u8> {
    format!(
        "GET /callback?auth_code=queryauthcode@@@{code:086}&state={state} HTTP/1.1\r\nHost: x\r\n\
         Connection: close\r\n\r\n"
    )
    .into_bytes()
}

async fn connect(from: &str, to: SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(from.parse().expect("an address")).ok()?;
    socket.connect(to).await.ok()
}

/// The status of the answer; 0 without one.
async fn ask(from: &str, to: SocketAddr, request: &[u8]) -> u16 {
    let Some(mut stream) = connect(from, to).await else {
        return 0;
    };
    let mut text = Vec::new();
    // It may be refused before it is whole.
    let _ = stream.write_all(request).await;
    let _ = stream.read_to_end(&mut text).await;
    let text = String::from_utf8_lossy(&text);
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
    status.unwrap_or_default()
}

/// Sends pushes one after the other from each address: almost all are answered `success` (from the
/// stranger's own address one may be lost), and most before WeChat hangs up. How many is a matter of
/// the machine; beside those who hold places for seconds it would be none.
async fn assert_pushes_are_taken(wechat: &WeChat, to: SocketAddr) {
    let sent = PUSHES * SENDERS.len() as u32;
    let (mut taken, mut late) = (0, 0);
    for number in 0..PUSHES {
        let (query, body) = wechat.ticket(number + 1);
        for from in SENDERS {
            let began = Instant::now();
            let status = ask(from, to, &posted("/events", &query, &body)).await;
            taken += u32::from(status == 200);
            late += u32::from(began.elapsed() > WECHAT_WAITS);
        }
    }
    assert!(taken * 100 >= sent * 99, "{taken} of {sent}");
    assert!(late * 2 <= sent, "{late} of {sent} were late");
}

#[test]
fn takes_pushes_beside_a_flood_of_callbacks() {
    const CLIENTS: usize = 700;
    const REQUESTS: usize = 4;
    host::raise_open_files_limit();
    let desk = desk();
    let receiver = Receiver::start(&desk, &WAITING);
    let to: SocketAddr = receiver.address.parse().expect("an address");
    let wechat = WeChat::new();
    Runtime::new().expect("a runtime").block_on(async {
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let request = callback(&wechat, client);
            clients.spawn(async move {
                let mut statuses = Vec::new();
                for _ in 0..REQUESTS {
                    statuses.push(ask(STRANGER, to, &request).await);
                }
                statuses
            });
        }
        assert_pushes_are_taken(&wechat, to).await;
        let statuses = clients.join_all().await.concat();
        let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        // So many pages an address may have at once; how many more depends on how long this takes.
        assert!(count(200) + count(503) >= 120, "{statuses:?}");
        assert!(count(429) > 0, "{statuses:?}");
    });
    assert_eq!(receiver.stop(), 0);
}

#[test]
fn answers_those_at_once_who_find_no_place_for_waiting() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &WAITING);
    let wechat = WeChat::new();
    let signer = StateSigner::new(&wechat.keys);
    let (state, _) = signer.issue(None, Timestamp::now()).expect("a state");
    // One code again and again: another limit has the number of codes.
    let browsers: Vec<_> = (0..3)
        .map(|_| {
            let mut stream = receiver.connect();
            stream
                .write_all(&callback_with(&state, 0))
                .expect("it listens");
            stream
        })
        .collect();
    let left = || receiver.told("browser_returned")["left_to_event"].clone();
    assert_eq!(left(), "too many wait for their event", "before the others");
    assert_eq!([left(), left()], ["codes are not exchanged here"; 2]);
    for stream in browsers {
        assert_eq!(answer(stream).0, 200);
    }
}

#[test]
fn takes_pushes_beside_thousands_of_slow_heads() {
    const HEADS: usize = 2000;
    const REOPENED: usize = 20;
    host::raise_open_files_limit();
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let to: SocketAddr = receiver.address.parse().expect("an address");
    let wechat = WeChat::new();
    Runtime::new().expect("a runtime").block_on(async {
        let (mut heads, opened) = (
            JoinSet::new(),
            std::sync::Arc::new(tokio::sync::Semaphore::new(0)),
        );
        for _ in 0..HEADS {
            let opened = std::sync::Arc::clone(&opened);
            heads.spawn(async move {
                for _ in 0..REOPENED {
                    let Some(mut stream) = connect(STRANGER, to).await else {
                        continue;
                    };
                    let _ = stream.write_all(b"POST /events HTTP/1.1\r\nHost:").await;
                    opened.add_permits(1);
                    // It is the server that ends it.
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                }
            });
        }
        let all = opened.acquire_many(HEADS as u32).await;
        assert!(all.is_ok());
        assert_pushes_are_taken(&wechat, to).await;
    });
}

/// A process that may open few files, so that few pages take all places that they may have.
fn with_few_files(command: &mut Command) {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]);
    few.arg(command.get_program()).args(command.get_args());
    few.env_clear();
    for (name, value) in command.get_envs() {
        few.env(name, value.unwrap_or_default());
    }
    few.stdout(Stdio::piped()).stderr(Stdio::piped());
    *command = few;
}

#[test]
fn keeps_connections_free_for_pushes() {
    let desk = desk();
    let receiver = Receiver::run(&desk, &WAITING, with_few_files);
    let wechat = WeChat::new();
    let browsers: Vec<_> = (0..12)
        .map(|code| {
            let mut stream = receiver.connect();
            stream
                .write_all(&callback(&wechat, code))
                .expect("it listens");
            stream
        })
        .collect();
    for number in 1..=10 {
        let pushed = receiver.send("/events", &wechat.ticket(number));
        assert_eq!(pushed, (200, "success".to_owned()));
    }
    assert_eq!(receiver.told("rejected")["why"], "busy");
    let statuses: Vec<u16> = browsers
        .into_iter()
        .map(|stream| answer(stream).0)
        .collect();
    assert!(
        statuses.contains(&200) && statuses.contains(&503),
        "{statuses:?}"
    );
}

#[test]
fn refuses_long_paths_and_tells_the_log_little_of_them() {
    const LONG: usize = 200;
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let path = "x".repeat(30 << 10);
    let request = format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for _ in 0..LONG {
        assert_eq!(receiver.raw(request.as_bytes()).0, 414);
    }
    // Shorter ones get as far as the name of the platform.
    let (query, body) = WeChat::new().ticket(1);
    let stranger = "江".repeat(1000);
    let encoded: String = stranger
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    assert_eq!(
        receiver
            .send(&format!("/{}/events", &encoded[..3600]), &(query, body))
            .0,
        404
    );
    receiver.signal(rustix::process::Signal::TERM);
    let lines = receiver.log();
    let told = |what: &str| {
        lines
            .iter()
            .filter(|line| line["what"] == what)
            .collect::<Vec<_>>()
    };
    for line in &lines {
        let size = line.to_string().len();
        assert!(size < 1200, "{size}: {line}");
    }
    let rejected = told("rejected");
    let long = rejected
        .iter()
        .filter(|line| line["why"] == "too_long")
        .count();
    assert!(long < LONG, "{long} lines");
    let left_out = told("left_out");
    assert!(
        left_out.iter().all(|line| line["lines"] == "too_long"),
        "{left_out:?}"
    );
    let counts = left_out.iter().filter_map(|line| line["count"].as_u64());
    assert_eq!(counts.sum::<u64>() + long as u64, LONG as u64);
    let unknown = rejected
        .iter()
        .find(|line| line["why"] == "unknown_platform");
    let detail = unknown.expect("it is told")["detail"]
        .as_str()
        .expect("a text");
    assert_eq!(detail, format!("{}…", "江".repeat(300)));
}
