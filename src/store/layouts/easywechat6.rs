//! EasyWeChat 6: strings in PHP's own serialization, through whatever cache the framework has.
//!
//! node-easywechat 3 has the same keys. Its values are as the application's cache writes them: bare,
//! which its own example does, or in JSON.

use zeroize::Zeroizing;

use super::codec::{Entry, Kept, Mark, MarkKind, Parts, around, is_md5, mark};
use super::value::{json_of, json_text, md5, plain, text_of};
use super::{Gap, Layout, Slot, Unreadable, php};

const TICKET: &str = "open_platform.verify_ticket.";
const COMPONENT_TOKEN: &str = "open_platform.component_access_token.";
/// With a hyphen, unlike the others.
const AUTHORIZER_TOKEN: &str = "open-platform.authorizer_access_token.";

/// Its keys of tickets stay for so long.
pub(super) const TICKET_LIFE: i64 = 6000;
/// So much earlier than WeChat its key of the component token goes.
const MARGIN: i64 = 100;
/// And that of a merchant's token.
const AUTHORIZER_MARGIN: i64 = 500;

pub(super) fn key(slot: &Slot, parts: &Parts<'_>) -> Result<String, Gap> {
    let Parts {
        prefix, platform, ..
    } = parts;
    Ok(match slot {
        Slot::Ticket => format!("{prefix}{TICKET}{platform}"),
        Slot::ComponentToken => format!("{prefix}{COMPONENT_TOKEN}{platform}"),
        Slot::AuthorizerToken(appid) => {
            let refresh_token = parts.refresh_token.ok_or(Gap::NeedsRefreshToken)?;
            let hash = md5(&text_of(refresh_token));
            format!("{prefix}{AUTHORIZER_TOKEN}{appid}.{hash}")
        }
        Slot::RefreshToken(_) => return Err(Gap::NotKept),
    })
}

pub(super) fn read(value: &[u8]) -> Result<Kept, Unreadable> {
    php::text(value).or_else(|why| {
        let others = json_text(value).or_else(|_| plain(value));
        others.map_err(|_| why)
    })
}

pub(super) fn write(slot: &Slot, entry: Entry<'_>) -> Option<(Zeroizing<String>, Option<i64>)> {
    let ttl = match slot {
        Slot::Ticket => TICKET_LIFE - entry.seconds,
        Slot::ComponentToken => entry.seconds - MARGIN,
        Slot::AuthorizerToken(_) => entry.seconds - AUTHORIZER_MARGIN,
        Slot::RefreshToken(_) => return None,
    };
    let value = match entry.like {
        like if json_text(like).is_ok() => json_of(entry.secret),
        like if plain(like).is_ok() => text_of(entry.secret),
        _ => php::written(entry.secret),
    };
    Some((value, Some(ttl)))
}

pub(super) fn recognise(key: &str) -> Option<Mark> {
    let of_platform = |words, kind| {
        let (prefix, platform) = around(key, words)?;
        mark(Layout::Easywechat6, prefix, Some(platform), kind)
    };
    of_platform(TICKET, MarkKind::Ticket)
        .or_else(|| of_platform(COMPONENT_TOKEN, MarkKind::ComponentToken))
        .or_else(|| {
            let (prefix, rest) = around(key, AUTHORIZER_TOKEN)?;
            let (appid, hash) = rest.split_once('.').filter(|(_, hash)| is_md5(hash))?;
            let kind = MarkKind::AuthorizerToken(appid.parse().ok()?);
            (!hash.is_empty()).then(|| mark(Layout::Easywechat6, prefix, None, kind))?
        })
}
