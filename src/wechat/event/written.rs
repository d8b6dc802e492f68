//! Events as WeChat writes them, for those who send one to try a receiver.

use crate::wechat::id::{Appid, ComponentAppid};
use crate::wechat::xml::cdata;

use super::AuthorizationEvent;
use crate::wechat::secret::Secret;

/// A push of the ticket.
#[must_use]
pub fn ticket_xml(component_appid: &ComponentAppid, created_at: i64, ticket: &Secret) -> String {
    written(
        component_appid,
        created_at,
        "component_verify_ticket",
        &[("ComponentVerifyTicket", ticket.expose())],
    )
}

/// `authorized`, or `updateauthorized` with `update`.
#[must_use]
pub fn authorization_xml(
    component_appid: &ComponentAppid,
    created_at: i64,
    update: bool,
    authorization: &AuthorizationEvent,
) -> String {
    let expires_at = authorization.code_expires_at.map(|at| at.to_string());
    let fields = [
        ("AuthorizerAppid", Some(authorization.appid.as_str())),
        (
            "AuthorizationCode",
            authorization.code.as_ref().map(Secret::expose),
        ),
        ("AuthorizationCodeExpiredTime", expires_at.as_deref()),
        (
            "PreAuthCode",
            authorization.pre_auth_code.as_ref().map(Secret::expose),
        ),
    ];
    let fields: Vec<(&str, &str)> = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let info_type = if update {
        "updateauthorized"
    } else {
        "authorized"
    };
    written(component_appid, created_at, info_type, &fields)
}

/// The end of an authorization.
#[must_use]
pub fn unauthorized_xml(
    component_appid: &ComponentAppid,
    created_at: i64,
    appid: &Appid,
) -> String {
    written(
        component_appid,
        created_at,
        "unauthorized",
        &[("AuthorizerAppid", appid.as_str())],
    )
}

/// An event with its head only: of a type that nobody knows it changes nothing.
#[must_use]
pub fn unknown_xml(component_appid: &ComponentAppid, created_at: i64, info_type: &str) -> String {
    written(component_appid, created_at, info_type, &[])
}

fn written(
    component_appid: &ComponentAppid,
    created_at: i64,
    info_type: &str,
    fields: &[(&str, &str)],
) -> String {
    let lines: String = fields
        .iter()
        .map(|(name, value)| format!("<{name}>{}</{name}>\n", cdata(value)))
        .collect();
    format!(
        "<xml><AppId>{}</AppId>\n<CreateTime>{created_at}</CreateTime>\n\
         <InfoType>{}</InfoType>\n{lines}</xml>",
        cdata(component_appid.as_str()),
        cdata(info_type),
    )
}
