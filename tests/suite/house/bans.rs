//! What may be used in one room only, and what nowhere.

use std::collections::BTreeSet;

use super::sources;

/// Code that belongs to one place: the words, the files or folders that may have them, and why.
const BANS: [(&str, &[&str], &str); 19] = [
    ("println!", &[], "only the console writes: `Console`"),
    ("eprintln!", &[], "only the console writes: `Console`"),
    ("print!(", &[], "only the console writes: `Console`"),
    ("dbg!", &[], "only the console writes: `Console`"),
    (
        "io::stdout",
        &["src/console/streams.rs"],
        "only the console writes",
    ),
    (
        "io::stderr",
        &["src/console/streams.rs", "src/cli/logging.rs"],
        "only the console writes, and the log under -v",
    ),
    (
        "env::var",
        &["src/sys/env.rs"],
        "the environment is a snapshot: sys::env",
    ),
    (
        "env::set_var",
        &[],
        "the environment is a snapshot: sys::env",
    ),
    (
        "env::args",
        &["src/cli/mod.rs"],
        "arguments are read once, by cli::main",
    ),
    ("env::temp_dir", &[], "files are private: sys::files"),
    (
        "SystemTime",
        &["src/sys/clock.rs"],
        "the clock can be shifted: sys::clock",
    ),
    (
        "Timestamp::now",
        &[],
        "the clock can be shifted: sys::clock",
    ),
    ("Zoned::now", &[], "the clock can be shifted: sys::clock"),
    (
        "std::fs",
        &["src/sys/"],
        "files are private from birth: sys::files",
    ),
    (
        "Client::builder",
        &["src/sys/http.rs"],
        "one builder of HTTP clients: sys::http",
    ),
    (
        "read_to_end",
        &["src/sys/"],
        "nothing is read without end: sys::files",
    ),
    (
        "read_to_string",
        &["src/sys/"],
        "nothing is read without end: sys::files",
    ),
    ("process::exit", &[], "an exit code is returned"),
    ("todo!", &[], "nothing is left undone"),
];

/// Words that no file may have: they promise work or name somebody's machine.
const FORBIDDEN: [[&str; 2]; 5] = [
    ["FIX", "ME"],
    ["TO", "DO"],
    ["XX", "X:"],
    ["/ro", "ot/"],
    ["/ho", "me/"],
];

/// The files that lay a secret open. The list may get shorter by itself; whoever makes it longer
/// says in the change why the secret must leave its wrapping there.
const EXPOSE: [&str; 34] = [
    "src/api/authorizer.rs",
    "src/api/component.rs",
    "src/api/diagnosis.rs",
    "src/api/raw.rs",
    "src/api/transport.rs",
    // A curl command shows its token when `--reveal` asks for it.
    "src/cli/commands/api/shown.rs",
    "src/cli/commands/authorizers/redeem.rs",
    "src/cli/commands/exec.rs",
    "src/cli/commands/init.rs",
    // The appid, which is held like its neighbours until its name is known.
    "src/cli/commands/init/from/told.rs",
    "src/cli/commands/link.rs",
    "src/cli/commands/link/message.rs",
    "src/cli/commands/link/screen.rs",
    // Links that were asked for are printed.
    "src/cli/commands/permissions/drift/minting.rs",
    "src/cli/commands/profile.rs",
    "src/cli/commands/store/detect.rs",
    // The password of the other Redis becomes part of its address.
    "src/cli/commands/store/place.rs",
    "src/cli/commands/ticket.rs",
    "src/cli/commands/token.rs",
    "src/config/entry.rs",
    // Placeholders are resolved, and shapes are judged, before a value is taken.
    "src/config/import/placeholder.rs",
    "src/config/from_profile.rs",
    "src/config/encryption.rs",
    "src/flow/release_check.rs",
    "src/serve/forward/parcel.rs",
    "src/serve/launch/view.rs",
    "src/store/layouts/value.rs",
    "src/store/encryption.rs",
    "src/store/events.rs",
    "src/store/encryption/key.rs",
    // What is exported is read to be encrypted, and a passphrase becomes a key.
    "src/store/transfer/encrypted/mod.rs",
    "src/wechat/event/written.rs",
    "src/wechat/link/build.rs",
    "src/wechat/push/mod.rs",
];

#[test]
fn what_belongs_to_one_place_stays_there() {
    let mut wrong = Vec::new();
    for source in sources::rust("src") {
        for (words, places, reason) in BANS {
            if source.code.contains(words)
                && !places.iter().any(|place| source.path.starts_with(place))
            {
                wrong.push(format!("{} has `{words}`: {reason}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn secrets_are_laid_open_in_known_files_only() {
    let found: BTreeSet<String> = sources::rust("src")
        .into_iter()
        .filter(|source| source.code.contains(".expose()"))
        .map(|source| source.path)
        .collect();
    let known: BTreeSet<String> = EXPOSE.map(str::to_owned).into();
    let new: Vec<_> = found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(new.is_empty(), "must {new:?} really lay a secret open?");
    assert!(gone.is_empty(), "strike {gone:?} out of the list");
}

/// The files of the tests that open a database themselves. All others read and write what a store
/// keeps through its interface, and have `support` do what no command does.
const OPEN_A_DATABASE: [&str; 7] = [
    "tests/bench/insert.rs",
    // Whether SQLite finds the file whole.
    "tests/suite/crash/scene.rs",
    "tests/suite/serve/moved.rs",
    "tests/suite/store/moved.rs",
    // The state of the sandbox, which is no store.
    "tests/suite/sandbox/state.rs",
    // What SQLite leaves in its files.
    "tests/suite/store/event_work.rs",
    "tests/suite/support/database.rs",
];

#[test]
fn tests_open_a_database_in_known_files_only() {
    let found: BTreeSet<String> = sources::rust("tests")
        .into_iter()
        .filter(|source| source.code.contains("rusqlite"))
        .map(|source| source.path)
        .collect();
    let known: BTreeSet<String> = OPEN_A_DATABASE.map(str::to_owned).into();
    let new: Vec<_> = found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(
        new.is_empty(),
        "{new:?}: open the store with `support::with_store`, or use `support::tamper`"
    );
    assert!(gone.is_empty(), "strike {gone:?} out of the list");
}

#[test]
fn no_file_promises_work_or_names_a_machine() {
    let here = sources::top().to_str().expect("UTF-8");
    let mut paths = ["src", "tests", "examples", ".ci"]
        .map(sources::files)
        .concat();
    paths.extend(["Cargo.toml", "README.md", ".gitignore"].map(str::to_owned));
    for path in paths {
        // Pictures and recorded bytes are not read by people.
        let Ok(text) = std::fs::read_to_string(sources::top().join(&path)) else {
            continue;
        };
        for word in FORBIDDEN.map(|halves| halves.concat()) {
            assert!(!text.contains(&word), "{path} has `{word}`");
        }
        assert!(!text.contains(here), "{path} names this machine's folder");
    }
}
