//! The full-release check (全网发布检测): WeChat's ten accounts send two texts and look at what
//! comes back (spec events.md §6).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::sys::random;
use crate::wechat::id::Appid;
use crate::wechat::message::{Message, text_reply};
use crate::wechat::push::{BodyFormat, Received, Stamp};
use crate::wechat::release_check::{ACCOUNTS, Task, task};

use super::Hosted;
use super::shared::Shared;
use super::worker::Check;

/// The answer to a message of the check; none when this is an ordinary message.
pub(super) fn answer(
    shared: &Shared,
    hosted: &Hosted,
    received: &Received,
    message: &Message,
) -> Option<Response> {
    // Anybody can type the texts: what was signed says whose account it is, the path does not.
    let account = ACCOUNTS
        .iter()
        .find(|account| account.user_name == message.to)?;
    match task(message)? {
        Task::ReplyText(text) => Some(reply(hosted, received, message, &text)?.into_response()),
        Task::QueryCode(code) => {
            shared.worker().check(Check {
                platform: hosted.appid().clone(),
                appid: Appid::from_wire(account.appid),
                openid: message.from.clone(),
                code,
            });
            Some(String::new().into_response())
        }
    }
}

/// A passive reply, sealed with the key that the message came with.
fn reply(
    hosted: &Hosted,
    received: &Received,
    message: &Message,
    text: &str,
) -> Option<impl IntoResponse> {
    let now = hosted.platform.clock().unix();
    let text = text_reply(&message.from, &message.to, now, text);
    let mut bytes = [0; 20];
    random::fill(&mut bytes);
    let [a, b, c, d, rest @ ..] = bytes;
    let stamp = Stamp {
        timestamp: now.to_string(),
        nonce: u32::from_be_bytes([a, b, c, d]).to_string(),
        random: rest,
    };
    let format = received.envelope.format;
    let body = (hosted.keys).reply(hosted.appid(), received.key, format, &text, &stamp)?;
    let content_type = HeaderValue::from_static(match format {
        BodyFormat::Xml => "text/xml; charset=utf-8",
        BodyFormat::Json => "application/json; charset=utf-8",
    });
    Some(([(header::CONTENT_TYPE, content_type)], body))
}
