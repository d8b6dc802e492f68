//! A sandbox that serves on a port of its own, and the few words that the stories are told in.

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wxauth::sandbox::{Sandbox, SandboxOptions, serve};

pub const COMPONENT: &str = "/cgi-bin/component/";

/// A running sandbox, its first platform's credentials and a component token.
pub struct Stage {
    pub base: String,
    pub card: Value,
    pub token: String,
    pub http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
}

impl Stage {
    /// A sandbox in memory.
    pub async fn new() -> Self {
        Self::with(SandboxOptions::default()).await
    }

    /// A sandbox whose state is in `folder`.
    pub async fn in_folder(folder: PathBuf) -> Self {
        Self::with(SandboxOptions {
            folder: Some(folder),
            ..SandboxOptions::default()
        })
        .await
    }

    pub async fn with(options: SandboxOptions) -> Self {
        let mut stage = Self::without_token(options).await;
        stage.token = stage.new_component_token().await;
        stage
    }

    pub async fn without_token(options: SandboxOptions) -> Self {
        let sandbox = Sandbox::open(options).expect("the sandbox opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let card = serde_json::to_value(sandbox.card(&base)).expect("a card");
        let served = tokio::spawn(serve(listener, sandbox, async {
            let _ = stopped.await;
        }));
        Self {
            http: client(&base),
            base,
            card,
            token: String::new(),
            stop: Some(stop),
            served: Some(served),
        }
    }

    /// Stops serving and waits until the state is written.
    pub async fn stop(mut self) {
        let _ = self.stop.take().expect("it runs").send(());
        let served = self.served.take().expect("it runs");
        served.await.expect("it stops").expect("without an error");
    }

    /// A field of the card.
    pub fn card(&self, name: &str) -> &str {
        self.card[name].as_str().expect("a text of the card")
    }

    pub fn component_appid(&self) -> &str {
        self.card("component_appid")
    }

    /// POSTs JSON to a path of WeChat's, with a query that begins with `?` or is empty.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.base);
        let sent = self.http.post(url).body(body.to_string()).send().await;
        sent.expect("an answer").json().await.expect("JSON")
    }

    /// A call of the component interface with the stage's token; `component_appid` is added.
    pub async fn component(&self, name: &str, mut body: Value) -> Value {
        if body.get("component_appid").is_none() {
            body["component_appid"] = json!(self.component_appid());
        }
        let path = format!("{COMPONENT}{name}?component_access_token={}", self.token);
        self.post(&path, &body).await
    }

    /// The answer of `api_component_token` for the first platform, with changes to the fields.
    pub async fn component_token(&self, changes: Value) -> Value {
        let mut body = json!({
            "component_appid": self.component_appid(),
            "component_appsecret": self.card("component_appsecret"),
            "component_verify_ticket": self.card("component_verify_ticket"),
        });
        for (name, value) in changes.as_object().expect("an object") {
            if value.is_null() {
                body.as_object_mut().expect("an object").remove(name);
            } else {
                body[name] = value.clone();
            }
        }
        self.post(&format!("{COMPONENT}api_component_token"), &body)
            .await
    }

    pub async fn new_component_token(&self) -> String {
        let status = self.control("status").await;
        let ticket = status["component_verify_ticket"].clone();
        let answer = self
            .component_token(json!({"component_verify_ticket": ticket}))
            .await;
        text(&answer, "component_access_token")
    }

    /// GETs a control path.
    pub async fn control(&self, name: &str) -> Value {
        let url = format!("{}/__sandbox/{name}", self.base);
        let answer = self.http.get(url).send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "GET {name}");
        answer.json().await.expect("JSON")
    }

    /// POSTs to a control path; the HTTP status and the answer.
    pub async fn try_order(&self, name: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/__sandbox/{name}", self.base);
        let sent = self
            .http
            .post(url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        (sent.status().as_u16(), sent.json().await.expect("JSON"))
    }

    /// POSTs to a control path that must accept it.
    pub async fn order(&self, name: &str, body: Value) -> Value {
        let (status, answer) = self.try_order(name, body).await;
        assert_eq!(status, 200, "{name}: {answer}");
        answer
    }

    /// POSTs to a control path that must decline; the kind of the refusal.
    pub async fn declined(&self, name: &str, body: Value) -> String {
        let (status, answer) = self.try_order(name, body).await;
        assert!((400..500).contains(&status), "{name}: {answer}");
        text(&answer["error"], "kind")
    }

    pub async fn pass(&self, time: &str) {
        self.order("clock", json!({ "offset": time })).await;
    }

    /// Moves the clock and takes a new component token, which the old one may not outlive.
    pub async fn pass_and_renew(&mut self, time: &str) {
        self.pass(time).await;
        self.token = self.new_component_token().await;
    }

    pub async fn pre_auth_code(&self) -> String {
        let answer = self.component("api_create_preauthcode", json!({})).await;
        text(&answer, "pre_auth_code")
    }

    /// An account by kind of the control list and whether it authorized the first platform.
    pub async fn account(&self, kind: &str, authorized: bool) -> String {
        let query = format!("accounts?kind={kind}&authorized={authorized}&count=1");
        text(&self.control(&query).await[0], "appid")
    }

    /// An account by a part of its name.
    pub async fn named(&self, part: &str) -> Value {
        let accounts = self.control("accounts").await;
        let found = accounts
            .as_array()
            .expect("an array")
            .iter()
            .find(|account| {
                account["nick_name"]
                    .as_str()
                    .is_some_and(|name| name.contains(part))
            });
        found
            .unwrap_or_else(|| panic!("no account is called {part}"))
            .clone()
    }

    /// A new pre-authorization code, the confirmation, and its code.
    pub async fn authorize(&self, appid: &str) -> String {
        let code = self.pre_auth_code().await;
        let body = json!({"appid": appid, "pre_auth_code": code});
        text(&self.order("authorize", body).await, "auth_code")
    }

    /// Authorizes and exchanges: `authorization_info`.
    pub async fn authorize_and_redeem(&self, appid: &str) -> Value {
        let code = self.authorize(appid).await;
        let answer = self
            .component("api_query_auth", json!({"authorization_code": code}))
            .await;
        answer["authorization_info"].clone()
    }

    /// The stored refresh token of an authorizer, as info gives it.
    pub async fn refresh_token(&self, appid: &str) -> String {
        let info = self
            .component(
                "api_get_authorizer_info",
                json!({"authorizer_appid": appid}),
            )
            .await;
        text(&info["authorization_info"], "authorizer_refresh_token")
    }

    pub async fn refresh(&self, appid: &str, refresh_token: &str) -> Value {
        let body = json!({"authorizer_appid": appid, "authorizer_refresh_token": refresh_token});
        self.component("api_authorizer_token", body).await
    }

    /// A token of an authorizer that stands.
    pub async fn authorizer_token(&self, appid: &str) -> String {
        let refresh = self.refresh_token(appid).await;
        text(
            &self.refresh(appid, &refresh).await,
            "authorizer_access_token",
        )
    }

    pub async fn info(&self, appid: &str) -> Value {
        self.component(
            "api_get_authorizer_info",
            json!({"authorizer_appid": appid}),
        )
        .await
    }

    /// The granted sets of an authorizer.
    pub async fn granted(&self, appid: &str) -> Vec<u64> {
        ids(&self.info(appid).await["authorization_info"]["func_info"])
    }

    /// The numbers of the second platform's card, with a token of it.
    pub async fn second(&self) -> Stage {
        let card = self.control("status").await["platforms"][1].clone();
        let mut second = Self {
            base: self.base.clone(),
            card,
            token: String::new(),
            http: self.http.clone(),
            stop: None,
            served: None,
        };
        second.token = second.component_token(json!({})).await["component_access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        second
    }
}

/// The ids of a `func_info`.
pub fn ids(func_info: &Value) -> Vec<u64> {
    let entries = func_info.as_array().expect("func_info");
    entries
        .iter()
        .filter_map(|entry| entry["funcscope_category"]["id"].as_u64())
        .collect()
}

/// A text field that must be there.
pub fn text(value: &Value, name: &str) -> String {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
        .to_owned()
}

/// Asserts a refusal: the errcode, and the published text with a rid behind it.
pub fn assert_refused(answer: &Value, errcode: i64) {
    assert_eq!(answer["errcode"], errcode, "{answer}");
    let message = text(answer, "errmsg");
    assert!(message.contains("rid: "), "no rid in: {message}");
}

#[cfg(feature = "client")]
fn client(base: &str) -> reqwest::Client {
    let base = base.parse().expect("a URL");
    wxauth::sys::http::client(&base, &Default::default()).expect("a client")
}

#[cfg(not(feature = "client"))]
#[allow(
    clippy::disallowed_methods,
    reason = "the room sys builds none without the client"
)]
fn client(_: &str) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}
