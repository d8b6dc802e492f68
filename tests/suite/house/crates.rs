//! Crates of other people: none that nobody uses, and no OpenSSL.

use super::sources;

/// Crates that bring OpenSSL. `openssl-probe` only looks for certificate files.
const OPENSSL: [&str; 5] = [
    "openssl",
    "openssl-sys",
    "openssl-src",
    "native-tls",
    "aws-lc-sys",
];

/// Named only to choose a version of what other crates use.
const CHOSEN_FOR_OTHERS: [&str; 1] = ["idna_adapter"];

/// Crates whose library has another name.
const LIBRARIES: [(&str, &str); 1] = [("md-5", "md5")];

#[test]
fn there_is_no_openssl() {
    let lock = sources::read("Cargo.lock");
    for name in OPENSSL {
        assert!(
            !lock.contains(&format!("name = \"{name}\"")),
            "{name} is in Cargo.lock: TLS is rustls with ring"
        );
    }
}

#[test]
fn every_crate_is_used() {
    let manifest = sources::read("Cargo.toml");
    for (section, folders) in [
        ("[dependencies]", &["src"][..]),
        ("[dev-dependencies]", &["tests", "examples"]),
    ] {
        let mut code = folders.iter().flat_map(|folder| sources::rust(folder));
        let code: String = code.by_ref().map(|source| source.code).collect();
        let (_, list) = manifest.split_once(section).expect("the section");
        let list = list.split("\n[").next().unwrap_or_default();
        let names: Vec<&str> = list
            .lines()
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .collect();
        assert!(names.len() > 3, "{section}: {names:?}");
        for name in names {
            if CHOSEN_FOR_OTHERS.contains(&name) {
                continue;
            }
            let library = LIBRARIES.iter().find(|(known, _)| *known == name);
            let library =
                library.map_or(name.replace('-', "_"), |(_, library)| (*library).to_owned());
            let path = format!("{library}::");
            assert!(
                code.contains(&path),
                "{section} has {name}, but nobody uses it"
            );
        }
    }
}
