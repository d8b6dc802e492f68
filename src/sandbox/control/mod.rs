//! The control interface under `/__sandbox/`: for the merchant's acts, the clock, faults, the
//! journal. It takes callers from this machine only, and no page of another site.

mod accounts;
mod platforms;
mod pushes;
mod time;

use hyper::Method;
use hyper::header;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{Received, Reply};
use super::state::World;
use super::state::behaviours::Behaviours;
use super::state::faults::{Fault, GRAMMAR};
use super::{Sandbox, merchant, pages};

/// Where the control interface begins.
pub const PREFIX: &str = "/__sandbox/";

/// Why a control call was refused.
#[derive(Debug)]
pub struct Rejected {
    status: u16,
    kind: &'static str,
    message: String,
}

impl Rejected {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
        }
    }
}

impl From<merchant::Declined> for Rejected {
    fn from(declined: merchant::Declined) -> Self {
        let status = if declined.kind.starts_with("unknown_") {
            404
        } else {
            409
        };
        Self::new(status, declined.kind, declined.message)
    }
}

/// Answers a control call.
pub async fn answer(sandbox: &Sandbox, received: &Received) -> Reply {
    let checked = check_caller(received);
    if checked.is_ok() && received.path == pages::CONSOLE {
        return pages::answer_in_console(sandbox, received);
    }
    let answer = match checked {
        Ok(()) => perform(sandbox, received).await,
        Err(rejected) => Err(rejected),
    };
    match answer {
        Ok(value) => reply(200, &value),
        Err(rejected) => reply(
            rejected.status,
            &json!({"error": {"kind": rejected.kind, "message": rejected.message}}),
        ),
    }
}

fn reply(status: u16, value: &Value) -> Reply {
    Reply::page(status, "application/json; charset=utf-8", value.to_string())
}

/// A page of another site must not drive the sandbox through a person's browser: neither by a
/// request across sites, nor by a name of its own that leads to this machine.
fn check_caller(received: &Received) -> Result<(), Rejected> {
    let refused = |why| Err(Rejected::new(403, "forbidden", why));
    if !received.peer.to_canonical().is_loopback() {
        return refused("the control interface takes callers from this machine only");
    }
    let host = received.header(header::HOST).unwrap_or("");
    let url = url::Url::parse(&format!("http://{host}/"));
    let local = match url.as_ref().map(url::Url::host) {
        Ok(Some(url::Host::Domain(name))) => name == "localhost",
        Ok(Some(url::Host::Ipv4(address))) => address.is_loopback(),
        Ok(Some(url::Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    };
    if !local {
        return refused("the control interface answers to the names of this machine only");
    }
    match received.headers.get(header::ORIGIN) {
        Some(origin) if origin.as_bytes() != format!("http://{host}").as_bytes() => {
            refused("the control interface takes no calls of other sites")
        }
        _ => Ok(()),
    }
}

async fn perform(sandbox: &Sandbox, received: &Received) -> Result<Value, Rejected> {
    let name = &received.path[PREFIX.len()..];
    match (&received.method, name) {
        // These wait for receivers.
        (&Method::POST, "push") => pushes::push(sandbox, received).await,
        (&Method::POST, "release-check") => pushes::release_check(sandbox, received).await,
        _ => at_once(sandbox, received, name),
    }
}

fn at_once(sandbox: &Sandbox, received: &Received, name: &str) -> Result<Value, Rejected> {
    let world = &mut *sandbox.inner.lock();
    if received.method == Method::GET {
        return match name {
            "status" => {
                let host = received.header(header::HOST).unwrap_or("");
                let url = format!("http://{host}");
                Ok(shown(&super::Card::of(world, &url, &sandbox.inner.nonce)))
            }
            "accounts" => accounts::list(world, received),
            "journal" => {
                let path = received.query("path");
                Ok(shown(
                    &world
                        .journal
                        .view(path.as_deref(), &|entry| world.names(entry)),
                ))
            }
            "journal/counters" => Ok(shown(&world.journal.counters())),
            "pushes" => Ok(pushes::sent(world)),
            "alarms" => Ok(pushes::alarms(world)),
            "faults" => Ok(faults(world)),
            "behaviours" => Ok(shown(&world.behaviours)),
            _ => Err(unknown(name)),
        };
    }
    if received.method != Method::POST {
        return Err(Rejected::new(405, "method", "GET reads, POST changes"));
    }
    match name {
        "authorize" => Ok(shown(&merchant::authorize(world, &body(received)?)?)),
        "update" => Ok(shown(&merchant::update(world, &body(received)?)?)),
        "revoke" => Ok(shown(&merchant::revoke(world, &body(received)?)?)),
        "account" => accounts::change(world, &body(received)?),
        "platform" => platforms::change(world, body(received)?),
        "quota" => platforms::set_quota(world, &body(received)?),
        "clock" => time::change(world, &body(received)?),
        "faults" => order_fault(world, &body(received)?),
        "behaviours" => switch(world, received),
        "reset" => {
            world.reset();
            Ok(json!({"reset": true}))
        }
        _ => Err(unknown(name)),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    fault: Option<String>,
    #[serde(default)]
    clear: bool,
}

fn order_fault(world: &mut World, order: &Order) -> Result<Value, Rejected> {
    if order.clear {
        world.faults.clear();
    }
    if let Some(text) = &order.fault {
        let fault = Fault::parse(text).ok_or_else(|| {
            Rejected::new(
                400,
                "fault",
                format!("not understood: {text}. A fault is {GRAMMAR}"),
            )
        })?;
        world.faults.push(fault);
    } else if !order.clear {
        return Err(Rejected::new(400, "fault", format!("a fault is {GRAMMAR}")));
    }
    // A sandbox hosted for one command alone hands them on to the next.
    world.mark_settings();
    Ok(faults(world))
}

/// Faults on order, and how many calls are held at this moment.
fn faults(world: &World) -> Value {
    let list: Vec<Value> = (world.faults.iter())
        .map(|fault| json!({"fault": fault.text, "left": fault.left()}))
        .collect();
    json!({"faults": list, "held": world.held})
}

/// Sets the switches that the body names and leaves the others.
fn switch(world: &mut World, received: &Received) -> Result<Value, Rejected> {
    let changes: serde_json::Map<String, Value> = body(received)?;
    let mut switches = shown(&world.behaviours);
    if let Value::Object(all) = &mut switches {
        all.extend(changes);
    }
    let switched: Behaviours = serde_json::from_value(switches)
        .map_err(|error| Rejected::new(400, "behaviours", error.to_string()))?;
    world.behaviours = switched;
    world.mark_settings();
    Ok(shown(&world.behaviours))
}

fn body<T: DeserializeOwned>(received: &Received) -> Result<T, Rejected> {
    let text: &[u8] = if received.body.is_empty() {
        b"{}"
    } else {
        &received.body
    };
    serde_json::from_slice(text).map_err(|error| Rejected::new(400, "body", error.to_string()))
}

fn shown(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn unknown(name: &str) -> Rejected {
    Rejected::new(404, "unknown_path", format!("no such control call: {name}"))
}
