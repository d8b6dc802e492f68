//! Tables on terminals of different widths, with the names that merchants give themselves.

use jiff::tz::TimeZone;
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;
use wxauth::console::{Capture, ColorChoice, Console, ConsoleError, ConsoleOptions};
use wxauth::lang::Lang;
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;

use super::merchant::Merchant;

fn on_terminal(width: usize, options: ConsoleOptions, names: &[&str]) -> Capture {
    let capture = Capture::new();
    let streams = capture.streams().as_terminal(width);
    let environment = Environment::default();
    let console = Console::over(
        streams,
        TimeZone::UTC,
        options,
        &environment,
        Clock::system(),
    );
    let rows = names.iter().map(|name| Ok(Merchant::named(name)));
    console.answer::<_, ConsoleError>(rows).unwrap();
    capture
}

fn plain() -> ConsoleOptions {
    ConsoleOptions {
        color: ColorChoice::Never,
        ..ConsoleOptions::default()
    }
}

/// Where, in columns of the screen, `text` starts on the line that has it.
fn column_of(table: &str, text: &str) -> usize {
    let line = table.lines().find(|line| line.contains(text)).unwrap();
    line[..line.find(text).unwrap()].width()
}

const HOSTILE: &str = "evil\u{202e}gnp\u{1b}[31m\n店";

#[test]
fn chinese_and_hostile_names_keep_the_columns_aligned_at_140() {
    let capture = on_terminal(140, plain(), &["示例小店", "plain", HOSTILE, "👨‍👩‍👧 家"]);
    let table = capture.stdout();
    for line in table.lines() {
        assert!(line.width() <= 140, "{line}");
    }
    let status = column_of(&table, "Status");
    for line in table.lines().filter(|line| line.contains("active")) {
        assert_eq!(
            line[..line.find("active").unwrap()].width(),
            status,
            "{table}"
        );
    }
    assert!(table.contains("\\u{202e}") && table.contains("\\u{1b}") && !table.contains('\u{1b}'));
}

#[test]
fn at_80_the_least_important_columns_go_and_it_is_said() {
    let capture = on_terminal(80, plain(), &["示例小店", HOSTILE]);
    let table = capture.stdout();
    assert!(table.lines().all(|line| line.width() <= 80), "{table}");
    assert!(table.contains("wx1234567890abcdef") && !table.contains("Principal"));
    assert!(
        capture.stderr().contains("principal_name"),
        "{}",
        capture.stderr()
    );
}

#[test]
fn a_wide_column_shows_only_where_it_needs_no_folding() {
    let has_principal = |width| {
        let table = on_terminal(width, plain(), &["示例小店"]).stdout();
        table.contains("Principal")
    };
    assert!(has_principal(140) && !has_principal(100));
}

#[test]
fn columns_asked_for_are_folded_rather_than_left_out() {
    let options = ConsoleOptions {
        columns: ["appid", "nick_name", "principal_name"]
            .map(str::to_owned)
            .to_vec(),
        ..plain()
    };
    let name = "一家名字特别长的小店".repeat(4);
    let capture = on_terminal(50, options, &[&name]);
    let table = capture.stdout();
    assert!(table.lines().all(|line| line.width() <= 50), "{table}");
    assert!(table.lines().count() > 2 && table.contains("Principal"));
    let kept = table.matches('家').count();
    assert_eq!(kept, 4, "nothing is cut off: {table}");
    assert_eq!(capture.stderr(), "");
}

#[test]
fn a_pipe_gets_every_column_whole_and_without_colour() {
    let capture = Capture::new();
    let name = "一家名字特别长的小店".repeat(8);
    let console = capture.console(ConsoleOptions::default());
    console
        .answer::<_, ConsoleError>([Ok(Merchant::named(&name))])
        .unwrap();
    let table = capture.stdout();
    assert!(table.contains(&name) && table.contains("示例科技（北京）有限公司"));
    assert!(!table.contains('\u{1b}'));
    assert_eq!(table.lines().count(), 2);
}

#[test]
fn colour_does_not_move_the_columns() {
    let colored = ConsoleOptions {
        color: ColorChoice::Always,
        ..ConsoleOptions::default()
    };
    let names = ["示例小店", HOSTILE, "x"];
    for width in [40, 80, 140] {
        let painted = on_terminal(width, colored.clone(), &names).stdout();
        assert!(painted.contains("\u{1b}["));
        let mut stripped = painted.clone();
        while let Some(start) = stripped.find('\u{1b}') {
            let end = start + stripped[start..].find('m').unwrap();
            stripped.replace_range(start..=end, "");
        }
        assert_eq!(stripped, on_terminal(width, plain(), &names).stdout());
    }
}

#[test]
fn titles_are_in_the_language_of_the_user() {
    let options = ConsoleOptions {
        lang: Lang::Zh,
        ..plain()
    };
    let table = on_terminal(140, options, &["示例小店"]).stdout();
    assert!(table.contains("名称") && table.contains("状态"));
}

proptest! {
    #[test]
    fn no_name_breaks_the_frame(name in "\\PC*", other in any::<String>(), width in 40_usize..160) {
        let table = on_terminal(width, plain(), &[&name, &other]).stdout();
        for line in table.lines() {
            prop_assert!(line.width() <= width, "{} columns: {}", line.width(), line);
        }
    }
}
