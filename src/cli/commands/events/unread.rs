//! Why a captured push cannot be read, in both languages.

use crate::lang::Text;
use crate::wechat::crypto::OpenError;
use crate::wechat::push::{KeyUsed, PushError};
use crate::wechat::xml::XmlError;

use super::checks::name;

/// Why a query or an envelope is not taken.
pub(super) fn unread(error: &PushError) -> Text {
    match error {
        PushError::Xml(error) => broken(*error),
        error => Text::new(error.to_string(), chinese(error)),
    }
}

fn chinese(error: &PushError) -> String {
    match error {
        PushError::MissingQuery { name } => format!("查询参数中没有 {name}"),
        PushError::NotText => "内容不是 UTF-8".to_owned(),
        PushError::Json => "JSON 有误".to_owned(),
        PushError::NoEncrypt => "请求体中没有 Encrypt".to_owned(),
        PushError::Signature => "签名不正确".to_owned(),
        PushError::Xml(_) | PushError::Open(_) | PushError::ForeignAppid { .. } => {
            error.to_string()
        }
    }
}

/// What is wrong with XML.
pub(super) fn broken(error: XmlError) -> Text {
    let chinese = match error {
        XmlError::Empty => "没有 XML".to_owned(),
        XmlError::Broken { at } => format!("XML 在第 {at} 字节处有误"),
        XmlError::Doctype => "XML 中有 DOCTYPE".to_owned(),
        XmlError::Entity => "XML 引用了未定义的实体".to_owned(),
        XmlError::Beside => "外层元素之外还有内容".to_owned(),
        XmlError::TooLarge { limit, of } => format!("XML 过大：超过 {limit} {of}"),
    };
    Text::new(error.to_string(), chinese)
}

/// Why a message did not open.
pub(super) fn unopened(error: &OpenError) -> Text {
    let chinese = match error {
        OpenError::Base64 => "密文不是 base64".to_owned(),
        OpenError::BlockLength { bytes } => format!("{bytes} 字节的密文不是 16 字节的整数倍"),
        OpenError::Padding { found } => format!("填充有误（最后一字节为 {found}）"),
        OpenError::MessageLength { claimed, available } => {
            format!("消息声称有 {claimed} 字节，实际只剩 {available} 字节")
        }
        OpenError::Appid => "消息之后没有 appid".to_owned(),
    };
    Text::new(error.to_string(), chinese)
}

/// Which key it was.
pub(super) fn key_in_words(key: KeyUsed) -> Text {
    let chinese = match key {
        KeyUsed::Present => "现用密钥",
        KeyUsed::Previous => "旧密钥",
    };
    Text::new(name(key), chinese)
}
