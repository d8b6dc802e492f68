//! A real browser: Debian's chromium, driven by WebDriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fantoccini::key::Key;
use fantoccini::wd::{Capabilities, Locator, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::skip;

/// How long a page may take to become what a story waits for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a story looks again.
const LOOK: Duration = Duration::from_millis(50);

/// One browser at a time: several at once starve each other.
static TURN: Mutex<()> = Mutex::new(());

/// A browser with a fresh profile; it ends when dropped.
pub struct Browser {
    client: Client,
    runtime: Runtime,
    driver: Driver,
    _profile: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts a browser of a computer; the story is skipped where there is none.
    pub fn start() -> Option<Self> {
        Self::with(&json!({}))
    }

    /// Starts a browser that runs no scripts of pages.
    pub fn without_scripts() -> Option<Self> {
        Self::with(&json!({"profile.managed_default_content_settings.javascript": 2}))
    }

    fn with(preferences: &Value) -> Option<Self> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(driver) = Driver::start() else {
            skip("no chromedriver: install chromium and chromium-driver, as tests/run.sh does");
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let capabilities = capabilities(profile.path().to_str().expect("UTF-8"), preferences);
        let connected = runtime.block_on(
            ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities)
                .connect(&format!("http://127.0.0.1:{}", driver.port)),
        );
        Some(Self {
            client: connected.expect("chromium starts"),
            runtime,
            driver,
            _profile: profile,
            _turn: turn,
        })
    }

    /// Types an address.
    pub fn open(&self, address: &str) {
        self.wait(self.client.goto(address))
            .expect("the page opens");
    }

    /// Clicks what `selector` finds, once it is there.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let clicked = self.wait(async {
            let element = self.find(selector).await?;
            element.click().await
        });
        clicked.unwrap_or_else(|error| panic!("no click on {selector}: {error}\n{}", self.page()));
    }

    /// The text of what `selector` finds, once it is there.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let text = self.wait(async { self.find(selector).await?.text().await });
        text.unwrap_or_else(|error| panic!("no {selector}: {error}\n{}", self.page()))
    }

    /// Waits until the address begins with `start`; the whole address.
    #[track_caller]
    pub fn arrive(&self, start: &str) -> url::Url {
        let began = Instant::now();
        loop {
            let url = self.wait(self.client.current_url()).expect("an address");
            if url.as_str().starts_with(start) {
                return url;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "at {url}, not at {start}\n{}",
                self.page()
            );
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until `selector` says `expected`: a page draws after the key, not with it.
    pub fn says(&self, selector: &str, expected: &str) {
        let began = Instant::now();
        loop {
            let text = self.text(selector);
            if text == expected {
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{selector} says `{text}`, not `{expected}`"
            );
            std::thread::sleep(LOOK);
        }
    }

    /// Presses a key where the focus is.
    pub fn press(&self, key: Key) {
        let text = char::from(key).to_string();
        let pressed = self.wait(async {
            let element = self.client.active_element().await?;
            element.send_keys(&text).await
        });
        pressed.expect("a key press");
    }

    /// Presses Tab until the focus is on what `selector` describes.
    #[track_caller]
    pub fn tab_to(&self, selector: &str) {
        let script = "return document.activeElement.matches(arguments[0])";
        for _ in 0..100 {
            self.press(Key::Tab);
            let here = self.wait(self.client.execute(script, vec![json!(selector)]));
            if here.expect("a script") == json!(true) {
                return;
            }
        }
        panic!("Tab does not lead to {selector}\n{}", self.page());
    }

    /// Types where the focus is.
    pub fn type_text(&self, text: &str) {
        let typed = self.wait(async {
            let element = self.client.active_element().await?;
            element.send_keys(text).await
        });
        typed.expect("typing");
    }

    /// How many elements `selector` finds now.
    pub fn count(&self, selector: &str) -> usize {
        let found = self.wait(self.client.find_all(Locator::Css(selector)));
        found.expect("a selector").len()
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        self.wait(self.client.title()).expect("a title")
    }

    /// Turns to the tab that was opened last.
    pub fn newest_tab(&self) {
        self.turn_to(|mut tabs| tabs.pop());
    }

    /// Turns to the tab that was opened first.
    pub fn first_tab(&self) {
        self.turn_to(|tabs| tabs.into_iter().next());
    }

    fn turn_to(&self, choose: impl FnOnce(Vec<WindowHandle>) -> Option<WindowHandle>) {
        let turned = self.wait(async {
            let tab = choose(self.client.windows().await?).expect("a tab");
            self.client.switch_to_window(tab).await
        });
        turned.expect("another tab");
    }

    async fn find(
        &self,
        selector: &str,
    ) -> Result<fantoccini::elements::Element, fantoccini::error::CmdError> {
        let wait = self.client.wait().at_most(PATIENCE).every(LOOK);
        wait.for_element(Locator::Css(selector)).await
    }

    /// The source of the page, to be shown when a story fails.
    fn page(&self) -> String {
        self.wait(self.client.source())
            .unwrap_or_else(|error| error.to_string())
    }

    fn wait<T>(&self, step: impl Future<Output = T>) -> T {
        self.runtime.block_on(step)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver alone would leave its browser behind.
        let _ = self.runtime.block_on(self.client.clone().close());
        let _ = self.driver.process.kill();
        let _ = self.driver.process.wait();
    }
}

/// chromedriver on a port that it chose.
struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// `None` where there is no chromedriver. It chooses a port of IPv4 and wants the same one of
    /// IPv6: where another program has that one it ends, and is started once more.
    fn start() -> Option<Self> {
        for _ in 0..5 {
            let mut process = Command::new("chromedriver")
                .arg("--port=0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .ok()?;
            let stdout = process.stdout.take().expect("a pipe");
            let mut lines = BufReader::new(stdout).lines();
            let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            });
            let Some(port) = port else {
                let _ = process.wait();
                continue;
            };
            // A process whose output is not read stops when the pipe is full.
            std::thread::spawn(move || lines.for_each(drop));
            return Some(Self { process, port });
        }
        panic!("chromedriver does not start");
    }
}

fn capabilities(profile: &str, preferences: &Value) -> Capabilities {
    let folder = format!("--user-data-dir={profile}");
    let options = json!({
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            folder,
        ],
        "prefs": preferences,
    });
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities
}
