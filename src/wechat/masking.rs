//! Credentials in any text, made unreadable: as they are, or escaped as an address, JSON or XML
//! escapes them, however often.

use super::secret::Secret;
use super::value::is_base64url;

/// The fields whose value opens something; WeChat names them so wherever they come, in answers
/// `auth_code` and in pushes `AuthCode`.
const FIELDS: [&str; 15] = [
    "access_token",
    "component_access_token",
    "authorizer_access_token",
    "cloudbase_access_token",
    "refresh_token",
    "authorizer_refresh_token",
    "pre_auth_code",
    "authorization_code",
    "auth_code",
    "component_verify_ticket",
    "component_appsecret",
    "component_secret",
    "appsecret",
    "encoding_aes_key",
    "secret",
];

/// How many escapes within escapes are undone: more has not been seen.
const DEPTH: usize = 6;

/// What the shortest access token has after its age.
const TOKEN: usize = 32;

/// Whether the field `name` holds a credential.
#[must_use]
pub fn is_secret_field(name: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> {
        let letters = name.chars().filter(|letter| *letter != '_');
        letters.map(|letter| letter.to_ascii_lowercase())
    }
    FIELDS.iter().any(|field| letters(field).eq(letters(name)))
}

/// `text` with its credentials masked, and how many there were.
#[must_use]
pub fn masked_text(text: &str) -> (String, usize) {
    // Most texts are names and numbers.
    if !text.contains(['@', '_', '%', '\\', '&', '=', ':', '>']) {
        return (text.to_owned(), 0);
    }
    let mut letters: Vec<Letter> = text
        .char_indices()
        .map(|(from, letter)| Letter {
            letter,
            from,
            to: from + letter.len_utf8(),
        })
        .collect();
    let mut found = credentials(&letters);
    for _ in 0..DEPTH {
        let Some(plainer) = plainer(&letters) else {
            break;
        };
        letters = plainer;
        // What is found in plainer letters is masked as these show it.
        found.splice(0..0, credentials(&letters));
    }
    found.sort_by_key(|credential| credential.from);
    let (mut masked, mut end, mut count) = (String::with_capacity(text.len()), 0, 0);
    for credential in found {
        if credential.from >= end {
            masked.push_str(&text[end..credential.from]);
            masked.push_str(&credential.mask);
            count += 1;
        }
        end = end.max(credential.to);
    }
    masked.push_str(&text[end..]);
    (masked, count)
}

/// A letter, and which bytes of the text it stands for.
#[derive(Clone, Copy)]
struct Letter {
    letter: char,
    from: usize,
    to: usize,
}

/// A credential: which bytes of the text it takes, and what is shown in their place.
struct Credential {
    from: usize,
    to: usize,
    mask: String,
}

/// The letters with one layer of escapes undone; nothing where there is none.
fn plainer(letters: &[Letter]) -> Option<Vec<Letter>> {
    let escapes = letters
        .iter()
        .any(|letter| matches!(letter.letter, '%' | '\\' | '&'));
    if !escapes {
        return None;
    }
    let mut plain = Vec::with_capacity(letters.len());
    let mut rest = letters;
    while let [first, ..] = rest {
        let (letter, length) = unescaped(rest).unwrap_or((first.letter, 1));
        plain.push(Letter {
            letter,
            from: first.from,
            to: rest[length - 1].to,
        });
        rest = &rest[length..];
    }
    (plain.len() < letters.len()).then_some(plain)
}

/// The letter that an escape at the beginning of `rest` stands for, and how long the escape is.
fn unescaped(rest: &[Letter]) -> Option<(char, usize)> {
    let number = |from: usize, length: usize, radix: u32| {
        let digits: String = rest
            .get(from..from + length)?
            .iter()
            .map(|letter| letter.letter)
            .collect();
        char::from_u32(u32::from_str_radix(&digits, radix).ok()?)
    };
    let second = rest.get(1)?.letter;
    match rest[0].letter {
        '%' => Some((number(1, 2, 16).filter(char::is_ascii)?, 3)),
        '\\' => match second {
            'u' => Some((number(2, 4, 16)?, 6)),
            'n' | 'r' | 't' => Some((' ', 2)),
            '"' | '\\' | '/' => Some((second, 2)),
            _ => None,
        },
        '&' => {
            let name: String = rest[1..]
                .iter()
                .take(8)
                .map(|letter| letter.letter)
                .take_while(|letter| *letter != ';')
                .collect();
            let letter = match name.as_str() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                name => {
                    let digits = name.strip_prefix('#')?;
                    let hexadecimal = digits.strip_prefix(['x', 'X']);
                    let number = match hexadecimal {
                        Some(digits) => u32::from_str_radix(digits, 16),
                        None => digits.parse(),
                    };
                    char::from_u32(number.ok()?)?
                }
            };
            let length = name.chars().count() + 2;
            (rest.get(length - 1)?.letter == ';').then_some((letter, length))
        }
        _ => None,
    }
}

/// The credentials in these letters, in order; some may lie within others.
fn credentials(letters: &[Letter]) -> Vec<Credential> {
    let text: Vec<char> = letters.iter().map(|letter| letter.letter).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let begins = is_word(text[at]) && (at == 0 || !is_word(text[at - 1]));
        let range = if text[at..].starts_with(&['@', '@', '@']) {
            marked(&text, at)
        } else if begins {
            token(&text, at).or_else(|| value_of_field(&text, at))
        } else {
            None
        };
        if let Some((from, to)) = range
            && from < to
        {
            let credential: String = text[from..to].iter().collect();
            found.push(Credential {
                from: letters[from].from,
                to: letters[to - 1].to,
                mask: Secret::new(credential).mask(),
            });
            at = at.max(from);
        }
        at += 1;
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Where a value that nothing quotes ends. An escape may stand for its end: what it stands for is
/// seen once it is undone.
fn end_of_value(text: &[char], from: usize) -> usize {
    let ends = |at: &usize| match text[*at] {
        '%' => matches!(text.get(at + 1..at + 3), Some([high, low])
            if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
        letter => {
            letter.is_whitespace() || letter.is_control() || "<>[]{}()\"'`,;&\\".contains(letter)
        }
    };
    (from..text.len()).find(ends).unwrap_or(text.len())
}

/// A ticket, a code or a refresh token around the `@@@` at `at`: its kind before, its letters after.
fn marked(text: &[char], at: usize) -> Option<(usize, usize)> {
    let kind = text[..at].iter().rev();
    let kind = kind.take_while(|letter| letter.is_ascii_lowercase());
    let to = end_of_value(text, at);
    (to > at + 3).then_some((at - kind.count(), to))
}

/// An access token: two or three digits, `_` and at least 32 letters.
fn token(text: &[char], at: usize) -> Option<(usize, usize)> {
    let digits = |letter: &&char| letter.is_ascii_digit();
    let age = text[at..].iter().take_while(digits).count();
    let body = at + age + 1;
    if !(2..=3).contains(&age) || text.get(body - 1) != Some(&'_') {
        return None;
    }
    let letters = text[body..].iter();
    let length = letters
        .take_while(|letter| u8::try_from(**letter).is_ok_and(is_base64url))
        .count();
    (length >= TOKEN).then_some((at, body + length))
}

/// The value of the field whose name begins at `at`: in a query, in JSON, in XML.
fn value_of_field(text: &[char], at: usize) -> Option<(usize, usize)> {
    let length = text[at..].iter().take_while(|letter| is_word(**letter));
    let after = at + length.count();
    let name: String = text[at..after].iter().collect();
    // A code in an address.
    let code = name == "code" && at > 0 && matches!(text[at - 1], '?' | '&');
    if !code && !is_secret_field(&name) {
        return None;
    }
    let skip = |from: usize, skipped: fn(char) -> bool| {
        let length = text[from..].iter().position(|letter| !skipped(*letter));
        length.map_or(text.len(), |length| from + length)
    };
    let gap = |letter: char| letter.is_whitespace();
    let sign = skip(after, |letter| {
        letter.is_whitespace() || matches!(letter, '"' | '\'' | '\\')
    });
    let between = text.get(sign)?;
    let mut from = skip(sign + 1, gap);
    match between {
        '=' => {}
        // In prose a colon is no more than a colon.
        ':' if matches!(text.get(from), Some('"' | '\'' | '\\')) => {}
        '>' => {
            let cdata: Vec<char> = "<![CDATA[".chars().collect();
            if text[from..].starts_with(&cdata) {
                from = skip(from + cdata.len(), gap);
            }
        }
        _ => return None,
    }
    // A quote may itself be escaped, as in JSON that is a text of JSON.
    let opening = skip(from, |letter| letter == '\\');
    match text.get(opening) {
        Some(quote @ ('"' | '\'')) => {
            let escaped = opening > from;
            Some((opening + 1, closing(text, opening + 1, *quote, escaped)))
        }
        _ => Some((from, end_of_value(text, from))),
    }
}

/// Where a quoted value ends: at its quote, which is escaped where the opening one was.
fn closing(text: &[char], from: usize, quote: char, escaped: bool) -> usize {
    let mut backslash = false;
    for (at, letter) in text.iter().enumerate().skip(from) {
        match *letter {
            '\\' if escaped => return at,
            '\\' => backslash = !backslash,
            letter if letter == quote && !backslash => return at,
            _ => backslash = false,
        }
    }
    text.len()
}
