//! The body of a push before it is decrypted.

use serde_json::{Value, json};

use super::PushError;
use crate::wechat::xml::{self, cdata};

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// Everything but the pushes of WeChat's stores.
    Xml,
    /// The pushes of WeChat's stores and of channels; they are answered as JSON as well.
    Json,
}

/// What is readable without a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// XML or JSON.
    pub format: BodyFormat,
    /// `AppId`, the platform's: on the URL for authorization events.
    pub appid: Option<String>,
    /// `ToUserName`, the account's original id: on the URL for messages.
    pub to_user_name: Option<String>,
    /// The encrypted text, as it stands: the signature is over it.
    pub encrypt: String,
}

impl Envelope {
    /// Reads a body: XML with CDATA or without, or JSON.
    ///
    /// # Errors
    /// [`PushError::NotText`], [`PushError::Xml`], [`PushError::Json`], or
    /// [`PushError::NoEncrypt`] when it is not encrypted.
    pub fn parse(body: &[u8]) -> Result<Self, PushError> {
        let text = std::str::from_utf8(body).map_err(|_| PushError::NotText)?;
        let (format, [appid, to_user_name, encrypt]) = if text.trim_start().starts_with('{') {
            let fields: Value = serde_json::from_str(text).map_err(|_| PushError::Json)?;
            let of = |name: &str| Some(fields.get(name)?.as_str()?.to_owned());
            (BodyFormat::Json, NAMES.map(of))
        } else {
            let fields = xml::parse(text)?;
            let of = |name: &str| fields.text_of(name).map(str::to_owned);
            (BodyFormat::Xml, NAMES.map(of))
        };
        Ok(Self {
            format,
            appid: appid.filter(|text| !text.is_empty()),
            to_user_name: to_user_name.filter(|text| !text.is_empty()),
            encrypt: encrypt
                .filter(|text| !text.is_empty())
                .ok_or(PushError::NoEncrypt)?,
        })
    }

    /// The body as WeChat writes it.
    #[must_use]
    pub fn to_body(&self) -> String {
        let values =
            [&self.appid, &self.to_user_name, &Some(self.encrypt.clone())].map(Clone::clone);
        let fields = NAMES.into_iter().zip(values);
        let fields = fields.filter_map(|(name, value)| Some((name, value?)));
        match self.format {
            BodyFormat::Xml => {
                let lines: String = fields
                    .map(|(name, value)| format!("    <{name}>{}</{name}>\n", cdata(&value)))
                    .collect();
                format!("<xml>\n{lines}</xml>\n")
            }
            BodyFormat::Json => {
                let fields = fields.map(|(name, value)| (name.to_owned(), json!(value)));
                Value::Object(fields.collect()).to_string()
            }
        }
    }
}

const NAMES: [&str; 3] = ["AppId", "ToUserName", "Encrypt"];
