//! A captured push: a body as it stands, or a pasted curl line with body and address.

use crate::lang::Text;

/// What was captured.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Capture {
    /// The query of the address, without the question mark; `None` when no address is known.
    pub(super) query: Option<String>,
    /// The body.
    pub(super) body: String,
}

/// Why a text is no capture.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CaptureError {
    /// There is nothing in it.
    #[error("there is nothing in it")]
    Empty,
    /// A quote of a curl line stays open: it was not copied whole.
    #[error("a quote of the curl line stays open")]
    OpenQuote,
    /// A curl line without `-d`.
    #[error("the curl line has no body (`-d`, `--data-raw`)")]
    NoBody,
    /// A curl line that takes its body from a file.
    #[error("the curl line takes its body from a file")]
    BodyInFile,
}

impl CaptureError {
    /// The same in both languages.
    pub(super) fn told(&self) -> Text {
        let chinese = match self {
            Self::Empty => "其中没有内容",
            Self::OpenQuote => "curl 行的引号没有闭合",
            Self::NoBody => "curl 行没有请求体（`-d`、`--data-raw`）",
            Self::BodyInFile => "curl 行的请求体取自文件",
        };
        Text::new(self.to_string(), chinese)
    }
}

/// Options of curl that have no value; every other single letter is taken to have one.
const FLAGS: &[u8] = b"sSkLivfgGINOJ#0123";
/// Long options of curl with a value that matters neither here.
const WITH_VALUE: [&str; 14] = [
    "--request",
    "--header",
    "--user-agent",
    "--referer",
    "--cookie",
    "--user",
    "--output",
    "--max-time",
    "--connect-timeout",
    "--proxy",
    "--resolve",
    "--cacert",
    "--write-out",
    "--retry",
];

impl Capture {
    /// Reads a body or a curl line.
    pub(super) fn read(text: &str) -> Result<Self, CaptureError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CaptureError::Empty);
        }
        let line = text.strip_prefix("$ ").unwrap_or(text);
        match line.strip_prefix("curl") {
            Some(rest) if rest.starts_with(char::is_whitespace) => Self::from_curl(rest),
            _ => Ok(Self {
                query: None,
                body: text.to_owned(),
            }),
        }
    }

    fn from_curl(line: &str) -> Result<Self, CaptureError> {
        let mut words = words(line).ok_or(CaptureError::OpenQuote)?.into_iter();
        let (mut address, mut data) = (None, Vec::new());
        while let Some(word) = words.next() {
            let (name, joined) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            let mut value = || joined.clone().or_else(|| words.next()).unwrap_or_default();
            match name {
                "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                    let value = value();
                    if value.starts_with('@') {
                        return Err(CaptureError::BodyInFile);
                    }
                    data.push(value);
                }
                "--data-raw" => data.push(value()),
                "--url" => address = Some(value()),
                long if WITH_VALUE.contains(&long) => drop(value()),
                long if long.starts_with("--") => {}
                short if short.starts_with('-') => {
                    if let Some(body) = short.strip_prefix("-d") {
                        data.push(body.to_owned());
                    } else if short.len() == 2 && !FLAGS.contains(&short.as_bytes()[1]) {
                        drop(value());
                    }
                }
                _ if word.contains("://") || word.contains('?') => address = address.or(Some(word)),
                _ => {}
            }
        }
        if data.is_empty() {
            return Err(CaptureError::NoBody);
        }
        Ok(Self {
            query: address.map(|address| query_of(&address)),
            body: data.join("&"),
        })
    }
}

/// The query of an address as logs and chat programs write it; empty when it has none.
pub(super) fn query_of(address: &str) -> String {
    let address = address.trim().replace("&amp;", "&").replace("\\u0026", "&");
    let query = match address.split_once('?') {
        Some((_, query)) => query,
        None => "",
    };
    query.split('#').next().unwrap_or_default().to_owned()
}

/// Words as bash takes them apart: `'…'`, `"…"`, `$'…'`, backslashes; `None` with a quote open.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '"' => break,
                        '\\' => match letters.next()? {
                            '\n' => {}
                            escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inside => word.push(inside),
                    }
                }
            }
            // What a browser's "copy as cURL" writes.
            '$' if letters.peek() == Some(&'\'') => {
                letters.next();
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        '\\' => word.push(ansi_escape(&mut letters)?),
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => match letters.next()? {
                '\n' => {}
                other => word.get_or_insert_default().push(other),
            },
            space if space.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

fn ansi_escape(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    let length = match letters.next()? {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'x' => 2,
        'u' => 4,
        other => return Some(other),
    };
    let mut code = 0;
    for _ in 0..length {
        let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(16)) else {
            break;
        };
        code = code * 16 + digit;
        letters.next();
    }
    char::from_u32(code)
}
