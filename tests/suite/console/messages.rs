//! What is said besides the answer, and when it is not said.

use serde_json::{Value, json};
use wxauth::console::{Capture, ConsoleOptions, Failure, Format, PromptRefused};
use wxauth::lang::{Lang, Text};

fn failure() -> Failure {
    Failure {
        kind: "wechat",
        message: "WeChat refused the call".to_owned(),
        causes: vec![
            "api_component_token".to_owned(),
            "invalid \u{1b}[2Jsecret".to_owned(),
        ],
        errcode: Some(40125),
        rid: Some("5f2a".to_owned()),
        hints: vec![
            "Check it: `wxauth profile show`".to_owned(),
            "Ask again".to_owned(),
        ],
    }
}

fn say_everything(options: ConsoleOptions) -> Capture {
    let capture = Capture::new();
    let console = capture.console(options);
    console.note(Text::same("a note"));
    console.hint(Text::same("a hint"));
    console.warn(Text::same("a warning"));
    let progress = console.progress(Some(10), Text::same("Asking"));
    progress.inc(3);
    progress.message("Asking again");
    progress.finish();
    console.error(&failure());
    assert_eq!(capture.stdout(), "");
    capture
}

#[test]
fn for_people_the_error_has_causes_and_then_hints() {
    let said = say_everything(ConsoleOptions::default()).stderr();
    assert_eq!(
        said,
        "a note\nhint: a hint\nwarning: a warning\nerror: WeChat refused the call\n  \
         caused by: api_component_token\n  caused by: invalid \\u{1b}[2Jsecret\n  \
         errcode 40125, rid 5f2a\nhint: Check it: `wxauth profile show`\nhint: Ask again\n"
    );
}

#[test]
fn quiet_keeps_warnings_and_errors() {
    let said = say_everything(ConsoleOptions {
        quiet: true,
        ..ConsoleOptions::default()
    });
    assert!(
        said.stderr().starts_with("warning: a warning\nerror: "),
        "{}",
        said.stderr()
    );
}

#[test]
fn with_json_the_error_line_is_all_there_is_and_with_v_the_last() {
    for format in [Format::Json, Format::Ndjson] {
        for verbose in [0, 1] {
            let said = say_everything(ConsoleOptions {
                format,
                verbose,
                ..ConsoleOptions::default()
            });
            let said = said.stderr();
            assert_eq!(said.lines().count() == 1, verbose == 0, "{said}");
            let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
            assert_eq!(
                last,
                json!({"error": {
                    "kind": "wechat",
                    "message": "WeChat refused the call: api_component_token: invalid \u{1b}[2Jsecret",
                    "errcode": 40125,
                    "rid": "5f2a",
                    "hints": ["Check it: `wxauth profile show`", "Ask again"],
                }})
            );
        }
    }
}

#[test]
fn what_is_not_known_of_an_error_is_null() {
    let capture = Capture::new();
    let console = capture.console(ConsoleOptions {
        format: Format::Json,
        ..ConsoleOptions::default()
    });
    console.error(&Failure {
        kind: "usage",
        message: "no such thing".to_owned(),
        ..Failure::default()
    });
    assert_eq!(
        capture.stderr(),
        "{\"error\":{\"kind\":\"usage\",\"message\":\"no such thing\",\"errcode\":null,\"rid\":null,\"hints\":[]}}\n"
    );
}

#[test]
fn chinese_users_are_told_in_chinese() {
    let said = say_everything(ConsoleOptions {
        lang: Lang::Zh,
        ..ConsoleOptions::default()
    });
    assert!(said.stderr().contains("错误：WeChat refused") && said.stderr().contains("提示："));
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let capture = Capture::new();
    let console = capture.console(ConsoleOptions {
        input: true,
        ..ConsoleOptions::default()
    });
    assert!(matches!(
        console.prompt(&Text::same("component_appid"), Some("wx")),
        Err(PromptRefused::NoTerminal { label }) if label == Text::same("component_appid")
    ));
    assert!(matches!(
        console.secret_prompt(&Text::same("appsecret")),
        Err(PromptRefused::NoTerminal { .. })
    ));
    let refused = console
        .confirm(&Text::same("Forget 3 accounts?"))
        .unwrap_err();
    assert!(refused.to_string().contains("--yes"));

    let agreed = capture.console(ConsoleOptions {
        assume_yes: true,
        ..ConsoleOptions::default()
    });
    assert!(agreed.confirm(&Text::same("Forget 3 accounts?")).unwrap());
    assert_eq!(capture.stderr(), "");
}

#[test]
fn log_lines_go_to_stderr_whatever_the_format() {
    use std::io::Write;
    let capture = Capture::new();
    let console = capture.console(ConsoleOptions {
        format: Format::Json,
        ..ConsoleOptions::default()
    });
    writeln!(console.log_writer(), "a line").unwrap();
    assert_eq!(
        (capture.stdout().as_str(), capture.stderr().as_str()),
        ("", "a line\n")
    );
}

#[test]
fn values_add_neither_lines_nor_colours_to_what_is_said() {
    use std::io::Write;
    const VALUE: &str = "a\nhint: b\u{1b}[8m\u{202e}";
    const SHOWN: &str = r"a\nhint: b\u{1b}[8m\u{202e}";
    let capture = Capture::new();
    let console = capture.console(ConsoleOptions::default());
    console.note(Text::same(VALUE));
    console.hint(Text::same(VALUE));
    console.warn(Text::same(VALUE));
    writeln!(console.log_writer(), "{}", format_args!("{VALUE}")).unwrap();
    console.error(&Failure {
        message: VALUE.to_owned(),
        causes: vec![VALUE.to_owned()],
        rid: Some(VALUE.to_owned()),
        hints: vec![VALUE.to_owned()],
        ..Failure::default()
    });
    assert_eq!(
        capture.stderr(),
        format!(
            "{SHOWN}\nhint: {SHOWN}\nwarning: {SHOWN}\n{SHOWN}\nerror: {SHOWN}\n  caused by: \
             {SHOWN}\n  rid {SHOWN}\nhint: {SHOWN}\n"
        )
    );
}
