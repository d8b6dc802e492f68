//! Slips at the desk: what is typed wrongly costs no call, and what never ends can be ended.

use super::office::{Office, eventually, hints, text};
use super::serving::signal;
use crate::support::{Desk, Outcome};

#[test]
fn a_query_may_hold_an_address() {
    let office = Office::synced();
    let path = "/cgi-bin/menu/get?return=https://example.com/a";
    let dry = ["api", path, "--as", "江南书院", "--dry-run", "-o", "json"];
    let shown = office.run(dry).expect_code(0);
    assert!(
        shown.stdout.contains("/cgi-bin/menu/get"),
        "{}",
        shown.stdout
    );
}

#[test]
fn a_file_in_a_folder_that_is_not_there_costs_no_call() {
    let office = Office::synced();
    let folder = office.desk.home().join("nowhere");
    let file = folder.join("menu.json");
    let before = office.calls();
    let path = file.to_str().expect("UTF-8");
    let call = [
        "api",
        "/cgi-bin/menu/get",
        "--as",
        "江南书院",
        "--save",
        path,
    ];
    let refused = office.run(call).expect_code(2);
    assert!(
        refused.stderr.contains("no such folder"),
        "{}",
        refused.stderr
    );
    assert!(!folder.exists());
    assert_eq!(office.calls(), before);
}

#[test]
fn a_list_with_something_else_in_it_is_compared_with_nothing() {
    let office = Office::synced();
    let file = office.file("firewall.txt", "# ours\n101.226.62.77\nhello\n10.0.0.0/8\n");
    let path = file.to_str().expect("UTF-8");
    let refused = office
        .run(["ips", "--diff", path, "-o", "json"])
        .expect_code(2);
    let error = refused.json_error();
    assert!(text(&error, "message").contains("`hello`"), "{error}");
    assert!(hints(&error, "one address on each line"), "{error}");
    office.file("firewall.txt", "101.226.62.77\n10.0.0.0/8\n");
    office.run(["ips", "--diff", path]).expect_code(3);
}

#[test]
fn what_is_missing_is_named_to_programs_too() {
    let refused = Desk::new().run(["-o", "json", "api"]).expect_code(2);
    let error = refused.json_error();
    assert!(text(&error, "message").contains("<PATH>"), "{error}");
}

/// The call wants the account's own token: another one would be refused as well.
#[test]
fn no_token_is_made_for_a_call_that_takes_none_of_ours() {
    let office = Office::synced();
    let made = || office.sandbox.successes("api_component_token");
    let before = made();
    office.sandbox.fault("/cgi-bin/business/get: 3 times 40001");
    office
        .run(["api", "/cgi-bin/business/get", "-d", "{}"])
        .expect_code(6);
    assert_eq!(made(), before);
}

#[test]
fn a_strict_report_counts_warnings_as_failures() {
    let office = Office::synced();
    let pending = ["check", "--authorizers", "all", "-o", "junit"];
    let report = |extra: &[&str], code| {
        let ended = office.run(pending.iter().chain(extra)).expect_code(code);
        ended.stdout
    };
    assert!(report(&[], 0).contains("failures=\"0\""));
    let strict = report(&["--strict"], 3);
    assert!(strict.contains("failures=\"1\"") && strict.contains("<failure "));
}

#[test]
fn commands_of_a_check_name_the_platform_that_was_checked() {
    let desk = Desk::new();
    desk.run(["--sandbox", "authorizers", "sync", "-q"])
        .expect_code(0);
    let check = ["--sandbox", "check", "--authorizers", "all", "-o", "json"];
    let told = desk.run(check).expect_code(0).stdout;
    assert!(told.contains("`wxauth --sandbox "), "{told}");
    assert!(!told.contains("`wxauth authorizers"), "{told}");
}

#[cfg(feature = "jq")]
#[test]
fn a_filter_that_never_ends_ends_when_it_is_told_to() {
    let office = Office::synced();
    let filter = "def f: f; \"at work\", f";
    let mut command = office.desk.command(["authorizers", "list", "--jq", filter]);
    let answer = office.desk.home().join("answer.txt");
    let file = std::fs::File::create(&answer).expect("a file");
    let child = command.stdout(file).spawn().expect("the program");
    let id = child.id();
    // The filter runs in a process of its own.
    eventually(|| busy_children(id) > 0);
    signal(&child, "TERM");
    // Not 0: the answer is not complete.
    assert_ne!(Outcome::of(child).code, 0);
}

/// How many children of a process have computed for half a second.
#[cfg(feature = "jq")]
fn busy_children(parent: u32) -> usize {
    let processes = std::fs::read_dir("/proc").expect("processes");
    let busy = processes.filter_map(|process| {
        let stat = std::fs::read_to_string(process.ok()?.path().join("stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let number = |field: usize| fields.get(field)?.parse::<u32>().ok();
        (number(1)? == parent && number(11)? > 50).then_some(())
    });
    busy.count()
}
