//! Switches for what public sources leave open or dispute.

use serde::{Deserialize, Serialize};

/// How this sandbox behaves where WeChat's behaviour is disputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviours {
    /// `api_authorizer_token` gives another refresh token; the former one works five minutes.
    pub refresh_token_rotates: bool,
    /// An update of the authorization gives another refresh token.
    pub update_changes_refresh_token: bool,
    /// Seconds an authorization code lives.
    pub auth_code_seconds: i64,
    /// What an access token does after the authorization ended.
    pub revoked_access_token: RevokedToken,
    /// Whether the pushed event brings the code of the redirect or one of its own.
    pub event_code: EventCode,
    /// When a pre-authorization code counts as used.
    pub pre_auth_code_used_at: PreAuthUse,
    /// Which token the options calls of the present generation take.
    pub option_token: OptionToken,
    /// What a code answers that was used and is past its end: 61009 or 61010.
    pub used_code_when_late: LateCode,
    /// `errcode` is written as text.
    pub errcode_as_text: bool,
    /// What follows an error message.
    pub message_tail: MessageTail,
    /// How a refresh token that is not there is written.
    pub missing_refresh_token: MissingField,
    /// What `api_get_authorizer_list` answers past the end.
    pub page_past_end: PastEnd,
    /// The order of `api_get_authorizer_list`.
    pub list_order: ListOrder,
    /// `total_count` differs by one from page to page.
    pub moving_total: bool,
    /// A page begins with the last entry of the page before.
    pub duplicates_between_pages: bool,
    /// The list shows the accounts of the automatic release check, which answer 61003.
    pub release_check_accounts: bool,
    /// How far the `Date` header is ahead of the sandbox's clock, in seconds: what a caller sees
    /// whose own clock is slow by as much.
    pub date_skew_seconds: i64,
}

impl Default for Behaviours {
    fn default() -> Self {
        Self {
            refresh_token_rotates: false,
            update_changes_refresh_token: false,
            auth_code_seconds: 3600,
            revoked_access_token: RevokedToken::NotAuthorized,
            event_code: EventCode::Different,
            pre_auth_code_used_at: PreAuthUse::Confirm,
            option_token: OptionToken::Both,
            used_code_when_late: LateCode::Invalid,
            errcode_as_text: false,
            message_tail: MessageTail::Rid,
            missing_refresh_token: MissingField::Absent,
            page_past_end: PastEnd::Empty,
            list_order: ListOrder::AuthTime,
            moving_total: false,
            duplicates_between_pages: false,
            release_check_accounts: false,
            date_skew_seconds: 0,
        }
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+ }
    };
}

choice!(
    /// What an access token does after the authorization ended.
    RevokedToken {
        /// 61003 at once.
        NotAuthorized = "61003",
        /// 40001 at once.
        Invalid = "40001",
        /// Works until its own end.
        OwnEnd = "own_end",
    }
);
choice!(
    /// Which code the pushed event brings.
    EventCode {
        /// The code of the redirect.
        Same = "same",
        /// One of its own; each can be exchanged once.
        Different = "different",
    }
);
choice!(
    /// When a pre-authorization code counts as used.
    PreAuthUse {
        /// When the merchant confirms.
        Confirm = "confirm",
        /// When the page is looked at.
        View = "view",
    }
);
choice!(
    /// Which token the options calls of the present generation take.
    OptionToken {
        /// Either.
        Both = "both",
        /// The platform's, with `authorizer_appid` in the body.
        Component = "component",
        /// The authorizer's.
        Authorizer = "authorizer",
    }
);
choice!(
    /// What a used code answers past its end.
    LateCode {
        /// `code is invalid`
        Invalid = "61009",
        /// `code is expired`
        Expired = "61010",
    }
);
choice!(
    /// What follows an error message.
    MessageTail {
        /// ` rid: …`, or `, rid: …` where WeChat puts the comma.
        Rid = "rid",
        /// ` hint: […]`, as before 2020.
        Hint = "hint",
        /// Nothing.
        Nothing = "none",
    }
);
choice!(
    /// How a refresh token that is not there is written.
    MissingField {
        /// The field is left out.
        Absent = "absent",
        /// The field is an empty text.
        Empty = "empty",
    }
);
choice!(
    /// What the list answers past its end.
    PastEnd {
        /// No entries and the true total.
        Empty = "empty",
        /// No entries and a total of 0.
        ZeroTotal = "zero_total",
        /// The last page again.
        LastPage = "last_page",
    }
);
choice!(
    /// The order of the list.
    ListOrder {
        /// By time of authorization.
        AuthTime = "auth_time",
        /// By appid.
        Appid = "appid",
    }
);
