//! A wire to a Redis on which answers can be lost.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;

/// Stands between a client and the shared Redis, with a database of its own.
pub struct Wire {
    /// What the client is given.
    pub address: String,
    to_lose: Arc<AtomicUsize>,
}

impl Wire {
    pub fn new() -> Self {
        let shared = super::shared_redis();
        let (socket, database) = (shared.strip_prefix("redis+unix://"))
            .and_then(|rest| rest.split_once("?db="))
            .expect("a socket and a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (socket, to_lose) = (socket.to_owned(), Arc::new(AtomicUsize::new(0)));
        let lost = Arc::clone(&to_lose);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(&socket).expect("the Redis");
                join(&client, &server, &lost);
            }
        });
        Self {
            address: format!("redis://127.0.0.1:{port}/{database}"),
            to_lose,
        }
    }

    /// Of the next script the answer is lost, and the connection with it: it has been carried out.
    pub fn lose_answer(&self) {
        self.lose_answer_of(1);
    }

    /// So the answer of one of the next scripts, counted from 1.
    pub fn lose_answer_of(&self, number: usize) {
        self.to_lose.store(number, SeqCst);
    }

    /// Whether it was.
    pub fn has_lost(&self) -> bool {
        self.to_lose.load(SeqCst) == 0
    }
}

fn join(client: &TcpStream, server: &UnixStream, to_lose: &Arc<AtomicUsize>) {
    let pair = || {
        let client = client.try_clone().expect("the client");
        (client, server.try_clone().expect("the server"))
    };
    let asked = Arc::new(AtomicUsize::new(0));
    let (mut from, mut to) = pair();
    let (wanted, script) = (Arc::clone(to_lose), Arc::clone(&asked));
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let bytes = &buffer[..length];
            let is_script = bytes.windows(4).any(|word| word == b"EVAL");
            let less = |left: usize| left.checked_sub(1);
            if is_script && wanted.fetch_update(SeqCst, SeqCst, less) == Ok(1) {
                script.store(1, SeqCst);
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut to, mut from) = pair();
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if asked.load(SeqCst) == 1 || to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
