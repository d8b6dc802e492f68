//! Finding one thing in a pasted text: a code, a rid, an address, a secret.

use std::net::IpAddr;

use crate::cli::exit::Kind;
use crate::cli::knowledge::{self, Event, Thing};
use crate::wechat::errcode;
use crate::wechat::event::InfoType;

/// Shorter messages than this are too common to tell a code.
const SHORTEST_MESSAGE: usize = 9;

/// `exit 5`, `exit-code 5`, `exit code: 5`, `exited with 5`, `退出码 5`.
pub(super) fn exit_code(text: &str) -> Option<u8> {
    let lower = text.to_lowercase();
    let heads = ["exit", "exited", "退出码", "退出"];
    let rest = heads.iter().find_map(|head| lower.strip_prefix(head))?;
    let rest = rest.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let code = rest.trim().parse().ok()?;
    knowledge::exit_code(code).map(|_| code)
}

/// The exit code behind a line of our own, `{"error":{"kind":…}}`, without an errcode.
pub(super) fn own_kind(text: &str) -> Option<u8> {
    let (_, after) = text.split_once("\"error\"")?;
    let (_, after) = after.split_once("\"kind\"")?;
    let word = after.trim_start_matches([':', ' ', '"']);
    let word = word.split('"').next()?;
    Kind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .map(Kind::code)
}

/// A known code that stands in the text as a number of its own; one of the platform's before others.
pub(super) fn errcode(text: &str) -> Option<i64> {
    let separates =
        |letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '.';
    let mut known: Vec<i64> = text
        .split(separates)
        .map(|word| word.trim_end_matches(['.', '-']))
        .filter_map(|word| word.parse().ok())
        .filter(|code: &i64| code.abs() > 1000 && errcode::lookup(*code).is_some())
        .collect();
    known.sort_by_key(|code| !(61_000..62_000).contains(code));
    known.first().copied().or_else(|| named_code(text))
}

/// A number that the text itself calls a code, known or not.
fn named_code(text: &str) -> Option<i64> {
    let lower = text.to_lowercase();
    let (_, after) = ["错误码", "返回码", "error code", "code"]
        .iter()
        .find_map(|name| lower.split_once(name))?;
    let after = after
        .trim_start_matches(|letter: char| letter.is_whitespace() || "\"':=：".contains(letter));
    let end = after
        .find(|letter: char| !letter.is_ascii_digit() && letter != '-')
        .unwrap_or(after.len());
    let code: i64 = after.get(..end)?.parse().ok()?;
    (code.abs() > 1000 || code == -1).then_some(code)
}

/// The code whose published message stands in the text; the longest message decides.
pub(super) fn by_message(text: &str) -> Option<i64> {
    let text = text.to_lowercase();
    let fits = |entry: &&errcode::ErrorEntry| {
        entry.message.len() >= SHORTEST_MESSAGE && text.contains(&entry.message.to_lowercase())
    };
    let found = errcode::all().iter().filter(fits);
    found
        .max_by_key(|entry| entry.message.len())
        .map(|entry| entry.code)
}

/// A rid of three groups of eight hexadecimal digits, or the older `hint: […]`.
pub(super) fn rid(text: &str) -> Option<String> {
    let separates = |letter: char| !letter.is_ascii_hexdigit() && letter != '-';
    let new = text.split(separates).find(|word| is_rid(word));
    let old = || {
        let (_, after) = text
            .split_once("hint: [")
            .or_else(|| text.split_once("req_id:"))?;
        let id = after.split(']').next()?.trim();
        (!id.is_empty() && id.len() < 64).then_some(id)
    };
    new.or_else(old).map(str::to_owned)
}

fn is_rid(word: &str) -> bool {
    let groups: Vec<_> = word.split('-').collect();
    let good =
        |group: &&str| group.len() == 8 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.len() == 3 && groups.iter().all(good)
}

/// When a rid's request was made, in Unix seconds.
pub(super) fn asked_at(rid: &str) -> Option<i64> {
    let group = rid.get(..8).filter(|_| is_rid(rid))?;
    i64::from_str_radix(group, 16).ok()
}

/// The caller's address as WeChat saw it.
pub(super) fn request_address(text: &str) -> Option<String> {
    let (_, after) = text.split_once("requestIP")?;
    let word = after.trim_start_matches([':', ' ', '"', '：']);
    let word = word
        .split(|letter: char| letter.is_whitespace() || ",;\"".contains(letter))
        .next()?;
    let address: IpAddr = word.trim_end_matches('.').parse().ok()?;
    Some(address.to_string())
}

/// An InfoType: the word alone, or an event that names it.
pub(super) fn info_type(text: &str) -> Option<&'static InfoType> {
    let named = text.split_once("<InfoType>").map(|(_, after)| {
        let after = after.trim_start_matches("<![CDATA[");
        after.split([']', '<']).next().unwrap_or_default()
    });
    let named = named.or_else(|| {
        let (_, after) = text.split_once("\"InfoType\"")?;
        after.trim_start_matches([':', ' ', '"']).split('"').next()
    });
    // In a sentence the name of one is a matter of speech.
    let short = text.split_whitespace().count() <= 2;
    let alone = || {
        text.split_whitespace()
            .filter(|_| short)
            .find_map(InfoType::find)
    };
    named.and_then(InfoType::find).or_else(alone)
}

/// An event on the message URL: the word alone, or a message that names it.
pub(super) fn event(text: &str) -> Option<&'static Event> {
    let named = text.split_once("<Event>").map(|(_, after)| {
        let after = after.trim_start_matches("<![CDATA[");
        after.split([']', '<']).next().unwrap_or_default()
    });
    named
        .or_else(|| text.split_whitespace().last())
        .and_then(knowledge::event)
}

/// Whether the text is an authorization link.
pub(super) fn is_link(text: &str) -> bool {
    ["componentloginpage", "bindcomponent"]
        .iter()
        .any(|part| text.contains(part))
}

/// The gravest secret in a text.
pub(super) fn secret(text: &str) -> Option<Thing> {
    secret_word(text).map(|(thing, _)| thing)
}

/// The gravest secret in a text, and its word.
pub(super) fn secret_word(text: &str) -> Option<(Thing, &str)> {
    let separates =
        |letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '@' | '-' | '_');
    let words = text.split(separates).filter(|word| !word.is_empty());
    let mut found: Vec<_> = words
        .filter_map(|word| Some((Thing::recognise(word)?, word)))
        .filter(|(thing, _)| thing.is_secret())
        .collect();
    // What lasts before what ends by itself, and what is certain before what a shape suggests.
    found.sort_by_key(|(thing, _)| match thing {
        Thing::Appsecret | Thing::EncodingAesKey => 0,
        Thing::Certain(_) | Thing::Openid => u8::from(knowledge::value(*thing).by_shape) + 1,
    });
    found.first().copied()
}
