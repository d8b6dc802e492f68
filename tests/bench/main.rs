//! What wxauth is measured against and with: `static` serves one fixed body, `insert` is a bare
//! route that keeps every body, `loop` asks for merchants' details or tokens with a bare client that
//! stores nothing; `flood` and `steady` send pushes. `tests/bench/run.py` drives them.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a bench is a program of its own"
)]

mod connection;
mod insert;
mod pushes;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use wxauth::sys::http::{self, HttpOptions};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["static", body] => serve(std::fs::read(body)?).await,
        ["loop", path, base, count, concurrency] => {
            ask(path, base, count.parse()?, concurrency.parse()?).await
        }
        ["insert", store] => insert::serve(Path::new(store)).await,
        ["flood", url, keys, count, concurrency] => {
            let sender = pushes::Sender::new(url, keys)?;
            sender.flood(count.parse()?, concurrency.parse()?).await
        }
        ["steady", url, keys, rate, seconds] => {
            let sender = pushes::Sender::new(url, keys)?;
            sender.steady(rate.parse()?, seconds.parse()?).await
        }
        // `cargo bench` and `cargo test --benches` pass by here.
        [] => Ok(()),
        _ => bail!(
            "usage: static BODY-FILE | insert STORE | loop info|token BASE COUNT CONCURRENCY | \
             flood URL KEYS COUNT CONCURRENCY | steady URL KEYS RATE SECONDS"
        ),
    }
}

/// Answers every request with `body`; prints its port.
async fn serve(body: Vec<u8>) -> anyhow::Result<()> {
    let body = bytes::Bytes::from(body);
    let app = axum::Router::new().fallback(move || {
        let body = body.clone();
        async move { ([("content-type", "application/json; encoding=utf-8")], body) }
    });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, app).await?;
    Ok(())
}

/// Lists all merchants, then makes one call for each, `concurrency` at a time, keeping nothing.
async fn ask(what: &str, base: &str, count: usize, concurrency: usize) -> anyhow::Result<()> {
    // reqwest alone, set up as the program sets it up.
    let client = http::client(&base.parse()?, &HttpOptions::default())?;
    let card: Value = get(&client, &format!("{base}/__sandbox/status")).await?;
    let platform = card["component_appid"]
        .as_str()
        .context("a card")?
        .to_owned();
    let minted = post(
        &client,
        &format!("{base}/cgi-bin/component/api_component_token"),
        &json!({
            "component_appid": platform,
            "component_appsecret": card["component_appsecret"],
            "component_verify_ticket": card["component_verify_ticket"],
        }),
    )
    .await?;
    let token = minted["component_access_token"]
        .as_str()
        .context("a token")?
        .to_owned();
    let call =
        |name: &str| format!("{base}/cgi-bin/component/{name}?component_access_token={token}");
    let mut rows = Vec::new();
    while rows.len() < count {
        let body = json!({ "component_appid": platform, "offset": rows.len(), "count": 500 });
        let page = post(&client, &call("api_get_authorizer_list"), &body).await?;
        let list = page["list"].as_array().context("a page")?.clone();
        if list.is_empty() {
            break;
        }
        rows.extend(list);
    }
    let (rows, next) = (Arc::new(rows), Arc::new(AtomicUsize::new(0)));
    let url = Arc::new(match what {
        "info" => call("api_get_authorizer_info"),
        "token" => call("api_authorizer_token"),
        _ => bail!("info or token"),
    });
    let workers = (0..concurrency).map(|_| {
        let (rows, next) = (Arc::clone(&rows), Arc::clone(&next));
        let (client, url, platform) = (client.clone(), Arc::clone(&url), platform.clone());
        tokio::spawn(async move {
            while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                let body = json!({
                    "component_appid": platform,
                    "authorizer_appid": row["authorizer_appid"],
                    "authorizer_refresh_token": row["refresh_token"],
                });
                post(&client, &url, &body).await?;
            }
            anyhow::Ok(())
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    println!("{}", rows.len());
    Ok(())
}

async fn get(client: &reqwest::Client, url: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(
        &client.get(url).send().await?.bytes().await?,
    )?)
}

async fn post(client: &reqwest::Client, url: &str, body: &Value) -> anyhow::Result<Value> {
    let sent = client.post(url).body(body.to_string()).send().await?;
    let answer: Value = serde_json::from_slice(&sent.bytes().await?)?;
    if answer["errcode"].as_i64().unwrap_or_default() != 0 {
        bail!("{answer}");
    }
    Ok(answer)
}
