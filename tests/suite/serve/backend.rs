//! The operator's own backend: a small server that notes what it is sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::receiver::PATIENCE;

/// A request that the backend got.
#[derive(Debug)]
pub struct Got {
    /// Path and query.
    pub target: String,
    /// The head, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

/// A backend that answers with the given statuses, one after the other, then with 200.
pub struct Backend {
    /// Where it listens.
    pub url: String,
    got: Receiver<Got>,
}

impl Backend {
    pub fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, got) = channel();
        std::thread::spawn(move || {
            let mut statuses = statuses.iter().copied();
            for stream in listener.incoming().flatten() {
                let status = statuses.next().unwrap_or(200);
                if serve(&stream, status, &sender).is_none() {
                    return;
                }
            }
        });
        let url = format!("http://{address}/wechat?key=own");
        Self { url, got }
    }

    /// Waits for the next request.
    #[track_caller]
    pub fn got(&self) -> Got {
        let got = self.got.recv_timeout(PATIENCE);
        got.expect("nothing was passed on")
    }
}

fn serve(stream: &TcpStream, status: u16, sender: &Sender<Got>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return Some(());
        }
    }
    let target = head.split(' ').nth(1)?.to_owned();
    let head = head.to_lowercase();
    let length = head.split("content-length: ").nth(1)?;
    let length = length.split("\r\n").next()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    sender.send(Got { target, head, body }).ok()?;
    let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let mut stream = stream;
    let _ = stream.write_all(answer.as_bytes());
    Some(())
}
