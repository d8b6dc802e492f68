//! Which of the platforms of a file is meant.

use crate::cli::error::CliError;
use crate::config::import::Found;
use crate::console::Console;
use crate::lang::{Lang, Text, text};

use super::why;

/// The platform that was asked for.
pub(super) fn choose(
    console: &Console,
    file: &str,
    mut platforms: Vec<Found>,
    appid: Option<&str>,
) -> Result<Found, CliError> {
    let known: Vec<Text> = platforms.iter().map(card).collect();
    if let Some(asked) = appid {
        let is_asked = |found: &Found| found.appid().is_some_and(|known| known.as_str() == asked);
        let is_open = |found: &Found| found.settings.first().is_some_and(|it| why(it).is_some());
        if platforms.iter().any(is_asked) {
            platforms.retain(is_asked);
        } else if platforms.len() == 1 && is_open(&platforms[0]) {
            // The file leaves the appid to somebody else: to the one who says it here.
        } else {
            let error = CliError::usage(text!(
                "{file} has no platform with the appid that was asked for",
                "{file} 中没有指定 appid 的第三方平台"
            ));
            return Err(known.into_iter().fold(error, CliError::cause).hint(text!(
                "give one of these: `--component-appid APPID`",
                "请从中选择：`--component-appid APPID`"
            )));
        }
    }
    let cards: Vec<Text> = platforms.iter().map(card).collect();
    if platforms.len() > 1 && console.can_ask() {
        let last = platforms.len();
        for (card, number) in cards.iter().zip(1..) {
            console.note(Text::each(|lang| format!("{number}  {}", card.of(lang))));
        }
        loop {
            let answer = console.prompt(
                &text!("Which platform? 1 to {last}", "使用哪个平台？1 至 {last}"),
                None,
            )?;
            let number = answer.parse::<usize>().ok();
            if let Some(index) = number
                .and_then(|it| it.checked_sub(1))
                .filter(|it| *it < last)
            {
                return Ok(platforms.swap_remove(index));
            }
        }
    }
    match platforms.pop() {
        Some(found) if platforms.is_empty() => Ok(found),
        _ => {
            let error = CliError::usage(text!(
                "{file} names several platforms, and a profile is one",
                "{file} 中有多个第三方平台，而一个配置对应一个平台"
            ));
            let error = cards.into_iter().fold(error, CliError::cause);
            Err(match appid {
                None => error.hint(text!(
                    "choose one: `--component-appid APPID`",
                    "选择其一：`--component-appid APPID`"
                )),
                Some(_) => error.hint(text!(
                    "pipe the one that is meant in alone: `… | wxauth init --from -`",
                    "请仅将所需的部分通过管道传入：`… | wxauth init --from -`"
                )),
            })
        }
    }
}

/// A platform in one line.
fn card(found: &Found) -> Text {
    let (name, line) = found
        .settings
        .first()
        .map(|appid| (appid.name.clone(), appid.line))
        .unwrap_or_default();
    let appid = found.appid().map(|appid| appid.to_string());
    let section = found.section.as_deref();
    Text::each(|lang| {
        let appid = appid.as_deref();
        let appid = appid.unwrap_or(lang.choose("no usable appid", "没有可用的 appid"));
        let section = section.map(|name| match lang {
            Lang::En => format!(", for `{name}`"),
            Lang::Zh => format!("，用于 `{name}`"),
        });
        let section = section.unwrap_or_default();
        match lang {
            Lang::En => format!("{appid}: `{name}` in line {line}{section}"),
            Lang::Zh => format!("{appid}：第 {line} 行的 `{name}`{section}"),
        }
    })
}
