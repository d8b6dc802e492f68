//! Tables of many narrow columns: folded for terminals of 80 and 140 columns, whole for a file.

use unicode_width::UnicodeWidthStr;
use wxauth::console::{
    Capture, ColorChoice, Console, ConsoleOptions, Mark, MarkedRow, Section, Tone,
};

const YES: Mark = Mark {
    sign: "✓",
    tone: Tone::Good,
};
const NAME: &str = "城市图书馆·借阅与座位预约服务平台（官方小程序）";

fn section(columns: usize) -> Section {
    let row = |name: &str| MarkedRow {
        titles: vec!["wx0e3a1e359c030e9a".to_owned(), name.to_owned()],
        marks: vec![YES; columns],
    };
    Section {
        heading: "mini programs".to_owned(),
        titles: vec!["Appid".to_owned(), "Name".to_owned()],
        columns: (1..=columns).map(|id| (id * 3).to_string()).collect(),
        rows: vec![row(NAME), row("a\u{202e}b\nc")],
        legend: (1..=columns)
            .map(|id| format!("{} a set", id * 3))
            .collect(),
    }
}

fn shown(width: Option<usize>, columns: usize, color: ColorChoice) -> String {
    let capture = Capture::new();
    let streams = match width {
        Some(width) => capture.streams().as_terminal(width),
        None => capture.streams(),
    };
    let options = ConsoleOptions {
        color,
        ..ConsoleOptions::default()
    };
    let console = Console::over(
        streams,
        jiff::tz::TimeZone::UTC,
        options,
        &wxauth::sys::env::Environment::default(),
        wxauth::sys::clock::Clock::system(),
    );
    console
        .folded(&[section(columns)], &[(YES, "granted")])
        .unwrap();
    capture.stdout()
}

#[test]
fn every_line_fits_the_terminal_and_no_column_is_lost() {
    for (width, blocks) in [(80, 5), (140, 3)] {
        let text = shown(Some(width), 60, ColorChoice::Never);
        for line in text.lines() {
            assert!(line.width() <= width, "{} > {width}: {line}", line.width());
        }
        let titles: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("Appid"))
            .collect();
        assert_eq!(titles.len(), blocks, "at {width}:\n{text}");
        let ids = titles
            .iter()
            .flat_map(|line| line.split_whitespace().skip(2));
        let expected: Vec<String> = (1..=60).map(|id| (id * 3).to_string()).collect();
        assert_eq!(ids.collect::<Vec<_>>(), expected);
        assert_eq!(text.matches('✓').count(), 2 * 60 + 1);
        // The rows are titled in each block.
        assert_eq!(text.matches("wx0e3a1e359c030e9a").count(), 2 * blocks);
    }
}

#[test]
fn a_mark_stands_under_the_last_digit_of_its_column_in_colour_too() {
    for color in [ColorChoice::Never, ColorChoice::Always] {
        let text = shown(Some(80), 4, color);
        let text = text
            .replace("\u{1b}[32m", "")
            .replace("\u{1b}[1m", "")
            .replace("\u{1b}[0m", "");
        let lines: Vec<&str> = text.lines().collect();
        let end = |line: &str, part: &str| line[..line.rfind(part).unwrap()].width() + part.width();
        assert_eq!(end(lines[1], "12"), end(lines[2], "✓"), "{text}");
        assert_eq!(lines[1].width(), lines[3].width(), "{text}");
    }
}

#[test]
fn a_file_gets_whole_names_on_one_line_each_and_nothing_hostile() {
    let text = shown(None, 60, ColorChoice::Never);
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("Appid"))
            .count(),
        1
    );
    assert!(text.contains(NAME));
    assert!(text.contains("a\\u{202e}b\\nc"), "{text}");
}
