//! The program: clap and wiring. Commands are thin; what they mean lives in [`crate::flow`].

pub mod args;
pub mod commands;
mod completion;
pub mod context;
pub mod error;
pub mod exit;
#[cfg(feature = "jq")]
mod filter;
pub mod help;
pub mod knowledge;
mod logging;
#[cfg(feature = "sandbox")]
pub mod session;
pub mod topics;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::console::Console;
use crate::lang::text;
use crate::sys::clock::Clock;
use crate::sys::{env::Environment, process, signals};

use args::{Cli, Command, Output};
use context::Context;
pub use error::CliError;
pub use exit::{Exit, Kind};

/// Runs the program on this process's arguments and environment.
pub fn main() -> ExitCode {
    process::keep_memory_private();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    #[cfg(feature = "jq")]
    if let Some(ended) = crate::console::run_filters(arguments.get(1).map(OsString::as_os_str)) {
        return ended;
    }
    let environment = Environment::capture();
    if completion::answer(&arguments, &environment) {
        return ExitCode::SUCCESS;
    }
    let cli = match help::parse(&arguments, &environment) {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error, &arguments, &environment),
    };
    let clock = Clock::system();
    let console = context::console(&cli.globals, &environment, clock.clone());
    #[cfg(feature = "jq")]
    let console = match filter::attach(&console, &cli.globals) {
        Ok(filtered) => filtered,
        Err(error) => return fail(&console, &error),
    };
    logging::start(&console);
    let runtime = runtime(&cli).map_err(|error| {
        CliError::new(
            Kind::Internal,
            text!(
                "cannot start the runtime: {error}",
                "无法启动运行时：{error}"
            ),
        )
    });
    let command = commands::name(&cli.command);
    let context = Context::new(cli.globals, environment, console.clone(), clock, command);
    let outcome = runtime.and_then(|runtime| {
        let outcome = runtime.block_on(run(context, cli.command));
        // A thread that still waits for a person's input must not keep the program.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => fail(&console, &error),
    }
}

fn fail(console: &Console, error: &CliError) -> ExitCode {
    console.error(&error.failure(console.lang()));
    error.kind().into()
}

/// One thread for every command but the sandbox itself: even bulk work is measurably faster where
/// nothing travels between threads, and the store's writer has a thread of its own.
fn runtime(cli: &Cli) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = if commands::serves(&cli.command) {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}

async fn run(context: Context, command: Command) -> Result<Exit, CliError> {
    let own_signals = commands::handles_signals(&command);
    let console = context.console().clone();
    let outcome = tokio::select! {
        // The command first: until it waits for something, Ctrl-C ends the program as it ends any.
        biased;
        outcome = commands::run(&context, command) => outcome,
        _ = signals::stop_requested(), if !own_signals => {
            Err(CliError::new(Kind::Interrupted, text!("interrupted", "已中断")))
        }
    };
    // What WeChat is answering right now must still be stored, however the command ended, and who
    // uses a sandbox hosted here is waited for. A further signal ends that.
    tokio::select! {
        () = async { context.settled().await; context.close().await } => {}
        _ = signals::stop_requested() => {}
    }
    match outcome {
        Err(error) if error.kind() == Kind::Interrupted => Err(error),
        outcome => {
            let shown = console.show_page();
            outcome.and_then(|exit| shown.map_or_else(|error| Err(error.into()), |()| Ok(exit)))
        }
    }
}

impl Output {
    /// The format asked for by flag or environment, checked against what a command has.
    ///
    /// # Errors
    /// A flag that does not apply is a usage error; the environment falls back to the table.
    pub fn choose(
        flag: Option<Self>,
        environment: &Environment,
        allowed: &[Self],
    ) -> Result<Self, CliError> {
        use clap::ValueEnum;
        let name = |output: &Self| {
            output
                .to_possible_value()
                .map_or_else(String::new, |value| value.get_name().to_owned())
        };
        match flag {
            Some(output) if allowed.contains(&output) => Ok(output),
            Some(output) => {
                let names: Vec<_> = allowed.iter().map(name).collect();
                Err(CliError::usage(text!(
                    "this command has no `{}` output",
                    "该命令没有 `{}` 输出格式",
                    name(&output)
                ))
                .hint(text!("it has: {}", "可用的格式：{}", names.join(", "))))
            }
            None => {
                let wanted = environment.get("WXAUTH_OUTPUT");
                let known = wanted.and_then(|text| Self::from_str(text, true).ok());
                Ok(known
                    .filter(|output| allowed.contains(output))
                    .unwrap_or(Self::Table))
            }
        }
    }
}
