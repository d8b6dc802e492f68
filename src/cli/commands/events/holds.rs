//! What a decrypted message says.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::lang::{Text, text};
use crate::wechat::event::{Event, EventError, masked};
use crate::wechat::message::{Message, MessageError};
use crate::wechat::xml;

/// A message, read.
#[derive(Serialize)]
pub(super) struct Holds {
    /// `InfoType` of an event for the platform.
    pub(super) info_type: Option<String>,
    /// `MsgType` of a message for an account, with its `Event` behind a colon.
    pub(super) msg_type: Option<String>,
    /// `CreateTime`.
    pub(super) created_at: Option<Timestamp>,
    /// All fields.
    pub(super) fields: Value,
}

/// What is wrong with a message that opened.
pub(super) enum Unread {
    /// It is neither XML nor JSON; the reason.
    Broken(Text),
    /// It is for this other platform by its own `AppId`.
    Foreign(String),
}

impl Holds {
    /// Reads an event or a message; what can be shown of it comes even when something is wrong.
    pub(super) fn read(
        message: &str,
        component_appid: &str,
        reveal: bool,
    ) -> (Option<Self>, Result<(), Unread>) {
        let fields = match fields(message) {
            Ok(fields) if reveal => fields,
            Ok(fields) => masked(fields),
            Err(reason) => return (None, Err(Unread::Broken(reason))),
        };
        let mut holds = Self {
            info_type: None,
            msg_type: None,
            created_at: None,
            fields,
        };
        let moment = |seconds: Option<i64>| Timestamp::from_second(seconds?).ok();
        let read = match Event::parse(message) {
            Ok(event) => {
                holds.info_type = Some(event.info_type);
                holds.created_at = moment(event.created_at);
                if event.component_appid == component_appid {
                    Ok(())
                } else {
                    Err(Unread::Foreign(event.component_appid))
                }
            }
            Err(EventError::Missing { name }) if name != "InfoType" => Err(Unread::Broken(text!(
                "the event has no {name}",
                "该事件没有 {name}"
            ))),
            Err(EventError::Malformed { name }) => Err(Unread::Broken(text!(
                "{name} is not printable ASCII without white space, or too long",
                "{name} 不是不含空白的可打印 ASCII 字符，或者过长"
            ))),
            Err(_) => match Message::parse(message) {
                Ok(message) => {
                    holds.created_at = moment(message.created_at);
                    holds.msg_type = Some(match message.event {
                        Some(event) => format!("{}:{event}", message.msg_type),
                        None => message.msg_type,
                    });
                    Ok(())
                }
                Err(MessageError::Missing { .. }) => Err(Unread::Broken(text!(
                    "neither an event (InfoType) nor a message (MsgType)",
                    "既不是事件（InfoType）也不是消息（MsgType）"
                ))),
                Err(error) => Err(Unread::Broken(Text::new(
                    error.to_string(),
                    "消息的 JSON 有误",
                ))),
            },
        };
        (Some(holds), read)
    }
}

fn fields(message: &str) -> Result<Value, Text> {
    if message.trim_start().starts_with('{') {
        serde_json::from_str(message).map_err(|_| text!("the JSON is broken", "JSON 有误"))
    } else {
        let tree = xml::parse(message).map_err(super::unread::broken)?;
        Ok(tree.to_json())
    }
}
