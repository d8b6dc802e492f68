//! What becomes of WeChat's answer: stdout, or a file.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::for_people;
use crate::api::{RawAnswer, RawContent};
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::{Console, Format};
use crate::lang::text;
use crate::sys::files;
use crate::wechat::wire::{Document, veiled};

/// What was saved.
#[derive(Serialize)]
struct Saved {
    path: String,
    bytes: usize,
    content_type: Option<String>,
    file_name: Option<String>,
}

/// Shows the answer, or writes it to a file.
pub(super) fn show(
    console: &Console,
    answer: RawAnswer,
    save: Option<&Path>,
) -> Result<Exit, CliError> {
    let RawAnswer {
        content,
        content_type,
        file_name,
    } = answer;
    let content = match (content, save) {
        (RawContent::Document(answer), None) => {
            document(console, answer)?;
            return Ok(Exit::Done);
        }
        (RawContent::Document(answer), Some(_)) => {
            let answer = masked(console, answer);
            let mut text = serde_json::to_vec(&answer).unwrap_or_default();
            text.push(b'\n');
            text
        }
        (RawContent::Bytes(bytes), _) => bytes,
    };
    let proposed = file_name.as_deref().and_then(safe_name);
    let Some(save) = save else {
        if console.format() == Format::Table && !console.is_terminal() {
            console.bytes(&content)?;
            return Ok(Exit::Done);
        }
        let name = proposed.unwrap_or("answer.bin");
        let kind = content_type.unwrap_or_default();
        return Err(CliError::usage(text!(
            "the answer is no text but a file ({kind})",
            "返回的不是文本，而是文件（{kind}）"
        ))
        .hint(text!(
            "write it to a file: `--save {name}`, or into a pipe",
            "请写入文件：`--save {name}`，或重定向到管道"
        )));
    };
    let path = place(save, proposed)?;
    files::replace_private(&path, &content).map_err(|error| {
        let path = path.display();
        CliError::new(
            Kind::Internal,
            text!("cannot write {path}", "无法写入 {path}"),
        )
        .cause(crate::lang::Text::same(error.to_string()))
        .hint(text!(
            "name a file in a folder that is yours: `--save FILE`",
            "请用 `--save FILE` 指定有写权限的位置"
        ))
    })?;
    let saved = Saved {
        path: path.display().to_string(),
        bytes: content.len(),
        content_type,
        file_name,
    };
    console.document(&saved, |out| {
        let Saved { path, bytes, .. } = &saved;
        let said = text!(
            "{bytes} bytes are in {path}",
            "已将 {bytes} 字节写入 {path}"
        );
        writeln!(out, "{}", said.of(console.lang()))
    })?;
    Ok(Exit::Done)
}

/// WeChat's JSON: spread out for people, on one line for programs.
pub(super) fn document(console: &Console, answer: Document) -> Result<(), CliError> {
    let answer = masked(console, answer);
    if for_people(console) {
        console.document(&answer, |out| {
            out.lines(&serde_json::to_string_pretty(&answer)?);
            Ok(())
        })?;
        return Ok(());
    }
    let format = match console.format() {
        Format::Table => Format::Json,
        format => format,
    };
    console.with_format(format).document(&answer, |_| Ok(()))?;
    Ok(())
}

/// The answer with its credentials masked, which is said, unless they are to be shown.
pub(super) fn masked(console: &Console, answer: Document) -> Document {
    if console.options().reveal {
        return answer;
    }
    let (answer, count) = veiled(answer);
    say_masked(console, count);
    answer
}

/// Says how many credentials were masked.
pub(super) fn say_masked(console: &Console, count: usize) {
    if count > 0 {
        console.note(text!(
            "credentials masked in the answer: {count} (`--reveal` shows them)",
            "返回内容中已隐藏 {count} 处凭证（`--reveal` 可显示）"
        ));
    }
}

/// Refuses a file in a folder that does not exist, before the call is made.
///
/// # Errors
/// A usage error.
pub(super) fn check_place(save: &Path) -> Result<(), CliError> {
    let folder = save.parent().filter(|path| !path.as_os_str().is_empty());
    if folder.is_none_or(Path::is_dir) {
        return Ok(());
    }
    let path = save.display();
    Err(CliError::usage(text!(
        "{path} cannot be written: there is no such folder",
        "无法写入 {path}：目录不存在"
    ))
    .hint(text!(
        "make the folder, or name another file; nothing was called",
        "请先创建目录，或换一个文件名；尚未调用接口"
    )))
}

/// The file to write: `save` itself, or what WeChat proposes in the folder that `save` is.
fn place(save: &Path, proposed: Option<&str>) -> Result<PathBuf, CliError> {
    if !save.is_dir() {
        return Ok(save.to_owned());
    }
    let folder = save.display();
    let Some(name) = proposed else {
        return Err(CliError::usage(text!(
            "{folder} is a folder, and WeChat proposes no name that is safe to use",
            "{folder} 是目录，且微信没有给出可安全使用的文件名"
        ))
        .hint(text!(
            "name the file: `--save FILE`",
            "请指定文件名：`--save FILE`"
        )));
    };
    let path = save.join(name);
    if path.exists() {
        let path = path.display();
        return Err(
            CliError::usage(text!("{path} is there already", "{path} 已存在")).hint(text!(
                "name another file: `--save FILE`",
                "请指定其他文件：`--save FILE`"
            )),
        );
    }
    Ok(path)
}

/// The name that WeChat proposes, when it is one of a plain file in any folder.
fn safe_name(name: &str) -> Option<&str> {
    let letters = |letter: char| letter.is_alphanumeric() || " ._-()".contains(letter);
    let plain = !name.starts_with(['.', '-', ' ']) && name.chars().all(letters);
    (plain && !name.is_empty() && name.len() <= 200).then_some(name)
}
