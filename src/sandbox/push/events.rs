//! The texts of authorization events, field by field.

use super::xml::{Field, group, number, text};
use crate::sandbox::state::World;
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::pushing::{Manner, Push, Target};

/// What an authorization event tells.
pub struct Grantings<'a> {
    /// `authorized` or `updateauthorized`
    pub info_type: &'static str,
    /// The account by number.
    pub account: u32,
    /// The authorization code.
    pub code: &'a str,
    /// The pre-authorization code by number; an act in the console has none.
    pub pre_auth_code: Option<u64>,
}

/// A push to the events address of `platform`.
pub fn event(
    platform: u8,
    account: Option<u32>,
    info_type: &str,
    fields: &[Field],
    cdata: bool,
) -> Push {
    Push {
        platform,
        target: Target::Events,
        kind: info_type.to_owned(),
        account,
        addressee: None,
        text: super::xml::document(fields, cdata),
        manner: Manner::default(),
    }
}

/// The head that all events share.
pub fn head(world: &World, platform: u8, info_type: &str) -> Vec<Field> {
    vec![
        text("AppId", &world.platform(platform).appid),
        number("CreateTime", world.now()),
        text("InfoType", info_type),
    ]
}

/// The ticket of this moment.
pub fn ticket(world: &World, platform: u8) -> Push {
    let fields = ticket_fields(world, platform);
    event(platform, None, "component_verify_ticket", &fields, true)
}

fn ticket_fields(world: &World, platform: u8) -> Vec<Field> {
    let mut fields = head(world, platform, "component_verify_ticket");
    let ticket = world.current_ticket(world.platform(platform));
    fields.push(text("ComponentVerifyTicket", ticket));
    fields
}

/// An authorization, new or changed.
pub fn granted(world: &World, platform: u8, told: &Grantings<'_>) -> Vec<Field> {
    let mut fields = head(world, platform, told.info_type);
    let ends_at = world.now() + world.behaviours.auth_code_seconds;
    fields.extend([
        text("AuthorizerAppid", world.naming().appid(told.account)),
        text("AuthorizationCode", told.code),
        text("AuthorizationCodeExpiredTime", ends_at.to_string()),
    ]);
    if let Some(serial) = told.pre_auth_code {
        let code = world.text(CredentialKind::PreAuthCode, platform, 0, serial);
        fields.push(text("PreAuthCode", code));
    }
    fields
}

/// An authorization that ended.
pub fn unauthorized(world: &World, platform: u8, account: u32) -> Vec<Field> {
    let mut fields = head(world, platform, "unauthorized");
    fields.push(text("AuthorizerAppid", world.naming().appid(account)));
    fields
}

/// The fields of an event of any type, plausible ones where nothing happened; an unknown type has
/// the head and a note.
pub fn plausible(world: &mut World, platform: u8, account: u32, info_type: &str) -> Vec<Field> {
    let appid = world.naming().appid(account);
    let now = world.now();
    let known = match info_type {
        "component_verify_ticket" => return ticket_fields(world, platform),
        "authorized" | "updateauthorized" => {
            let code = world.new_auth_code(platform, account);
            let told = Grantings {
                info_type: if info_type == "authorized" {
                    "authorized"
                } else {
                    "updateauthorized"
                },
                account,
                code: &code,
                pre_auth_code: world.newest_pre_auth_code(platform),
            };
            return granted(world, platform, &told);
        }
        "unauthorized" => return unauthorized(world, platform, account),
        "notify_third_fasteregister" => {
            let code = world.new_auth_code(platform, account);
            vec![
                text("appid", appid),
                number("status", 0),
                text("auth_code", code),
                text("msg", "OK"),
                company(),
            ]
        }
        "notify_third_fastregisterbetaapp" => vec![
            text("appid", appid),
            number("status", 0),
            text("msg", "OK"),
            group(
                "info",
                vec![text("unique_id", "sandbox-1"), text("name", "试用小程序")],
            ),
        ],
        "notify_third_fastverifybetaapp" => vec![
            text("appid", appid),
            number("status", 0),
            text("msg", "OK"),
            company(),
        ],
        "notify_icpfiling_verify_result" => vec![
            text("task_id", "150321"),
            text("verify_appid", appid),
            number("result", 3),
        ],
        "notify_apply_icpfiling_result" => {
            vec![text("authorizer_appid", appid), number("beian_status", 6)]
        }
        "notify_3rd_wxa_auth" => vec![
            text("appid", appid),
            text("taskid", "sandbox-task"),
            number("task_status", 6),
            number("apply_status", 2),
            text("message", "已派单"),
            group(
                "dispatch_info",
                vec![
                    text("provider", "示例审核公司"),
                    text("contact", "020-00000000"),
                    number("dispatch_time", now),
                ],
            ),
        ],
        "notify_3rd_wxa_wxverify" => vec![
            text("appid", appid),
            number("expired", now + 30 * 86_400),
            text("message", "微信认证即将到期"),
        ],
        "order_path_apply_result_notify" => vec![group(
            "list",
            vec![
                text("appid", appid),
                number("audit_id", 451_726_598),
                number("ret_code", 0),
            ],
        )],
        "order_path_audit_result_notify" => vec![group(
            "list",
            vec![
                text("appid", appid),
                number("audit_id", 451_726_598),
                number("status", 3),
                number("apply_time", now - 1792),
                number("audit_time", now),
                text("reason", "页面无法打开"),
            ],
        )],
        "wxa_nickname_audit" => vec![
            text("nickname", world.account(account).nick_name()),
            number("ret", 3),
            text("reason", ""),
        ],
        _ => vec![text("note", "an InfoType that no document names")],
    };
    let mut fields = head(world, platform, info_type);
    fields.extend(known);
    fields
}

fn company() -> Field {
    group(
        "info",
        vec![
            text("name", "示例茶馆有限公司"),
            text("code", "91110000000000000X"),
            number("code_type", 1),
            text("legal_persona_wechat", "sandbox_person"),
            text("legal_persona_name", "张三"),
            text("component_phone", "020-00000000"),
        ],
    )
}
