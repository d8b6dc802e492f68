//! Third-party platforms.

use serde::{Deserialize, Serialize};

use super::account::Naming;
use super::mixing::{Stream, blend};
use super::token_line::TokenLine;

/// A third-party platform (第三方平台).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Platform {
    /// `component_appid`
    pub appid: String,
    /// 32 hexadecimal digits.
    pub appsecret: String,
    /// Verification token of pushes.
    pub token: String,
    /// 43 characters.
    pub encoding_aes_key: String,
    /// The EncodingAESKey before that one, which receivers go on taking (rule R29).
    #[serde(default)]
    pub previous_encoding_aes_key: Option<String>,
    /// Where tickets and authorization events are pushed (授权事件接收URL).
    #[serde(default)]
    pub events_url: Option<String>,
    /// Where messages of authorized accounts are pushed (消息与事件接收URL), with `$APPID$` in it.
    #[serde(default)]
    pub messages_url: Option<String>,
    /// A redirect address on the launch domain.
    pub redirect_uri: String,
    /// The launch domain that counts for accounts of the test list.
    pub test_launch_domain: String,
    /// The launch domain that counts for everybody else; a release copies the former to it.
    pub released_launch_domain: Option<String>,
    /// Whether it passed its full release.
    pub released: bool,
    /// Original ids of the test list.
    pub test_list: Vec<String>,
    /// Addresses that may call; empty: all.
    pub ip_whitelist: Vec<String>,
    /// Configured permission sets.
    pub permission_ids: Vec<u32>,
    /// Whether it is of the customized type, which takes no authorizations.
    pub customized: bool,
    /// Whether a receiving address is set.
    pub has_callback: bool,
    /// When its ticket pushes were stopped, if they are.
    pub tickets_stopped_at: Option<i64>,
    /// Its component tokens.
    pub tokens: TokenLine,
}

/// Sets that the first platform offers when it is new: some of each kind, several exclusive ones.
pub const WIDE: [u32; 54] = [
    1, 2, 3, 4, 6, 7, 8, 9, 11, 15, 17, 18, 19, 22, 23, 24, 25, 26, 27, 30, 31, 33, 34, 36, 37, 40,
    41, 45, 46, 47, 48, 49, 51, 52, 54, 65, 66, 70, 71, 76, 81, 89, 100, 101, 134, 143, 160, 174,
    176, 177, 189, 190, 192, 198,
];
const NARROW: [u32; 16] = [1, 2, 3, 7, 11, 15, 17, 18, 25, 30, 31, 37, 40, 49, 143, 189];

impl Platform {
    /// The two platforms of a new sandbox: a released one, and an unreleased one whose test list
    /// holds the given original ids.
    pub fn pair(seed: u64, naming: Naming, test_list: Vec<String>) -> Vec<Self> {
        let mut first = Self::new(seed, naming, 0, "platform-one.example.com");
        first.permission_ids = WIDE.to_vec();
        first.released = true;
        first.released_launch_domain = Some(first.test_launch_domain.clone());
        let mut second = Self::new(seed, naming, 1, "platform-two.example.com");
        second.permission_ids = NARROW.to_vec();
        second.test_list = test_list;
        vec![first, second]
    }

    fn new(seed: u64, naming: Naming, index: usize, domain: &str) -> Self {
        let mut stream = Stream::new(blend(seed, 1000 + index as u64));
        let token = format!("sandbox{:08x}", stream.next() as u32);
        let encoding_aes_key = key43(&mut stream);
        Self {
            appid: naming.component_appid(index),
            appsecret: hex32(&mut stream),
            token,
            encoding_aes_key,
            previous_encoding_aes_key: None,
            events_url: None,
            messages_url: None,
            redirect_uri: format!("https://{domain}/wechat/callback"),
            test_launch_domain: domain.to_owned(),
            released_launch_domain: None,
            released: false,
            test_list: Vec::new(),
            ip_whitelist: Vec::new(),
            permission_ids: Vec::new(),
            customized: false,
            has_callback: true,
            tickets_stopped_at: None,
            tokens: TokenLine::default(),
        }
    }

    /// Kills the appsecret and makes another one.
    pub fn reset_appsecret(&mut self) {
        self.appsecret = hex32(&mut after(&self.appsecret));
    }

    /// Makes another EncodingAESKey and keeps the present one as the previous.
    pub fn rotate_key(&mut self) {
        let key = key43(&mut after(&self.encoding_aes_key));
        self.previous_encoding_aes_key = Some(std::mem::replace(&mut self.encoding_aes_key, key));
    }

    /// Passes the full release: what was in test counts for everybody.
    pub fn release(&mut self) {
        self.released = true;
        self.released_launch_domain = Some(self.test_launch_domain.clone());
    }

    /// The launch domain that counts for an account.
    pub fn launch_domain(&self, user_name: &str) -> &str {
        if self.test_list.iter().any(|id| id == user_name) {
            return &self.test_launch_domain;
        }
        self.public_launch_domain()
    }

    /// The launch domain that counts for accounts outside the test list.
    pub fn public_launch_domain(&self) -> &str {
        self.released_launch_domain
            .as_ref()
            .unwrap_or(&self.test_launch_domain)
    }
}

/// What follows a value that is given up.
fn after(spent: &str) -> Stream {
    Stream::new(spent.bytes().fold(0, |sum: u64, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    }))
}

fn key43(stream: &mut Stream) -> String {
    let mut key = String::new();
    stream.text(43, &mut key);
    key.replace(['-', '_'], "x")
}

fn hex32(stream: &mut Stream) -> String {
    format!("{:016x}{:016x}", stream.next(), stream.next())
}
