//! csv and tsv as other programs read them.

use wxauth::console::{Capture, ConsoleError, ConsoleOptions, Format};

use super::merchant::Merchant;

fn line(format: Format, name: &str) -> String {
    let capture = Capture::new();
    let columns = [
        "appid",
        "nick_name",
        "accounts",
        "permission_ids",
        "authorized_at",
    ];
    let console = capture.console(ConsoleOptions {
        format,
        columns: columns.map(str::to_owned).to_vec(),
        ..ConsoleOptions::default()
    });
    console
        .answer::<_, ConsoleError>([Ok(Merchant::named(name))])
        .unwrap();
    let out = capture.stdout();
    let (header, rest) = out.split_once('\n').unwrap();
    let separator = if format == Format::Csv { "," } else { "\t" };
    assert_eq!(header.trim_end(), columns.join(separator));
    rest.to_owned()
}

#[test]
fn csv_is_rfc_4180_with_values_for_programs() {
    assert_eq!(
        line(Format::Csv, "说\"嗨\", 店"),
        "wx1234567890abcdef,\"说\"\"嗨\"\", 店\",-3,\"1,15\",2026-11-22T19:50:00Z\r\n"
    );
}

#[test]
fn a_name_that_is_a_formula_computes_nothing_in_a_spreadsheet() {
    for name in [
        "=HYPERLINK(1)",
        "+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
    ] {
        let row = line(Format::Csv, name);
        let cell = row.split(',').nth(1).unwrap();
        assert!(cell.starts_with('\''), "{name:?} became {cell}");
    }
    assert!(line(Format::Csv, "a=1").contains(",a=1,"));
}

#[test]
fn a_name_never_breaks_a_line_or_turns_the_text_around() {
    assert!(line(Format::Csv, "a\nb\u{202e}c\u{1b}[2J").contains(r",a\nb\u{202e}c\u{1b}[2J,"));
    assert_eq!(
        line(Format::Tsv, "a\tb\nc\\n\u{202e}"),
        "wx1234567890abcdef\ta\\tb\\nc\\\\n\\u{202e}\t-3\t1,15\t2026-11-22T19:50:00Z\n"
    );
}
