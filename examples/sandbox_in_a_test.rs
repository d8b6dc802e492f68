//! WeChat inside your own test: a sandbox on a free port, its clock in your hand.
//!
//! `cargo test --example sandbox_in_a_test` runs it. Nothing leaves the machine and nothing is left
//! behind: the state is in memory. The code under test needs only a base URL to point elsewhere.

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wxauth::sandbox::{Card, Sandbox, SandboxOptions, serve};
use wxauth::sys::http::HttpOptions;

/// The code under test: how a backend might ask for its component token.
async fn component_token(base: &str, card: &Card) -> anyhow::Result<String> {
    let answer = call(
        &format!("{base}/cgi-bin/component/api_component_token"),
        &json!({
            "component_appid": card.platform.component_appid,
            "component_appsecret": card.platform.component_appsecret,
            "component_verify_ticket": card.platform.component_verify_ticket,
        }),
    )
    .await?;
    let token = answer["component_access_token"].as_str();
    Ok(token
        .ok_or_else(|| anyhow::anyhow!("WeChat refused: {answer}"))?
        .to_owned())
}

/// More code under test: the call that a link begins with.
async fn pre_auth_code(base: &str, card: &Card, token: &str) -> anyhow::Result<Value> {
    let path = "cgi-bin/component/api_create_preauthcode";
    call(
        &format!("{base}/{path}?component_access_token={token}"),
        &json!({ "component_appid": card.platform.component_appid }),
    )
    .await
}

async fn call(url: &str, body: &Value) -> anyhow::Result<Value> {
    // Any client will do; this one is at hand.
    let url = url.parse()?;
    let client = wxauth::sys::http::client(&url, &HttpOptions::default())?;
    let answer = client.post(url).json(body).send().await?;
    Ok(answer.json().await?)
}

/// A token works for two hours and then is refused with 42001, as WeChat does it.
async fn a_token_dies_after_two_hours() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let sandbox = Sandbox::open(SandboxOptions::default())?;
    let card = sandbox.card(&base);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, sandbox, async {
        let _ = stopped.await;
    }));

    let token = component_token(&base, &card).await?;
    let fresh = pre_auth_code(&base, &card, &token).await?;
    anyhow::ensure!(fresh["pre_auth_code"].is_string(), "no code: {fresh}");

    // No waiting: the sandbox's clock is moved, and its WeChat believes it.
    let clock = format!("{}/clock", card.control_url);
    call(&clock, &json!({ "offset": "+3h" })).await?;
    let late = pre_auth_code(&base, &card, &token).await?;
    anyhow::ensure!(late["errcode"] == 42001, "the token still lives: {late}");

    let _ = stop.send(());
    server.await??;
    Ok(())
}

#[tokio::test]
async fn the_backend_meets_an_expired_token() -> anyhow::Result<()> {
    a_token_dies_after_two_hours().await
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    a_token_dies_after_two_hours().await
}
