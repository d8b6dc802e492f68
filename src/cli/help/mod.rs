//! The program as clap knows it, in either language, and the helps of its commands.
//!
//! Helps are in English. For those who read Chinese each begins with a Chinese line, and lists of
//! commands show that line.

mod chinese;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Args, Command, CommandFactory, FromArgMatches, Subcommand};

use super::args::{Cli, Globals};
use super::commands::{api, authorizers, check, exec, link, status, ticket, token};
use super::error::CliError;
use super::topics::TOPICS;
use crate::lang::{Lang, clean, text};
use crate::sys::env::Environment;

pub use chinese::LINES;

/// The program's commands.
#[must_use]
pub fn program(lang: Lang) -> Command {
    match lang {
        Lang::En => Cli::command(),
        Lang::Zh => in_chinese(Cli::command(), ""),
    }
}

/// The arguments taken apart.
///
/// # Errors
/// clap's refusals, and helps, which it treats alike.
pub fn parse(arguments: &[OsString], environment: &Environment) -> Result<Cli, clap::Error> {
    if let Some(cli) = parse_one(arguments) {
        return Ok(cli);
    }
    let refused = match parse_whole(arguments, environment) {
        Ok(cli) => return Ok(cli),
        Err(refused) => refused,
    };
    // clap shows an argument as it is given: what could act on the terminal is made visible before.
    let cleaned = arguments.iter().map(|word| match word.to_str() {
        Some(word) => OsString::from(&*clean(word)),
        None => word.clone(),
    });
    let cleaned: Vec<_> = cleaned.collect();
    Err(match cleaned == arguments {
        true => refused,
        false => parse_whole(&cleaned, environment).err().unwrap_or(refused),
    })
}

fn parse_whole(arguments: &[OsString], environment: &Environment) -> Result<Cli, clap::Error> {
    let mut program = program(language(arguments, environment));
    let mut matches = program.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut program))
}

/// The arguments taken apart by a program that has no command but the one they name: to put all of
/// them together takes longer than everything else that many a command does. Nothing where that
/// program finds something wrong, or a help is asked for: the whole one has the words for it.
///
/// Only for commands that other programs call, often many times a minute.
fn parse_one(arguments: &[OsString]) -> Option<Cli> {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let command = words.filter_map(one).next()?;
    let program = Globals::augment_args(Command::new("wxauth"))
        .disable_help_subcommand(true)
        .subcommand(command);
    let mut matches = program.try_get_matches_from(arguments).ok()?;
    Cli::from_arg_matches_mut(&mut matches).ok()
}

/// The command `name`, where [`parse_one`] knows it.
fn one(name: &str) -> Option<Command> {
    let augment: fn(Command) -> Command = match name {
        "api" => api::ApiArgs::augment_args,
        "authorizers" => authorizers::AuthorizersCommand::augment_subcommands,
        "check" => check::CheckArgs::augment_args,
        "exec" => exec::ExecArgs::augment_args,
        "link" => link::LinkArgs::augment_args,
        "status" => status::StatusArgs::augment_args,
        "ticket" => ticket::TicketCommand::augment_subcommands,
        "token" => token::TokenCommand::augment_subcommands,
        _ => return None,
    };
    Some(augment(Command::new(name.to_owned())))
}

/// The language of helps, told before the arguments are understood: `--lang`, else the environment's.
#[must_use]
pub fn language(arguments: &[OsString], environment: &Environment) -> Lang {
    let words: Vec<_> = arguments
        .iter()
        .map_while(|word| word.to_str().filter(|word| *word != "--"))
        .collect();
    let flag = words.iter().enumerate().find_map(|(index, word)| {
        let joined = word.strip_prefix("--lang=");
        joined.or_else(|| (*word == "--lang").then(|| words.get(index + 1).copied())?)
    });
    flag.and_then(|text| text.parse().ok())
        .unwrap_or_else(|| preferred(environment))
}

/// The language that the environment asks for: `WXAUTH_LANG`, else the locale's.
#[must_use]
pub fn preferred(environment: &Environment) -> Lang {
    let named = environment.get("WXAUTH_LANG");
    named
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| Lang::from_locale(environment))
}

/// The help of the command that `words` call.
///
/// # Errors
/// When there is no such command.
pub fn of(words: &[String], lang: Lang) -> Result<StyledStr, CliError> {
    let mut program = program(lang);
    program.build();
    find(&program, words)?;
    // Asked for as a user asks: only then it is that help, letter by letter.
    let asked = words.iter().map(String::as_str).chain(["--help"]);
    let asked = ["wxauth"]
        .into_iter()
        .chain(asked.skip_while(|word| *word == "wxauth"));
    match program.try_get_matches_from_mut(asked) {
        Err(help) => Ok(help.render()),
        Ok(_) => Ok(program.render_long_help()),
    }
}

/// The command that `words` call in a program that was built.
///
/// # Errors
/// When there is no such command.
pub fn find<'a>(program: &'a Command, words: &[String]) -> Result<&'a Command, CliError> {
    let words = match words {
        [first, rest @ ..] if first == "wxauth" => rest,
        words => words,
    };
    let mut command = program;
    for word in words {
        command = command.find_subcommand(word).ok_or_else(|| {
            let topics = TOPICS.map(|topic| topic.name).join(", ");
            let words = words.join(" ");
            CliError::usage(text!(
                "there is no command or topic `{words}`",
                "没有名为 `{words}` 的命令或主题"
            ))
            .hint(text!(
                "`wxauth help` lists the commands; the topics are {topics}",
                "`wxauth help` 列出所有命令；主题有 {topics}"
            ))
        })?;
    }
    Ok(command)
}

/// The command and those below it, each led in by its Chinese line.
fn in_chinese(mut command: Command, path: &str) -> Command {
    if let Some(line) = chinese::line(path) {
        let english = command.get_long_about().or_else(|| command.get_about());
        let long = match english {
            Some(english) => format!("{line}\n\n{english}"),
            None => line.to_owned(),
        };
        command = command.about(line).long_about(long);
    }
    command.mut_subcommands(|child| {
        let path = match path {
            "" => child.get_name().to_owned(),
            path => format!("{path} {}", child.get_name()),
        };
        in_chinese(child, &path)
    })
}
