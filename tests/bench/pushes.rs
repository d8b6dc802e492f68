//! Distinct pushes as WeChat makes them, sent as fast as they are taken, or at a fixed rate whatever
//! the receiver does.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;
use wxauth::wechat::id::ComponentAppid;
use wxauth::wechat::push::{KeyUsed, PushKeys, Stamp, To};
use wxauth::wechat::secret::Secret;

use super::connection::Connection;

/// Makes pushes for a receiver.
pub struct Sender {
    platform: ComponentAppid,
    keys: PushKeys,
    address: SocketAddr,
    path: String,
    /// Of the first push; those of another run have others.
    began: i64,
}

impl Sender {
    /// `keys`: JSON with `component_appid`, `token` and `encoding_aes_key`.
    pub fn new(url: &str, keys: &str) -> anyhow::Result<Self> {
        let (url, keys): (Url, Value) = (url.parse()?, serde_json::from_str(keys)?);
        let text = |name: &str| keys[name].as_str().context("a key").map(str::to_owned);
        let aes_key = Secret::new(text("encoding_aes_key")?);
        let address = url.socket_addrs(|| None)?;
        Ok(Self {
            platform: text("component_appid")?.parse()?,
            keys: PushKeys::new(Secret::new(text("token")?), &aes_key, None)?,
            address: *address.first().context("an address")?,
            path: url.path().to_owned(),
            began: jiff::Timestamp::now().as_nanosecond() as i64,
        })
    }

    /// The whole request of a push that nobody has to act on, about the size of an authorization's.
    fn request(&self, number: usize) -> Vec<u8> {
        let serial = self.began.wrapping_add(number as i64);
        let text = format!(
            "<xml><AppId>{}</AppId><CreateTime>{}</CreateTime><InfoType>notify_of_bench</InfoType>\
             <AuthorizerAppid>wx{:016x}</AuthorizerAppid><Serial>{serial}</Serial>\
             <Reason><![CDATA[{}]]></Reason></xml>",
            self.platform,
            1_700_000_000 + number,
            number % 10_000,
            "x".repeat(160),
        );
        let stamp = Stamp {
            timestamp: "1700000000".to_owned(),
            nonce: number.to_string(),
            random: *b"0123456789abcdef",
        };
        let push = self.keys.push(
            &self.platform,
            KeyUsed::Present,
            &text,
            &stamp,
            To::Platform,
        );
        let (query, body) = push.expect("a present key");
        let (path, query, length) = (&self.path, query.to_query(), body.len());
        format!(
            "POST {path}?{query} HTTP/1.1\r\nHost: receiver\r\nContent-Type: text/xml\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    /// Sends `count` pushes over `concurrency` connections; prints seconds and latencies.
    pub async fn flood(self, count: usize, concurrency: usize) -> anyhow::Result<()> {
        // Made before the clock runs: what is measured is the receiver.
        let requests: Arc<Vec<_>> = Arc::new((0..count).map(|n| self.request(n)).collect());
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = Vec::new();
        let began = Instant::now();
        for _ in 0..concurrency {
            let (requests, next, address) = (requests.clone(), next.clone(), self.address);
            workers.push(tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut took = Vec::new();
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sent = Instant::now();
                    connection.post(request).await?;
                    took.push(sent.elapsed());
                }
                anyhow::Ok(took)
            }));
        }
        let mut took = Vec::new();
        for worker in workers {
            took.extend(worker.await??);
        }
        let seconds = began.elapsed().as_secs_f64();
        println!("{}", report(&mut took, seconds, 0));
        Ok(())
    }

    /// Sends `rate` pushes a second until stdin ends, `seconds` at most: each at its time, however
    /// many wait for their answer. A latency counts from the time that the push was due at.
    pub async fn steady(self, rate: u32, seconds: u32) -> anyhow::Result<()> {
        let mut ended = when_stdin_ends();
        let (sender, took) = (Arc::new(self), Arc::new(Mutex::new(Vec::new())));
        let (idle, failed) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(AtomicU64::new(0)),
        );
        let mut under_way = tokio::task::JoinSet::new();
        let began = Instant::now();
        for number in 0..rate * seconds {
            let due = began + Duration::from_secs(1) * number / rate;
            tokio::select! {
                _ = ended.wait_for(|ended| *ended) => break,
                () = tokio::time::sleep_until(due.into()) => {}
            }
            let (sender, idle) = (sender.clone(), idle.clone());
            let (took, failed) = (took.clone(), failed.clone());
            under_way.spawn(async move {
                let request = sender.request(number as usize);
                match post(&idle, sender.address, &request).await {
                    Ok(()) => took.lock().expect("no panic").push(due.elapsed()),
                    Err(error) => {
                        eprintln!("{error:#}");
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
        let seconds = began.elapsed().as_secs_f64();
        let mut took = std::mem::take(&mut *took.lock().expect("no panic"));
        println!(
            "{}",
            report(&mut took, seconds, failed.load(Ordering::Relaxed))
        );
        Ok(())
    }
}

/// Posts over the connection used last, else over another.
async fn post(
    idle: &Mutex<Vec<Connection>>,
    address: SocketAddr,
    request: &[u8],
) -> anyhow::Result<()> {
    let used = idle.lock().expect("no panic").pop();
    let mut connection = match used {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    if connection.post(request).await.is_err() {
        // The server ends connections that were idle for long; a repeat changes nothing there.
        connection = Connection::open(address).await?;
        connection.post(request).await?;
    }
    idle.lock().expect("no panic").push(connection);
    Ok(())
}

fn when_stdin_ends() -> watch::Receiver<bool> {
    let (sender, ended) = watch::channel(false);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = sender.send(true);
    });
    ended
}

fn report(took: &mut [Duration], seconds: f64, failed: u64) -> Value {
    took.sort_unstable();
    let milliseconds = |share: f64| {
        let place = ((took.len() as f64 * share).ceil() as usize).clamp(1, took.len().max(1)) - 1;
        took.get(place).map(|took| took.as_secs_f64() * 1e3)
    };
    json!({
        "count": took.len(),
        "failed": failed,
        "seconds": seconds,
        "p50_ms": milliseconds(0.5),
        "p99_ms": milliseconds(0.99),
        "max_ms": milliseconds(1.0),
    })
}
