//! Passive replies of a platform to a message.

use serde_json::Value;

use super::xml;
use crate::sandbox::state::platform::Platform;
use crate::wechat::crypto::{self, EncodingAesKey};

/// Why a reply to a message is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReply {
    /// It lacks one of the four elements.
    #[error("no encrypted reply: {0} is missing")]
    Missing(&'static str),
    /// `MsgSignature` is not what Token, `TimeStamp`, `Nonce` and `Encrypt` give.
    #[error("the MsgSignature of the reply is wrong")]
    Signature,
    /// It opens with neither EncodingAESKey.
    #[error("the reply opens with no key of the platform")]
    Key,
    /// Another appid than the platform's stands behind the message.
    #[error("the reply ends in another appid than the component_appid")]
    Appid,
}

/// Opens a reply: the message in it.
pub fn open(platform: &Platform, body: &str) -> Result<String, BadReply> {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let part = |name: &'static str| {
        let found = match &json {
            Some(Value::Object(fields)) => fields.get(name).and_then(plain),
            _ => xml::element(body, name),
        };
        found.ok_or(BadReply::Missing(name))
    };
    let encrypt = part("Encrypt")?;
    let signature = part("MsgSignature")?;
    let (timestamp, nonce) = (part("TimeStamp")?, part("Nonce")?);
    if crypto::signature(&platform.token, &timestamp, &nonce, Some(&encrypt)) != signature {
        return Err(BadReply::Signature);
    }
    let keys = [
        Some(&platform.encoding_aes_key),
        platform.previous_encoding_aes_key.as_ref(),
    ];
    let opened = (keys.into_iter().flatten())
        .filter_map(|key| EncodingAesKey::parse(key).ok())
        .find_map(|key| crypto::open(&key, &encrypt).ok())
        .ok_or(BadReply::Key)?;
    if opened.appid != platform.appid {
        return Err(BadReply::Appid);
    }
    String::from_utf8(opened.message).map_err(|_| BadReply::Key)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
