//! An operator's server in this process, beside a sandbox of its own whose clock both follow.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wxauth::api::{Api, ApiOptions, Observer, RetryPolicy};
use wxauth::flow::{
    CodeExchange, Credentials, LinkOptions, MintPolicy, Platform, PlatformOptions, ReleaseState,
    RequiredSets, SecretSource, StateSigner,
};
use wxauth::sandbox::{Sandbox, SandboxOptions};
use wxauth::serve::{
    Branding, Hosted, LaunchLimits, Metrics, Notice, RefreshPlan, ServeOptions, serve,
};
use wxauth::store::encryption::Keyring;
use wxauth::store::roster::RosterFilter;
use wxauth::store::tickets::TicketSource;
use wxauth::store::{PlatformKey, StoreLocation};
use wxauth::sys::http::{self, HttpOptions};
use wxauth::wechat::event::{self, Event};
use wxauth::wechat::link::{AuthType, LinkHosts, LinkKind};
use wxauth::wechat::push::PushKeys;
use wxauth::wechat::secret::Secret;

use crate::support::{open_store, plain_client};

/// A server at work, and what the operator sees of it.
pub struct Site {
    pub runtime: Runtime,
    /// Where the pages are.
    pub url: String,
    /// Where the metrics are.
    pub admin: String,
    pub sandbox: String,
    pub platform: Platform,
    pub signer: StateSigner,
    pub link: LinkOptions,
    pub notices: Arc<Mutex<Vec<Notice>>>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
}

/// A page as a browser gets it.
pub struct Seen {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub text: String,
}

impl Seen {
    /// The address in the link with this id.
    #[track_caller]
    pub fn link(&self, id: &str) -> String {
        let start = format!("<a id=\"{id}\"");
        let rest = self.text.split_once(&start).expect("the link").1;
        let rest = rest.split_once("href=\"").expect("an address").1;
        let url = rest.split_once('"').expect("its end").0;
        url.replace("&amp;", "&")
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(self.text.contains(words), "no `{words}` in:\n{}", self.text);
    }
}

impl Site {
    /// A server with the defaults.
    pub fn open() -> Self {
        Self::with(|_| {})
    }

    /// A server with changed options.
    pub fn with(change: impl FnOnce(&mut ServeOptions)) -> Self {
        Self::prepared(async |_| {}, change)
    }

    /// A server with changed options, after the operator did something with the platform.
    pub fn prepared(
        prepare: impl AsyncFnOnce(&Platform),
        change: impl FnOnce(&mut ServeOptions),
    ) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let notices: Arc<Mutex<Vec<Notice>>> = Arc::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let (parts, served) = runtime.block_on(async {
            let parts = Parts::open().await;
            prepare(&parts.platform).await;
            let mut options = parts.options(&notices);
            change(&mut options);
            let link = options.platforms[0].link.clone();
            let (listener, admin) = (parts.listener, parts.admin);
            let address = |listener: &TcpListener| listener.local_addr().expect("an address");
            let addresses: [SocketAddr; 2] = [address(&listener), address(&admin)];
            let served = tokio::spawn(serve(listener, Some(admin), options, async {
                let _ = stopped.await;
            }));
            let parts = (parts.sandbox, parts.platform, parts.signer);
            ((addresses, link, parts), served)
        });
        let ([url, admin], link, (sandbox, platform, signer)) = parts;
        Self {
            runtime,
            url: format!("http://{url}"),
            admin: format!("http://{admin}"),
            sandbox,
            platform,
            signer,
            link,
            notices,
            stop: Some(stop),
            served: Some(served),
        }
    }

    /// Opens a page as a browser does, with these headers.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Seen {
        self.ask("GET", path, headers)
    }

    /// Presses the button of a page.
    pub fn post(&self, path: &str, headers: &[(&str, &str)]) -> Seen {
        self.ask("POST", path, headers)
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Seen {
        let url = match path.starts_with('/') {
            true => format!("{}{path}", self.url),
            false => path.to_owned(),
        };
        self.runtime.block_on(async {
            let mut request = plain_client().request(method.parse().expect("a method"), url);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = request.send().await.expect("the server answers");
            let text =
                |value: &reqwest::header::HeaderValue| value.to_str().expect("a text").to_owned();
            Seen {
                status: answer.status().as_u16(),
                headers: answer
                    .headers()
                    .iter()
                    .map(|(name, value)| (name.to_string(), text(value)))
                    .collect(),
                text: answer.text().await.expect("a page"),
            }
        })
    }

    /// Reads from the sandbox's control interface, or changes something by it.
    pub fn control(&self, name: &str, change: Option<&Value>) -> Value {
        let sandbox = self.sandbox.clone();
        self.runtime.block_on(control(&sandbox, name, change))
    }

    /// How often the sandbox was asked for this, whatever it answered.
    pub fn calls(&self, path: &str) -> u64 {
        let counters = self.control("journal/counters", None);
        let rows = counters.as_array().expect("an array").iter();
        rows.filter(|row| {
            row["path"]
                .as_str()
                .is_some_and(|known| known.ends_with(path))
        })
        .map(|row| row["count"].as_u64().unwrap_or_default())
        .sum()
    }

    /// A merchant that has not authorized the platform.
    pub fn account(&self, kind: &str) -> Value {
        let accounts = self.control(&format!("accounts?kind={kind}&authorized=false"), None);
        accounts[0].clone()
    }

    /// The authorizers as the store has them: appid, and the id that a visitor claimed.
    pub fn merchants(&self) -> Vec<(String, Option<String>)> {
        let rows = self.runtime.block_on(self.platform.authorizers(
            &RosterFilter::default(),
            None,
            100,
        ));
        rows.expect("a list")
            .into_iter()
            .map(|row| (row.appid.to_string(), row.claimed_external_id))
            .collect()
    }

    /// Lets the sandbox push to this server; it begins with a ticket.
    pub fn receive_pushes(&self) {
        let change = serde_json::json!({ "events_url": format!("{}/events", self.url) });
        self.control("platform", Some(&change));
    }

    /// The merchant opens a link and confirms; the address that WeChat sends the browser to.
    pub fn confirm(&self, link: &str, appid: &str, permissions: Option<&[u32]>) -> String {
        let mut order = json!({"appid": appid, "link": link});
        if let Some(permissions) = permissions {
            order["permissions"] = json!(permissions);
        }
        let confirmed = self.control("authorize", Some(&order));
        let link: url::Url = link.parse().expect("a link");
        let uri = link.query_pairs().find(|(name, _)| name == "redirect_uri");
        let mut uri: url::Url = uri.expect("a redirect URI").1.parse().expect("a URL");
        uri.query_pairs_mut()
            .append_pair(
                "auth_code",
                confirmed["auth_code"].as_str().expect("a code"),
            )
            .append_pair("expires_in", "3600");
        uri.to_string()
    }

    /// Waits until a notice is told that `choose` takes.
    #[track_caller]
    pub fn told<T>(&self, choose: impl Fn(&Notice) -> Option<T>) -> T {
        for _ in 0..600 {
            let found = self.notices.lock().unwrap().iter().find_map(&choose);
            if let Some(found) = found {
                return found;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("not told; told were: {:#?}", self.notices.lock().unwrap());
    }

    /// Stops the server; returns when it has ended.
    pub fn stop(&mut self) {
        let _ = self.stop.take().expect("it runs").send(());
        let served = self.served.take().expect("it runs");
        let ended = self.runtime.block_on(served).expect("it ends");
        ended.expect("without an error");
    }
}

/// What a server is made of.
struct Parts {
    listener: TcpListener,
    admin: TcpListener,
    sandbox: String,
    platform: Platform,
    signer: StateSigner,
    keys: PushKeys,
    metrics: Arc<Metrics>,
}

impl Parts {
    async fn open() -> Self {
        let free = || async { TcpListener::bind("127.0.0.1:0").await.expect("a free port") };
        let url = |listener: &TcpListener| {
            format!("http://{}", listener.local_addr().expect("an address"))
        };
        let (listener, admin, wechat) = (free().await, free().await, free().await);
        let (site, base) = (url(&listener), url(&wechat));
        let sandbox = Sandbox::open(SandboxOptions::default()).expect("a sandbox");
        let clock = sandbox.clock();
        let card = serde_json::to_value(sandbox.card(&base)).expect("a card");
        let text = |name: &str| card[name].as_str().expect("a text of the card").to_owned();
        tokio::spawn(wxauth::sandbox::serve(
            wechat,
            sandbox,
            std::future::pending(),
        ));
        let change = json!({
            "launch_domain": "127.0.0.1",
            "redirect_uri": format!("{site}/callback"),
            "released": true,
        });
        control(&base, "platform", Some(&change)).await;

        let metrics = Arc::new(Metrics::default());
        let base_url: url::Url = base.parse().expect("a URL");
        let key = PlatformKey {
            realm: http::realm(&base_url),
            component_appid: text("component_appid").parse().expect("an appid"),
        };
        let store = open_store(&StoreLocation::Memory, Keyring::none(), clock.clone()).await;
        let observed = Arc::clone(&metrics);
        let api = Api::new(ApiOptions {
            base: base_url,
            http: HttpOptions::default(),
            retry: RetryPolicy::default(),
            clock: clock.clone(),
            observer: Observer::new(move |report| observed.call(&report)),
        });
        let options = PlatformOptions {
            key,
            credentials: Credentials {
                appsecret: SecretSource::Value(Secret::new(text("component_appsecret"))),
                ticket: SecretSource::Missing,
                ticket_source: TicketSource::Set,
            },
            mint: MintPolicy::Wxauth,
            lock_timeout: Duration::from_secs(20),
        };
        let platform = Platform::new(
            options,
            store.expect("a store"),
            api,
            clock,
            Arc::new(|_| {}),
        );
        let ticket = Secret::new(text("component_verify_ticket"));
        push_ticket(&platform, &ticket).await;
        let aes_key = text("encoding_aes_key");
        let keys = PushKeys::new(Secret::new(text("token")), &Secret::new(aes_key), None);
        let keys = keys.expect("keys");
        Self {
            listener,
            admin,
            sandbox: base,
            platform,
            signer: StateSigner::new(&keys),
            keys,
            metrics,
        }
    }

    fn options(&self, notices: &Arc<Mutex<Vec<Notice>>>) -> ServeOptions {
        let told = Arc::clone(notices);
        let site = self.listener.local_addr().expect("an address");
        let base = self.sandbox.parse().expect("a URL");
        ServeOptions {
            platforms: vec![Hosted {
                platform: self.platform.clone(),
                keys: self.keys.clone(),
                signer: self.signer.clone(),
                link: LinkOptions {
                    kind: LinkKind::Pc,
                    auth_type: AuthType::Both,
                    only: None,
                    permission_ids: Vec::new(),
                    redirect_uri: Some(format!("http://{site}/callback")),
                    launch_domain: Some("127.0.0.1".to_owned()),
                    release: ReleaseState {
                        released: Some(true),
                        test_list: Vec::new(),
                    },
                    hosts: LinkHosts::at(&base),
                },
                required: RequiredSets::default(),
                exchange: CodeExchange::Always,
            }],
            release_check: false,
            keep_bodies: false,
            forward: None,
            branding: Branding {
                title: Some("甲方<i>云服务".to_owned()),
                logo: None,
            },
            launches: LaunchLimits {
                per_address_an_hour: 20,
                a_day: 2000,
            },
            behind_proxy: false,
            refresh: RefreshPlan::Off,
            alerts: None,
            ca_file: None,
            metrics: Arc::clone(&self.metrics),
            log: Arc::new(move |notice| told.lock().unwrap().push(notice.clone())),
        }
    }
}

/// A ticket as WeChat pushes it, already decrypted.
pub async fn push_ticket(platform: &Platform, ticket: &Secret) {
    let now = platform.clock().unix();
    let xml = event::ticket_xml(platform.component_appid(), now, ticket);
    let event = Event::parse(&xml).expect("an event");
    let accepted = platform
        .accept_event(&event, &xml, CodeExchange::Always, None)
        .await;
    accepted.expect("the store takes the ticket");
}

/// Reads from a sandbox's control interface, or changes something by it.
pub async fn control(sandbox: &str, name: &str, change: Option<&Value>) -> Value {
    let url = format!("{sandbox}/__sandbox/{name}");
    let request = match change {
        Some(change) => plain_client().post(url).json(change),
        None => plain_client().get(url),
    };
    let answer = request.send().await.expect("the sandbox answers");
    let (status, text) = (answer.status(), answer.text().await.expect("a body"));
    assert!(status.is_success(), "{name}: {status}: {text}");
    serde_json::from_str(&text).expect("JSON")
}
