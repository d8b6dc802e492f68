//! Embed the receiver: WeChat's pushes come in, are kept and worked off, and every one is told of.
//!
//! The platform comes from the same environment variables that the command line reads, the state
//! from the SQLite file named by the first argument; it listens at the second: put a web server
//! that speaks TLS before it.

#![allow(clippy::print_stdout, reason = "a program prints")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use url::Url;
use wxauth::api::{Api, ApiOptions, Observer, RetryPolicy};
use wxauth::flow::{
    CodeExchange, Credentials, Happening, LinkOptions, MintPolicy, Platform, PlatformOptions,
    ReleaseState, RequiredSets, SecretSource, StateSigner,
};
use wxauth::serve::{
    Branding, Hosted, LaunchLimits, Metrics, Notice, RefreshPlan, ServeOptions, serve,
};
use wxauth::store::tickets::TicketSource;
use wxauth::store::{Holder, PlatformKey, Store, StoreLocation, StoreOptions};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;
use wxauth::sys::host;
use wxauth::sys::http::{self, HttpOptions};
use wxauth::wechat::link::{AuthType, LinkHosts, LinkKind};
use wxauth::wechat::push::PushKeys;
use wxauth::wechat::secret::Secret;

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
        command: "embed_receiver".to_owned(),
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
    let watcher = Arc::new(|_: Happening| ());
    Ok(Platform::new(options, store, api, clock, watcher))
}

/// What the server is made of; `told` takes everything that happens.
fn options(
    environment: &Environment,
    platform: Platform,
    told: impl Fn(&Notice) + Send + Sync + 'static,
) -> anyhow::Result<ServeOptions> {
    let secret = |name: &str| {
        let value = environment.get(name).map(Secret::new);
        value.with_context(|| format!("{name} is not set"))
    };
    let aes_key = secret("WXAUTH_ENCODING_AES_KEY")?;
    let keys = PushKeys::new(secret("WXAUTH_TOKEN")?, &aes_key, None)?;
    let text = |name: &str| environment.get(name).map(str::to_owned);
    let hosted = Hosted {
        platform,
        signer: StateSigner::new(&keys),
        keys,
        link: LinkOptions {
            kind: LinkKind::Pc,
            auth_type: AuthType::Both,
            only: None,
            permission_ids: Vec::new(),
            redirect_uri: text("WXAUTH_REDIRECT_URI"),
            launch_domain: text("WXAUTH_LAUNCH_DOMAIN"),
            release: ReleaseState::default(),
            hosts: LinkHosts::default(),
        },
        required: RequiredSets::default(),
        exchange: CodeExchange::Always,
    };
    Ok(ServeOptions {
        platforms: vec![hosted],
        release_check: true,
        keep_bodies: false,
        forward: None,
        branding: Branding::default(),
        launches: LaunchLimits {
            per_address_an_hour: 20,
            a_day: 2_000,
        },
        behind_proxy: true,
        refresh: RefreshPlan::Used,
        alerts: None,
        ca_file: None,
        metrics: Arc::new(Metrics::default()),
        log: Arc::new(told),
    })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let store = words.next().context("embed_receiver FILE ADDRESS")?;
    let address = words.next().context("embed_receiver FILE ADDRESS")?;
    let environment = Environment::capture();
    let platform = platform(&environment, store.into()).await?;
    let told = |notice: &Notice| {
        if let Notice::EventWorked {
            info_type,
            appid: Some(appid),
            ..
        } = notice
        {
            println!("{info_type}: {appid}");
        }
    };
    let options = options(&environment, platform, told)?;
    let listener = TcpListener::bind(address).await?;
    // A server of one's own ends when its future is ready: here at Ctrl-C.
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(serve(listener, None, options, stop).await?)
}
