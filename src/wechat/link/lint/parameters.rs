//! Which parameters stand in a link: the missing, the doubled, the strange.

use super::address::Form;
use super::finding::{Finding, FindingCode, Severity};
use super::redirect::CutOff;
use crate::wechat::percent::decoded;

/// The parameters that an authorization page knows.
const KNOWN: [&str; 8] = [
    "action",
    "no_scan",
    "component_appid",
    "pre_auth_code",
    "redirect_uri",
    "auth_type",
    "biz_appid",
    "category_id_list",
];

const REQUIRED: [&str; 3] = ["component_appid", "pre_auth_code", "redirect_uri"];

/// The constants of H5 links.
const CONSTANTS: [(&str, &str); 2] = [("action", "bindcomponent"), ("no_scan", "1")];

/// The query in order: names decoded, values as the text has them.
pub(super) struct Parameters<'a> {
    pairs: Vec<(String, &'a str)>,
}

impl<'a> Parameters<'a> {
    pub(super) fn parse(query: &'a str) -> Self {
        let pairs = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decoded(name), value)
            })
            .collect();
        Self { pairs }
    }

    /// The first value of that name as the text has it.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// The first value of that name, decoded; an empty one is reported elsewhere.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.raw(name)
            .map(decoded)
            .filter(|value| !value.is_empty())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(other, _)| other == name)
            .map(|(_, value)| *value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// The names that the page knows.
    pub(super) fn known(&self) -> Vec<&'static str> {
        KNOWN.into_iter().filter(|name| self.has(name)).collect()
    }

    /// The names that the page does not know, behind `name`.
    pub(super) fn unknown_behind(&self, name: &str) -> Vec<String> {
        self.pairs
            .iter()
            .skip_while(|(other, _)| other != name)
            .map(|(other, _)| other)
            .filter(|other| !KNOWN.contains(&other.as_str()) && meant(other).is_none())
            .cloned()
            .collect()
    }
}

/// Judges the names; values have their own judges.
pub(super) fn judge(
    parameters: &Parameters<'_>,
    form: Form,
    cut_off: &CutOff,
    findings: &mut Vec<Finding>,
) {
    let misspelt: Vec<&str> = parameters
        .pairs
        .iter()
        .filter_map(|(name, _)| meant(name))
        .collect();
    for name in REQUIRED {
        if !parameters.has(name) && !misspelt.contains(&name) {
            findings.push(Finding::new(FindingCode::MissingParameter).parameter(name));
        }
    }
    for name in KNOWN {
        let values: Vec<&str> = parameters.all(name).collect();
        if values.first().is_some_and(|value| value.is_empty()) {
            findings.push(Finding::new(FindingCode::EmptyParameter).parameter(name));
        }
        if values.len() > 1 {
            let mut finding = Finding::new(FindingCode::DuplicateParameter).parameter(name);
            // Old documents printed `auth_type=3` twice, and such links work.
            if values.windows(2).all(|pair| pair[0] == pair[1]) {
                finding.severity = Severity::Warning;
            }
            findings.push(finding);
        }
    }
    for (name, _) in &parameters.pairs {
        if let Some(expected) = meant(name) {
            findings.push(
                Finding::new(FindingCode::MisspeltParameter)
                    .parameter(name)
                    .expected(expected),
            );
        } else if is_strange(name, form) && !cut_off.lost.contains(name) {
            findings.push(Finding::new(FindingCode::UnknownParameter).parameter(name));
        }
    }
    if form != Form::Pc {
        constants(parameters, findings);
    }
}

fn is_strange(name: &str, form: Form) -> bool {
    !KNOWN.contains(&name)
        || (form == Form::Pc && CONSTANTS.iter().any(|(constant, _)| *constant == name))
}

fn constants(parameters: &Parameters<'_>, findings: &mut Vec<Finding>) {
    for (name, expected) in CONSTANTS {
        match parameters.raw(name).map(decoded) {
            Some(value) if value == expected => {}
            Some(value) => findings.push(
                Finding::new(FindingCode::WrongConstant)
                    .parameter(name)
                    .found(value)
                    .expected(expected),
            ),
            None => findings.push(
                Finding::new(FindingCode::ConstantMissing)
                    .parameter(name)
                    .expected(expected),
            ),
        }
    }
}

/// The parameter that a wrong spelling means: `preAuthCode`, `Component_AppId`.
fn meant(name: &str) -> Option<&'static str> {
    let letters = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    KNOWN
        .into_iter()
        .find(|known| *known != name && letters(known) == letters(name))
}
