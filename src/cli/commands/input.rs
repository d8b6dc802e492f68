//! Secrets and lists that come from stdin, a file or a prompt, never from an argument.

use std::io::{self, Read, Seek};
use std::path::Path;

use crate::cli::context::Context;
use crate::cli::error::{CliError, read_failure};
use crate::cli::exit::Kind;
use crate::lang::{Lang, Text, text};
use crate::sys::files;
use crate::wechat::secret::Secret;

/// The longest secret or text, from stdin or a file.
const LIMIT: u64 = 4 << 20;
/// The longest list of merchants: three million appids.
const LIST: u64 = 64 << 20;

/// A secret from `file` (`-` is stdin), else typed at a prompt, else from a piped stdin.
///
/// # Errors
/// When there is nothing, or the file cannot be read.
pub async fn secret(
    context: &Context,
    label: Text,
    file: Option<&Path>,
) -> Result<Secret, CliError> {
    let console = context.console().clone();
    let file = file.map(Path::to_owned);
    // On a thread of its own, so that Ctrl-C is heard while a person thinks.
    waiting(move || {
        let text = match &file {
            Some(path) if path != Path::new("-") => read_file(path, LIMIT)?,
            None if console.can_ask() => return not_empty(console.secret_prompt(&label)?, &label),
            _ => read_stdin(LIMIT)?,
        };
        not_empty(Secret::new(text.trim()), &label)
    })
    .await
}

/// The text of `file` (`-` is stdin), else of stdin where something is piped in.
///
/// # Errors
/// When nothing is piped in, or it cannot be read as UTF-8.
pub async fn text(context: &Context, file: Option<&Path>) -> Result<String, CliError> {
    let typed = file.is_none() && context.console().can_ask();
    let file = file.map(Path::to_owned);
    waiting(move || match file {
        Some(path) if path != Path::new("-") => read_file(&path, LIMIT),
        None if typed => Err(
            CliError::usage(text!("nothing was given", "没有收到任何输入")).hint(text!(
                "name a file, or pipe it in (`… < FILE`)",
                "指定文件，或通过管道传入（`… < FILE`）"
            )),
        ),
        _ => read_stdin(LIMIT),
    })
    .await
}

/// The file at `path` (`-` is stdin), to be read from any place in it. Of a stream whose beginning
/// is not wanted there is no more than that.
///
/// # Errors
/// When it cannot be read.
pub async fn file(
    path: &Path,
    is_wanted: fn(&[u8]) -> bool,
) -> Result<impl Read + Seek + Send + use<>, CliError> {
    let path = path.to_owned();
    waiting(move || {
        let file = match path == Path::new("-") {
            true => files::kept(&mut io::stdin(), is_wanted),
            false => files::open_to_read(&path, is_wanted),
        };
        file.map_err(|error| unreadable(&path, &error))
    })
    .await
}

fn unreadable(path: &Path, error: &io::Error) -> CliError {
    let message = match path == Path::new("-") {
        true => text!("cannot read stdin", "无法读取标准输入"),
        false => text!("cannot read {}", "无法读取 {}", path.display()),
    };
    CliError::usage(message).cause(read_failure(error))
}

/// The content of `path` (`-` is stdin), whatever it is; no more than `limit` bytes.
///
/// # Errors
/// When it cannot be read, or is longer.
pub async fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    let path = path.to_owned();
    waiting(move || {
        let read = match path == Path::new("-") {
            true => files::read_all(io::stdin(), limit),
            false => files::read_bytes(&path, limit),
        };
        read.map_err(|error| unreadable(&path, &error))
    })
    .await
}

/// Asks for a yes or no without keeping Ctrl-C from being heard.
///
/// # Errors
/// When nobody can be asked.
pub async fn confirm(context: &Context, question: Text) -> Result<bool, CliError> {
    let console = context.console().clone();
    waiting(move || Ok(console.confirm(&question)?)).await
}

async fn waiting<T: Send + 'static>(
    ask: impl FnOnce() -> Result<T, CliError> + Send + 'static,
) -> Result<T, CliError> {
    tokio::task::spawn_blocking(ask).await.map_err(|error| {
        CliError::new(Kind::Internal, text!("asking failed", "询问失败"))
            .cause(Text::same(error.to_string()))
    })?
}

fn not_empty(secret: Secret, label: &Text) -> Result<Secret, CliError> {
    if secret.is_empty() {
        return Err(CliError::usage(Text::new(
            format!("no {} was given", label.of(Lang::En)),
            format!("未提供：{}", label.of(Lang::Zh)),
        ))
        .hint(text!(
            "pipe it in (`… < FILE`), or run this on a terminal",
            "通过管道传入（`… < FILE`），或在终端中运行"
        )));
    }
    Ok(secret)
}

/// All of stdin.
fn read_stdin(limit: u64) -> Result<String, CliError> {
    files::read_all_text(io::stdin(), limit).map_err(|error| unreadable(Path::new("-"), &error))
}

fn read_file(path: &Path, limit: u64) -> Result<String, CliError> {
    files::read_text(path, limit)
        .and_then(|text| text.ok_or_else(|| io::ErrorKind::NotFound.into()))
        .map_err(|error| unreadable(path, &error))
}

/// Expands lists of merchants: `@FILE` holds one on each line, `-` is stdin. Blank lines and those
/// that begin with `#` are left out.
///
/// # Errors
/// When a file cannot be read.
pub async fn who_list(words: Vec<String>) -> Result<Vec<String>, CliError> {
    waiting(move || expand(&words)).await
}

fn expand(words: &[String]) -> Result<Vec<String>, CliError> {
    let mut list = Vec::new();
    for word in words {
        let text = match word.strip_prefix('@') {
            Some(path) => read_file(Path::new(path), LIST)?,
            None if word == "-" => read_stdin(LIST)?,
            None => word.clone(),
        };
        let lines = text.lines().map(str::trim);
        list.extend(
            lines
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .map(str::to_owned),
        );
    }
    Ok(list)
}
