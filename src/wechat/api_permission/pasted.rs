//! What somebody pasted: a path, a whole address, a line of a log, an error of WeChat's.

/// What a pasted text asks about. Nothing of a query is in it: that is where tokens are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The path of the call, from `/`, in the case it was written.
    pub path: Option<String>,
    /// `GET` or `POST`, where one stands alone in the text.
    pub method: Option<String>,
    /// WeChat's error code.
    pub errcode: Option<i64>,
}

/// Reads a path, an address (its host and query are dropped), or an error of WeChat's, as JSON or
/// as words, with or without either.
#[must_use]
pub fn read(text: &str) -> Asked {
    let words = || {
        text.split(|letter: char| {
            letter.is_whitespace() || "\"'`,;<>(){}[]，；（）".contains(letter)
        })
        .filter(|word| !word.is_empty())
    };
    let method = words().find(|word| matches!(*word, "GET" | "POST"));
    let errcode = errcode(text);
    let alone = errcode.is_none() && words().filter(|word| Some(*word) != method).count() == 1;
    let candidates = || words().filter(|word| Some(*word) != method);
    let path = candidates()
        .find(|word| word.contains("://") || word.starts_with('/'))
        .or_else(|| candidates().find(|word| word.contains(".com/")))
        // Alone, a word is the path without its slash, or the end of one.
        .or_else(|| candidates().find(|_| alone))
        .and_then(path_of);
    Asked {
        path,
        method: method.map(str::to_owned),
        errcode,
    }
}

/// The path in a word: without scheme, host, query, fragment and empty segments.
fn path_of(word: &str) -> Option<String> {
    let word = word.split(['?', '#', '&']).next().unwrap_or_default();
    let (word, has_host) = match word.split_once("://") {
        Some((_, rest)) => (rest, true),
        None => (
            word,
            word.split('/')
                .next()
                .is_some_and(|host| host.contains('.')),
        ),
    };
    let mut segments = word.split('/').filter(|segment| !segment.is_empty());
    if has_host {
        segments.next();
    }
    let path: String = segments.flat_map(|segment| ["/", segment]).collect();
    (!path.is_empty()).then_some(path)
}

/// The number after the word `errcode`, else the text itself when it is a number.
fn errcode(text: &str) -> Option<i64> {
    let after = match text.split_once("errcode") {
        Some((_, after)) => after,
        None => return text.trim().parse().ok(),
    };
    let after = after
        .trim_start_matches(|letter: char| letter.is_whitespace() || "\"'\\:=：".contains(letter));
    let end = after
        .find(|letter: char| !letter.is_ascii_digit() && letter != '-')
        .unwrap_or(after.len());
    after.get(..end)?.parse().ok()
}
