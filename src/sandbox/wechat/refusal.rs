//! Refusals as WeChat writes them: an errcode, its text, and the rid.

use crate::sandbox::catalogue;
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::MessageTail;

/// Why a call was refused.
#[derive(Debug)]
pub struct Refusal {
    /// The errcode.
    pub errcode: i32,
    /// What follows the published text, before the rid.
    detail: Option<String>,
}

impl From<i32> for Refusal {
    fn from(errcode: i32) -> Self {
        Self {
            errcode,
            detail: None,
        }
    }
}

impl Refusal {
    /// A refusal whose text names something of the call.
    pub fn with_detail(errcode: i32, detail: String) -> Self {
        Self {
            errcode,
            detail: Some(detail),
        }
    }

    /// The body of the answer, and the rid in it.
    pub fn body(&self, world: &mut World, path: &str) -> (Vec<u8>, Option<String>) {
        let mut text = catalogue::message(self.errcode)
            .unwrap_or("system error")
            .to_owned();
        if let Some(detail) = &self.detail {
            text.push(' ');
            text.push_str(detail);
        }
        if self.errcode == 76001 {
            text.push_str(", please check");
        }
        let now = world.now();
        let mut rid = None;
        match world.behaviours.message_tail {
            MessageTail::Rid => {
                let id = world.new_rid(now);
                // Two families of answers put a comma before the rid.
                let comma = self.errcode == 48001 || path.starts_with("/sns/");
                text.push_str(if comma { ", rid: " } else { " rid: " });
                text.push_str(&id);
                rid = Some(id);
            }
            MessageTail::Hint => {
                let hint = world.new_rid(now).replace('-', "");
                text.push_str(&format!(" hint: [{}!]", &hint[8..22]));
            }
            MessageTail::Nothing => {}
        }
        let errcode = if world.behaviours.errcode_as_text {
            format!("\"{}\"", self.errcode)
        } else {
            self.errcode.to_string()
        };
        let text = serde_json::Value::String(text);
        let body = format!("{{\"errcode\":{errcode},\"errmsg\":{text}}}");
        (body.into_bytes(), rid)
    }
}
