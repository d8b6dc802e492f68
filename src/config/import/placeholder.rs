//! Values that stand somewhere else: `${WX_SECRET}`, `env('WX_SECRET')`, `#{WX_SECRET}#`.

use std::cell::Cell;

use super::leaf::{Leaf, Raw};
use super::names::words;
use super::platforms::FoundValue;
use super::{Form, Sheet};
use crate::config::value::Refused;
use crate::sys::env::Environment;
use crate::wechat::secret::Secret;

/// How far a placeholder may lead to another.
const FARTHEST: usize = 8;
/// How many placeholders of one value are followed.
const MOST: u32 = 256;

/// Where placeholders are looked up, besides the file itself.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// The environment's snapshot; it comes first.
    pub environment: &'a Environment,
    /// The `.env` beside the file.
    pub beside: Option<&'a Sheet>,
}

/// Where a placeholder's value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the environment.
    Environment,
    /// In the `.env` beside the file.
    Dotenv,
    /// In the same file, under another name.
    Sheet,
    /// In the placeholder itself, as its default.
    Default,
}

/// Why there is no value although there is a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// It is left to a variable that nobody sets.
    Variable(String),
    /// The program works it out when it runs.
    Computed,
    /// It is encrypted, by Jasypt or a configuration server.
    Encrypted,
    /// It is a text that stands for a value, as in samples.
    Sample,
}

/// Finds the values of one sheet.
pub(super) struct Resolver<'a> {
    form: Form,
    /// What placeholders may name in the same file.
    own: Vec<&'a Leaf>,
    lookup: Lookup<'a>,
    steps: Cell<u32>,
}

/// A text, and the placeholder that it came by.
type Told = (String, Option<(String, Source)>);

impl<'a> Resolver<'a> {
    pub(super) fn new(form: Form, leaves: &[&'a Leaf], lookup: Lookup<'a>) -> Self {
        // Only these let a value name another of the same file.
        let names_own = matches!(form, Form::Dotenv | Form::Properties | Form::Yaml);
        Self {
            form,
            own: if names_own {
                leaves.to_vec()
            } else {
                Vec::new()
            },
            lookup,
            steps: Cell::new(0),
        }
    }

    /// The value of a leaf.
    pub(super) fn value(&self, leaf: &Leaf) -> FoundValue {
        self.steps.set(0);
        match self.told(leaf, 0) {
            Ok((text, _)) if text.trim().is_empty() => FoundValue::Empty,
            Ok((text, through)) => FoundValue::Given {
                text: Secret::new(text.trim()),
                through,
            },
            Err(unresolved) => FoundValue::Unresolved(unresolved),
        }
    }

    fn told(&self, leaf: &Leaf, depth: usize) -> Result<Told, Unresolved> {
        let told = match &leaf.raw {
            Raw::Literal(text) => (text.expose().to_owned(), None),
            Raw::Text(text) => self.expanded(leaf, text.expose(), depth)?,
            Raw::Variable { name, default } => {
                let default = default.as_ref().map(Secret::expose);
                let (text, source) = self.variable(leaf, name, default, depth)?;
                (text, Some((name.clone(), source)))
            }
            Raw::Computed => return Err(Unresolved::Computed),
        };
        let text = told.0.trim();
        if text.starts_with("ENC(") || text.starts_with("{cipher}") {
            return Err(Unresolved::Encrypted);
        }
        match is_sample(text) {
            true => Err(Unresolved::Sample),
            false => Ok(told),
        }
    }

    fn expanded(&self, leaf: &Leaf, text: &str, depth: usize) -> Result<Told, Unresolved> {
        if let Some(name) = whole(text) {
            let (text, source) = self.variable(leaf, name, None, depth)?;
            return Ok((text, Some((name.to_owned(), source))));
        }
        let (mut plain, mut through, mut rest) = (String::new(), None, text);
        while let Some((before, after)) = rest.split_once('$') {
            plain.push_str(before);
            let (name, default, after) = if let Some((inner, after)) = braced(after) {
                let (name, default) = divide(inner);
                (name, default, after)
            } else {
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let end = after.find(|letter| !is_name(letter)).unwrap_or(after.len());
                let number = after.starts_with(|letter: char| letter.is_ascii_digit());
                if self.form != Form::Dotenv || end == 0 || number {
                    plain.push('$');
                    rest = after;
                    continue;
                }
                (&after[..end], None, &after[end..])
            };
            // A default may hold placeholders itself.
            let default = match default {
                Some(text) if text.contains('$') && depth < FARTHEST => {
                    self.expanded(leaf, text, depth + 1).ok().map(|told| told.0)
                }
                other => other.map(str::to_owned),
            };
            let (value, source) = self.variable(leaf, name, default.as_deref(), depth)?;
            plain.push_str(&value);
            through.get_or_insert((name.to_owned(), source));
            rest = after;
        }
        plain.push_str(rest);
        Ok((plain, through))
    }

    /// What a variable holds: the environment first, then the file itself, then the `.env`.
    fn variable(
        &self,
        leaf: &Leaf,
        name: &str,
        default: Option<&str>,
        depth: usize,
    ) -> Result<(String, Source), Unresolved> {
        let missing = || Unresolved::Variable(name.to_owned());
        self.steps.set(self.steps.get() + 1);
        if depth > FARTHEST || self.steps.get() > MOST {
            return Err(missing());
        }
        let parts = words(name);
        let environment = self.lookup.environment;
        // Spring's `wx.secret` is `WX_SECRET` there.
        let relaxed = parts.join("_").to_uppercase();
        if let Some(text) = environment.get(name).or_else(|| environment.get(&relaxed)) {
            return Ok((text.to_owned(), Source::Environment));
        }
        // The last of a name counts.
        let same = |known: &&&Leaf| known.words == parts && !std::ptr::eq(**known, leaf);
        if let Some(found) = self.own.iter().rev().find(same)
            && let Ok((text, _)) = self.told(found, depth + 1)
            && !text.is_empty()
        {
            return Ok((text, Source::Sheet));
        }
        if let Some(sheet) = self.lookup.beside {
            let leaves: Vec<&Leaf> = sheet.leaves.iter().collect();
            let lookup = Lookup {
                beside: None,
                ..self.lookup
            };
            let resolver = Resolver::new(sheet.form(), &leaves, lookup);
            let found = leaves.iter().rev().find(|leaf| leaf.words == parts);
            let told = found.and_then(|found| resolver.told(found, depth + 1).ok());
            if let Some((text, _)) = told.filter(|(text, _)| !text.is_empty()) {
                return Ok((text, Source::Dotenv));
            }
        }
        let usable = default.filter(|text| !text.trim().is_empty() && !is_sample(text.trim()));
        usable
            .map(|text| (text.to_owned(), Source::Default))
            .ok_or_else(missing)
    }
}

/// The name of a variable that a value is as a whole: as build and release tools write it.
fn whole(text: &str) -> Option<&str> {
    [("#{", "}#"), ("{{", "}}"), ("%", "%"), ("@", "@")]
        .iter()
        .find_map(|(begin, end)| {
            let inner = text.trim().strip_prefix(begin)?.strip_suffix(end)?.trim();
            let inner = inner.strip_prefix('.').unwrap_or(inner);
            let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_.-:".contains(letter);
            (!inner.is_empty() && inner.chars().all(is_name)).then_some(inner)
        })
}

/// What stands between the braces that `text` begins with, and what follows them.
fn braced(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?;
    let mut depth = 0_usize;
    for (at, letter) in inner.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some((&inner[..at], &inner[at + 1..])),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Name and default: `${NAME:default}` of Spring, `${NAME:-default}` of shells.
fn divide(inner: &str) -> (&str, Option<&str>) {
    match inner.split_once(':') {
        None => (inner.trim(), None),
        Some((name, default)) => {
            let default = default.strip_prefix(['-', '=']).unwrap_or(default);
            (name.trim(), Some(default))
        }
    }
}

/// Whether a text stands for a value, as in the sample of a configuration: `your-app-id`, `<secret>`.
fn is_sample(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let starts = [
        "your", "<", "xxx", "***", "@", "replace", "${", "#{", "{{", "change",
    ];
    // What WeChat gives out is all ASCII.
    starts.iter().any(|start| lower.starts_with(start)) || !text.is_ascii()
}

impl FoundValue {
    /// The text where it is no secret and there is one.
    pub(super) fn plain(&self) -> Option<&str> {
        match self {
            Self::Given { text, .. } => Some(text.expose()),
            _ => None,
        }
    }

    /// Judges a value that is there.
    pub(super) fn judge<T>(
        &self,
        check: fn(&str) -> Result<T, Refused>,
    ) -> Result<Option<T>, Refused> {
        self.plain().map(check).transpose()
    }
}
