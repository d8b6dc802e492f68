//! `sandbox start`: run the sandbox in the foreground.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use crate::cli::args::parse_duration;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::cli::session::DEFAULT_PORT;
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
                format!("the sandbox of this folder runs already at {}", joined.url),
            )
            .hint("use that one, or name another folder with `--config-dir DIR`"));
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
            format!("cannot listen on 127.0.0.1:{}", args.port),
        )
        .cause(error.to_string())
        .hint("choose another port: `--port 0` takes any that is free")
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
        writeln!(out, "The sandbox of WeChat listens at {url}")?;
        for platform in &card.platforms {
            let state = if platform.released {
                "released"
            } else {
                "not released"
            };
            writeln!(out, "  platform {}  {state}", platform.component_appid)?;
        }
        writeln!(out)?;
        writeln!(out, "In another terminal:")?;
        writeln!(
            out,
            "  wxauth --sandbox link                a link, as a QR code"
        )?;
        writeln!(
            out,
            "  wxauth sandbox authorize             a merchant confirms it"
        )?;
        writeln!(
            out,
            "  eval \"$(wxauth sandbox env)\"         point a program at it"
        )?;
        writeln!(
            out,
            "  {url}{MERCHANT_CONSOLE}  what a merchant sees, in a browser"
        )?;
        writeln!(out)?;
        writeln!(out, "Ctrl-C ends it; what happened stays.")
    })?;
    let shutdown = async {
        stop.await;
    };
    serve(listener, sandbox, shutdown).await.map_err(failed)?;
    Ok(Exit::Done)
}
