//! Events that are authentic and that nobody can read: kept, not lost.

use crate::wechat::event::{Event, EventKind};
use crate::wechat::id::ComponentAppid;
use crate::wechat::masking::masked_text;
use crate::wechat::xml::Element;

/// What such an event has as its `InfoType`.
const INFO_TYPE: &str = "unreadable";

/// An event with the whole text as its only field `raw`, its credentials masked.
pub(super) fn event(component_appid: &ComponentAppid, text: &str) -> Event {
    let raw = Element {
        name: "raw".to_owned(),
        text: masked_text(text).0,
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
