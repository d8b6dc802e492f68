//! A push as it travels: encrypted, signed, addressed.

use serde_json::json;
use url::Url;

use super::xml;
use crate::sandbox::state::World;
use crate::sandbox::state::pushing::{Addressee, Push};
use crate::sys::random;
use crate::wechat::crypto::{self, EncodingAesKey};

/// A push that is ready to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Where it goes, signatures in the query included.
    pub url: Url,
    /// `text/xml`, or JSON for a store message.
    pub content_type: &'static str,
    /// The outer document.
    pub body: String,
}

/// Why a push cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    /// The platform has no receiving address for it, and none was given.
    #[error("the platform has no receiving address for {kind}")]
    NoReceiver {
        /// What was to be pushed.
        kind: String,
    },
    /// The address is no URL.
    #[error("the receiving address is no URL: {url}")]
    Address {
        /// The address.
        url: String,
    },
    /// The platform never changed its EncodingAESKey.
    #[error("the platform has no previous EncodingAESKey")]
    NoPreviousKey,
    /// The EncodingAESKey is none.
    #[error("the EncodingAESKey of the platform cannot be used: {0}")]
    Key(#[from] crypto::KeyError),
}

/// Encrypts and signs a push for `to`, else for the platform's own address.
pub fn seal(world: &World, push: &Push, to: Option<&str>) -> Result<Letter, Unsendable> {
    let platform = world.platform(push.platform);
    let address = match to {
        Some(to) => match &push.addressee {
            Some(addressee) => to.replace("$APPID$", &world.naming().appid(addressee.account)),
            None => to.to_owned(),
        },
        None => world
            .receiving_url(push)
            .ok_or_else(|| Unsendable::NoReceiver {
                kind: push.kind.clone(),
            })?,
    };
    let mut url = Url::parse(&address).map_err(|_| Unsendable::Address { url: address })?;
    let key = if push.manner.previous_key {
        let previous = platform.previous_encoding_aes_key.as_ref();
        previous.ok_or(Unsendable::NoPreviousKey)?
    } else {
        &platform.encoding_aes_key
    };
    let key = EncodingAesKey::parse(key)?;
    let mut bytes = [0; 16];
    random::fill(&mut bytes);
    let encrypt = crypto::seal(&key, bytes, push.text.as_bytes(), &platform.appid);

    random::fill(&mut bytes);
    let nonce = (u128::from_le_bytes(bytes) % 10_000_000_000).to_string();
    let timestamp = world.now().to_string();
    let token = if push.manner.wrong_signature {
        "not-the-token"
    } else {
        &platform.token
    };
    let plain = crypto::signature(token, &timestamp, &nonce, None);
    let of_message = crypto::signature(token, &timestamp, &nonce, Some(&encrypt));
    let mut query = url.query_pairs_mut();
    query
        .append_pair("signature", &plain)
        .append_pair("timestamp", &timestamp)
        .append_pair("nonce", &nonce);
    if let Some(Addressee { openid, .. }) = &push.addressee {
        query.append_pair("openid", openid);
    }
    query
        .append_pair("encrypt_type", "aes")
        .append_pair("msg_signature", &of_message);
    drop(query);

    let (name, value) = match &push.addressee {
        Some(addressee) => ("ToUserName", world.naming().user_name(addressee.account)),
        None => ("AppId", platform.appid.clone()),
    };
    let (content_type, body) = if push.manner.json {
        let body = json!({name: value, "Encrypt": encrypt}).to_string();
        ("application/json", body)
    } else {
        let fields = [xml::text(name, value), xml::text("Encrypt", encrypt)];
        ("text/xml", xml::document(&fields, true))
    };
    Ok(Letter {
        url,
        content_type,
        body,
    })
}
