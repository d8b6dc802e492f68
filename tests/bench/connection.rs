//! A kept-alive connection that posts and wants `success`: as little of a client as there can be,
//! so that what is measured is the server.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(1024),
        })
    }

    /// Sends a whole request and reads its answer.
    pub async fn post(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server hung up");
            }
            let end = self.answer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break (end + 4, length(&self.answer[..end])?);
            }
        };
        while self.answer.len() < head + length {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server hung up in its answer");
            }
        }
        if &self.answer[head..] != b"success" {
            bail!("{}", String::from_utf8_lossy(&self.answer));
        }
        Ok(())
    }
}

fn length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?.to_ascii_lowercase();
    let rest = head.split_once("content-length:").context("no length")?.1;
    Ok(rest.lines().next().unwrap_or_default().trim().parse()?)
}
