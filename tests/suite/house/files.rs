//! Files: declared, and where they may lie.

use std::collections::BTreeSet;

use super::sources;

/// What the top level holds besides dotfiles.
const TOP_LEVEL: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "examples",
    "src",
    "target",
    "tests",
];
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "misc"];

/// A file that nobody declares is not compiled: its stories are silently not told.
#[test]
fn every_file_is_declared_as_a_module() {
    for (folder, roots) in [
        ("src", ["src/lib.rs", "src/main.rs"]),
        ("tests/suite", ["tests/suite/main.rs"; 2]),
    ] {
        for source in sources::rust(folder) {
            if roots.contains(&source.path.as_str()) {
                continue;
            }
            let module = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
            let (parent, name) = module.rsplit_once('/').expect("a folder");
            let candidates = match parent == folder {
                true => roots.map(str::to_owned),
                false => [format!("{parent}/mod.rs"), format!("{parent}.rs")],
            };
            let declared = candidates.iter().any(|file| {
                let file = sources::top().join(file);
                std::fs::read_to_string(file)
                    .is_ok_and(|text| declares(&text, &format!("mod {name};")))
            });
            assert!(
                declared,
                "{} is declared in none of {candidates:?}",
                source.path
            );
        }
    }
}

fn declares(text: &str, declaration: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
        let line = line.strip_prefix("pub(super) ").unwrap_or(line);
        line == declaration
    })
}

#[test]
fn the_top_level_holds_what_was_agreed() {
    let entries = std::fs::read_dir(sources::top()).expect("the project's top");
    let found: BTreeSet<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .filter(|name| !name.starts_with('.'))
        .collect();
    let agreed: BTreeSet<String> = TOP_LEVEL.map(str::to_owned).into();
    let stray: Vec<_> = found.difference(&agreed).collect();
    assert!(stray.is_empty(), "find a room for {stray:?}");
    for file in TOP_LEVEL.iter().filter(|name| **name != "target") {
        assert!(found.contains(*file), "{file} is missing");
    }
}

#[test]
fn names_say_what_is_inside() {
    for path in ["src", "tests", "examples"].map(sources::files).concat() {
        let parts = path.split('/').map(|part| part.trim_end_matches(".rs"));
        for part in parts {
            assert!(!EMPTY_NAMES.contains(&part), "{path}: what is inside?");
        }
    }
}

#[test]
fn examples_are_declared_because_nothing_finds_them_by_itself() {
    let manifest = sources::read("Cargo.toml");
    for source in sources::rust("examples") {
        let name = source.path.trim_start_matches("examples/");
        let name = name.trim_end_matches(".rs");
        assert!(
            manifest.contains(&format!("[[example]]\nname = \"{name}\"")),
            "Cargo.toml does not declare the example {name}"
        );
    }
}
