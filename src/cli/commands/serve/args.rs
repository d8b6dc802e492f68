//! The arguments of `serve`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use url::Url;

use crate::cli::args::Globals;
use crate::cli::error::CliError;
use crate::flow::CodeExchange;
use crate::lang::text;
use crate::serve::{AlertForm, ForwardForm, ForwardOptions, LaunchLimits, RefreshPlan};
use crate::sys::http::is_loopback;

/// Receive WeChat's pushes and show merchants the launch and callback pages
///
/// One process to put behind a web server that speaks TLS (WeChat takes ports 80 and 443 only) and
/// to leave running. It answers `success` as soon as an event is durable; codes are exchanged and
/// ends confirmed after that. Messages of merchants are counted and passed on, never stored unless
/// asked for. With several profiles each has its routes under `/<component_appid>`.
#[derive(Debug, Args)]
#[command(
    after_help = "Routes:\n  /events               授权事件接收URL\n  /messages/$APPID$     消息与事件接收URL\n  /authorize            launch page: ?for=WHO&type=KIND&permissions=SETS&state=SIGNED\n  /callback             redirect_uri\n  /healthz              200 while the ticket lives and the store can be read and written\n  /metrics              on --admin-bind, for Prometheus\n\nExamples:\n  wxauth --sandbox serve --bind 127.0.0.1:8780\n  wxauth serve --bind 127.0.0.1:8780 --behind-proxy --refresh --release-check\n  wxauth serve --forward-to http://127.0.0.1:3000/wechat --exchange always"
)]
pub struct ServeArgs {
    /// Profiles to serve; the chosen one without this
    #[arg(value_name = "PROFILE")]
    pub profiles: Vec<String>,
    /// Listen here
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8780")]
    pub bind: String,
    /// Metrics listen here; `none` for nowhere
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8781")]
    pub admin_bind: String,
    /// Take visitors' addresses from a proxy on this machine: the last one of X-Forwarded-For, or
    /// X-Real-IP where it sends no other
    #[arg(long)]
    pub behind_proxy: bool,
    /// Exchange authorization codes: always (where `mint` allows) or never; never is the default
    /// with --forward-to
    #[arg(long, value_name = "WHEN")]
    pub exchange: Option<ExchangeWhen>,
    /// Pass events and messages on to this address of yours
    #[arg(long, value_name = "URL", value_parser = web_address)]
    pub forward_to: Option<Url>,
    /// In which form: decrypted as json, or untouched as received
    #[arg(
        long,
        value_name = "FORM",
        default_value = "json",
        requires = "forward_to"
    )]
    pub forward_as: ForwardAs,
    /// Put tickets and codes into the JSON that is passed on
    #[arg(long, requires = "forward_to")]
    pub forward_secrets: bool,
    /// Answer the full-release check (全网发布检测) for its ten accounts; exchanges their codes, so
    /// that it needs `mint = "wxauth"`
    #[arg(long)]
    pub release_check: bool,
    /// Keep the decrypted bodies of messages in the store
    #[arg(long)]
    pub keep_bodies: bool,
    /// Title of the launch and callback pages
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Logo of the pages: .png, .jpg, .svg or .webp
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
    /// The most links that one address may make in an hour
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub links_per_address: u32,
    /// The most links in 24 hours
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub links_per_day: u64,
    /// Keep the component token fresh, and the tokens of merchants used in the last day; `all`
    /// means every merchant's and needs --daily-budget
    #[arg(long, value_name = "WHICH", num_args = 0..=1, default_missing_value = "used", require_equals = true)]
    pub refresh: Option<RefreshWhich>,
    /// The most refresh calls in 24 hours
    #[arg(long, value_name = "N", requires = "refresh")]
    pub daily_budget: Option<u64>,
    /// Send alerts to this webhook: @FILE that holds its address, or the address itself; a robot's
    /// address is a secret, so prefer the file or WXAUTH_ALERT_WEBHOOK
    #[arg(long, value_name = "URL|@FILE")]
    pub alert_webhook: Option<String>,
    /// What the webhook takes; told from its host without this
    #[arg(long, value_name = "FORM")]
    pub alert_form: Option<AlertAs>,
    /// Log lines on stderr
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: LogForm,
}

fn web_address(text: &str) -> Result<Url, String> {
    text.parse()
        .map_err(|_| "expected an address such as http://127.0.0.1:3000/wechat".to_owned())
}

/// When codes are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExchangeWhen {
    /// As they come.
    Always,
    /// By somebody else.
    Never,
}

impl From<ExchangeWhen> for CodeExchange {
    fn from(when: ExchangeWhen) -> Self {
        match when {
            ExchangeWhen::Always => Self::Always,
            ExchangeWhen::Never => Self::Never,
        }
    }
}

/// In which form something is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForwardAs {
    /// Decrypted.
    Json,
    /// As WeChat sent it.
    Untouched,
}

/// Which tokens are kept fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RefreshWhich {
    /// Of merchants used in the last day.
    Used,
    /// Of every merchant.
    All,
}

/// What a webhook takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AlertAs {
    /// One JSON object.
    Json,
    /// A robot of 企业微信.
    Wecom,
    /// A robot of 钉钉.
    Dingtalk,
}

impl From<AlertAs> for AlertForm {
    fn from(form: AlertAs) -> Self {
        match form {
            AlertAs::Json => Self::Json,
            AlertAs::Wecom => Self::Wecom,
            AlertAs::Dingtalk => Self::Dingtalk,
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl ServeArgs {
    /// What clap cannot judge.
    pub(super) fn check(&self, globals: &Globals) -> Result<(), CliError> {
        self.check_profiles(globals)?;
        if let Some(url) = &self.forward_to {
            let plain = url.scheme() == "http" && !is_loopback(url);
            if !matches!(url.scheme(), "http" | "https") {
                return Err(CliError::usage(text!(
                    "`{url}` is no web address",
                    "`{url}` 不是网址"
                )));
            }
            if plain && self.forward_secrets {
                return Err(CliError::usage(text!(
                    "tickets and codes would travel in the clear",
                    "ticket 与授权码会以明文传输"
                ))
                .cause(text!(
                    "{} is not on this machine and has no https",
                    "{} 不在本机，且未使用 https",
                    url.origin().ascii_serialization()
                ))
                .hint(text!(
                    "use https, or leave out `--forward-secrets`",
                    "使用 https，或去掉 `--forward-secrets`"
                )));
            }
        }
        if self.forward_secrets && self.forward_as == ForwardAs::Untouched {
            return Err(CliError::usage(text!(
                "`--forward-secrets` belongs to the JSON form: what is untouched is encrypted as a whole",
                "`--forward-secrets` 仅用于 JSON 形式：原样转发的内容是整体加密的"
            )));
        }
        self.refresh_plan()?;
        Ok(())
    }

    fn check_profiles(&self, globals: &Globals) -> Result<(), CliError> {
        if !self.profiles.is_empty() && (globals.sandbox || globals.profile.is_some()) {
            let flag = if globals.sandbox {
                "--sandbox"
            } else {
                "--profile"
            };
            return Err(CliError::usage(text!(
                "`{flag}` and `serve {}` each name a platform",
                "`{flag}` 与 `serve {}` 都指定了平台",
                self.profiles.join(" ")
            ))
            .hint(match globals.sandbox {
                true => text!(
                    "the sandbox's platform is served alone: `wxauth --sandbox serve`",
                    "沙箱平台只能单独运行：`wxauth --sandbox serve`"
                ),
                false => text!(
                    "name all profiles after `serve`",
                    "在 `serve` 之后列出全部配置"
                ),
            }));
        }
        for (index, name) in self.profiles.iter().enumerate() {
            if self.profiles[..index].contains(name) {
                return Err(CliError::usage(text!(
                    "profile `{name}` is named twice",
                    "配置 `{name}` 指定了两次"
                )));
            }
        }
        Ok(())
    }

    pub(super) fn forward(&self) -> Option<ForwardOptions> {
        self.forward_to.clone().map(|url| ForwardOptions {
            url,
            form: match self.forward_as {
                ForwardAs::Json => ForwardForm::Json,
                ForwardAs::Untouched => ForwardForm::Untouched,
            },
            with_secrets: self.forward_secrets,
        })
    }

    pub(super) fn launches(&self) -> LaunchLimits {
        LaunchLimits {
            per_address_an_hour: self.links_per_address,
            a_day: self.links_per_day,
        }
    }

    pub(super) fn refresh_plan(&self) -> Result<RefreshPlan, CliError> {
        match (self.refresh, self.daily_budget) {
            (None, _) => Ok(RefreshPlan::Off),
            (Some(RefreshWhich::Used), None) => Ok(RefreshPlan::Used),
            (Some(RefreshWhich::Used), Some(_)) => Err(CliError::usage(text!(
                "`--daily-budget` belongs to `--refresh=all`",
                "`--daily-budget` 须与 `--refresh=all` 一起使用"
            ))),
            (Some(RefreshWhich::All), Some(daily_budget)) => Ok(RefreshPlan::All { daily_budget }),
            (Some(RefreshWhich::All), None) => Err(CliError::usage(text!(
                "`--refresh=all` needs `--daily-budget N`",
                "`--refresh=all` 需要 `--daily-budget N`"
            ))
            .cause(text!(
                "every merchant's token costs about 13 calls a day",
                "每个商家的令牌每天约需 13 次调用"
            ))
            .hint(text!(
                "`--refresh` alone keeps those fresh that were used in the last day",
                "仅用 `--refresh` 时，只保持近一天内使用过的令牌有效"
            ))),
        }
    }
}
