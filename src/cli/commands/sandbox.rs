//! `sandbox`: run the local emulator of WeChat, and play the merchant in it.

use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::cli::context::Context;
use crate::cli::error::{CliError, sandbox_refusal};
use crate::cli::exit::{Exit, Kind};
use crate::cli::session::{self, Session};
use crate::lang::{Text, text};

mod account;
mod accounts;
mod clock;
mod environment;
mod fault;
mod journal;
mod merchant;
mod platform;
mod push;
mod release_check;
mod reset;
mod start;
mod status;

#[cfg(feature = "serve")]
pub use platform::change as change_platform;

/// Run the sandbox, and play the merchant in it.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "In a browser, the sandbox's own address leads to the merchant's console (/__sandbox/merchant),\nwhere a merchant looks at, updates and ends its authorizations."
)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum SandboxCommand {
    Start(start::StartArgs),
    /// Show where the sandbox is, its platforms and its clock
    Status(Reach),
    /// Print `export …` lines that point a program at the sandbox
    Env(Reach),
    Reset(reset::ResetArgs),
    Accounts(accounts::AccountsArgs),
    Account(account::AccountArgs),
    Authorize(merchant::AuthorizeArgs),
    Update(merchant::UpdateArgs),
    Revoke(merchant::RevokeArgs),
    Platform(platform::PlatformArgs),
    Push(push::PushArgs),
    ReleaseCheck(release_check::ReleaseCheckArgs),
    Clock(clock::ClockArgs),
    Fault(fault::FaultArgs),
    Journal(journal::JournalArgs),
}

impl SandboxCommand {
    pub(super) fn serves(&self) -> bool {
        matches!(self, Self::Start(_))
    }
}

/// Which sandbox a verb acts on.
#[derive(Clone, Debug, Default, Args)]
pub struct Reach {
    /// Act on the sandbox at this address instead of the configuration folder's
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(super) async fn run(context: &Context, command: SandboxCommand) -> Result<Exit, CliError> {
    match command {
        SandboxCommand::Start(args) => start::run(context, args).await,
        SandboxCommand::Status(reach) => status::run(context, &reach).await,
        SandboxCommand::Env(reach) => environment::run(context, &reach).await,
        SandboxCommand::Reset(args) => reset::run(context, args).await,
        SandboxCommand::Accounts(args) => accounts::run(context, args).await,
        SandboxCommand::Account(args) => account::run(context, args).await,
        SandboxCommand::Authorize(args) => merchant::authorize(context, args).await,
        SandboxCommand::Update(args) => merchant::update(context, args).await,
        SandboxCommand::Revoke(args) => merchant::revoke(context, args).await,
        SandboxCommand::Platform(args) => platform::run(context, args).await,
        SandboxCommand::Push(args) => push::run(context, args).await,
        SandboxCommand::ReleaseCheck(args) => release_check::run(context, args).await,
        SandboxCommand::Clock(args) => clock::run(context, args).await,
        SandboxCommand::Fault(args) => fault::run(context, args).await,
        SandboxCommand::Journal(args) => journal::run(context, args).await,
    }
}

/// The control interface of the sandbox a verb acts on.
struct Control<'a> {
    context: &'a Context,
    reach: &'a Reach,
    elsewhere: OnceCell<Session>,
}

impl<'a> Control<'a> {
    fn new(context: &'a Context, reach: &'a Reach) -> Self {
        Self {
            context,
            reach,
            elsewhere: OnceCell::new(),
        }
    }

    async fn session(&self) -> Result<&Session, CliError> {
        let named = self.reach.url.as_deref();
        match named.or(self.context.environment().get("WXAUTH_SANDBOX_URL")) {
            Some(url) => self.elsewhere.get_or_try_init(|| Session::at(url)).await,
            None => self.context.session().await,
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        self.call(reqwest::Method::GET, path, None).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, CliError> {
        self.call(reqwest::Method::POST, path, Some(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, CliError> {
        let url = self.session().await?.url();
        let silent = |error: reqwest::Error| {
            CliError::new(
                Kind::Unreachable,
                text!(
                    "the sandbox at {url} does not answer",
                    "{url} 处的沙箱没有响应"
                ),
            )
            .cause(Text::same(crate::sys::http::innermost(error)))
            .hint(text!(
                "start one: `wxauth sandbox start`",
                "启动沙箱：`wxauth sandbox start`"
            ))
        };
        let target = url
            .join(&format!("/__sandbox/{path}"))
            .map_err(|error| CliError::new(Kind::Internal, Text::same(error.to_string())))?;
        let mut request = session::client(url)?.request(method, target);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.map_err(silent)?;
        let succeeded = answer.status().is_success();
        let bytes = answer.bytes().await.map_err(silent)?;
        if succeeded {
            return serde_json::from_slice(&bytes).map_err(|error| {
                CliError::new(
                    Kind::Internal,
                    text!(
                        "the sandbox answered in an unknown form",
                        "沙箱的响应格式无法识别"
                    ),
                )
                .cause(Text::same(error.to_string()))
                .hint(text!(
                    "is it of another version? start it anew: `wxauth sandbox start`",
                    "版本可能不同，请重新启动：`wxauth sandbox start`"
                ))
            });
        }
        let told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let message = sandbox_refusal(
            told["error"]["kind"].as_str().unwrap_or_default(),
            told["error"]["message"].as_str(),
        );
        if told["error"]["kind"] == "no_receiver" {
            return Err(CliError::new(Kind::ActionRequired, message).hint(
                text!("set one: `wxauth sandbox platform --events-url URL --messages-url URL`, or name one with `--to URL`", "设置地址：`wxauth sandbox platform --events-url URL --messages-url URL`，或用 `--to URL` 指定"),
            ));
        }
        if told["error"]["kind"] == "no_previous_key" {
            return Err(CliError::new(Kind::ActionRequired, message).hint(text!(
                "make one: `wxauth sandbox platform --rotate-key`",
                "生成一个：`wxauth sandbox platform --rotate-key`"
            )));
        }
        if told["error"]["kind"] == "pre_auth_code" {
            return Err(CliError::new(Kind::ActionRequired, message).hint(text!(
                "make a link first: `wxauth --sandbox link`",
                "请先生成链接：`wxauth --sandbox link`"
            )));
        }
        let kind = match told["error"]["kind"].as_str() {
            Some(kind) if kind.starts_with("unknown_") => Kind::Usage,
            Some("platform" | "push" | "fault" | "body" | "query" | "clock" | "behaviours") => {
                Kind::Usage
            }
            _ => Kind::Refused,
        };
        Err(CliError::new(kind, message))
    }
}
