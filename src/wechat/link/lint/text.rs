//! What mail, chat and HTML do to a link before anyone lints it.

use super::finding::{Finding, FindingCode};
use crate::wechat::link::build::H5_FRAGMENT;
use crate::wechat::percent::decoded;
use crate::wechat::value::{self, ValueKind};

/// The link itself, with every wrapping reported and undone; nothing when there is no link.
pub(super) fn unwrapped(text: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let text = text
        .trim()
        .trim_matches(['"', '\'', '<', '>', '`', '“', '”'])
        .trim();
    if text.is_empty() {
        findings.push(Finding::new(FindingCode::Empty));
        return None;
    }
    match value::recognise(text) {
        ValueKind::PreAuthCode => {
            findings.push(Finding::new(FindingCode::BareCode));
            return None;
        }
        ValueKind::AuthorizationCode => {
            findings.push(Finding::new(FindingCode::AuthorizationCodeGiven));
            return None;
        }
        _ => {}
    }
    let mut link = without_sentence_behind(text, findings).to_owned();
    if link.contains(is_white) {
        findings.push(Finding::new(FindingCode::WhiteSpace));
        link.retain(|letter| !is_white(letter));
    }
    if link.contains("&amp;") {
        findings.push(
            Finding::new(FindingCode::HtmlEscaped)
                .found("&amp;")
                .expected("&"),
        );
        link = link.replace("&amp;", "&");
    }
    if !link.contains('?') && link.to_ascii_lowercase().contains("%3f") {
        findings.push(Finding::new(FindingCode::EncodedAsWhole));
        link = decoded(&link);
    }
    Some(link)
}

fn is_white(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || letter == '\u{200b}' || letter == '\u{feff}'
}

/// A link in running text ends at its fragment; what a blank sets apart is no part of it.
fn without_sentence_behind<'a>(text: &'a str, findings: &mut Vec<Finding>) -> &'a str {
    let Some(end) = text
        .find(&format!("#{H5_FRAGMENT}"))
        .map(|start| start + 1 + H5_FRAGMENT.len())
    else {
        return text;
    };
    let (link, behind) = text.split_at(end);
    if !behind.starts_with(is_white) {
        return text;
    }
    findings.push(Finding::new(FindingCode::TrailingCharacters).found(behind.trim()));
    link
}
