//! Long tables at a terminal go through the pager; nothing else does.

use std::path::PathBuf;
use std::process::Command;

use super::office::Office;
use super::terminal::played;
use crate::support::Outcome;

/// A desk whose pager keeps what it is given.
struct Reader {
    office: Office,
    kept: PathBuf,
}

impl Reader {
    fn new() -> Self {
        let office = Office::synced();
        let kept = office.desk.home().join("kept");
        let pager = format!("cat > '{}'", kept.display());
        Self {
            office: office.with("WXAUTH_PAGER", pager),
            kept,
        }
    }

    /// Runs the program at a terminal of so many lines; nothing where no terminal can be played.
    fn at(&self, lines: u8, words: &[&str]) -> Option<Outcome> {
        let program = self.office.desk.command(words);
        let mut shell = Command::new("sh");
        let script = format!("stty rows {lines} cols 120; exec \"$0\" \"$@\"");
        shell.args(["-c", &script]).arg(program.get_program());
        shell.args(program.get_args());
        for (name, value) in program.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        played(&shell, &[])
    }

    /// What the pager was given since this was last asked.
    fn taken(&self) -> Option<String> {
        let text = std::fs::read_to_string(&self.kept).ok()?;
        std::fs::remove_file(&self.kept).expect("the file");
        Some(text)
    }
}

#[test]
fn a_list_longer_than_the_screen_goes_to_the_pager_and_a_short_one_does_not() {
    let reader = Reader::new();
    let Some(long) = reader.at(6, &["authorizers", "list"]) else {
        return;
    };
    let shown = long.expect_code(0).stdout;
    let paged = reader.taken().expect("a page");
    assert!(
        paged.contains("街角咖啡") && !shown.contains("街角咖啡"),
        "{shown}"
    );
    assert!(
        paged.lines().count() > 6 && paged.contains('\u{1b}'),
        "in colour: {paged}"
    );

    for words in [
        &["authorizers", "list", "--no-pager"][..],
        &["authorizers", "list", "-o", "json"],
        &["authorizers", "list", "-o", "csv"],
        &["authorizers", "list", "--jq", ".[].nick_name"],
    ] {
        let straight = reader.at(6, words).expect("a terminal").expect_code(0);
        assert!(straight.stdout.contains("街角咖啡"), "{words:?}");
        assert_eq!(reader.taken(), None, "{words:?}");
    }
    let short = reader
        .at(100, &["authorizers", "list"])
        .expect("a terminal");
    assert!(short.expect_code(0).stdout.contains("街角咖啡"));
    let topic = reader.at(6, &["help", "output"]).expect("a terminal");
    topic.expect_code(0);
    assert!(reader.taken().expect("a page").contains("--jq"));
    assert_eq!(reader.taken(), None);
    // A pipe is no screen.
    let piped = reader.office.run(["authorizers", "list"]).expect_code(0);
    assert!(piped.stdout.contains("街角咖啡") && reader.taken().is_none());
    let reader = Reader {
        office: reader.office.with("CI", "true"),
        ..reader
    };
    let built = reader.at(6, &["authorizers", "list"]).expect("a terminal");
    assert!(built.expect_code(0).stdout.contains("街角咖啡"));
}

#[test]
fn a_pager_that_is_left_early_or_missing_fails_nothing() {
    let office = Office::synced();
    let kept = PathBuf::new();
    let drifting = ["permissions", "drift", "--require", "88"];
    let mut reader = Reader {
        office: office.with("PAGER", "head -n 1 >/dev/null; echo left"),
        kept,
    };
    let Some(left) = reader.at(6, &["authorizers", "list"]) else {
        return;
    };
    let left = left.expect_code(0);
    assert!(left.stdout.contains("left") && !left.stdout.contains("街角咖啡"));
    // The exit code stays the command's.
    reader.at(3, &drifting).expect("a terminal").expect_code(3);
    reader.office = reader.office.with("WXAUTH_PAGER", "no-such-pager");
    let missing = reader.at(6, &["authorizers", "list"]).expect("a terminal");
    assert!(missing.expect_code(0).stdout.contains("街角咖啡"));
    // less is told how to behave, unless the user told it.
    reader.office = reader
        .office
        .with("WXAUTH_PAGER", "cat >/dev/null; echo \"<$LESS>\"");
    let told = reader.at(6, &["authorizers", "list"]).expect("a terminal");
    assert!(told.expect_code(0).stdout.contains("<FRX>"));
    reader.office = reader.office.with("LESS", "-S");
    let told = reader.at(6, &["authorizers", "list"]).expect("a terminal");
    assert!(told.expect_code(0).stdout.contains("<-S>"));
}
