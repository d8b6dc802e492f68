//! `--paginate`: every row of a list, streamed page by page.

use serde::Serialize;

use super::body::Body;
use super::{Prepared, answer, failed};
use crate::api::RawContent;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::{Cell, CellContext, Column, Console, Format, Next, Record};
use crate::flow::{Fields, Paging};
use crate::lang::text;
use crate::wechat::wire::{Document, veiled};

/// A row as WeChat sent it.
#[derive(Serialize)]
#[serde(transparent)]
struct Row(Document);

impl Record for Row {
    // Every call has its own; the answer is JSON always.
    const COLUMNS: &'static [Column] = &[];

    fn cell(&self, _: &'static str, _: &CellContext) -> Cell {
        Cell::empty()
    }
}

/// Reads page after page and answers with the rows.
pub(super) async fn run(console: &Console, mut prepared: Prepared<'_>) -> Result<Exit, CliError> {
    let get = prepared.request.method == "GET";
    let first: Fields = match (&prepared.body, get) {
        (Body::Fields(fields), false) => fields.clone(),
        (_, false) => Fields::new(),
        // The fields of a GET are in its query by now.
        (_, true) => {
            let query = std::mem::take(&mut prepared.request.query);
            let pair = |(name, value): (String, String)| (name, value.into());
            query.into_iter().map(pair).collect()
        }
    };
    let own_query = prepared.request.query.clone();
    let mut paging = Paging::new(&prepared.request.path, first);
    let rows = console.with_format(match console.format() {
        Format::Table => Format::Json,
        format => format,
    });
    let mut list = rows.list::<Row>();
    let (mut masked, reveal) = (0, console.options().reveal);
    'pages: loop {
        prepared.request.query.clone_from(&own_query);
        Body::Fields(paging.fields().clone()).apply(&mut prepared.request)?;
        let known = prepared.target.known;
        let made = prepared
            .platform
            .call(&prepared.request, known, &prepared.caller);
        let content = match made.await {
            Ok(answer) => answer.content,
            Err(error) => return Err(failed(console, &prepared, error, false)?),
        };
        let no_list = || {
            CliError::usage(text!(
                "the answer holds no list, so there are no pages",
                "返回内容中没有列表，无法分页"
            ))
            .hint(text!(
                "make the call without `--paginate`",
                "请去掉 `--paginate` 后重试"
            ))
        };
        let RawContent::Document(document) = content else {
            return Err(no_list());
        };
        let page = paging.take(document).map_err(|_| no_list())?;
        for row in page.rows {
            let (row, found) = match reveal {
                true => (row, 0),
                false => veiled(row),
            };
            masked += found;
            if list.push(&Row(row))? == Next::Stop {
                break 'pages;
            }
        }
        if !page.more {
            break;
        }
    }
    list.finish()?;
    conclude(console, &paging, masked);
    if paging.is_endless() {
        return Err(endless(&paging));
    }
    Ok(Exit::Done)
}

/// A list that was given up, and how to go on with it all the same.
fn endless(paging: &Paging) -> CliError {
    let (pages, seen) = (paging.pages(), paging.seen());
    let next: Vec<_> = paging
        .fields()
        .iter()
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name}={text}"),
            None => format!("{name}={value}"),
        })
        .collect();
    let next = next.join(" ");
    CliError::new(
        Kind::Unreachable,
        text!(
            "the list does not end: {seen} rows on {pages} pages, and there is another",
            "列表没有尽头：已读取 {pages} 页共 {seen} 条，仍有下一页"
        ),
    )
    .cause(text!(
        "it grows with every page, gives a few rows of very many, or is longer than is read at once",
        "列表每页都在增长，或总数巨大而每页只有几条，或超出一次读取的上限"
    ))
    .hint(text!(
        "all rows until here were written; the next page begins at {next}",
        "以上各条均已输出；下一页从 {next} 开始"
    ))
}

/// What is worth knowing of a list that was read.
fn conclude(console: &Console, paging: &Paging, masked: usize) {
    answer::say_masked(console, masked);
    let seen = paging.seen();
    if paging.style().is_none() {
        console.note(text!(
            "nothing in the answer tells of further pages: this is the one that came",
            "返回内容没有分页信息：以上为仅有的一页"
        ));
    } else if let Some(total) = paging.expected().filter(|total| *total > seen) {
        console.warn(text!(
            "WeChat speaks of {total} rows and gave {seen}",
            "微信称共有 {total} 条，实际返回 {seen} 条"
        ));
    }
}
