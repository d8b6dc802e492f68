//! A link is opened: the domain first, then the code.

use hyper::header;
use url::Url;

use super::refusal::Refusal;
use super::visits::Visits;
use crate::sandbox::http::Received;
use crate::sandbox::merchant::{self, Declined, Entry, Link};
use crate::sandbox::state::World;

/// Opens the link that `received` asks for; the id of the visit.
pub fn open(
    world: &mut World,
    visits: &mut Visits,
    received: &Received,
    on_computer: bool,
) -> Result<String, Refusal> {
    let host = received.header(header::HOST).unwrap_or("");
    let query = received.query.as_deref().unwrap_or("");
    let link = Link::parse(&format!("http://{host}{}?{query}", received.path))
        .map_err(|why| Declined::new("link", why))?;
    let platform = world
        .platform_index(&link.component_appid)
        .ok_or_else(|| Declined::new("link", "no platform has this component_appid"))?;
    let uri = link.redirect_uri.as_deref().unwrap_or("");
    let entry = entry(received, host, on_computer);
    merchant::check_launch(world, platform, uri, &entry).map_err(|declined| {
        let owner = world.platform(platform);
        let note = format!(
            "page of the link (Referer): {}; redirect_uri: {uri}; launch domain: {}. All three \
             hosts must be the same.",
            entry.host.as_deref().unwrap_or("none"),
            owner.public_launch_domain(),
        );
        Refusal::from(declined).with_note(note)
    })?;
    let owner = world.platform(platform);
    if !owner.released && owner.test_list.is_empty() {
        let why = "the platform is not released and its test list is empty";
        return Err(Declined::new("not_released", why).into());
    }
    let opened = merchant::open(world, link)?;
    Ok(visits.begin(opened, on_computer))
}

/// A page of the sandbox itself may lead to another one.
fn entry(received: &Received, own_host: &str, on_computer: bool) -> Entry {
    let referer = received
        .header(header::REFERER)
        .and_then(|text| Url::parse(text).ok());
    let own = referer.as_ref().is_some_and(|url| {
        Url::parse(&format!("http://{own_host}/"))
            .is_ok_and(|own| url.host() == own.host() && url.port() == own.port())
    });
    Entry {
        host: referer.and_then(|url| url.host_str().map(str::to_owned)),
        checked: on_computer && !own,
    }
}
