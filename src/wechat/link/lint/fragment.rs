//! What stands behind `#`.

use super::finding::{Finding, FindingCode};
use super::parameters::Parameters;
use crate::wechat::link::build::H5_FRAGMENT;

pub(super) fn judge(fragment: Option<&str>, is_pc: bool, findings: &mut Vec<Finding>) {
    let Some(fragment) = fragment else {
        if !is_pc {
            findings.push(Finding::new(FindingCode::FragmentMissing).expected(expected()));
        }
        return;
    };
    let behind = fragment.strip_prefix(H5_FRAGMENT);
    let lost = Parameters::parse(behind.unwrap_or(fragment).trim_start_matches('?'))
        .known()
        .join(", ");
    let finding = match behind {
        _ if !lost.is_empty() => Finding::new(FindingCode::FragmentNotLast).found(lost),
        Some("") if is_pc => Finding::new(FindingCode::FragmentNotNeeded),
        Some("") => return,
        Some(behind) => Finding::new(FindingCode::TrailingCharacters).found(behind),
        None if is_pc => Finding::new(FindingCode::FragmentNotNeeded),
        None => Finding::new(FindingCode::FragmentWrong)
            .found(fragment)
            .expected(expected()),
    };
    findings.push(finding);
}

fn expected() -> String {
    format!("#{H5_FRAGMENT}")
}
