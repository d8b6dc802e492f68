//! A server of one page: it reads a request, does what its script or a function says, and remembers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use url::Url;

/// What is done with one request.
#[derive(Clone)]
pub(crate) enum Step {
    /// A 200 with this JSON.
    Json(String),
    /// These bytes as they are, and the end of the connection.
    Bytes(Vec<u8>),
    /// The end of the connection.
    Drop,
    /// Silence until the client goes.
    Hang,
    /// A 200 with this JSON, once there is a permit.
    Held(Arc<Semaphore>, String),
}

impl Step {
    pub(crate) fn json(body: &str) -> Self {
        Self::Json(body.to_owned())
    }

    pub(crate) fn status(status: &str, content_type: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(
            format!(
                "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }
}

/// One request as it came.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

struct State {
    answer: Box<dyn FnMut(&Seen) -> Step + Send>,
    seen: Vec<Seen>,
    connections: usize,
}

/// The server; it lives as long as the test's runtime.
pub(crate) struct Server {
    pub(crate) base: Url,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// Does the steps in order; the last is repeated.
    pub(crate) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let mut script: VecDeque<Step> = steps.into_iter().collect();
        Self::answering(move |_| match script.len() {
            1 => script[0].clone(),
            _ => script.pop_front().unwrap(),
        })
        .await
    }

    /// Does what `answer` says of each request.
    pub(crate) async fn answering(answer: impl FnMut(&Seen) -> Step + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            answer: Box::new(answer),
            seen: Vec::new(),
            connections: 0,
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self {
            base: Url::parse(&format!("http://127.0.0.1:{port}")).unwrap(),
            state,
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    while let Some(request) = read(&mut stream).await {
        let step = {
            let mut state = state.lock().unwrap();
            let step = (state.answer)(&request);
            state.seen.push(request);
            step
        };
        let step = match step {
            Step::Held(permits, body) => {
                permits.acquire().await.unwrap().forget();
                Step::Json(body)
            }
            step => step,
        };
        match step {
            Step::Json(body) | Step::Held(_, body) => {
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json; encoding=utf-8\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
            Step::Bytes(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Step::Drop => return,
            Step::Hang => {
                let _ = stream.read(&mut [0]).await;
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|value| value.trim().parse().unwrap())
        })
        .unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&bytes[end..]).into_owned();
    Some(Seen { head, body })
}
