//! What a shell is told when it asks how a word may go on.
//!
//! Shells ask by running the program with `COMPLETE` set. The answer comes from the command line's
//! own words and from the files of this machine: nothing is called and no file is made. Whatever
//! goes wrong, a shell that asks is answered with fewer words, and never with an error.

mod values;

use std::ffi::OsString;
use std::io;

use clap_complete::env::{EnvCompleter, Shells};

use super::help;
use crate::console::{Console, ConsoleOptions};
use crate::lang::Lang;
use crate::sys::clock::Clock;
use crate::sys::env::Environment;

/// The variable that a shell asks by; its value is the shell's name.
const ASKED: &str = "COMPLETE";
/// The program, as it is found on the path.
const PROGRAM: &str = "wxauth";

/// Answers a shell that asks; whether it was one.
pub fn answer(arguments: &[OsString], environment: &Environment) -> bool {
    let asked = environment.get(ASKED);
    let shells = Shells::builtins();
    let Some(shell) = asked.and_then(|name| shells.completer(name)) else {
        return false;
    };
    let words = arguments.iter().skip_while(|word| *word != "--").skip(1);
    let words: Vec<OsString> = words.cloned().collect();
    let answer = match words.is_empty() {
        true => script(shell),
        false => complete(shell, words, environment),
    };
    let console = Console::new(ConsoleOptions::default(), environment, Clock::system());
    if let Ok(answer) = answer {
        // A shell that went away wants no answer.
        let _ = console.bytes(&answer);
    }
    true
}

/// The script that makes a shell ask.
///
/// # Errors
/// Never today: it is written to memory.
pub fn script(shell: &dyn EnvCompleter) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    shell.write_registration(ASKED, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    Ok(script)
}

fn complete(
    shell: &dyn EnvCompleter,
    words: Vec<OsString>,
    environment: &Environment,
) -> io::Result<Vec<u8>> {
    // What stands beside the words may be read by people.
    let lang: Lang = help::language(&words, environment);
    let mut program = values::offered(help::program(lang), &words, environment);
    program.build();
    let mut answer = Vec::new();
    shell.write_complete(&mut program, words, None, &mut answer)?;
    Ok(answer)
}
