//! Receiving addresses, as the console takes them.

use url::Url;

/// Why a text is no receiving address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no web address.
    #[error("a receiving address begins with https:// or http://: {url}")]
    NotWeb {
        /// The text.
        url: String,
    },
    /// The address of messages does not say where the account's appid goes.
    #[error("the address of messages has $APPID$ in it: {url}")]
    NoPlace {
        /// The text.
        url: String,
    },
}

/// Takes an address of authorization events (授权事件接收URL).
///
/// # Errors
/// When it is no web address.
pub fn events_url(text: &str) -> Result<String, AddressError> {
    let is_web = Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    if !is_web {
        return Err(AddressError::NotWeb {
            url: text.to_owned(),
        });
    }
    Ok(text.to_owned())
}

/// Takes an address of messages (消息与事件接收URL), which has `$APPID$` in it.
///
/// # Errors
/// When it is no web address or has no place for the appid.
pub fn messages_url(text: &str) -> Result<String, AddressError> {
    if !events_url(text)?.contains("$APPID$") {
        return Err(AddressError::NoPlace {
            url: text.to_owned(),
        });
    }
    Ok(text.to_owned())
}
