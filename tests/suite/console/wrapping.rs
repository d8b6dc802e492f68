//! Prose at a terminal: lines that fit, commands in one piece, Chinese two columns wide.

use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr as _;
use wxauth::console::{Capture, Console, ConsoleOptions, Failure};
use wxauth::lang::{Lang, Text};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;

const ENGLISH: &str = "the newest ticket is three hours old, and WeChat pushes one every ten minutes: \
    see whether pushes reach the receiver with `wxauth doctor --receiver https://a.example.com/events`, \
    or hand over one that another program received";
const CHINESE: &str = "最新的 ticket 已有三小时，而微信每十分钟推送一次：请用 \
    `wxauth doctor --receiver https://a.example.com/events` 确认推送能否到达接收地址，\
    或录入其他程序收到的最新 ticket；更多说明见（`wxauth help tickets`）。";

/// What a terminal of so many columns shows of what is said.
fn shown(lang: Lang, width: Option<usize>, say: impl Fn(&Console)) -> String {
    let capture = Capture::new();
    let streams = match width {
        Some(width) => capture.streams().as_terminal(width),
        None => capture.streams(),
    };
    let options = ConsoleOptions {
        lang,
        color: wxauth::console::ColorChoice::Never,
        ..ConsoleOptions::default()
    };
    let environment = Environment::default();
    let console = Console::over(
        streams,
        TimeZone::UTC,
        options,
        &environment,
        Clock::system(),
    );
    say(&console);
    capture.stderr()
}

/// A text as one line again: a break stands for a space, or for nothing beside Chinese.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .collect()
}

#[test]
fn lines_fit_and_nothing_is_lost() {
    for (lang, text) in [(Lang::En, ENGLISH), (Lang::Zh, CHINESE)] {
        for width in [40, 60, 80, 100] {
            let said = shown(lang, Some(width), |console| console.hint(Text::same(text)));
            for line in said.lines() {
                let whole = line.trim().trim_end_matches(['，', ',', '。']);
                let is_command = whole.starts_with('`') && whole.ends_with('`');
                assert!(line.width() <= width || is_command, "{width}: {line}");
                let start = line.trim_start().chars().next().unwrap_or(' ');
                assert!(!"，。：；）,.".contains(start), "{width}: {line}");
                assert!(
                    !line.ends_with('（') && !line.ends_with(' '),
                    "{width}: {line}"
                );
            }
            let command = "`wxauth doctor --receiver https://a.example.com/events`";
            assert!(said.contains(command), "{width}:\n{said}");
            let mark = lang.choose("hint:", "提示：");
            assert_eq!(letters(&said), letters(&format!("{mark}{text}")), "{width}");
        }
    }
}

#[test]
fn the_rest_stands_under_the_first_line() {
    let failure = Failure {
        message: ENGLISH.to_owned(),
        causes: vec![ENGLISH.to_owned()],
        hints: vec![ENGLISH.to_owned()],
        ..Failure::default()
    };
    let said = shown(Lang::En, Some(80), |console| console.error(&failure));
    let lines: Vec<_> = said.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let second = |mark: &str| {
        let first = lines.iter().position(|line| line.starts_with(mark));
        let first = first.unwrap_or_else(|| panic!("no {mark}:\n{said}"));
        indent(lines[first + 1])
    };
    let indents = [second("error: "), second("  caused by: "), second("hint: ")];
    assert_eq!(indents, [7, 13, 6], "{said}");
}

#[test]
fn a_wide_screen_has_short_lines_all_the_same_and_a_narrow_one_some_length() {
    let longest = |width| {
        let said = shown(Lang::En, Some(width), |console| {
            console.note(Text::same(ENGLISH));
        });
        said.lines().map(str::len).max().unwrap_or_default()
    };
    assert!((90..=100).contains(&longest(200)), "{}", longest(200));
    assert!(longest(10) > 30, "{}", longest(10));
}

#[test]
fn a_pipe_gets_each_saying_in_one_line() {
    let said = shown(Lang::En, None, |console| console.note(Text::same(ENGLISH)));
    assert_eq!(said, format!("{ENGLISH}\n"));
}
