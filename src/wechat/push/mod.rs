//! A push as it travels: query, envelope, message, and the reply to one (the notes on pushes,
//! sections 2, 5.4 to 5.6).

mod envelope;
mod query;

use std::fmt;

use serde_json::json;

pub use self::envelope::{BodyFormat, Envelope};
pub use self::query::PushQuery;
use super::crypto::{self, EncodingAesKey, KeyError, OpenError, Opened};
use super::id::ComponentAppid;
use super::secret::Secret;
use super::xml::{XmlError, cdata};

/// What a platform checks and opens pushes with.
#[derive(Clone, Debug)]
pub struct PushKeys {
    /// The Token (消息校验Token).
    pub token: Secret,
    /// The EncodingAESKey of today.
    pub present: EncodingAesKey,
    /// The one before: after a change WeChat uses it for a while.
    pub previous: Option<EncodingAesKey>,
}

/// Which of two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUsed {
    /// The EncodingAESKey of today.
    Present,
    /// The one before.
    Previous,
}

/// Where an appid stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the envelope, readable by anybody.
    Outer,
    /// Behind the encrypted message.
    Inner,
}

/// What the sender chooses anew for each push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Unix seconds, decimal.
    pub timestamp: String,
    /// Decimal digits.
    pub nonce: String,
    /// 16 bytes before the message.
    pub random: [u8; 16],
}

/// For whom a push is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To<'a> {
    /// For the platform: the envelope has its appid.
    Platform,
    /// For an authorized account: the envelope has its original id.
    Account(&'a str),
}

/// A push that was checked and opened.
#[derive(Clone)]
pub struct Received {
    /// The message: XML, or the JSON of WeChat's stores. It may hold tickets and codes.
    pub message: String,
    /// The key that opened it; a reply is sealed with the same.
    pub key: KeyUsed,
    /// The envelope.
    pub envelope: Envelope,
}

impl fmt::Debug for Received {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Received")
            .field("message_bytes", &self.message.len())
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Why a push is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The query lacks a parameter, or has it empty.
    #[error("the query has no {name}")]
    MissingQuery {
        /// Its name.
        name: &'static str,
    },
    /// The body, or the message in it, is no UTF-8.
    #[error("the text is not UTF-8")]
    NotText,
    /// The body is no XML.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The body begins like JSON and is none.
    #[error("the JSON is broken")]
    Json,
    /// The body has no `Encrypt`.
    #[error("the body has no Encrypt")]
    NoEncrypt,
    /// `msg_signature` is not that of Token, timestamp, nonce and Encrypt.
    #[error("the signature is wrong")]
    Signature,
    /// No key opens it; of two failures the present key's.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is for another platform.
    #[error("it is for {found}")]
    ForeignAppid {
        /// The appid that it names.
        found: String,
        /// Where it names it.
        place: Place,
    },
}

/// Which EncodingAESKey is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct WrongKey {
    /// The one of today, or the one before.
    pub key: KeyUsed,
    /// What is wrong with it.
    pub error: KeyError,
}

impl PushKeys {
    /// Takes the values of the console.
    ///
    /// # Errors
    /// [`WrongKey`] when an EncodingAESKey is none.
    pub fn new(
        token: Secret,
        present: &Secret,
        previous: Option<&Secret>,
    ) -> Result<Self, WrongKey> {
        let read = |text: &Secret, key| {
            EncodingAesKey::parse(text.expose()).map_err(|error| WrongKey { key, error })
        };
        Ok(Self {
            token,
            present: read(present, KeyUsed::Present)?,
            previous: previous
                .map(|text| read(text, KeyUsed::Previous))
                .transpose()?,
        })
    }

    /// Checks the signature, then decrypts with the present key or the previous one, then compares
    /// the appids. Nothing is decrypted before the signature is right.
    ///
    /// # Errors
    /// [`PushError`] names the first thing that is wrong.
    pub fn open(
        &self,
        component_appid: &ComponentAppid,
        query: &PushQuery,
        body: &[u8],
    ) -> Result<Received, PushError> {
        let envelope = Envelope::parse(body)?;
        if !self.signed(query, &envelope) {
            return Err(PushError::Signature);
        }
        if let Some(found) = &envelope.appid
            && found != component_appid.as_str()
        {
            return Err(PushError::ForeignAppid {
                found: found.clone(),
                place: Place::Outer,
            });
        }
        let with = |key| unsealed(key, component_appid, &envelope.encrypt);
        let (opened, key) = match (with(&self.present), &self.previous) {
            (Ok(opened), _) => (opened, KeyUsed::Present),
            (Err(first), None) => return Err(first),
            (Err(first), Some(previous)) => match (with(previous), first) {
                (Ok(opened), _) => (opened, KeyUsed::Previous),
                // A key that opens it tells more than one that does not.
                (Err(foreign @ PushError::ForeignAppid { .. }), PushError::Open(_)) => {
                    return Err(foreign);
                }
                (Err(_), first) => return Err(first),
            },
        };
        let message = String::from_utf8(opened.message).map_err(|_| PushError::NotText)?;
        Ok(Received {
            message,
            key,
            envelope,
        })
    }

    /// Whether `msg_signature` of the query is right for the envelope, compared in constant time.
    #[must_use]
    pub fn signed(&self, query: &PushQuery, envelope: &Envelope) -> bool {
        crypto::signature_matches(
            self.token.expose(),
            &query.timestamp,
            &query.nonce,
            &envelope.encrypt,
            &query.msg_signature,
        )
    }

    /// Whether `signature` of the query is right: of the body it says nothing, but where it is
    /// wrong the Token is another. `None` when the query has none.
    #[must_use]
    pub fn token_fits(&self, query: &PushQuery) -> Option<bool> {
        let given = query.signature.as_deref()?;
        let token = self.token.expose();
        let expected = crypto::signature(token, &query.timestamp, &query.nonce, None);
        Some(expected == given)
    }

    /// One of the two keys; `None` when there is no previous one.
    #[must_use]
    pub fn key(&self, which: KeyUsed) -> Option<&EncodingAesKey> {
        match which {
            KeyUsed::Present => Some(&self.present),
            KeyUsed::Previous => self.previous.as_ref(),
        }
    }

    /// A push as WeChat sends it: its query and its XML body. `None` when there is no such key.
    #[must_use]
    pub fn push(
        &self,
        component_appid: &ComponentAppid,
        which: KeyUsed,
        message: &str,
        stamp: &Stamp,
        to: To<'_>,
    ) -> Option<(PushQuery, String)> {
        let encrypt = self.sealed(component_appid, which, message, stamp)?;
        let query = PushQuery {
            timestamp: stamp.timestamp.clone(),
            nonce: stamp.nonce.clone(),
            msg_signature: self.signature(stamp, Some(&encrypt)),
            signature: Some(self.signature(stamp, None)),
            openid: None,
        };
        let (appid, to_user_name) = match to {
            To::Platform => (Some(component_appid.as_str().to_owned()), None),
            To::Account(user_name) => (None, Some(user_name.to_owned())),
        };
        let envelope = Envelope {
            format: BodyFormat::Xml,
            appid,
            to_user_name,
            encrypt,
        };
        Some((query, envelope.to_body()))
    }

    /// The answer to a message, sealed, in the format that the message came in. `None` when there
    /// is no such key.
    #[must_use]
    pub fn reply(
        &self,
        component_appid: &ComponentAppid,
        which: KeyUsed,
        format: BodyFormat,
        message: &str,
        stamp: &Stamp,
    ) -> Option<String> {
        let encrypt = self.sealed(component_appid, which, message, stamp)?;
        let signature = self.signature(stamp, Some(&encrypt));
        let Stamp {
            timestamp, nonce, ..
        } = stamp;
        Some(match format {
            BodyFormat::Xml => format!(
                "<xml>\n<Encrypt>{}</Encrypt>\n<MsgSignature>{}</MsgSignature>\n\
                 <TimeStamp>{timestamp}</TimeStamp>\n<Nonce>{}</Nonce>\n</xml>",
                cdata(&encrypt),
                cdata(&signature),
                cdata(nonce),
            ),
            BodyFormat::Json => json!({
                "Encrypt": encrypt,
                "MsgSignature": signature,
                "TimeStamp": timestamp.parse::<i64>().unwrap_or_default(),
                "Nonce": nonce,
            })
            .to_string(),
        })
    }

    fn sealed(
        &self,
        component_appid: &ComponentAppid,
        which: KeyUsed,
        message: &str,
        stamp: &Stamp,
    ) -> Option<String> {
        let key = self.key(which)?;
        let appid = component_appid.as_str();
        Some(crypto::seal(key, stamp.random, message.as_bytes(), appid))
    }

    fn signature(&self, stamp: &Stamp, encrypt: Option<&str>) -> String {
        crypto::signature(self.token.expose(), &stamp.timestamp, &stamp.nonce, encrypt)
    }
}

fn unsealed(
    key: &EncodingAesKey,
    component_appid: &ComponentAppid,
    encrypt: &str,
) -> Result<Opened, PushError> {
    let opened = crypto::open(key, encrypt)?;
    if opened.appid == component_appid.as_str() {
        Ok(opened)
    } else {
        Err(PushError::ForeignAppid {
            found: opened.appid,
            place: Place::Inner,
        })
    }
}
