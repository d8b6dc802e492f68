//! Receivers of pushes that other people wrote, well or badly.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// What a receiver does with a push.
pub enum Answer {
    /// This status line, these headers, this body.
    Http(&'static str, &'static str, &'static [u8]),
    /// It hangs up.
    Drop,
    /// It says nothing for as long as the sender waits.
    Hold,
}

/// A 200 with this body.
pub fn ok(body: &'static str) -> Answer {
    Answer::Http("200 OK", "", body.as_bytes())
}

/// A receiver that gives each push the next of these answers: its address, and the pushes as they
/// came.
pub fn receiver(answers: impl IntoIterator<Item = Answer>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let answers: Vec<Answer> = answers.into_iter().collect();
    let (took, taken) = channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a push");
            let _ = took.send(request(&mut stream));
            match answer {
                Answer::Http(status, headers, body) => {
                    let head = format!(
                        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let whole = [head.as_bytes(), body].concat();
                    stream.write_all(&whole).expect("a reader");
                }
                Answer::Drop => {}
                Answer::Hold => {
                    let _ = stream.read(&mut [0; 16]);
                }
            }
        }
    });
    (format!("http://{address}/events"), taken)
}

/// The whole request: what is left unread would reset the connection.
fn request(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    loop {
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.split_once("content-length: ").expect("a length").1;
            let length = length.lines().next().expect("a line").parse::<usize>();
            if body.len() >= length.expect("a number") {
                return request;
            }
        }
        let mut part = [0; 4096];
        let read = stream.read(&mut part).expect("a request");
        assert_ne!(read, 0, "a whole request");
        // A push is base64 in ASCII: no character is cut in two.
        request.push_str(std::str::from_utf8(&part[..read]).expect("ASCII"));
    }
}
