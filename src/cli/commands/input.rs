//! Secrets and lists that come from stdin, a file or a prompt, never from an argument.

use std::io::{Read, Seek};
use std::path::Path;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::lang::{Lang, Text, text};
use crate::sys::files;
use crate::wechat::secret::Secret;

/// The most that is read from stdin or a file.
const LIMIT: u64 = 4 << 20;

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
            Some(path) if path != Path::new("-") => read_file(path)?,
            None if console.can_ask() => return not_empty(console.secret_prompt(&label)?, &label),
            _ => read_stdin()?,
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
        Some(path) if path != Path::new("-") => read_file(&path),
        None if typed => Err(
            CliError::usage(text!("nothing was given", "没有收到任何输入")).hint(text!(
                "name a file, or pipe it in (`… < FILE`)",
                "指定文件，或通过管道传入（`… < FILE`）"
            )),
        ),
        _ => read_stdin(),
    })
    .await
}

/// The file at `path` (`-` is stdin), to be read from any place in it.
///
/// # Errors
/// When it cannot be read.
pub async fn file(path: &Path) -> Result<impl Read + Seek + Send + use<>, CliError> {
    let path = path.to_owned();
    waiting(move || {
        let (name, file) = match path == Path::new("-") {
            true => ("stdin".to_owned(), files::kept(&mut std::io::stdin())),
            false => (path.display().to_string(), files::open_to_read(&path)),
        };
        file.map_err(|error| unreadable(&name, &error))
    })
    .await
}

fn unreadable(name: &str, error: &std::io::Error) -> CliError {
    let error = Text::same(error.to_string());
    CliError::usage(text!("cannot read {name}", "无法读取 {name}")).cause(error)
}

/// The content of `path` (`-` is stdin), whatever it is.
///
/// # Errors
/// When it cannot be read.
pub async fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    let path = path.to_owned();
    waiting(move || {
        let (name, read) = if path == Path::new("-") {
            let mut content = Vec::new();
            let read = std::io::stdin().read_to_end(&mut content);
            ("stdin".to_owned(), read.map(|_| content))
        } else {
            (path.display().to_string(), files::read_bytes(&path))
        };
        read.map_err(|error| unreadable(&name, &error))
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
fn read_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .take(LIMIT)
        .read_to_string(&mut text)
        .map_err(|error| {
            CliError::new(Kind::Usage, text!("cannot read stdin", "无法读取标准输入"))
                .cause(Text::same(error.to_string()))
        })?;
    Ok(text)
}

fn read_file(path: &Path) -> Result<String, CliError> {
    let failed = |reason: Text| {
        CliError::usage(text!("cannot read {}", "无法读取 {}", path.display())).cause(reason)
    };
    files::read_text(path)
        .map_err(|error| failed(Text::same(error.to_string())))?
        .ok_or_else(|| failed(text!("there is no such file", "文件不存在")))
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
            Some(path) => read_file(Path::new(path))?,
            None if word == "-" => read_stdin()?,
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
