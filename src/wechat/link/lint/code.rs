//! The pre-auth code in a link.

use super::finding::{Finding, FindingCode};
use super::parameters::Parameters;
use crate::wechat::percent::decoded;
use crate::wechat::value::{self, ValueKind};

const NAME: &str = "pre_auth_code";
const PREFIX: &str = "preauthcode@@@";

/// What stands behind the prefix is 86 characters, 64 in older codes.
const SHORTEST: usize = 64;

pub(super) fn judge(parameters: &Parameters<'_>, findings: &mut Vec<Finding>) {
    let Some(mut code) = parameters.value(NAME) else {
        return;
    };
    let mut report = |code| findings.push(Finding::new(code).parameter(NAME));
    if code.contains("%40") {
        report(FindingCode::DoubleEncoded);
        code = decoded(&code);
    }
    match value::recognise(&code) {
        ValueKind::PreAuthCode => {
            let body = &code[PREFIX.len()..];
            if !body.bytes().all(value::is_base64url) {
                report(FindingCode::CodeMalformed);
            } else if body.len() < SHORTEST {
                report(FindingCode::CodeTruncated);
            }
        }
        ValueKind::AuthorizationCode => report(FindingCode::AuthorizationCodeGiven),
        ValueKind::Other => report(FindingCode::CodeWithoutPrefix),
        _ => report(FindingCode::OtherValueGiven),
    }
}
