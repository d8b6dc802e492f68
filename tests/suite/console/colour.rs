//! Who decides about colour.

use jiff::tz::TimeZone;
use wxauth::console::{Capture, ColorChoice, Console, ConsoleOptions};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;

type Variables = &'static [(&'static str, &'static str)];

fn colored(choice: ColorChoice, terminal: bool, variables: Variables) -> bool {
    let capture = Capture::new();
    let mut streams = capture.streams();
    if terminal {
        streams = streams.as_terminal(80);
    }
    let pairs = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment: Environment = pairs.collect();
    let options = ConsoleOptions {
        color: choice,
        ..ConsoleOptions::default()
    };
    let console = Console::over(
        streams,
        TimeZone::UTC,
        options,
        &environment,
        Clock::system(),
    );
    console.style().good("ok") != "ok"
}

#[test]
fn the_flag_decides_then_the_environment_then_the_terminal() {
    use ColorChoice::{Always, Auto, Never};
    let cases: [(ColorChoice, bool, Variables, bool); 12] = [
        (Auto, true, &[], true),
        (Auto, false, &[], false),
        (Auto, true, &[("NO_COLOR", "1")], false),
        (Auto, true, &[("NO_COLOR", "")], true),
        (Auto, true, &[("TERM", "dumb")], false),
        (Auto, false, &[("CLICOLOR_FORCE", "1")], true),
        (Auto, false, &[("CLICOLOR_FORCE", "0")], false),
        (
            Auto,
            false,
            &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")],
            true,
        ),
        (
            Auto,
            false,
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            false,
        ),
        (Always, false, &[("NO_COLOR", "1")], true),
        (Never, true, &[("CLICOLOR_FORCE", "1")], false),
        (Always, true, &[("TERM", "dumb")], true),
    ];
    for (choice, terminal, variables, expected) in cases {
        let got = colored(choice, terminal, variables);
        assert_eq!(
            got, expected,
            "{choice:?} terminal={terminal} {variables:?}"
        );
    }
}
