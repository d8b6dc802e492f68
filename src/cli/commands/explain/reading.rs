//! What a pasted text is about. Pure: nothing is looked up but tables.

use crate::cli::knowledge::{self, Event, Thing, Trouble};
use crate::wechat::api_permission::{self, Asked};
use crate::wechat::event::InfoType;
use crate::wechat::id::PermissionSetId;
use crate::wechat::link::{Finding, LintContext, lint};
use crate::wechat::permission;
use crate::wechat::secret::Secret;

use super::words;

/// WeChat's paths have no longer word than this.
const LONGEST_SEGMENT: usize = 40;

/// What a text is about.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    Errcode(i64),
    Rid(String),
    ExitCode(u8),
    /// A value, masked where it is a secret.
    Value(Thing, String),
    InfoType(&'static InfoType),
    Event(&'static Event),
    /// A page's or a program's words.
    Trouble(&'static Trouble),
    /// An authorization link: its beginning without the code, and what is wrong with it.
    Link(String, Vec<Finding>),
    /// An encrypted push.
    Push,
    Path(String),
    PermissionSet(PermissionSetId),
    Unknown,
}

/// What a text is about, and what else it holds.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub subject: Subject,
    pub rid: Option<String>,
    pub address: Option<String>,
    pub path: Option<String>,
    /// The kind of the gravest secret in the text.
    pub secret: Option<Thing>,
    /// Whether a bare number was taken for an exit code.
    pub bare_exit_code: bool,
}

/// Reads a text; `None` when there is nothing in it.
pub(super) fn read(text: &str) -> Option<Reading> {
    let text = text.trim().trim_matches(['"', '\'', '`', '“', '”']).trim();
    if text.is_empty() {
        return None;
    }
    // Codes and tokens are known by their `@@@`, which addresses carry encoded.
    let text = &*text.replace("%40", "@");
    let asked = api_permission::read(text);
    let (subject, bare_exit_code) = subject(text, &asked);
    let path = asked
        .path
        .filter(|path| !api_permission::find(path).is_empty());
    Some(Reading {
        rid: words::rid(text),
        address: words::request_address(text),
        secret: words::secret(text),
        path,
        subject,
        bare_exit_code,
    })
}

fn subject(text: &str, asked: &Asked) -> (Subject, bool) {
    if let Some(code) = words::exit_code(text) {
        return (Subject::ExitCode(code), false);
    }
    if let Ok(number) = text.parse::<i64>() {
        return match u8::try_from(number)
            .ok()
            .filter(|code| knowledge::exit_code(*code).is_some())
        {
            Some(code) => (Subject::ExitCode(code), true),
            None => (Subject::Errcode(number), false),
        };
    }
    (in_words(text, asked), false)
}

fn in_words(text: &str, asked: &Asked) -> Subject {
    if let Some(code) = asked.errcode.or_else(|| words::errcode(text)) {
        return Subject::Errcode(code);
    }
    if let Some(code) = words::own_kind(text) {
        return Subject::ExitCode(code);
    }
    if text.contains("<Encrypt>") || text.contains("\"Encrypt\"") {
        return Subject::Push;
    }
    if let Some(info_type) = words::info_type(text) {
        return Subject::InfoType(info_type);
    }
    if let Some(event) = words::event(text) {
        return Subject::Event(event);
    }
    if words::is_link(text) {
        return Subject::Link(lead(text), lint(text, &LintContext::default()));
    }
    let single = !text.contains(char::is_whitespace);
    if let Some(thing) = single.then(|| Thing::recognise(text)).flatten() {
        return Subject::Value(thing, shown(thing, text));
    }
    if let Some(trouble) = told(text) {
        return match trouble.codes.first() {
            Some(code) => Subject::Errcode(*code),
            None => Subject::Trouble(trouble),
        };
    }
    if let Some(code) = words::by_message(text) {
        return Subject::Errcode(code);
    }
    // A secret inside a longer text: a redirect, a line of a log.
    if let Some((thing, word)) = words::secret_word(text) {
        return Subject::Value(thing, shown(thing, word));
    }
    if let Some(rid) = words::rid(text) {
        return Subject::Rid(rid);
    }
    if let Some(id) = permission_set(text) {
        return Subject::PermissionSet(id);
    }
    match &asked.path {
        Some(path) if is_path(path, text) => Subject::Path(path.clone()),
        _ => Subject::Unknown,
    }
}

/// Whether a path is one that may be shown: known, or clearly a path and without a long word that
/// could be somebody's secret.
fn is_path(path: &str, text: &str) -> bool {
    let plain = path
        .split('/')
        .all(|segment| segment.len() <= LONGEST_SEGMENT);
    !api_permission::find(path).is_empty() || (plain && text.contains('/'))
}

fn shown(thing: Thing, word: &str) -> String {
    match thing.is_secret() {
        true => Secret::new(word).mask(),
        false => word.to_owned(),
    }
}

fn told(text: &str) -> Option<&'static Trouble> {
    let lower = text.to_lowercase();
    knowledge::named(&lower).or_else(|| knowledge::told_by(&lower))
}

/// A set by `set 18`, `权限集 18` or a name that one set alone has.
fn permission_set(text: &str) -> Option<PermissionSetId> {
    let lower = text.to_lowercase();
    for before in ["permission set", "permissions", "set", "权限集"] {
        if let Some(number) = lower.strip_prefix(before) {
            return number.trim().parse().ok();
        }
    }
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    (letters >= 3)
        .then(|| permission::resolve(text).ok())
        .flatten()
}

/// A link without its query, which holds the code.
fn lead(link: &str) -> String {
    let lead = link.split(['?', '#', '&']).next().unwrap_or_default();
    let longest = lead.chars().take(100).collect::<String>();
    match lead.contains("@@@") || lead.contains(char::is_whitespace) {
        true => "…".to_owned(),
        false => format!("{longest}?…"),
    }
}
