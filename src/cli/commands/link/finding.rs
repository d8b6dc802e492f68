//! What each finding of a lint means, and what to do about it.

use crate::wechat::link::FindingCode;

/// One sentence for the operator.
pub(super) const fn meaning(code: FindingCode) -> &'static str {
    use FindingCode as F;
    match code {
        F::Empty => "no link was given",
        F::NotAUrl => "this is no link; copy it whole, from https:// on",
        F::BareCode => "this is a pre-auth code; the link is built around it: `wxauth link`",
        F::RedirectResult => {
            "the merchant has confirmed already: exchange its code with `wxauth authorizers redeem`"
        }
        F::ServiceStoreLink => "stores buy in the service market; nobody can build a link for them",
        F::WhiteSpace => {
            "a space or line break cuts the link off; a chat program may have put it in"
        }
        F::HtmlEscaped => "`&amp;` belongs in HTML only; outside it write `&`",
        F::EncodedAsWhole => "encode the redirect URI only, not the whole link",
        F::NotHttps => "the pages are served over https only",
        F::OddAddress => "a user name, password or port does not belong there",
        F::WrongHost => "this host does not show that page",
        F::WrongPath => "there is no authorization page at this path",
        F::LegacyForm => "the older form; present documents name open.weixin.qq.com/wxaopen/…",
        F::LoopbackHost => "a link of a local sandbox: WeChat knows nothing of it",
        F::MissingParameter => "the page cannot do without this parameter",
        F::EmptyParameter => "the parameter has no value",
        F::DuplicateParameter => "given twice, and which one counts is not documented",
        F::MisspeltParameter => "parameters are told apart by case",
        F::UnknownParameter => {
            "the page does not know it; own parameters belong in the redirect URI"
        }
        F::AuthTypeMissing => {
            "present documents want it; older ones took both official accounts and mini programs"
        }
        F::AuthTypeUnknown => "there is no such number; 0 comes from an undefined value",
        F::AuthTypeUndocumented => "no document explains this number",
        F::WrongConstant => "this parameter is a constant",
        F::ConstantMissing => "the documents print it; WeChat's own console leaves it out",
        F::ComponentAppidMalformed => "an appid is wx and 16 hexadecimal digits",
        F::OtherPlatform => "the link is of another platform than the profile",
        F::CodeWithoutPrefix => "give the code whole, with its preauthcode@@@",
        F::AuthorizationCodeGiven => {
            "an authorization code comes back from a link, it does not make one"
        }
        F::OtherValueGiven => "this is another kind of value",
        F::CodeTruncated => "the code was cut off on its way",
        F::CodeMalformed => "characters no code has: something was added or replaced on its way",
        F::DoubleEncoded => "encoded twice: WeChat decodes once and sees percent signs",
        F::RedirectUnencoded => "encode it as a whole (https%3A%2F%2F…)",
        F::RedirectCutOff => "its own `&` ended it: encode it as a whole (https%3A%2F%2F…)",
        F::RedirectMalformed => "without https:// WeChat takes it as a path of its own",
        F::RedirectNotHttps => "plain http is not taken any more",
        F::RedirectUserInfo => "a user name or password does not belong there",
        F::RedirectHost => "it must be on the launch domain (授权发起页域名), the very same host",
        F::BizAppidMalformed => "an appid is wx and 16 hexadecimal digits",
        F::BizAppidIsUserName => "give the appid (wx…), not the original id (gh_…)",
        F::BizAppidWins => "only this account can authorize, whatever auth_type says",
        F::CategoryComma => "ids are joined by `|` (%7C), not by commas",
        F::CategoryMalformed => "permission sets are numbers",
        F::CategoryUnencoded => "write `|` as %7C: some programs cut a link off there",
        F::CategoryUnknown => "the catalogue does not know this set",
        F::CategoryFitsNothing => "no kind of account offered can hold any of these sets",
        F::FragmentMissing => {
            "an H5 link ends in #wechat_redirect; without it WeChat may show a blank page"
        }
        F::FragmentWrong => "an H5 link ends in #wechat_redirect",
        F::FragmentNotLast => "what stands behind the fragment never reaches WeChat",
        F::TrailingCharacters => "something was copied along with the link",
        F::FragmentNotNeeded => "a PC link has no fragment",
    }
}
