//! More merchants than fit into a page or a piece of a file.

use std::process::Stdio;

use super::Movers;
use crate::support::Outcome;

#[test]
fn many_merchants_travel_in_a_file_and_through_a_pipe() {
    let movers = Movers::with_merchants("250");
    let place = |name: &str| format!("sqlite:{}", movers.file(name));
    let old = place("old.db");
    movers
        .on(&old, &["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    let (file, passphrase) = (movers.file("all.wxauth"), movers.passphrase());
    let open = ["--passphrase-file", &passphrase];
    let export = ["store", "export", "--to", &file];
    movers.on(&old, &[export, [open[0], open[1], "-q", "-y"]].concat());
    let pieces = std::fs::read_to_string(&file)
        .expect("text")
        .lines()
        .count();
    assert!(pieces > 10, "{pieces} lines: no record lies in two pieces");

    let new = place("new.db");
    let row = movers.json(&new, &[&["store", "import", &file], &open[..]].concat());
    assert_eq!(row[0]["verified"], true);
    assert_eq!(row[0]["records"], movers.holding(&old));
    assert_eq!(movers.sight(&new), movers.sight(&old));

    // A pipe can be read once only.
    let piped = place("piped.db");
    let words = [&["store", "import", "-"], &open[..], &["-o", "json"]].concat();
    let mut command = movers.desk.command(&words);
    command
        .env("WXAUTH_STORE", &piped)
        .stdin(Stdio::from(std::fs::File::open(&file).expect("the file")));
    Outcome::of(command.spawn().expect("the program")).expect_code(0);
    assert_eq!(movers.sight(&piped), movers.sight(&old));
}
