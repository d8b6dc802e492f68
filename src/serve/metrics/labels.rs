//! Values of labels. What comes from outside is reduced to words known beforehand: whoever sends
//! events or messages must not be able to make series without end.

use crate::serve::ForwardResult;
use crate::wechat::event::InfoType;

/// Names and values of one series.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What is not known beforehand.
const OTHER: &str = "other";

/// `MsgType` of messages.
const MESSAGES: [&str; 9] = [
    "text",
    "image",
    "voice",
    "video",
    "shortvideo",
    "location",
    "link",
    "event",
    "miniprogrampage",
];

pub(super) fn info_type(name: &str) -> &str {
    InfoType::find(name).map_or(OTHER, |known| known.name)
}

/// The kind before the slash: `event/subscribe` is `event`.
pub(super) fn message(what: &str) -> &str {
    let kind = what.split('/').next().unwrap_or(what);
    MESSAGES
        .into_iter()
        .find(|known| *known == kind)
        .unwrap_or(OTHER)
}

pub(super) fn forward(result: &ForwardResult) -> &'static str {
    match result {
        ForwardResult::Delivered { .. } => "delivered",
        ForwardResult::Failed { .. } => "failed",
        ForwardResult::Retrying { .. } => "retrying",
        ForwardResult::Dropped => "dropped",
    }
}
