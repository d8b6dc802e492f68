//! EasyWeChat 4 and 5: tokens under the MD5 of what they are asked for with.

use zeroize::Zeroizing;

use crate::wechat::secret::Secret;

use super::codec::{Entry, Kept, Mark, MarkKind, Parts, around, is_md5, mark};
use super::php::{self, Php};
use super::value::{md5, text_of};
use super::{Gap, Layout, Slot, Unreadable};

const TICKET: &str = "easywechat.open_platform.verify_ticket.";
const TOKEN: &str = "easywechat.kernel.access_token.";

/// Its keys of tickets stay for so long.
pub(super) const TICKET_LIFE: i64 = 3600;

const COMPONENT_FIELD: &str = "component_access_token";
const AUTHORIZER_FIELD: &str = "authorizer_access_token";

pub(super) fn key(slot: &Slot, parts: &Parts<'_>) -> Result<String, Gap> {
    let Parts {
        prefix, platform, ..
    } = parts;
    let ticket_key = format!("{prefix}{TICKET}{platform}");
    let credentials = match slot {
        Slot::Ticket => return Ok(ticket_key),
        Slot::ComponentToken => {
            let appsecret = parts.appsecret.ok_or(Gap::NeedsAppsecret)?;
            let ticket = parts.ticket.ok_or(Gap::NeedsTicket { key: ticket_key })?;
            json_encoded(&[
                ("component_appid", &Secret::new(platform.as_str())),
                ("component_appsecret", appsecret),
                ("component_verify_ticket", ticket),
            ])
        }
        Slot::AuthorizerToken(appid) => {
            let refresh_token = parts.refresh_token.ok_or(Gap::NeedsRefreshToken)?;
            json_encoded(&[
                ("component_appid", &Secret::new(platform.as_str())),
                ("authorizer_appid", &Secret::new(appid.as_str())),
                ("authorizer_refresh_token", refresh_token),
            ])
        }
        Slot::RefreshToken(_) => return Err(Gap::NotKept),
    };
    Ok(format!("{prefix}{TOKEN}{}", md5(&credentials)))
}

/// As PHP's `json_encode` writes an array of texts: no spaces, `/` and everything beyond ASCII
/// escaped.
fn json_encoded(fields: &[(&str, &Secret)]) -> Zeroizing<String> {
    let mut json = Zeroizing::new(String::from("{"));
    for (number, (name, value)) in fields.iter().enumerate() {
        if number > 0 {
            json.push(',');
        }
        json.push('"');
        json.push_str(name);
        json.push_str("\":\"");
        for letter in text_of(value).chars() {
            match letter {
                '/' => json.push_str("\\/"),
                '"' => json.push_str("\\\""),
                '\\' => json.push_str("\\\\"),
                ' '..='~' => json.push(letter),
                _ => {
                    let mut units = [0; 2];
                    for unit in letter.encode_utf16(&mut units) {
                        json.push_str(&format!("\\u{unit:04x}"));
                    }
                }
            }
        }
        json.push('"');
    }
    json.push('}');
    json
}

pub(super) fn read(slot: &Slot, value: &[u8]) -> Result<Kept, Unreadable> {
    let field = match slot {
        Slot::Ticket | Slot::RefreshToken(_) => return php::text(value),
        Slot::ComponentToken => COMPONENT_FIELD,
        Slot::AuthorizerToken(_) => AUTHORIZER_FIELD,
    };
    let Php::Array(fields) = php::read(value)? else {
        return Err(Unreadable::OtherShape);
    };
    let found = fields.into_iter().find(|(name, _)| name == field);
    match found {
        Some((_, Some(token))) if !token.is_empty() => Ok(Kept::new(token)),
        _ => Err(Unreadable::OtherShape),
    }
}

pub(super) fn write(slot: &Slot, entry: Entry<'_>) -> Option<(Zeroizing<String>, Option<i64>)> {
    let field = match slot {
        Slot::Ticket => {
            let ttl = TICKET_LIFE - entry.seconds;
            return Some((php::written(entry.secret), Some(ttl)));
        }
        Slot::ComponentToken => COMPONENT_FIELD,
        Slot::AuthorizerToken(_) => AUTHORIZER_FIELD,
        Slot::RefreshToken(_) => return None,
    };
    let (token, seconds) = (php::written(entry.secret), entry.seconds);
    let length = field.len();
    let array = format!(
        "a:2:{{s:{length}:\"{field}\";{}s:10:\"expires_in\";i:{seconds};}}",
        *token
    );
    Some((Zeroizing::new(array), Some(seconds)))
}

pub(super) fn is_component_token(value: &[u8]) -> Result<bool, Unreadable> {
    if read(&Slot::ComponentToken, value).is_ok() {
        return Ok(true);
    }
    match php::read(value)? {
        Php::Array(fields) if fields.iter().any(|(name, _)| name == AUTHORIZER_FIELD) => Ok(false),
        _ => Err(Unreadable::OtherShape),
    }
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    if let Some((prefix, platform)) = around(key, TICKET) {
        let layout = Layout::Easywechat5;
        return mark(layout, prefix, Some(platform), MarkKind::Ticket);
    }
    let (prefix, _) = around(key, TOKEN).filter(|(_, hash)| is_md5(hash))?;
    mark(Layout::Easywechat5, prefix, None, MarkKind::SomeToken)
}
