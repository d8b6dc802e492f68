//! `api_get_authorizer_info`: everything WeChat says of one account.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::authorization::Authorization;
use super::document::Document;
use super::lenient;
use super::reply::{FieldError, Reply, id};
use crate::wechat::account::AccountKind;
use crate::wechat::id::UserName;
use crate::wechat::limits;

/// An account. Texts that WeChat sent empty are `None`; [`Self::raw`] has them as they came.
#[derive(Clone, Debug)]
pub struct AuthorizerInfo {
    /// The nickname, chosen by a stranger: escape it before showing it.
    pub nick_name: Option<String>,
    /// The original id, `gh_…`.
    pub user_name: Option<UserName>,
    /// The WeChat id that people type.
    pub alias: Option<String>,
    /// The name of the subject (主体), chosen by a stranger as well.
    pub principal_name: Option<String>,
    /// The introduction.
    pub signature: Option<String>,
    /// URL of the avatar.
    pub head_img: Option<String>,
    /// URL of the account's QR code; old answers have it at their root.
    pub qrcode_url: Option<String>,
    /// `service_type_info.id`; its meaning differs by kind.
    pub service_type: Option<i64>,
    /// `verify_type_info.id`; -1 is not verified.
    pub verify_type: Option<i64>,
    /// How a mini program was registered.
    pub register_type: Option<i64>,
    /// 1 normal, 14 cancelled, 16 banned, 18 warned, 19 frozen.
    pub account_status: Option<i64>,
    /// Whether `MiniProgramInfo` is there: WeChat's own test for a mini program.
    pub has_mini_program_info: bool,
    /// Whether `channels_info` is there.
    pub has_channels_info: bool,
    /// Whether `store_info` is there.
    pub has_store_info: bool,
    /// Whether `talent_info` is there: a sales assistant.
    pub has_talent_info: bool,
    /// Whether `supplier_info` is there.
    pub has_supplier_info: bool,
    /// The grant, which has no access token here.
    pub authorization: Authorization,
    /// The whole answer without any token; its texts are cut, or it is `null`, when it is beyond
    /// [`limits::DETAILS`].
    pub raw: Box<RawValue>,
}

impl AuthorizerInfo {
    /// Reads it from an answer that is no refusal.
    ///
    /// # Errors
    /// [`FieldError`] when one of the two parts or the appid is absent, or an id or token malformed.
    pub fn from_reply(reply: &Reply<'_>) -> Result<Self, FieldError> {
        let info = reply
            .object::<WireInfo>("authorizer_info")
            .ok_or(FieldError::Missing("authorizer_info"))?;
        let grant = reply
            .inner("authorization_info")
            .ok_or(FieldError::Missing("authorization_info"))?;
        Ok(Self {
            nick_name: info.nick_name,
            user_name: info
                .user_name
                .map(|name| id("user_name", name).map(UserName::from_wire))
                .transpose()?,
            alias: info.alias,
            principal_name: info.principal_name,
            signature: info.signature,
            head_img: info.head_img,
            qrcode_url: info
                .qrcode_url
                .or_else(|| Some(limits::cut(reply.text("qrcode_url")?, limits::TEXT))),
            service_type: info.service_type_info.id,
            verify_type: info.verify_type_info.id,
            register_type: info.register_type,
            account_status: info.account_status,
            has_mini_program_info: info.mini_program_info,
            has_channels_info: info.channels_info,
            has_store_info: info.store_info,
            has_talent_info: info.talent_info,
            has_supplier_info: info.supplier_info,
            authorization: Authorization::from_members(&grant)?,
            raw: without_tokens(reply, &grant),
        })
    }

    /// What the account is.
    #[must_use]
    pub const fn kind(&self) -> AccountKind {
        if self.has_mini_program_info {
            AccountKind::MiniProgram
        } else if self.has_channels_info {
            AccountKind::Channels
        } else if self.has_store_info {
            AccountKind::Store
        } else if self.has_talent_info || self.has_supplier_info {
            AccountKind::Other
        } else {
            match self.service_type {
                Some(0..=2) => AccountKind::OfficialAccount,
                Some(_) => AccountKind::Other,
                None => AccountKind::Unknown,
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireInfo {
    #[serde(deserialize_with = "lenient::name")]
    nick_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    user_name: Option<String>,
    #[serde(deserialize_with = "lenient::name")]
    alias: Option<String>,
    #[serde(deserialize_with = "lenient::name")]
    principal_name: Option<String>,
    #[serde(deserialize_with = "lenient::sentence")]
    signature: Option<String>,
    #[serde(deserialize_with = "lenient::sentence")]
    head_img: Option<String>,
    #[serde(deserialize_with = "lenient::sentence")]
    qrcode_url: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    service_type_info: TypeInfo,
    #[serde(deserialize_with = "lenient::object")]
    verify_type_info: TypeInfo,
    #[serde(deserialize_with = "lenient::integer")]
    register_type: Option<i64>,
    #[serde(deserialize_with = "lenient::integer")]
    account_status: Option<i64>,
    #[serde(rename = "MiniProgramInfo", deserialize_with = "lenient::is_object")]
    mini_program_info: bool,
    #[serde(deserialize_with = "lenient::is_object")]
    channels_info: bool,
    #[serde(deserialize_with = "lenient::is_object")]
    store_info: bool,
    #[serde(deserialize_with = "lenient::is_object")]
    talent_info: bool,
    #[serde(deserialize_with = "lenient::is_object")]
    supplier_info: bool,
}

/// `{"id": 2, "name": …}`
#[derive(Default, Deserialize)]
#[serde(default)]
struct TypeInfo {
    #[serde(deserialize_with = "lenient::integer")]
    id: Option<i64>,
}

/// The answer again, member by member, without those that hold tokens.
fn without_tokens(reply: &Reply<'_>, grant: &Reply<'_>) -> Box<RawValue> {
    let mut text = String::with_capacity(2048);
    text.push('{');
    for (name, raw) in reply.fields() {
        if name == "authorization_info" {
            push_name(&mut text, name);
            text.push('{');
            push_members(&mut text, grant);
            text.push('}');
        } else if !holds_token(name) {
            push_name(&mut text, name);
            text.push_str(raw.get());
        }
    }
    text.push('}');
    // Members of a parsed object make an object again.
    let whole = RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned());
    match whole.get().len() <= limits::DETAILS {
        true => whole,
        false => with_short_texts(&whole),
    }
}

/// The same with its texts cut, or nothing when it is still beyond the limit.
fn with_short_texts(whole: &RawValue) -> Box<RawValue> {
    let nothing = || RawValue::NULL.to_owned();
    let Ok(document) = Document::parse(whole.get().as_bytes()) else {
        return nothing();
    };
    let short = document.with_texts(&mut |_, text| limits::cut(text, limits::NAME));
    let short = serde_json::to_string(&short).unwrap_or_default();
    match short.len() <= limits::DETAILS {
        true => RawValue::from_string(short).unwrap_or_else(|_| nothing()),
        false => nothing(),
    }
}

fn push_members(text: &mut String, members: &Reply<'_>) {
    for (name, raw) in members.fields().filter(|(name, _)| !holds_token(name)) {
        push_name(text, name);
        text.push_str(raw.get());
    }
}

fn holds_token(name: &str) -> bool {
    name.ends_with("_token")
}

fn push_name(text: &mut String, name: &str) {
    if !text.ends_with('{') {
        text.push(',');
    }
    // A text has a JSON form always.
    text.push_str(&serde_json::to_string(name).unwrap_or_default());
    text.push(':');
}
