//! Lists: streamed, complete, and quiet when the reader leaves.

use std::io::{Write, pipe};

use jiff::tz::TimeZone;
use serde_json::Value;
use wxauth::console::{Capture, Console, ConsoleError, ConsoleOptions, Format, Next, Streams};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;

use super::merchant::Merchant;

fn options(format: Format) -> ConsoleOptions {
    ConsoleOptions {
        format,
        ..ConsoleOptions::default()
    }
}

fn answer(format: Format, names: &[&str]) -> Capture {
    let capture = Capture::new();
    let console = capture.console(options(format));
    let rows = names.iter().map(|name| Ok(Merchant::named(name)));
    console.answer::<_, ConsoleError>(rows).unwrap();
    capture
}

#[test]
fn json_is_one_array_with_names_as_they_came() {
    let capture = answer(Format::Json, &["示例", "a\u{202e}b\"\n"]);
    let array: Value = serde_json::from_str(&capture.stdout()).unwrap();
    assert_eq!(array[0]["nick_name"], "示例");
    assert_eq!(array[1]["nick_name"], "a\u{202e}b\"\n");
    assert_eq!(array.as_array().unwrap().len(), 2);
    assert_eq!(capture.stderr(), "");
}

#[test]
fn ndjson_is_one_object_per_line() {
    let out = answer(Format::Ndjson, &["a", "b\nc", "d"]).stdout();
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["nick_name"], "b\nc");
    assert!(out.ends_with('\n'));
}

#[test]
fn an_empty_list_is_said_on_stderr_and_is_still_a_document() {
    let table = answer(Format::Table, &[]);
    assert_eq!(
        (table.stdout().as_str(), table.stderr().as_str()),
        ("", "Nothing to list\n")
    );
    let json = answer(Format::Json, &[]);
    assert_eq!(
        (json.stdout().as_str(), json.stderr().as_str()),
        ("[]\n", "")
    );
    assert_eq!(answer(Format::Ndjson, &[]).stdout(), "");
    assert!(
        answer(Format::Csv, &[])
            .stdout()
            .starts_with("appid,nick_name,")
    );
}

#[test]
fn a_wrong_column_is_told_with_the_names_there_are_and_before_any_output() {
    let capture = Capture::new();
    let console = capture.console(ConsoleOptions {
        columns: vec!["appid".to_owned(), "nickname".to_owned()],
        ..options(Format::Csv)
    });
    assert!(console.check_columns::<Merchant>().is_err());
    let mut list = console.list::<Merchant>();
    match list.push(&Merchant::named("a")) {
        Err(ConsoleError::UnknownColumn { name, known, .. }) => {
            assert_eq!(name, "nickname");
            assert!(known.contains(&"nick_name".to_owned()));
        }
        _ => panic!("the column does not exist"),
    }
    drop(list);
    assert_eq!(capture.stdout(), "");
}

#[test]
fn an_error_among_the_rows_leaves_a_json_array_visibly_cut_off() {
    let capture = Capture::new();
    let console = capture.console(options(Format::Json));
    let rows = [
        Ok(Merchant::named("a")),
        Err(ConsoleError::Write(std::io::Error::other("gone"))),
    ];
    assert!(console.answer(rows).is_err());
    assert!(capture.stdout().starts_with("[{"));
    assert!(serde_json::from_str::<Value>(&capture.stdout()).is_err());

    let capture = Capture::new();
    let rows = [Err::<Merchant, _>(ConsoleError::Write(
        std::io::Error::other("gone"),
    ))];
    assert!(capture.console(options(Format::Json)).answer(rows).is_err());
    assert_eq!(capture.stdout(), "");
}

#[test]
fn rows_leave_in_large_pieces_before_the_list_is_finished() {
    let capture = Capture::new();
    let console = capture.console(options(Format::Ndjson));
    let mut list = console.list::<Merchant>();
    for _ in 0..1000 {
        list.push(&Merchant::named("示例")).unwrap();
    }
    let early = capture.stdout().len();
    list.finish().unwrap();
    assert!(early >= 64 * 1024 && early < capture.stdout().len());
}

#[test]
fn a_reader_that_leaves_stops_the_list_without_an_error() {
    for format in [
        Format::Json,
        Format::Ndjson,
        Format::Csv,
        Format::Tsv,
        Format::Table,
    ] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let capture = Capture::new();
        let streams = Streams::pipes(Box::new(writer), Box::new(std::io::sink()));
        let environment = Environment::default();
        let console = Console::over(
            streams,
            TimeZone::UTC,
            options(format),
            &environment,
            Clock::system(),
        );
        let mut list = console.list::<Merchant>();
        let mut pushed = 0;
        while pushed < 5000 && list.push(&Merchant::named("示例")).unwrap() == Next::More {
            pushed += 1;
        }
        list.finish().unwrap();
        assert!(console.reader_gone(), "{format:?}");
        assert!(
            format == Format::Table || pushed < 5000,
            "{format:?} went on for nobody"
        );
        console.raw("nobody reads this").unwrap();
        assert_eq!(capture.stdout(), "");
    }
}

#[test]
fn a_list_may_be_pushed_from_any_thread() {
    let (console, capture) = Console::captured();
    let console = console.with_format(Format::Ndjson);
    let mut list = console.list::<Merchant>();
    std::thread::spawn(move || {
        list.push(&Merchant::named("a")).unwrap();
        list.finish().unwrap();
    })
    .join()
    .unwrap();
    assert_eq!(capture.stdout().lines().count(), 1);
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let streams = Streams::pipes(Box::new(Full), Box::new(std::io::sink()));
    let environment = Environment::default();
    let options = options(Format::Json);
    let console = Console::over(
        streams,
        TimeZone::UTC,
        options,
        &environment,
        Clock::system(),
    );
    let result = console.answer::<_, ConsoleError>([Ok(Merchant::named("a"))]);
    assert!(matches!(result, Err(ConsoleError::Write(_))));
}
