//! What a lint can find.

use crate::wechat::id::ComponentAppid;

/// What is known beside the link.
#[derive(Clone, Copy, Debug, Default)]
pub struct LintContext<'a> {
    /// The host that link page and redirect must be on.
    pub launch_domain: Option<&'a str>,
    /// The platform that the link should be of.
    pub component_appid: Option<&'a ComponentAppid>,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; the link works.
    Note,
    /// The link works in part, or not everywhere.
    Warning,
    /// The link does not work.
    Error,
}

impl Severity {
    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! finding_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident;)*) => {
        /// What was found; the list is closed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode {
            $($(#[$doc])* $name,)*
        }

        impl FindingCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How grave it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

finding_codes! {
    /// There is no text.
    Empty = "empty", Error;
    /// The text is no absolute URL.
    NotAUrl = "not_a_url", Error;
    /// A bare pre-auth code in place of a link.
    BareCode = "bare_code", Error;
    /// The URL that a merchant's browser came back to, in place of a link.
    RedirectResult = "redirect_result", Error;
    /// A link of the service market or store, which nobody can build.
    ServiceStoreLink = "service_store_link", Error;
    /// White space or a line break inside the link.
    WhiteSpace = "white_space", Error;
    /// `&amp;` in place of `&`.
    HtmlEscaped = "html_escaped", Error;
    /// The link's `?`, `&` and `=` are percent-encoded themselves.
    EncodedAsWhole = "encoded_as_whole", Error;
    /// `http` in place of `https`.
    NotHttps = "not_https", Error;
    /// A user name, password or port before the path.
    OddAddress = "odd_address", Error;
    /// The host is none that shows the page, or not the one of this path.
    WrongHost = "wrong_host", Error;
    /// The host is right, the path is not.
    WrongPath = "wrong_path", Error;
    /// The H5 link as it was on the older host.
    LegacyForm = "legacy_form", Warning;
    /// A link of a local sandbox.
    LoopbackHost = "loopback_host", Note;
    /// A parameter that must be there is not.
    MissingParameter = "missing_parameter", Error;
    /// A parameter without a value.
    EmptyParameter = "empty_parameter", Error;
    /// A parameter that stands there more than once.
    DuplicateParameter = "duplicate_parameter", Error;
    /// A parameter that is right but for its case.
    MisspeltParameter = "misspelt_parameter", Error;
    /// A parameter that the page does not know.
    UnknownParameter = "unknown_parameter", Note;
    /// Without `auth_type` the page offers official accounts and mini programs.
    AuthTypeMissing = "auth_type_missing", Warning;
    /// A number that is no `auth_type`, 0 among them.
    AuthTypeUnknown = "auth_type_unknown", Error;
    /// 7, which no document explains.
    AuthTypeUndocumented = "auth_type_undocumented", Warning;
    /// `action` or `no_scan` of an H5 link has another value.
    WrongConstant = "wrong_constant", Warning;
    /// `action` or `no_scan` is absent, which the page puts up with.
    ConstantMissing = "constant_missing", Note;
    /// `component_appid` is no appid.
    ComponentAppidMalformed = "component_appid_malformed", Error;
    /// `component_appid` is of another platform.
    OtherPlatform = "other_platform", Error;
    /// The code lacks `preauthcode@@@`.
    CodeWithoutPrefix = "code_without_prefix", Error;
    /// An authorization code in place of a pre-auth code.
    AuthorizationCodeGiven = "authorization_code_given", Error;
    /// Another value in place of a pre-auth code.
    OtherValueGiven = "other_value_given", Error;
    /// The code is shorter than any that WeChat makes.
    CodeTruncated = "code_truncated", Error;
    /// The code holds characters that no code has.
    CodeMalformed = "code_malformed", Error;
    /// A value that was percent-encoded twice.
    DoubleEncoded = "double_encoded", Error;
    /// `redirect_uri` is not encoded; nothing was lost yet.
    RedirectUnencoded = "redirect_unencoded", Warning;
    /// `redirect_uri` is not encoded, and its rest is lost.
    RedirectCutOff = "redirect_cut_off", Error;
    /// `redirect_uri` is no absolute URL.
    RedirectMalformed = "redirect_malformed", Error;
    /// `redirect_uri` is plain http, which older platforms were allowed.
    RedirectNotHttps = "redirect_not_https", Warning;
    /// `redirect_uri` carries a user name or password.
    RedirectUserInfo = "redirect_user_info", Error;
    /// `redirect_uri` is not on the launch domain.
    RedirectHost = "redirect_host", Error;
    /// `biz_appid` is no appid.
    BizAppidMalformed = "biz_appid_malformed", Error;
    /// `biz_appid` is an original id (`gh_…`).
    BizAppidIsUserName = "biz_appid_is_user_name", Error;
    /// `biz_appid` decides; `auth_type` counts no more.
    BizAppidWins = "biz_appid_wins", Note;
    /// Commas in place of `|` in `category_id_list`.
    CategoryComma = "category_comma", Error;
    /// Something in `category_id_list` is no number.
    CategoryMalformed = "category_malformed", Error;
    /// `|` stands unencoded in `category_id_list`.
    CategoryUnencoded = "category_unencoded", Note;
    /// A set that the catalogue does not know.
    CategoryUnknown = "category_unknown", Warning;
    /// No set of `category_id_list` fits a kind of account that is offered.
    CategoryFitsNothing = "category_fits_nothing", Error;
    /// An H5 link without `#wechat_redirect`.
    FragmentMissing = "fragment_missing", Error;
    /// A fragment other than `#wechat_redirect`.
    FragmentWrong = "fragment_wrong", Error;
    /// Parameters behind `#wechat_redirect`, where no server sees them.
    FragmentNotLast = "fragment_not_last", Error;
    /// Characters behind the end of the link.
    TrailingCharacters = "trailing_characters", Error;
    /// A fragment on a PC link, which needs none.
    FragmentNotNeeded = "fragment_not_needed", Note;
}

/// One thing found. No field ever holds a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// What it is.
    pub code: FindingCode,
    /// The parameter it is about.
    pub parameter: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// What should stand there.
    pub expected: Option<String>,
}

impl Finding {
    pub(super) fn new(code: FindingCode) -> Self {
        Self {
            severity: code.severity(),
            code,
            parameter: None,
            found: None,
            expected: None,
        }
    }

    pub(super) fn parameter(mut self, name: impl Into<String>) -> Self {
        self.parameter = Some(fit_to_show(&name.into()));
        self
    }

    pub(super) fn found(mut self, text: impl Into<String>) -> Self {
        self.found = Some(fit_to_show(&text.into())).filter(|text| !text.is_empty());
        self
    }

    pub(super) fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = Some(text.into());
        self
    }
}

/// A link that is broken may hold its code anywhere.
fn fit_to_show(text: &str) -> String {
    const LONGEST: usize = 80;
    let plain = crate::wechat::percent::decoded(&crate::wechat::percent::decoded(text));
    let longest_word = plain
        .split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter))
        .map(str::len)
        .max();
    if plain.contains("@@@") || longest_word.unwrap_or(0) > 40 {
        return "…".to_owned();
    }
    text.chars().take(LONGEST).collect()
}
