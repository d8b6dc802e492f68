//! The redirect URI in a link: its encoding, which most broken links fail at, and its host.

use super::finding::{Finding, FindingCode, LintContext};
use super::parameters::Parameters;
use crate::wechat::link::build::H5_FRAGMENT;
use crate::wechat::link::redirect_uri::{RedirectProblem, check_redirect};
use crate::wechat::percent::decoded;

const NAME: &str = "redirect_uri";

/// What an unencoded redirect URI lost of itself.
#[derive(Default)]
pub(super) struct CutOff {
    /// Its own parameters, which now look like the link's.
    pub(super) lost: Vec<String>,
    /// Whether its own fragment ended the link's query.
    pub(super) by_fragment: bool,
}

pub(super) fn is_cut_off(parameters: &Parameters<'_>, fragment: Option<&str>) -> CutOff {
    let Some(raw) = parameters.raw(NAME).filter(|raw| raw.contains("://")) else {
        return CutOff::default();
    };
    let lost = if raw.contains('?') {
        parameters.unknown_behind(NAME)
    } else {
        Vec::new()
    };
    CutOff {
        lost,
        by_fragment: fragment
            .is_some_and(|fragment| !fragment.starts_with(H5_FRAGMENT) && !fragment.is_empty()),
    }
}

pub(super) fn judge(
    parameters: &Parameters<'_>,
    cut_off: &CutOff,
    context: &LintContext<'_>,
    findings: &mut Vec<Finding>,
) {
    let Some(mut redirect) = parameters.value(NAME) else {
        return;
    };
    let finding = |code| Finding::new(code).parameter(NAME);
    if !cut_off.lost.is_empty() || cut_off.by_fragment {
        findings.push(finding(FindingCode::RedirectCutOff).found(cut_off.lost.join(", ")));
    } else if parameters.raw(NAME).is_some_and(|raw| raw.contains("://")) {
        findings.push(finding(FindingCode::RedirectUnencoded));
    }
    let start = redirect.to_ascii_lowercase();
    if start.starts_with("http%3a") || start.starts_with("https%3a") {
        findings.push(finding(FindingCode::DoubleEncoded));
        redirect = decoded(&redirect);
    }
    let problem = match check_redirect(&redirect, context.launch_domain) {
        Ok(_) => return,
        Err(problem) => problem,
    };
    let found = match problem {
        RedirectProblem::NotAUrl | RedirectProblem::WhiteSpace => {
            finding(FindingCode::RedirectMalformed)
        }
        RedirectProblem::UserInfo => finding(FindingCode::RedirectUserInfo),
        RedirectProblem::HostDiffers {
            host,
            launch_domain,
        } => finding(FindingCode::RedirectHost)
            .found(host)
            .expected(launch_domain),
        RedirectProblem::NotHttps { scheme } => {
            not_https(&redirect, context, findings);
            finding(FindingCode::RedirectNotHttps)
                .found(scheme)
                .expected("https")
        }
    };
    findings.push(found);
}

/// Behind a wrong scheme the host may be wrong as well.
fn not_https(redirect: &str, context: &LintContext<'_>, findings: &mut Vec<Finding>) {
    let Some((_, rest)) = redirect.split_once("://") else {
        return;
    };
    let https = format!("https://{rest}");
    if let Err(RedirectProblem::HostDiffers {
        host,
        launch_domain,
    }) = check_redirect(&https, context.launch_domain)
    {
        findings.push(
            Finding::new(FindingCode::RedirectHost)
                .parameter(NAME)
                .found(host)
                .expected(launch_domain),
        );
    }
}
