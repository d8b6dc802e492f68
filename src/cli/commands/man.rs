//! `man`: manual pages, made of the helps.

use std::path::PathBuf;

use clap::{Args, Command};

use crate::cli::args::Output;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::cli::help;
use crate::lang::{Lang, text};
use crate::sys::files;

/// Print the manual page of wxauth or of one of its commands
///
/// Show it with `wxauth man link | man -l -`. With `--dir` the pages of all commands are written, as
/// wxauth.1, wxauth-link.1 and so on, for example to ~/.local/share/man/man1.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  wxauth man\n  wxauth man authorizers sync")]
pub struct ManArgs {
    /// The command; without one, wxauth itself
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write all pages into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &ManArgs) -> Result<Exit, CliError> {
    let (_, console) = context.output(&[Output::Table])?;
    // Manuals are in English, as the names of their sections are.
    let mut program = help::program(Lang::En);
    program.build();
    let Some(folder) = &args.dir else {
        let command = help::find(&program, &args.command)?;
        console.bytes(&page(command)?.1)?;
        return Ok(Exit::Done);
    };
    let mut pages = vec![page(&program)?];
    collect(&program, &mut pages)?;
    for (name, page) in &pages {
        let path = folder.join(name);
        files::replace_public(&path, page).map_err(|error| {
            let path = path.display();
            CliError::usage(text!(
                "cannot write {path}: {error}",
                "无法写入 {path}：{error}"
            ))
            .hint(text!(
                "name a folder that exists and is yours",
                "请指定一个已存在且可写的目录"
            ))
        })?;
    }
    let (count, folder) = (pages.len(), folder.display());
    console.note(text!(
        "{count} pages are in {folder}",
        "已在 {folder} 写入 {count} 页"
    ));
    Ok(Exit::Done)
}

fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), CliError> {
    for child in command
        .get_subcommands()
        .filter(|child| !child.is_hide_set())
    {
        pages.push(page(child)?);
        collect(child, pages)?;
    }
    Ok(())
}

/// The name of a page's file, and the page.
fn page(command: &Command) -> Result<(String, Vec<u8>), CliError> {
    let manual = clap_mangen::Man::new(command.clone())
        .source(concat!("wxauth ", env!("CARGO_PKG_VERSION")))
        .manual("wxauth");
    let name = manual.get_filename();
    let mut page = Vec::new();
    manual.render(&mut page).map_err(|error| {
        CliError::new(
            Kind::Internal,
            text!(
                "the manual could not be made: {error}",
                "无法生成手册：{error}"
            ),
        )
    })?;
    Ok((name, page))
}
