//! The arrows between the rooms, as `src/lib.rs` draws them.

use super::sources::{self, Source};

/// A room and what it may use: whole rooms, or `room::module`.
const ARROWS: [(&str, &[&str]); 11] = [
    ("wechat", &[]),
    ("sys", &[]),
    ("lang", &[]),
    ("api", &["wechat", "sys"]),
    ("store", &["wechat", "sys"]),
    ("flow", &["wechat", "sys", "api", "store"]),
    ("serve", &["wechat", "sys", "lang", "api", "store", "flow"]),
    ("sandbox", &["wechat::crypto", "wechat::id", "sys", "lang"]),
    ("console", &["sys", "lang"]),
    ("config", &["sys", "wechat::id", "wechat::secret"]),
    (
        "cli",
        &[
            "wechat", "sys", "lang", "api", "store", "flow", "serve", "sandbox", "console",
            "config",
        ],
    ),
];

/// What goes against an arrow, and why it may.
const EXCEPTIONS: [(&str, &str, &str); 2] = [
    (
        "lang",
        "sys::env",
        "the language of the locale is read from the environment's snapshot, a plain value",
    ),
    (
        "console",
        "wechat::secret",
        "a prompt for a secret gives back what cannot be printed, from the first moment",
    ),
];

/// The data files and who may read them, each with structs of its own.
const DATA_READERS: [&str; 2] = ["wechat", "sandbox"];

#[test]
fn no_room_uses_what_lies_against_the_arrows() {
    let mut wrong = Vec::new();
    let mut used = [false; EXCEPTIONS.len()];
    for source in sources::rust("src") {
        let Some(room) = source.room() else { continue };
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{} lies in a room without arrows", source.path));
        for path in crate_paths(&source.code) {
            let inside = |place: &str| path == place || path.starts_with(&format!("{place}::"));
            if inside(room) || allowed.iter().any(|place| inside(place)) {
                continue;
            }
            let exception = EXCEPTIONS
                .iter()
                .position(|(from, to, _)| *from == room && inside(to));
            match exception {
                Some(index) => used[index] = true,
                None => wrong.push(format!("{} uses crate::{path}", source.path)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (used, (from, to, _)) in used.iter().zip(EXCEPTIONS) {
        assert!(used, "nobody needs {from} → {to} any more: strike it out");
    }
}

#[test]
fn no_file_climbs_out_of_its_room() {
    for source in sources::rust("src") {
        if source.room().is_none() {
            continue;
        }
        let climb = format!("super::{}", "super::".repeat(source.depth() - 1));
        assert!(
            !source.code.contains(&climb),
            "{} reaches the crate's root by `{climb}`: name it by `crate::`",
            source.path
        );
    }
}

/// What decides cannot also read or write, so that it is decided once for all engines.
#[test]
fn decisions_of_the_store_use_no_engine() {
    let sources = sources::rust("src/store/ops");
    assert!(!sources.is_empty());
    for source in sources {
        for word in [
            "sqlite",
            "redis",
            "async ",
            "Clock",
            "machine_milliseconds",
            "random",
            "Instant",
            "tokio",
            "std::env",
        ] {
            assert!(!source.code.contains(word), "{} uses `{word}`", source.path);
        }
    }
}

/// The store's engines know neither each other nor do the acts and decisions know them.
#[test]
fn engines_of_the_store_are_named_where_they_are_chosen_only() {
    const CHOOSE: [&str; 4] = ["engine.rs", "handle.rs", "mod.rs", "risk.rs"];
    let mut named = Vec::new();
    for source in sources::rust("src/store") {
        let path = source.path.trim_start_matches("src/store/").to_owned();
        for engine in ["sqlite", "redis"] {
            let names = ["super::", "store::"].map(|before| format!("{before}{engine}"));
            let is_own = path.starts_with(&format!("{engine}/")) || CHOOSE.contains(&path.as_str());
            if !is_own && names.iter().any(|name| source.code.contains(name)) {
                named.push(format!("{path} names {engine}"));
            }
        }
    }
    assert_eq!(named, Vec::<String>::new());
}

#[test]
fn only_the_two_witnesses_read_the_data_files() {
    for source in sources::rust("src") {
        let reads = source.strings.iter().any(|text| text.contains("data/"))
            && (source.code.contains("include_str!") || source.code.contains("include_bytes!"));
        let room = source.room().unwrap_or_default();
        assert!(
            !reads || DATA_READERS.contains(&room),
            "{} reads src/data; the client and the sandbox alone do",
            source.path
        );
    }
}

#[test]
fn the_crate_page_draws_every_room() {
    let page = sources::read("src/lib.rs");
    for (room, _) in ARROWS {
        assert!(
            page.contains(&format!("`{room}`")),
            "src/lib.rs lacks `{room}`"
        );
    }
}

/// Every path behind `crate::` and `wxauth::`, groups taken apart.
fn crate_paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let rest = &code[start + "crate::".len()..];
        expand("", rest, &mut paths);
    }
    paths
}

/// Reads one path of a `use` tree and returns what follows it.
fn expand<'a>(prefix: &str, rest: &'a str, paths: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            inner = expand(prefix, inner, paths).trim_start();
            // A name of its own may follow: `as other`.
            let end = inner.find([',', '}']).unwrap_or(inner.len());
            let closed = inner[end..].starts_with('}');
            inner = inner.get(end + 1..).unwrap_or_default();
            if closed || inner.is_empty() {
                return inner;
            }
            if let Some(after) = inner.trim_start().strip_prefix('}') {
                return after;
            }
        }
    }
    let end = rest
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(rest.len());
    let path = match prefix {
        "" => rest[..end].to_owned(),
        prefix => format!("{prefix}::{}", &rest[..end]),
    };
    match rest[end..].strip_prefix("::") {
        Some(after) if !after.starts_with('<') => expand(&path, after, paths),
        _ => {
            paths.push(path);
            &rest[end..]
        }
    }
}

#[test]
fn use_trees_are_taken_apart() {
    let source = Source {
        path: "src/flow/link.rs".to_owned(),
        text: String::new(),
        code: "use crate::api::{Api, call::{Call, Effect as Kind},}; crate::store::Store::open(x)"
            .to_owned(),
        strings: Vec::new(),
    };
    assert_eq!((source.room(), source.depth()), (Some("flow"), 2));
    assert_eq!(
        crate_paths(&source.code),
        [
            "api::Api",
            "api::call::Call",
            "api::call::Effect",
            "store::Store::open"
        ]
    );
}
