//! One command's arguments, taken apart without the rest of the program.

use std::ffi::OsString;

use clap::Parser;
use wxauth::cli::args::Cli;
use wxauth::cli::help;
use wxauth::sys::env::Environment;

/// What programs call, globals before and after, groups and what they lack.
const LINES: [&str; 20] = [
    "status",
    "--sandbox status -o json",
    "-q --profile token token component",
    "token authorizer wx00383804ac32a1a8 --min-life 30m -o env",
    "token",
    "token authorizer",
    "token nothing",
    "token help",
    "token --help",
    "authorizers refresh --rate 0 --concurrency 64",
    "authorizers list --columns appid,status",
    "authorizers",
    "exec --for wx00383804ac32a1a8 -- printenv status",
    "link --external-id 7",
    "link --no-such-flag",
    "api POST /cgi-bin/component/api_get_authorizer_list",
    "check -o junit",
    "ticket show --reveal",
    "status --version",
    "statu",
];

#[test]
fn a_command_alone_understands_what_the_whole_program_understands() {
    for line in LINES {
        let words = ["wxauth"].into_iter().chain(line.split(' '));
        let words: Vec<OsString> = words.map(OsString::from).collect();
        let environment = Environment::default();
        let alone = match help::parse(&words, &environment) {
            Ok(cli) => format!("{cli:?}"),
            Err(error) => error.render().to_string(),
        };
        let whole = match Cli::try_parse_from(&words) {
            Ok(cli) => format!("{cli:?}"),
            Err(error) => error.render().to_string(),
        };
        assert_eq!(alone, whole, "{line}");
    }
}
