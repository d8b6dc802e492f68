//! Refresh every merchant's token that is about to end, from a program of one's own.
//!
//! The platform comes from the same environment variables that the command line reads, the state
//! from the SQLite file named by the first argument: share it with `wxauth` by setting
//! `WXAUTH_STORE=sqlite:FILE` there. Any number of programs may do this at once; a token that one
//! of them refreshes, the others find in the store.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use url::Url;
use wxauth::api::{Api, ApiOptions, Observer, RetryPolicy};
use wxauth::flow::{
    BulkLimits, Credentials, DueTokens, Happening, MintPolicy, Platform, PlatformOptions,
    RefreshTargets, Refreshed, SecretSource,
};
use wxauth::store::tickets::TicketSource;
use wxauth::store::{Holder, PlatformKey, Store, StoreLocation, StoreOptions};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;
use wxauth::sys::host;
use wxauth::sys::http::{self, HttpOptions};
use wxauth::wechat::secret::Secret;

/// A token with less life left than this is replaced.
const DUE: SignedDuration = SignedDuration::from_mins(30);

/// The platform that `environment` names, with its state in `store`.
async fn platform(environment: &Environment, store: PathBuf) -> anyhow::Result<Platform> {
    let required = |name: &str| {
        let value = environment.get(name).map(str::to_owned);
        value.with_context(|| format!("{name} is not set"))
    };
    let secret = |name: &str| match environment.get(name) {
        Some(text) => SecretSource::Value(Secret::new(text)),
        None => SecretSource::Missing,
    };
    let base = environment.get("WXAUTH_API_BASE");
    let base: Url = base.unwrap_or("https://api.weixin.qq.com").parse()?;
    let clock = Clock::system();
    let holder = Holder {
        host: host::name(),
        process_id: host::process_id(),
        command: "refresh_all".to_owned(),
    };
    let store = Store::open(
        &StoreLocation::Sqlite(store),
        StoreOptions::new(holder, clock.clone()),
    )
    .await?;
    let options = PlatformOptions {
        key: PlatformKey {
            realm: http::realm(&base),
            component_appid: required("WXAUTH_COMPONENT_APPID")?.parse()?,
        },
        credentials: Credentials {
            appsecret: secret("WXAUTH_COMPONENT_APPSECRET"),
            ticket: secret("WXAUTH_COMPONENT_VERIFY_TICKET"),
            ticket_source: TicketSource::Environment,
        },
        // Only where no other backend mints for this platform: see "Who mints" in the README.
        mint: MintPolicy::Wxauth,
        lock_timeout: Duration::from_secs(20),
    };
    let api = Api::new(ApiOptions {
        base,
        http: HttpOptions::default(),
        retry: RetryPolicy::default(),
        clock: clock.clone(),
        observer: Observer::default(),
    });
    let watcher = Arc::new(|happening: Happening| {
        if let Happening::Planned { calls, .. } = happening {
            println!("{calls} tokens are due");
        }
    });
    Ok(Platform::new(options, store, api, clock, watcher))
}

/// Refreshes what is due; what fails for one merchant does not end the work for the others.
pub async fn refresh_all(environment: &Environment, store: PathBuf) -> anyhow::Result<Refreshed> {
    let platform = platform(environment, store).await?;
    let targets = RefreshTargets::Due(DueTokens::within(DUE));
    Ok(platform.refresh(targets, BulkLimits::default()).await?)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let store = std::env::args_os().nth(1);
    let store = store.context("say where the store is: refresh_all FILE")?;
    let refreshed = refresh_all(&Environment::capture(), store.into()).await?;
    println!("{} refreshed", refreshed.refreshed);
    for failed in &refreshed.failed {
        println!("{}: {}", failed.appid, failed.error);
    }
    anyhow::ensure!(refreshed.failed.is_empty(), "some tokens were not replaced");
    Ok(())
}
