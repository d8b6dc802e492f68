//! What a server is made of.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use crate::flow::{CodeExchange, LinkOptions, Platform, RequiredSets, StateSigner};
use crate::wechat::push::PushKeys;

use super::{Metrics, Notice};

/// One platform that is served.
#[derive(Clone)]
pub struct Hosted {
    /// The platform with its store and its API.
    pub platform: Platform,
    /// Token and keys of its pushes.
    pub keys: PushKeys,
    /// Signs what travels through an authorization.
    pub signer: StateSigner,
    /// What links of the launch page are made of; kinds, account and sets come from the visitor.
    pub link: LinkOptions,
    /// Sets every merchant has to grant.
    pub required: RequiredSets,
    /// Whether codes are exchanged here.
    pub exchange: CodeExchange,
}

/// How a server behaves.
pub struct ServeOptions {
    /// The platforms, at least one. With several each has its routes under `/<component_appid>`.
    pub platforms: Vec<Hosted>,
    /// Answer the full-release check (spec events.md §6).
    pub release_check: bool,
    /// Keep the decrypted bodies of messages in the store.
    pub keep_bodies: bool,
    /// Where events and messages are passed on to.
    pub forward: Option<ForwardOptions>,
    /// Title and logo of the pages.
    pub branding: Branding,
    /// How many links the launch page makes.
    pub launches: LaunchLimits,
    /// Take the visitor's address from the last entry of `X-Forwarded-For`, or from `X-Real-IP` where
    /// there is none, when the peer is on this machine: behind a reverse proxy.
    pub behind_proxy: bool,
    /// Which tokens are kept fresh.
    pub refresh: RefreshPlan,
    /// Where alerts go.
    pub alerts: Option<AlertOptions>,
    /// A PEM file of further certificate authorities, for forwarding and alerts.
    pub ca_file: Option<PathBuf>,
    /// Counters; the API's observer feeds them too.
    pub metrics: Arc<Metrics>,
    /// Takes every notice, for the log; called from any task and must not block.
    pub log: Arc<dyn Fn(&Notice) + Send + Sync>,
}

/// Where events and messages are passed on to.
#[derive(Clone, Debug)]
pub struct ForwardOptions {
    /// The operator's own backend.
    pub url: Url,
    /// In which form.
    pub form: ForwardForm,
    /// Whether tickets and codes are in the JSON.
    pub with_secrets: bool,
}

/// In which form something is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardForm {
    /// Decrypted, as JSON.
    Json,
    /// Body and query as WeChat sent them.
    Untouched,
}

/// Title and logo of the pages.
#[derive(Clone, Debug, Default)]
pub struct Branding {
    /// Whose platform it is.
    pub title: Option<String>,
    /// The logo.
    pub logo: Option<Logo>,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Logo {
    /// Its media type.
    pub content_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// How many links the launch page makes.
#[derive(Clone, Copy, Debug)]
pub struct LaunchLimits {
    /// For one address in an hour.
    pub per_address_an_hour: u32,
    /// For everybody in 24 hours.
    pub a_day: u64,
}

/// Which tokens are kept fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshPlan {
    /// None.
    Off,
    /// The platform's own, and those of merchants used in the last day.
    Used,
    /// Every merchant's.
    All {
        /// The most refresh calls in 24 hours.
        daily_budget: u64,
    },
}

/// Where alerts go.
#[derive(Clone, Debug)]
pub struct AlertOptions {
    /// The webhook; its path and query are secret.
    pub url: Url,
    /// What it takes.
    pub form: AlertForm,
}

/// What a webhook takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertForm {
    /// One JSON object of our own.
    Json,
    /// A robot of 企业微信.
    Wecom,
    /// A robot of 钉钉.
    Dingtalk,
}
