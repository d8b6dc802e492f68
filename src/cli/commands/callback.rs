//! `callback`: what WeChat sees of the receiver.

use std::io;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page};
use crate::lang::text;
use crate::wechat::wire::CallbackCheck;

/// Have WeChat look at the receiver of pushes.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum CallbackCommand {
    Check(CheckArgs),
}

impl CallbackCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
        }
    }
}

/// Have WeChat resolve and ping the receiver of pushes
///
/// The callback URL of WeChat's console is looked up and pinged from WeChat's own networks. One
/// packet is sent to each address, so that a loss is all or nothing; many servers answer none.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox callback check\n  wxauth --sandbox callback check --action dns --operator UNICOM -o json"
)]
pub struct CheckArgs {
    /// What to check: dns, ping or all
    #[arg(
        long,
        value_enum,
        default_value = "all",
        value_name = "WHAT",
        hide_possible_values = true
    )]
    action: Action,
    /// From whose network: default, chinanet, unicom or cap (Tencent's own)
    #[arg(
        long,
        value_enum,
        default_value = "default",
        ignore_case = true,
        value_name = "OPERATOR",
        hide_possible_values = true
    )]
    operator: Operator,
    /// Of this merchant
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
}

/// What WeChat checks.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Action {
    /// The name.
    Dns,
    /// The way.
    Ping,
    /// Both.
    All,
}

/// The network it checks from.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Operator {
    /// WeChat's choice.
    Default,
    /// China Telecom (电信).
    Chinanet,
    /// China Unicom (联通).
    Unicom,
    /// Tencent's own exit (腾讯自建出口).
    Cap,
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Ping => "ping",
            Self::All => "all",
        }
    }
}

impl Operator {
    fn word(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::Chinanet => "CHINANET",
            Self::Unicom => "UNICOM",
            Self::Cap => "CAP",
        }
    }
}

pub(super) async fn run(context: &Context, command: CallbackCommand) -> Result<Exit, CliError> {
    let CallbackCommand::Check(args) = command;
    let console = context.document()?;
    let platform = context.platform().await?;
    let caller = platform.caller(args.who.as_deref()).await?;
    let (action, operator) = (args.action.word(), args.operator.word());
    let found = platform.callback_check(&caller, action, operator).await?;
    console.document(&found, |out| screen(out, &console, &found))?;
    let lost = |loss: &Option<String>| loss.as_deref().is_some_and(|loss| loss != "0%");
    let lost = found.ping.iter().filter(|ping| lost(&ping.package_loss));
    let (lost, all) = (lost.count(), found.ping.len());
    if lost > 0 {
        context.console().warn(text!(
            "no answer to the ping from {lost} of {all} addresses: a firewall that drops pings does \
             no harm, but what drops WeChat's requests does",
            "{all} 个地址中有 {lost} 个未响应 ping：仅屏蔽 ping 不影响推送，但请确认防火墙未拦截微信的请求"
        ));
        context.console().hint(text!(
            "the addresses that pushes come from: `wxauth ips`; a push of your own: `wxauth events send`",
            "推送来源地址：`wxauth ips`；自行发送测试推送：`wxauth events send`"
        ));
    }
    Ok(Exit::Done)
}

fn screen(out: &mut Page, console: &Console, found: &CallbackCheck) -> io::Result<()> {
    let lang = console.lang();
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
    for name in &found.dns {
        let (ip, operator) = (word(&name.ip), word(&name.real_operator));
        writeln!(out, "DNS   {ip}  {operator}")?;
    }
    for ping in &found.ping {
        let (ip, operator) = (word(&ping.ip), word(&ping.from_operator));
        let (loss, time) = (word(&ping.package_loss), word(&ping.time));
        let said = text!("lost {loss}, {time}", "丢包 {loss}，{time}");
        writeln!(out, "Ping  {ip}  {operator}  {}", said.of(lang))?;
    }
    if found.dns.is_empty() && found.ping.is_empty() {
        let nothing = lang.choose("WeChat found no address", "微信没有解析到任何地址");
        writeln!(out, "{nothing}")?;
    }
    Ok(())
}
