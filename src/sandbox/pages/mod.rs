//! The pages that WeChat shows to a merchant: on a computer, on a phone, and the merchant's own
//! console.
//!
//! Opening a link makes a visit; every further step names the visit, so that a code which is used
//! up by looking at the page (`pre_auth_code_used_at`) lasts until the merchant confirmed. What a
//! step does is `merchant`'s, as it is for the control calls.

mod caller;
mod computer;
mod html;
mod index;
mod label;
mod merchant_console;
mod opening;
mod people;
mod phone;
mod qr;
mod refusal;
mod sets;
mod visits;

use hyper::{Method, header};

use super::Sandbox;
use super::http::{Received, Reply};
use super::merchant::PAGES;
use refusal::Refusal;

pub use index::{index, shows_index};
pub use visits::Visits;

/// Where the merchant's console is, below the control interface: it is nothing of WeChat's.
pub const CONSOLE: &str = "/__sandbox/merchant";

/// The page that a computer shows; the other ones are a phone's.
const COMPUTER: &str = PAGES[0];
/// The present page of phones.
const PHONE: &str = PAGES[1];

/// Whether `path` is the page of an authorization link.
pub fn shows(path: &str) -> bool {
    PAGES.contains(&path)
}

/// Answers on the page of an authorization link.
pub fn answer(sandbox: &Sandbox, received: &Received) -> Reply {
    caller::check(received)
        .and_then(|()| step(sandbox, received))
        .unwrap_or_else(Refusal::into_reply)
}

fn step(sandbox: &Sandbox, received: &Received) -> Result<Reply, Refusal> {
    let mut visits = sandbox.inner.visits();
    let world = &mut *sandbox.inner.lock();
    match (received.path == COMPUTER, &received.method) {
        (true, &Method::GET) => computer::show(world, &mut visits, received),
        (false, &Method::GET) => phone::show(world, &mut visits, received),
        (false, &Method::POST) => phone::confirm(world, &mut visits, received),
        _ => Err(Refusal::method()),
    }
}

/// Answers in the merchant's console; the control interface has checked the caller.
pub fn answer_in_console(sandbox: &Sandbox, received: &Received) -> Reply {
    let world = &mut *sandbox.inner.lock();
    match received.method {
        Method::GET => merchant_console::show(world, received),
        Method::POST => merchant_console::act(world, received),
        _ => Err(Refusal::method()),
    }
    .unwrap_or_else(Refusal::into_reply)
}

/// Leads the browser on to `address`.
fn see_other(address: &str) -> Reply {
    let mut reply = Reply::page(303, "text/plain; charset=utf-8", "");
    // What a header cannot carry, a parsed address does not have.
    let address = url::Url::parse(address).map_or_else(|_| address.to_owned(), String::from);
    if let Ok(value) = header::HeaderValue::from_str(&address) {
        reply.headers.push((header::LOCATION, value));
    }
    reply
}

/// The value of a query field, or nothing.
fn asked(received: &Received, name: &str) -> String {
    received.query(name).unwrap_or_default().into_owned()
}

/// The values of a field of a posted form.
fn posted<'a>(received: &'a Received, name: &'a str) -> impl Iterator<Item = String> + 'a {
    url::form_urlencoded::parse(&received.body)
        .filter(move |(field, _)| field == name)
        .map(|(_, value)| value.into_owned())
}
