//! Events that are authentic and that nobody can read: kept, not lost.

use crate::wechat::event::{Event, EventKind};
use crate::wechat::id::ComponentAppid;
use crate::wechat::xml::Element;

/// What such an event has as its `InfoType`.
const INFO_TYPE: &str = "unreadable";
/// What tickets, codes and tokens begin with.
const MARK: &str = "@@@";

/// An event with the whole text as its only field `raw`, tickets and codes taken out of it.
pub(super) fn event(component_appid: &ComponentAppid, text: &str) -> Event {
    let raw = Element {
        name: "raw".to_owned(),
        text: without_secrets(text),
        children: Vec::new(),
    };
    Event {
        component_appid: component_appid.to_string(),
        created_at: None,
        info_type: INFO_TYPE.to_owned(),
        kind: EventKind::Other { about: None },
        fields: Element {
            name: "xml".to_owned(),
            text: String::new(),
            children: vec![raw],
        },
    }
}

/// The text with `…` for the rest of every word that has `@@@` in it; the kind before stays.
fn without_secrets(text: &str) -> String {
    let (mut clean, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once(MARK) {
        clean.push_str(before);
        clean.push('…');
        let end = after.find(|c: char| c.is_whitespace() || "<>]\"',}&".contains(c));
        rest = &after[end.unwrap_or(after.len())..];
    }
    clean + rest
}
