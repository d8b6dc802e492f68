//! `sandbox start`: run the sandbox in the foreground.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use crate::cli::args::parse_duration;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::cli::session::DEFAULT_PORT;
use crate::lang::{Text, text};
use crate::sandbox::home::{Found, Home};
use crate::sandbox::{MERCHANT_CONSOLE, Sandbox, SandboxOptions, events_url, messages_url, serve};
use crate::sys::signals;

/// Run the sandbox in the foreground
///
/// Its state stays in the configuration folder. With `-o json` the first line on stdout says where
/// it listens and with which secrets; it is written when the sandbox takes calls.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox start\n  wxauth sandbox start --port 0 --accounts 10000 --authorized all -o json"
)]
pub struct StartArgs {
    /// Listen on this port of 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
    /// How many accounts there are
    #[arg(long, value_name = "N")]
    accounts: Option<u64>,
    /// Let accounts be authorized from the start
    #[arg(long, value_name = "all")]
    authorized: Option<Authorized>,
    /// How long each answer takes
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "0s")]
    latency: Duration,
    /// A number that accounts and secrets are made from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Push tickets and authorization events of the first platform there
    #[arg(long, value_name = "URL", value_parser = events_url)]
    events_url: Option<String>,
    /// Push messages of its accounts there, $APPID$ standing for the account
    #[arg(long, value_name = "URL", value_parser = messages_url)]
    messages_url: Option<String>,
}

/// Which accounts are authorized from the start.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Authorized {
    /// Every one that can be.
    All,
}

pub(super) async fn run(context: &Context, args: StartArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let folder = context.folder()?.sandbox();
    let mut claim = match Home::new(folder.clone()).join_or_claim()? {
        Found::Free(claim) => claim,
        Found::Running(joined) => {
            return Err(CliError::new(
                Kind::Usage,
                text!(
                    "the sandbox of this folder runs already at {}",
                    "该文件夹的沙箱已在 {} 运行",
                    joined.url
                ),
            )
            .hint(text!(
                "use that one, or name another folder with `--config-dir DIR`",
                "使用现有的沙箱，或用 `--config-dir DIR` 指定其他文件夹"
            )));
        }
    };
    let sandbox = Sandbox::open(SandboxOptions {
        folder: Some(folder),
        seed: args.seed,
        accounts: args.accounts,
        authorized_all: args.authorized.is_some(),
        latency: args.latency,
        events_url: args.events_url,
        messages_url: args.messages_url,
        brief: false,
    })?;
    let failed = |error: std::io::Error| {
        CliError::new(
            Kind::Usage,
            text!(
                "cannot listen on 127.0.0.1:{}",
                "无法监听 127.0.0.1:{}",
                args.port
            ),
        )
        .cause(Text::same(error.to_string()))
        .hint(text!(
            "choose another port: `--port 0` takes any that is free",
            "换一个端口：`--port 0` 使用任意空闲端口"
        ))
    };
    let listener = TcpListener::bind(("127.0.0.1", args.port))
        .await
        .map_err(failed)?;
    let url = format!("http://{}", listener.local_addr().map_err(failed)?);
    let card = sandbox.card(&url);
    let mut stop = std::pin::pin!(signals::stop_requested());
    // The signals are watched before anybody learns of the sandbox: a stop right then is a clean one.
    tokio::select! {
        biased;
        _ = stop.as_mut() => return Ok(Exit::Done),
        () = std::future::ready(()) => {}
    }
    claim.announce(&url, &card.nonce)?;
    console.document(&card, |out| {
        let lang = console.lang();
        let mut said = vec![text!(
            "The sandbox of WeChat listens at {url}",
            "微信沙箱正在监听 {url}"
        )];
        for platform in &card.platforms {
            let appid = &platform.component_appid;
            said.push(match platform.released {
                true => text!("  platform {appid}  released", "  平台 {appid}  已全网发布"),
                false => text!(
                    "  platform {appid}  not released",
                    "  平台 {appid}  未全网发布"
                ),
            });
        }
        said.push(Text::default());
        said.extend(usage(&url));
        said.iter()
            .try_for_each(|line| writeln!(out, "{}", line.of(lang)))
    })?;
    let shutdown = async {
        stop.await;
    };
    serve(listener, sandbox, shutdown).await.map_err(failed)?;
    Ok(Exit::Done)
}

/// What to do with it, in another terminal.
fn usage(url: &str) -> Vec<Text> {
    vec![
        text!("In another terminal:", "在另一个终端中："),
        text!(
            "  wxauth --sandbox link                a link, as a QR code",
            "  wxauth --sandbox link                生成授权链接与二维码"
        ),
        text!(
            "  wxauth sandbox authorize             a merchant confirms it",
            "  wxauth sandbox authorize             由商家确认授权"
        ),
        text!(
            "  eval \"$(wxauth sandbox env)\"         point a program at it",
            "  eval \"$(wxauth sandbox env)\"         让程序连接沙箱"
        ),
        text!(
            "  {url}{MERCHANT_CONSOLE}  what a merchant sees, in a browser",
            "  {url}{MERCHANT_CONSOLE}  商家看到的页面，在浏览器中打开"
        ),
        Text::default(),
        text!(
            "Ctrl-C ends it; what happened stays.",
            "按 Ctrl-C 结束；已发生的内容会保留。"
        ),
    ]
}
