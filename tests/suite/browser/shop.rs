//! An operator with a website of one launch page and one callback, beside a sandbox.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::RawQuery;
use axum::response::Html;
use axum::routing::get;
use serde_json::{Value, json};

use crate::support::{Desk, Outcome, SandboxProcess};

/// The operator's desk, sandbox and website, which is the launch domain.
pub struct Shop {
    pub desk: Desk,
    pub sandbox: SandboxProcess,
    port: u16,
    link: Arc<Mutex<String>>,
}

impl Shop {
    /// Opens for business.
    pub fn open() -> Self {
        let desk = Desk::new();
        let sandbox = SandboxProcess::start(&desk, &[]);
        let link = Arc::default();
        let port = serve(Arc::clone(&link));
        sandbox.post(
            "platform",
            &json!({
                "launch_domain": "127.0.0.1",
                "redirect_uri": format!("http://127.0.0.1:{port}/callback?shop=7"),
                "released": true,
            }),
        );
        Self {
            desk,
            sandbox,
            port,
            link,
        }
    }

    /// Runs the program on the sandbox.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let arguments = ["--sandbox", "-o", "json"].iter().chain(arguments);
        self.desk.run(arguments).expect_code(0)
    }

    /// Makes a link with these flags, and puts it on the launch page.
    pub fn offer(&self, flags: &[&str]) -> String {
        let arguments: Vec<&str> = ["link"].iter().chain(flags).copied().collect();
        let link = self.run(&arguments).json();
        let link = link["url"].as_str().expect("a link").to_owned();
        link.clone_into(&mut self.link.lock().expect("the launch page"));
        link
    }

    /// The launch page, by the name of `host`.
    pub fn launch_page(&self, host: &str) -> String {
        format!("http://{host}:{}/launch", self.port)
    }

    /// What the callback's address begins with.
    pub fn callback(&self) -> String {
        format!("http://127.0.0.1:{}/callback", self.port)
    }

    /// An account by its name.
    pub fn account(&self, name: &str) -> Account {
        let accounts = self.sandbox.get("accounts");
        let found = accounts.as_array().expect("an array").iter();
        let found = found.clone().find(|account| account["nick_name"] == name);
        let account = found.expect("an account of this name");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Account {
            appid: text(&account["appid"]),
            user: text(&account["administrators"][0]),
        }
    }

    /// Exchanges the code of a callback; the permission sets that it gave, and the appid.
    pub fn redeem(&self, callback: &url::Url) -> Value {
        let arguments = ["--sandbox", "authorizers", "redeem", "-o", "json"];
        let redeemed = self.desk.run_with_input(arguments, callback.as_str());
        redeemed.expect_code(0).json()
    }
}

/// An account and who administers it.
pub struct Account {
    pub appid: String,
    pub user: String,
}

fn serve(link: Arc<Mutex<String>>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let launch = move || {
        let link = link.lock().expect("the launch page").replace('&', "&amp;");
        async move { Html(format!("<a id=\"authorize\" href=\"{link}\">微信授权</a>")) }
    };
    let callback = |RawQuery(query): RawQuery| async move {
        Html(format!("<p id=\"arrived\">{}</p>", query.is_some()))
    };
    let site = Router::new()
        .route("/launch", get(launch))
        .route("/callback", get(callback));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, site).await.expect("a website");
        });
    });
    port
}
