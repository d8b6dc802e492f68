//! One record, a document, a bare token.

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use wxauth::console::{Capture, ColorChoice, Console, ConsoleError, ConsoleOptions, Format, Tone};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;

use super::merchant::Merchant;

fn console(capture: &Capture, format: Format) -> Console {
    capture.console(ConsoleOptions {
        format,
        ..ConsoleOptions::default()
    })
}

#[test]
fn a_record_is_a_line_per_field_for_people() {
    let capture = Capture::new();
    let merchant = Merchant {
        authorized_at: None,
        ..Merchant::named("示例\u{7}")
    };
    console(&capture, Format::Table).one(&merchant).unwrap();
    let out = capture.stdout();
    assert!(
        out.starts_with("Appid       wx1234567890abcdef\nNick name   示例\\u{7}\n"),
        "{out}"
    );
    assert!(
        out.contains("\nSets        1, 15\nAuthorized  -\n"),
        "{out}"
    );
}

#[test]
fn a_record_is_one_line_of_json_for_a_program_and_spread_out_on_a_terminal() {
    let capture = Capture::new();
    console(&capture, Format::Json)
        .one(&Merchant::named("a"))
        .unwrap();
    assert_eq!(capture.stdout().lines().count(), 1);

    let capture = Capture::new();
    let options = console(&capture, Format::Json).options().clone();
    let streams = capture.streams().as_terminal(80);
    let environment = Environment::default();
    let terminal = Console::over(
        streams,
        TimeZone::UTC,
        options,
        &environment,
        Clock::system(),
    );
    terminal.one(&Merchant::named("a")).unwrap();
    assert!(capture.stdout().lines().count() > 5);
    assert!(serde_json::from_str::<Value>(&capture.stdout()).is_ok());
}

#[test]
fn a_document_is_json_or_words_and_has_no_csv_form() {
    let value = json!({"total": 3});
    let capture = Capture::new();
    console(&capture, Format::Ndjson)
        .document(&value, |_| panic!("nobody reads words"))
        .unwrap();
    assert_eq!(capture.stdout(), "{\"total\":3}\n");

    let capture = Capture::new();
    let table = console(&capture, Format::Table);
    table
        .document(&value, |out| writeln!(out, "3 in all\r\u{202e}"))
        .unwrap();
    assert_eq!(capture.stdout(), "3 in all\\r\\u{202e}\n");

    let refused = table.with_format(Format::Csv).document(&value, |_| Ok(()));
    assert!(matches!(
        refused,
        Err(ConsoleError::FormatDoesNotApply {
            format: Format::Csv
        })
    ));
}

#[test]
fn a_token_is_printed_and_nothing_else() {
    let capture = Capture::new();
    console(&capture, Format::Table).raw("97_token").unwrap();
    assert_eq!(
        (capture.stdout().as_str(), capture.stderr().as_str()),
        ("97_token\n", "")
    );
}

#[test]
fn a_page_has_its_own_colours_and_line_breaks_and_no_value_has() {
    const VALUE: &str = "a\nhint: b\u{1b}[8m\u{1b}[1m\u{1b}[0m";
    const SHOWN: &str = r"a\nhint: b\u{1b}[8m\u{1b}[1m\u{1b}[0m";
    let capture = Capture::new();
    let console = capture.console(ConsoleOptions {
        color: ColorChoice::Always,
        ..ConsoleOptions::default()
    });
    console
        .document(&json!({}), |out| {
            let line_break = "\n";
            writeln!(out, "{VALUE}{line_break}")?;
            out.put(VALUE);
            out.paint(Tone::Strong, VALUE);
            writeln!(out)?;
            out.prose(VALUE, 0);
            out.lines(&format!("{SHOWN}\n{SHOWN}"));
            Ok(())
        })
        .unwrap();
    assert_eq!(
        capture.stdout(),
        format!("{SHOWN}\\n\n{SHOWN}\u{1b}[1m{SHOWN}\u{1b}[0m\n{SHOWN}\n{SHOWN}\n{SHOWN}\n")
    );
}
