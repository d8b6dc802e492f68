//! The other values of a link: platform, kinds of account, the one account, the sets.

use super::finding::{Finding, FindingCode, LintContext};
use super::parameters::Parameters;
use crate::wechat::id::{Appid, ComponentAppid, PermissionSetId, UserName};
use crate::wechat::link::auth_type::AuthType;
use crate::wechat::permission;

pub(super) fn component_appid(
    parameters: &Parameters<'_>,
    context: &LintContext<'_>,
    findings: &mut Vec<Finding>,
) {
    const NAME: &str = "component_appid";
    let Some(value) = parameters.value(NAME) else {
        return;
    };
    if value.parse::<ComponentAppid>().is_err() {
        findings.push(
            Finding::new(FindingCode::ComponentAppidMalformed)
                .parameter(NAME)
                .found(value),
        );
    } else if let Some(own) = context.component_appid
        && own.as_str() != value
    {
        findings.push(
            Finding::new(FindingCode::OtherPlatform)
                .parameter(NAME)
                .found(value)
                .expected(own.as_str()),
        );
    }
}

pub(super) fn auth_type(parameters: &Parameters<'_>, findings: &mut Vec<Finding>) {
    const NAME: &str = "auth_type";
    if !parameters.has(NAME) {
        findings.push(Finding::new(FindingCode::AuthTypeMissing).parameter(NAME));
        return;
    }
    let Some(value) = parameters.value(NAME) else {
        return;
    };
    let code = match value.parse::<u8>() {
        Ok(number) if AuthType::from_number(number).is_some() => return,
        Ok(7) => FindingCode::AuthTypeUndocumented,
        _ => FindingCode::AuthTypeUnknown,
    };
    findings.push(Finding::new(code).parameter(NAME).found(value));
}

pub(super) fn biz_appid(parameters: &Parameters<'_>, findings: &mut Vec<Finding>) {
    const NAME: &str = "biz_appid";
    let Some(value) = parameters.value(NAME) else {
        return;
    };
    let finding = |code| Finding::new(code).parameter(NAME);
    if value.parse::<UserName>().is_ok() {
        findings.push(finding(FindingCode::BizAppidIsUserName).found(value));
    } else if value.parse::<Appid>().is_err() {
        findings.push(finding(FindingCode::BizAppidMalformed).found(value));
    } else if parameters.has("auth_type") {
        findings.push(finding(FindingCode::BizAppidWins));
    }
}

pub(super) fn category_id_list(parameters: &Parameters<'_>, findings: &mut Vec<Finding>) {
    const NAME: &str = "category_id_list";
    const COMMAS: [char; 4] = [',', '，', ';', '、'];
    let Some(value) = parameters.value(NAME) else {
        return;
    };
    let finding = |code| Finding::new(code).parameter(NAME);
    if parameters.raw(NAME).is_some_and(|raw| raw.contains('|')) {
        findings.push(
            finding(FindingCode::CategoryUnencoded)
                .found("|")
                .expected("%7C"),
        );
    }
    if value.contains(COMMAS) {
        findings.push(
            finding(FindingCode::CategoryComma)
                .found(value.as_str())
                .expected("|"),
        );
    }
    let mut ids = Vec::new();
    for part in value.split(|letter| letter == '|' || COMMAS.contains(&letter)) {
        match part.trim().parse::<PermissionSetId>() {
            Ok(id) if id.0 > 0 => ids.push(id),
            _ => findings.push(finding(FindingCode::CategoryMalformed).found(part)),
        }
    }
    let sets: Vec<_> = ids.iter().map(|id| (id, permission::get(*id))).collect();
    let unknown: Vec<String> = sets
        .iter()
        .filter(|(_, set)| set.is_none())
        .map(|(id, _)| id.to_string())
        .collect();
    if !unknown.is_empty() {
        findings.push(finding(FindingCode::CategoryUnknown).found(unknown.join("|")));
        return;
    }
    let offered = parameters
        .value("auth_type")
        .and_then(|value| AuthType::from_number(value.parse().ok()?));
    // With `biz_appid` the kind of that account counts, which is not known here.
    if let Some(offered) = offered
        && !parameters.has("biz_appid")
        && !sets.is_empty()
        && !sets.iter().any(|(_, set)| {
            set.is_some_and(|set| offered.kinds().iter().any(|kind| set.fits(*kind)))
        })
    {
        findings.push(
            finding(FindingCode::CategoryFitsNothing)
                .found(value)
                .expected(offered.as_str()),
        );
    }
}
