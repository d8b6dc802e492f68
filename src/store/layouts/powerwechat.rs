//! PowerWeChat 3: Go's JSON, tokens under the MD5 of what they are asked for with.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::codec::{Entry, Kept, Mark, MarkKind, Parts, around, is_md5, mark};
use super::value::{json_of, json_text, md5, text_of};
use super::{Gap, Layout, Slot, Unreadable};

const TICKET: &str = "powerwechat.open_platform.verify_ticket.";
const TOKEN: &str = "powerwechat.access_token.";

/// Its keys of tickets stay for so long.
pub(super) const TICKET_LIFE: i64 = 3600;

/// A token as it is kept. Which of the two is there tells whose it is.
#[derive(Deserialize)]
struct Blob {
    #[serde(default)]
    component_access_token: String,
    #[serde(default)]
    authorizer_access_token: String,
}

pub(super) fn key(slot: &Slot, parts: &Parts<'_>) -> Result<String, Gap> {
    let Parts {
        prefix, platform, ..
    } = parts;
    let ticket_key = format!("{prefix}{TICKET}{platform}");
    let hashed: Zeroizing<String> = match slot {
        Slot::Ticket => return Ok(ticket_key),
        Slot::ComponentToken => {
            let appsecret = parts.appsecret.ok_or(Gap::NeedsAppsecret)?;
            let ticket = parts.ticket.ok_or(Gap::NeedsTicket { key: ticket_key })?;
            let (appsecret, ticket) = (text_of(appsecret), text_of(ticket));
            Zeroizing::new(format!("{platform}{}{}", *appsecret, *ticket))
        }
        Slot::AuthorizerToken(appid) => {
            let refresh_token = text_of(parts.refresh_token.ok_or(Gap::NeedsRefreshToken)?);
            Zeroizing::new(format!("{platform}{}{appid}", *refresh_token))
        }
        // It lies in the merchant's token, whose name cannot be told without it.
        Slot::RefreshToken(_) => return Err(Gap::NotKept),
    };
    Ok(format!("{prefix}{TOKEN}{}", md5(&hashed)))
}

pub(super) fn read(slot: &Slot, value: &[u8]) -> Result<Kept, Unreadable> {
    if *slot == Slot::Ticket {
        return json_text(value);
    }
    let blob = blob(value)?;
    let token = match slot {
        Slot::AuthorizerToken(_) => blob.authorizer_access_token,
        _ => blob.component_access_token,
    };
    match token.is_empty() {
        true => Err(Unreadable::OtherShape),
        false => Ok(Kept::new(token)),
    }
}

pub(super) fn write(slot: &Slot, entry: Entry<'_>) -> Option<(Zeroizing<String>, Option<i64>)> {
    let seconds = entry.seconds;
    let token = json_of(entry.secret);
    let fields = Zeroizing::new(match slot {
        Slot::Ticket => return Some((token, Some(TICKET_LIFE - seconds))),
        Slot::ComponentToken => format!("\"component_access_token\":{}", *token),
        Slot::AuthorizerToken(_) => {
            let refresh_token = json_of(entry.refresh_token?);
            format!(
                "\"authorizer_access_token\":{},\"authorizer_refresh_token\":{}",
                *token, *refresh_token
            )
        }
        Slot::RefreshToken(_) => return None,
    });
    let blob = Zeroizing::new(format!("{{{},\"expires_in\":{seconds}}}", *fields));
    Some((blob, Some(seconds)))
}

fn blob(value: &[u8]) -> Result<Blob, Unreadable> {
    serde_json::from_slice(value).map_err(|_| Unreadable::OtherShape)
}

pub(super) fn is_component_token(value: &[u8]) -> Result<bool, Unreadable> {
    let blob = blob(value)?;
    match (
        blob.component_access_token.is_empty(),
        blob.authorizer_access_token.is_empty(),
    ) {
        (false, _) => Ok(true),
        (true, false) => Ok(false),
        (true, true) => Err(Unreadable::OtherShape),
    }
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    if let Some((prefix, platform)) = around(key, TICKET) {
        let layout = Layout::Powerwechat;
        return mark(layout, prefix, Some(platform), MarkKind::Ticket);
    }
    let (prefix, _) = around(key, TOKEN).filter(|(_, hash)| is_md5(hash))?;
    mark(Layout::Powerwechat, prefix, None, MarkKind::SomeToken)
}
