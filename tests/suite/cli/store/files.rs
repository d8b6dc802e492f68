//! Exports as files: what is in them, and what becomes of those that are damaged.

use std::os::unix::fs::PermissionsExt;

use super::{Movers, second_platform};
use crate::cli::office::{Office, hints, text};
use crate::support::Outcome;

#[test]
fn a_file_shows_nothing_and_belongs_to_its_owner_alone() {
    let movers = Movers::with_merchants("3");
    let old = format!("sqlite:{}", movers.file("old.db"));
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let list = movers.json(&old, &["authorizers", "list"]);
    let appid = text(&list[0], "appid");
    let token = movers.on(&old, &["token", "authorizer", &appid]);
    let token = token.expect_code(0).stdout.trim().to_owned();
    let file = movers.file("all.wxauth");
    let words = ["store", "export", "--to", &file, "--passphrase-file"];
    let passphrase = movers.passphrase();
    let export: Vec<&str> = words.iter().copied().chain([&*passphrase]).collect();
    movers.on(&old, &export).expect_code(0);
    let mode = std::fs::metadata(&file).expect("a file").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let encrypted = std::fs::read_to_string(&file).expect("text");
    let ticket = movers.sandbox.text("component_verify_ticket");
    for clear in [&token, &ticket, &appid] {
        assert!(
            !encrypted.contains(clear.as_str()),
            "{clear} is in the clear"
        );
    }
    // What is no file is not replaced by one.
    let pipe = movers.file("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let words = [
        "store",
        "export",
        "--without-secrets",
        "--yes",
        "--to",
        &pipe,
    ];
    let refused = movers.on(&old, &words).expect_code(2);
    assert!(refused.stderr.contains("is no file"), "{refused:?}");
    // It is not replaced unasked.
    let refused = movers.on(&old, &export).expect_code(2);
    assert!(refused.stderr.contains("--yes"), "{refused:?}");

    let words = ["store", "export", "--without-secrets"];
    let open = movers.on(&old, &words).expect_code(0).stdout;
    assert!(open.contains(&appid) && open.contains("nick_name"));
    for secret in [&token, &ticket] {
        assert!(!open.contains(secret.as_str()), "{secret} is in the clear");
    }
    assert!(!open.contains("refreshtoken@@@"), "{open}");
    let plain = movers.file("plain.ndjson");
    std::fs::write(&plain, &open).expect("a file");
    let new = format!("sqlite:{}", movers.file("new.db"));
    let imported = movers.json(&new, &["store", "import", &plain]);
    assert_eq!(imported[0]["verified"], true);
    assert!(imported[0]["records"]["tokens"].is_null());
}

#[test]
fn a_file_that_is_not_whole_or_not_ones_own_changes_nothing() {
    let movers = Movers::with_merchants("30");
    let old = format!("sqlite:{}", movers.file("old.db"));
    let new = format!("sqlite:{}", movers.file("new.db"));
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    let (file, passphrase) = (movers.file("all.wxauth"), movers.passphrase());
    let words = [
        "store",
        "export",
        "--to",
        &file,
        "--passphrase-file",
        &passphrase,
    ];
    movers.on(&old, &words).expect_code(0);
    let encrypted = std::fs::read_to_string(&file).expect("text");
    let lines: Vec<&str> = encrypted.lines().collect();
    assert!(lines.len() > 3, "several pieces: {}", lines.len());
    let mut changed: Vec<u8> = encrypted.clone().into_bytes();
    let middle = lines[0].len() + lines[1].len() + 60;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let swapped = [&[lines[0], lines[1], lines[3], lines[2]][..], &lines[4..]].concat();
    let newer = encrypted.replacen("\"wxauth_export\":1", "\"wxauth_export\":9", 1);
    let in_second_line = encrypted.as_bytes()[..lines[0].len() + 11].to_vec();
    let cases: [(&str, Vec<u8>, i32); 8] = [
        ("early", in_second_line, 7),
        ("changed", changed, 7),
        ("swapped", swapped.join("\n").into_bytes(), 7),
        (
            "cut",
            encrypted.as_bytes()[..encrypted.len() / 2].to_vec(),
            7,
        ),
        ("short", lines[..lines.len() - 1].join("\n").into_bytes(), 7),
        ("newer", newer.into_bytes(), 7),
        ("foreign", b"{\"a\":1}\n".to_vec(), 2),
        ("empty", Vec::new(), 2),
    ];
    for (name, content, code) in cases {
        let path = movers.file(name);
        std::fs::write(&path, content).expect("a file");
        let words = ["store", "import", &path, "--passphrase-file", &passphrase];
        let refused = movers.on(&new, &words);
        assert_eq!(refused.code, code, "{name}: {refused:?}");
        assert!(refused.stderr.contains("hint:"), "{name}: {refused:?}");
    }
    let wrong = movers.file("wrong.txt");
    std::fs::write(&wrong, "not the one that it was").expect("a file");
    let words = ["store", "import", &file, "--passphrase-file", &wrong];
    let error = movers.on(&new, &[&words[..], &["-o", "json"]].concat());
    let error = error.expect_code(4).json_error();
    assert!(text(&error, "message").contains("passphrase"), "{error}");
    assert!(hints(&error, "--passphrase-file"), "{error}");
    let info = movers.json(&new, &["store", "info"]);
    let counts = &info["platforms"];
    assert!(
        counts
            .as_array()
            .is_some_and(|all| all.iter().all(|one| one["records"]["tokens"].is_null())),
        "{counts}"
    );
    let words = ["store", "import", &file, "--passphrase-file", &passphrase];
    assert_eq!(movers.json(&new, &words)[0]["verified"], true);
}

#[test]
fn of_two_platforms_the_profiles_own_is_moved_unless_all_are_asked_for() {
    let office = Office::synced();
    let second = |words: &[&str]| {
        let mut command = office.desk.command(words);
        command.envs(second_platform(&office));
        Outcome::of(command.spawn().expect("the program"))
    };
    second(&["authorizers", "sync", "-q"]).expect_code(0);
    let (one, both) = (
        office.desk.home().join("one.db"),
        office.desk.home().join("both.db"),
    );
    let place = |path: &std::path::Path| format!("sqlite:{}", path.display());
    let export = |to: &std::path::Path, flags: &[&str]| {
        let place = place(to);
        let words = ["store", "export", "--to", &place, "-o", "json"];
        let moved = office.run(words.iter().chain(flags)).expect_code(0).json();
        moved.as_array().expect("platforms").len()
    };
    assert_eq!(export(&one, &[]), 1);
    assert_eq!(export(&both, &["--all-platforms"]), 2);
    let absent = second(&["store", "import", &place(&one), "-o", "json"]).expect_code(2);
    assert!(hints(&absent.json_error(), "--all-platforms"));
    let elsewhere = place(&office.desk.home().join("elsewhere.db"));
    let mut import = office
        .desk
        .command(["store", "import", &place(&both), "-o", "json"]);
    import.env("WXAUTH_STORE", &elsewhere);
    let taken = Outcome::of(import.spawn().expect("the program"));
    assert_eq!(
        taken.expect_code(0).json().as_array().map(Vec::len),
        Some(1)
    );
    let info = office
        .run(["store", "info", "-o", "json"])
        .expect_code(0)
        .json();
    let own: Vec<_> = info["platforms"]
        .as_array()
        .expect("platforms")
        .iter()
        .map(|platform| platform["own"].as_bool())
        .collect();
    assert_eq!(own, [Some(true), Some(false)]);
    assert_eq!(
        text(&info["platforms"][0], "component_appid"),
        office.sandbox.text("component_appid")
    );
}

#[test]
fn replacing_asks_first_and_leaves_the_other_platform_alone() {
    let office = Office::synced();
    let copy = format!("sqlite:{}", office.desk.home().join("copy.db").display());
    office
        .run(["store", "export", "--to", &copy, "-q"])
        .expect_code(0);
    let appid = office.accounts("mini_program", true).remove(0);
    let set = ["authorizers", "set", &appid, "--external-id", "later"];
    office.run(set).expect_code(0);
    let refused = office.run(["store", "import", &copy, "--replace"]);
    assert!(refused.expect_code(2).stderr.contains("--yes"));
    let words = ["store", "import", &copy, "--replace", "--dry-run", "-q"];
    office.run(words).expect_code(0);
    office
        .run(["authorizers", "show", "later", "-q"])
        .expect_code(0);
    let words = ["store", "import", &copy, "--replace", "--yes", "-o", "json"];
    let replaced = office.run(words).expect_code(0).json();
    assert_eq!(replaced[0]["verified"], true);
    office.run(["authorizers", "show", "later"]).expect_code(2);
    let itself = format!("sqlite:{}", office.store().display());
    office.run(["store", "import", &itself]).expect_code(2);
    let nowhere = format!("sqlite:{}", office.desk.home().join("no.db").display());
    office.run(["store", "import", &nowhere]).expect_code(2);
    assert!(!office.desk.home().join("no.db").exists());
}

#[test]
fn nothing_is_dropped_for_what_cannot_be_read() {
    let office = Office::synced();
    let copy = format!("sqlite:{}", office.desk.home().join("copy.db").display());
    office
        .run(["store", "export", "--to", &copy, "-q"])
        .expect_code(0);
    let mut encrypted = office.desk.command(["store", "encrypt", "-q"]);
    encrypted.env("WXAUTH_STORE", &copy);
    encrypted.env("WXAUTH_ENCRYPTION_KEY", "0123456789abcdef".repeat(4));
    let encrypted = Outcome::of(encrypted.spawn().expect("the program"));
    encrypted.expect_code(0);
    let before = office.run(["authorizers", "list", "-o", "json"]);
    let before = before.expect_code(0).json();
    assert_ne!(before, serde_json::json!([]));
    let words = ["store", "import", &copy, "--replace", "--yes"];
    office.run(words).expect_code(4);
    let after = office.run(["authorizers", "list", "-o", "json"]);
    assert_eq!(after.expect_code(0).json(), before);
}
