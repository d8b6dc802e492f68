//! The query of a push.

use url::form_urlencoded;

use super::PushError;

/// The parameters that WeChat adds to the receiving URL, as texts: the signature is over them as
/// they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushQuery {
    /// Unix seconds, decimal.
    pub timestamp: String,
    /// Decimal digits.
    pub nonce: String,
    /// The signature over the body's `Encrypt` as well: the one to check.
    pub msg_signature: String,
    /// The one over Token, timestamp and nonce only; it proves nothing about the body.
    pub signature: Option<String>,
    /// The user, on the message URL.
    pub openid: Option<String>,
}

impl PushQuery {
    /// Reads the query, with or without the question mark; other parameters are the receiver's own.
    ///
    /// # Errors
    /// [`PushError::MissingQuery`] when `timestamp`, `nonce` or `msg_signature` is missing or empty.
    pub fn parse(query: &str) -> Result<Self, PushError> {
        let query = query.trim().trim_start_matches('?');
        let of = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(found, value)| found == name && !value.is_empty())
                .map(|(_, value)| value.into_owned())
        };
        let needed = |name| of(name).ok_or(PushError::MissingQuery { name });
        Ok(Self {
            timestamp: needed("timestamp")?,
            nonce: needed("nonce")?,
            msg_signature: needed("msg_signature")?,
            signature: of("signature"),
            openid: of("openid"),
        })
    }

    /// The query as WeChat sends it, without the question mark.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(signature) = &self.signature {
            query.append_pair("signature", signature);
        }
        query
            .append_pair("timestamp", &self.timestamp)
            .append_pair("nonce", &self.nonce);
        if let Some(openid) = &self.openid {
            query.append_pair("openid", openid);
        }
        query
            .append_pair("encrypt_type", "aes")
            .append_pair("msg_signature", &self.msg_signature)
            .finish()
    }
}
