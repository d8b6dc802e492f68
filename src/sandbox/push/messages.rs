//! The texts of what an authorized account receives, field by field.

use super::xml::{self, Field, number, text};
use crate::sandbox::state::World;
use crate::sandbox::state::mixing::{Stream, blend};
use crate::sandbox::state::pushing::{Addressee, Manner, Push, Target};

/// The documented values of `MsgType` for what people send.
const MESSAGE_TYPES: [&str; 8] = [
    "text",
    "image",
    "voice",
    "video",
    "shortvideo",
    "location",
    "link",
    "miniprogrampage",
];

/// A message from `openid` to an account, which `change` may alter; `kind` is a `MsgType`, else an
/// `Event`.
pub fn message(
    world: &mut World,
    platform: u8,
    account: u32,
    kind: &str,
    manner: Manner,
    cdata: bool,
    change: impl FnOnce(&mut Vec<Field>),
) -> Push {
    let addressee = Addressee {
        account,
        openid: openid(account),
    };
    let now = world.now();
    let is_message = MESSAGE_TYPES.contains(&kind);
    let mut fields = vec![
        text("ToUserName", world.naming().user_name(account)),
        text("FromUserName", &addressee.openid),
        number("CreateTime", now),
        text("MsgType", if is_message { kind } else { "event" }),
    ];
    if is_message {
        fields.extend(content(kind));
        let serial = (world.random.next() >> 2) as i64;
        fields.push(number("MsgId", serial));
    } else {
        fields.push(text("Event", kind));
        let name = world.account(account).nick_name();
        fields.extend(event_fields(kind, now, &name));
    }
    change(&mut fields);
    Push {
        platform,
        target: Target::Messages,
        kind: kind.to_owned(),
        account: Some(account),
        addressee: Some(addressee),
        text: if manner.json {
            xml::json(&fields).to_string()
        } else {
            xml::document(&fields, cdata)
        },
        manner,
    }
}

fn content(message_type: &str) -> Vec<Field> {
    match message_type {
        "text" => vec![text("Content", "你好，还有位子吗？")],
        "location" => vec![
            text("Location_X", "23.134521"),
            text("Location_Y", "113.358803"),
            number("Scale", 20),
            text("Label", "示例路 1 号"),
        ],
        "link" => vec![
            text("Title", "示例"),
            text("Description", "示例链接"),
            text("Url", "https://www.example.com/"),
        ],
        "miniprogrampage" => vec![
            text("Title", "首页"),
            text("PagePath", "pages/index"),
            text("ThumbUrl", "https://www.example.com/thumb.png"),
        ],
        "image" => vec![
            text("PicUrl", "https://www.example.com/picture.png"),
            text("MediaId", "sandbox-media"),
        ],
        _ => vec![text("MediaId", "sandbox-media")],
    }
}

fn event_fields(event: &str, now: i64, nick_name: &str) -> Vec<Field> {
    match event {
        "weapp_audit_success" => vec![number("SuccTime", now)],
        "weapp_audit_fail" => vec![
            text("Reason", "1:账号信息不符合规范"),
            number("FailTime", now),
            text("ScreenShot", "xxx|yyy|zzz"),
        ],
        "weapp_audit_delay" => vec![
            text("Reason", "为了更好的服务小程序"),
            number("DelayTime", now),
        ],
        "wxa_nickname_audit" => vec![
            number("ret", 3),
            text("nickname", nick_name),
            text("reason", ""),
        ],
        "wxa_category_audit" => vec![
            number("ret", 3),
            number("first", 1),
            number("second", 2),
            text("reason", ""),
        ],
        "wxa_appeal_record" => vec![
            text("appid", ""),
            number("appeal_time", now),
            number("appeal_status", 2),
        ],
        "wxa_privacy_apply" => vec![
            text("api_name", "wx.getLocation"),
            number("apply_time", now),
            number("audit_id", 1),
            number("audit_time", now),
            text("reason", ""),
            number("status", 4),
        ],
        _ => Vec::new(),
    }
}

/// The user who writes to an account: the same one each time.
fn openid(account: u32) -> String {
    let mut openid = String::from("o");
    Stream::new(blend(11, u64::from(account))).text(27, &mut openid);
    openid
}
