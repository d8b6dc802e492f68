//! The project's files, and Rust without its comments.

use std::path::{Path, PathBuf};

/// A Rust source file.
pub struct Source {
    /// Its path from the project's top, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// The text without comments, every string literal emptied.
    pub code: String,
    /// The string literals, escapes as they are written.
    pub strings: Vec<String>,
}

impl Source {
    /// The room of a file under `src`; `None` for `lib.rs` and `main.rs`.
    pub fn room(&self) -> Option<&str> {
        let (room, _) = self.path.strip_prefix("src/")?.split_once('/')?;
        Some(room)
    }

    /// How many modules deep the file is: 1 for `src/room/mod.rs`.
    pub fn depth(&self) -> usize {
        let inner = self.path.trim_start_matches("src/");
        let inner = inner.trim_end_matches(".rs").trim_end_matches("/mod");
        inner.split('/').count()
    }
}

/// The project's top.
pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the project.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below `folder`, sorted, as paths from the project's top.
pub fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![top().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder of the project");
        for entry in entries {
            let path: PathBuf = entry.expect("an entry").path();
            // What Python leaves beside a script is no file of the project.
            if path.ends_with("__pycache__") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let inner = path.strip_prefix(top()).expect("below the top");
                found.push(inner.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The Rust sources below `folder`.
pub fn rust(folder: &str) -> Vec<Source> {
    let paths = files(folder).into_iter();
    paths
        // The build is no part of the program, and has rooms and rules of its own.
        .filter(|path| path.ends_with(".rs") && path != "src/build.rs")
        .map(|path| {
            let text = read(&path);
            let (code, strings) = split(&text);
            Source {
                path,
                text,
                code,
                strings,
            }
        })
        .collect()
}

/// Takes Rust apart: code without comments and with empty strings, and the strings.
fn split(text: &str) -> (String, Vec<String>) {
    let (mut code, mut strings) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if let Some(inner) = rest.strip_prefix("/*") {
            rest = &inner[inner.find("*/").map_or(inner.len(), |end| end + 2)..];
        } else if let Some((content, after)) = raw_string(&code, rest) {
            strings.push(content.to_owned());
            code.push_str("\"\"");
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('"') {
            let end = end_of_string(inner);
            strings.push(inner[..end].to_owned());
            code.push_str("\"\"");
            rest = &inner[end + 1..];
        } else if let Some(length) = character_literal(rest) {
            code.push_str("' '");
            rest = &rest[length..];
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    (code, strings)
}

fn raw_string<'a>(before: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let within_word = before
        .chars()
        .next_back()
        .is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let inner = rest.strip_prefix('r').filter(|_| !within_word)?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let content = inner[hashes..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = content.find(&closing)?;
    Some((&content[..end], &content[end + closing.len()..]))
}

fn end_of_string(inner: &str) -> usize {
    let mut escaped = false;
    inner
        .find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        })
        .expect("a closed string")
}

/// The length of a character literal; a lifetime is none.
fn character_literal(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        return inner[2..].find('\'').map(|end| end + 4);
    }
    let letter = inner.chars().next()?;
    inner[letter.len_utf8()..]
        .starts_with('\'')
        .then_some(letter.len_utf8() + 2)
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let (code, strings) = split(
        "use a; // crate::b\nlet c = \"crate::d \\\" // e\"; let f = '\"'; r#\"g\"h\"#; fn i<'j>() {}",
    );
    assert_eq!(
        code,
        "use a; \nlet c = \"\"; let f = ' '; \"\"; fn i<'j>() {}"
    );
    assert_eq!(strings, ["crate::d \\\" // e", "g\"h"]);
}
