//! Messages and events of an authorized account: the head that tells what they are, and the plain
//! text that answers one.

use std::fmt;

use serde_json::Value;

use super::xml::{self, Element, XmlError, cdata};

/// The head of a message. Other fields are left where they are: in the message as received.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// `ToUserName`: the account's original id.
    pub to: String,
    /// `FromUserName`: the user's openid.
    pub from: String,
    /// `CreateTime` in Unix seconds.
    pub created_at: Option<i64>,
    /// `MsgType`: `text`, `image`, `event` …
    pub msg_type: String,
    /// `Event` of a message of type `event`.
    pub event: Option<String>,
    /// `Content` of a message of type `text`.
    pub content: Option<String>,
    /// `MsgId`, the same in repeats of a message; events have none.
    pub msg_id: Option<String>,
}

impl fmt::Debug for Message {
    /// Without what the user wrote, and without the user.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Message")
            .field("to", &self.to)
            .field("created_at", &self.created_at)
            .field("msg_type", &self.msg_type)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// Why a text is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It is no XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// It begins like JSON and is none.
    #[error("the JSON is broken")]
    Json,
    /// A field of the head is missing.
    #[error("the message has no {name}")]
    Missing {
        /// The field.
        name: &'static str,
    },
}

impl Message {
    /// Reads a decrypted message: XML, or the JSON of WeChat's stores.
    ///
    /// # Errors
    /// [`MessageError`] when it is neither, or has no `ToUserName`, `FromUserName` or `MsgType`.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        if text.trim_start().starts_with('{') {
            let fields: Value = serde_json::from_str(text).map_err(|_| MessageError::Json)?;
            Self::from_fields(|name| json_text(fields.get(name)?))
        } else {
            let fields: Element = xml::parse(text)?;
            Self::from_fields(|name| Some(fields.child(name)?.text.clone()))
        }
    }

    fn from_fields(field: impl Fn(&str) -> Option<String>) -> Result<Self, MessageError> {
        let needed = |name: &'static str| {
            let text = field(name).map(|text| text.trim().to_owned());
            text.filter(|text| !text.is_empty())
                .ok_or(MessageError::Missing { name })
        };
        Ok(Self {
            to: needed("ToUserName")?,
            from: needed("FromUserName")?,
            created_at: field("CreateTime").and_then(|text| text.trim().parse().ok()),
            msg_type: needed("MsgType")?,
            event: field("Event").map(|text| text.trim().to_owned()),
            content: field("Content"),
            msg_id: field("MsgId").map(|text| text.trim().to_owned()),
        })
    }
}

fn json_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A text from the account `from` to the user `to`, to be sealed as the reply to a message.
#[must_use]
pub fn text_reply(to: &str, from: &str, created_at: i64, content: &str) -> String {
    format!(
        "<xml>\n<ToUserName>{}</ToUserName>\n<FromUserName>{}</FromUserName>\n\
         <CreateTime>{created_at}</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n\
         <Content>{}</Content>\n</xml>",
        cdata(to),
        cdata(from),
        cdata(content),
    )
}
