//! A program with its arguments, written as people write it.

use proptest::prelude::*;
use wxauth::config::CommandLine;

fn split(text: &str) -> Option<Vec<String>> {
    let command = CommandLine::parse(text)?;
    let program = std::iter::once(command.program().to_owned());
    Some(program.chain(command.arguments().iter().cloned()).collect())
}

#[test]
fn words_are_split_as_a_shell_would() {
    for (text, words) in [
        ("pass show wechat", &["pass", "show", "wechat"][..]),
        ("  spaced\tout \n", &["spaced", "out"]),
        ("a 'b c' \"d e\" f\\ g", &["a", "b c", "d e", "f g"]),
        (
            r#"a "say \"hi\" \n" 'as\is'"#,
            &["a", r#"say "hi" \n"#, r"as\is"],
        ),
        ("a '' \"\"", &["a", "", ""]),
        ("pre'fix'\"ed\"", &["prefixed"]),
        ("echo $HOME ~ *", &["echo", "$HOME", "~", "*"]),
    ] {
        assert_eq!(split(text).unwrap(), words, "{text}");
    }
    for text in ["", "  ", "''", "a 'open", "a \"open", "a \\"] {
        assert_eq!(split(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_shown_can_be_pasted_back(argv in prop::collection::vec("\\PC{1,8}", 1..5)) {
        let command = CommandLine::from_argv(argv).unwrap();
        prop_assert_eq!(CommandLine::parse(&command.to_string()), Some(command));
    }
}
