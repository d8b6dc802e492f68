//! What the operator of a platform changes in the console.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Rejected, shown};
use crate::sandbox::catalogue;
use crate::sandbox::push::address;
use crate::sandbox::state::World;
use crate::sandbox::state::quota::Owner;
use crate::sandbox::wechat::lasting_path;

/// What to change; what is absent stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The platform; the first one when absent.
    component_appid: Option<String>,
    /// Configured sets. Standing grants stay as they are.
    permission_ids: Option<Vec<u32>>,
    /// `true`: a full release, which copies the test version of the domain.
    released: Option<bool>,
    /// Original ids, at most 10.
    test_list: Option<Vec<String>>,
    /// At most 100 addresses; none: every caller.
    ip_whitelist: Option<Vec<String>>,
    /// The test version of the launch domain.
    launch_domain: Option<String>,
    /// The redirect address that a confirmation without a link goes to.
    redirect_uri: Option<String>,
    /// Another secret; the former one is dead at once.
    #[serde(default)]
    reset_appsecret: bool,
    /// Whether the platform is of the type that takes no authorizations.
    customized: Option<bool>,
    /// Whether a receiving address is set.
    has_callback: Option<bool>,
    /// Whether tickets are pushed.
    ticket_pushes: Option<bool>,
    /// Where tickets and authorization events go; an empty text or null takes it away.
    #[serde(default, deserialize_with = "given")]
    events_url: Option<Option<String>>,
    /// Where messages go, with `$APPID$` in it; an empty text or null takes it away.
    #[serde(default, deserialize_with = "given")]
    messages_url: Option<Option<String>>,
    /// Another EncodingAESKey; the present one becomes the previous.
    #[serde(default)]
    rotate_key: bool,
}

/// Tells null from a field that is not there.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    let url = Option::<String>::deserialize(deserializer)?;
    Ok(Some(url.filter(|url| !url.trim().is_empty())))
}

/// Changes a platform and answers what it is now.
pub fn change(world: &mut World, change: Change) -> Result<Value, Rejected> {
    let index = match &change.component_appid {
        Some(appid) => world.platform_index(appid).ok_or_else(|| unknown(appid))?,
        None => 0,
    };
    check(&change)?;
    let now = world.now();
    let receives_anew = change.events_url.is_some() || change.messages_url.is_some();
    let starts_tickets = change.ticket_pushes == Some(true);
    world.change_platform(index, |platform| {
        set(&mut platform.permission_ids, change.permission_ids);
        set(&mut platform.test_list, change.test_list);
        set(&mut platform.ip_whitelist, change.ip_whitelist);
        set(&mut platform.test_launch_domain, change.launch_domain);
        set(&mut platform.redirect_uri, change.redirect_uri);
        set(&mut platform.customized, change.customized);
        set(&mut platform.has_callback, change.has_callback);
        set(&mut platform.events_url, change.events_url);
        set(&mut platform.messages_url, change.messages_url);
        match change.released {
            Some(true) => platform.release(),
            Some(false) => {
                platform.released = false;
                platform.released_launch_domain = None;
            }
            None => {}
        }
        match change.ticket_pushes {
            Some(true) => platform.tickets_stopped_at = None,
            Some(false) if platform.tickets_stopped_at.is_none() => {
                platform.tickets_stopped_at = Some(now);
            }
            _ => {}
        }
        if change.reset_appsecret {
            platform.reset_appsecret();
        }
        if change.rotate_key {
            platform.rotate_key();
        }
    });
    if receives_anew {
        world.receivers_changed(index);
    } else if starts_tickets {
        world.push_ticket_now(index);
    }
    let platform = world.platform(index);
    Ok(json!({
        "component_appid": platform.appid,
        "component_appsecret": platform.appsecret,
        "token": platform.token,
        "encoding_aes_key": platform.encoding_aes_key,
        "previous_encoding_aes_key": platform.previous_encoding_aes_key,
        "events_url": platform.events_url,
        "messages_url": platform.messages_url,
        "permission_ids": platform.permission_ids,
        "released": platform.released,
        "test_list": platform.test_list,
        "ip_whitelist": platform.ip_whitelist,
        "launch_domain": platform.test_launch_domain,
        "released_launch_domain": platform.released_launch_domain,
        "redirect_uri": platform.redirect_uri,
        "customized": platform.customized,
        "has_callback": platform.has_callback,
        "ticket_pushes": platform.tickets_stopped_at.is_none(),
    }))
}

/// A day's counter to set, so that a limit need not be reached by calling.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaUse {
    path: String,
    used: u64,
    /// An account or a platform; the first platform when absent.
    appid: Option<String>,
}

/// Sets how much of a path's day is used.
pub fn set_quota(world: &mut World, wanted: &QuotaUse) -> Result<Value, Rejected> {
    let path = lasting_path(&wanted.path).ok_or_else(|| {
        Rejected::new(
            404,
            "unknown_path",
            format!("no such API path: {}", wanted.path),
        )
    })?;
    let owner = match &wanted.appid {
        None => Owner::Platform(0),
        Some(appid) => {
            let account = || world.account_index(appid).map(Owner::Account);
            let platform = world.platform_index(appid).map(Owner::Platform);
            platform.or_else(account).ok_or_else(|| unknown(appid))?
        }
    };
    let now = world.now();
    world.quota.set_used(owner, path, wanted.used, now);
    Ok(shown(&json!({"path": path, "used": wanted.used})))
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn check(change: &Change) -> Result<(), Rejected> {
    let refused = |message: String| Err::<(), _>(Rejected::new(400, "platform", message));
    let unknown_set = (change.permission_ids.iter().flatten())
        .find(|id| !catalogue::permission_sets().contains_key(id));
    if let Some(id) = unknown_set {
        return refused(format!("no permission set has this number: {id}"));
    }
    if change
        .test_list
        .as_ref()
        .is_some_and(|list| list.len() > 10)
    {
        return refused("a test list holds at most 10 original ids".to_owned());
    }
    let addresses = change.ip_whitelist.as_deref().unwrap_or_default();
    if addresses.len() > 100 {
        return refused("a whitelist holds at most 100 addresses".to_owned());
    }
    if let Some(text) = addresses
        .iter()
        .find(|text| text.parse::<std::net::IpAddr>().is_err())
    {
        return refused(format!("a whitelist holds single addresses: {text}"));
    }
    let asked = [(&change.events_url, false), (&change.messages_url, true)];
    for (url, of_messages) in asked {
        let checked = match url {
            Some(Some(url)) if of_messages => address::messages_url(url),
            Some(Some(url)) => address::events_url(url),
            _ => continue,
        };
        checked.or_else(|error| refused(error.to_string()).map(|()| String::new()))?;
    }
    Ok(())
}

fn unknown(appid: &str) -> Rejected {
    Rejected::new(
        404,
        "unknown_platform",
        format!("no platform has this appid: {appid}"),
    )
}
