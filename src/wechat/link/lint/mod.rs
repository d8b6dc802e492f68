//! Judging a given link without opening it.

mod address;
mod code;
mod finding;
mod fragment;
mod parameters;
mod redirect;
mod text;
mod values;

pub use finding::{Finding, FindingCode, LintContext, Severity};

use address::Form;
use parameters::Parameters;

/// A link in its parts, as the text has them: nothing is decoded yet.
struct Parts<'a> {
    address: &'a str,
    query: &'a str,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(link: &'a str) -> Self {
        let (rest, fragment) = match link.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (link, None),
        };
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        Self {
            address,
            query,
            fragment,
        }
    }
}

/// Says everything that is wrong with a link, in the order of its parts; empty means that nothing
/// was found. Never panics, and no finding holds a code.
#[must_use]
pub fn lint(text: &str, context: &LintContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(link) = text::unwrapped(text, &mut findings) else {
        return findings;
    };
    let parts = Parts::of(&link);
    let parameters = Parameters::parse(parts.query);
    let form = match address::judge(parts.address, &parameters, &mut findings) {
        address::Verdict::Link(form) => form,
        address::Verdict::SomethingElse => return findings,
    };
    let cut_off = redirect::is_cut_off(&parameters, parts.fragment);
    parameters::judge(&parameters, form, &cut_off, &mut findings);
    values::component_appid(&parameters, context, &mut findings);
    code::judge(&parameters, &mut findings);
    redirect::judge(&parameters, &cut_off, context, &mut findings);
    values::auth_type(&parameters, &mut findings);
    values::biz_appid(&parameters, &mut findings);
    values::category_id_list(&parameters, &mut findings);
    if !cut_off.by_fragment {
        fragment::judge(parts.fragment, form == Form::Pc, &mut findings);
    }
    findings
}
