//! `--jq`, read before any work is done.

use super::args::{Globals, Output};
use super::error::CliError;
use crate::console::{Console, ConsoleError, Filter, WrongFilter};
use crate::lang::text;
use crate::sys::process::own_program;

/// The console with the filter that the flags ask for.
///
/// # Errors
/// An expression that is no filter, or a format that no filter applies to.
pub fn attach(console: &Console, globals: &Globals) -> Result<Console, CliError> {
    let Some(expression) = &globals.jq else {
        return Ok(console.clone());
    };
    if !matches!(
        globals.format(),
        Some(Output::Json | Output::Ndjson | Output::Process)
    ) {
        return Err(CliError::usage(text!(
            "`--jq` filters JSON, and this format is none",
            "`--jq` 只能过滤 JSON，当前输出格式不是 JSON"
        ))
        .hint(text!(
            "leave `-o` out, or give `-o ndjson` to filter each object of a list",
            "去掉 `-o`，或用 `-o ndjson` 逐个过滤列表中的对象"
        )));
    }
    let program = own_program().map_err(ConsoleError::FilterStart)?;
    Ok(console.with_filter(Filter::new(expression, program)?))
}

impl From<WrongFilter> for CliError {
    fn from(wrong: WrongFilter) -> Self {
        let WrongFilter { at, rest, problem } = wrong;
        let place = match rest.as_str() {
            "" => text!("at its end", "位于表达式末尾"),
            rest => text!("from here on: `{rest}`", "出错的部分：`{rest}`"),
        };
        Self::usage(text!(
            "the filter of `--jq` is wrong at character {at}",
            "`--jq` 的过滤器在第 {at} 个字符处有误"
        ))
        .cause(problem)
        .cause(place)
        .hint(text!(
            "filters are written as for jq: `--jq '.[].appid'`",
            "过滤器采用 jq 的语法，例如 `--jq '.[].appid'`"
        ))
    }
}
