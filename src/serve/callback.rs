//! `/callback`: where WeChat sends the browser when a merchant has confirmed.
//!
//! A code is exchanged only with a state that was issued here, and only so many with each; everything
//! else waits for the pushed event. Loading the page again shows the same and does nothing twice.

mod view;

use std::time::{Duration, Instant};

use axum::extract::RawQuery;
use axum::response::Response;

use crate::flow::{CodeExchange, FlowError, RequiredSets, Returned};
use crate::store::roster::Authorizer;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::redirect;

use super::Notice;
use super::visitor::Visitor;

const ROUTE: &str = "callback";
/// The query parameter that carries the state.
const STATE: &str = "state";
/// How long a visitor waits for the event that tells who confirmed.
const WAIT: Duration = Duration::from_secs(2);
/// How often the store is asked meanwhile.
const LOOK: Duration = Duration::from_millis(200);

/// What the visitor is told of the authorization.
struct Outcome {
    /// What the merchant is called: the name, else the appid. It comes from strangers.
    name: String,
    granted: Vec<PermissionSetId>,
    missing_required: Vec<PermissionSetId>,
    requested_not_granted: Vec<PermissionSetId>,
}

impl Outcome {
    fn of(authorizer: &Authorizer, required: &RequiredSets) -> Self {
        let granted = authorizer.permission_ids.clone();
        let missing = required.of(authorizer.kind).iter().copied();
        Self {
            name: name(authorizer),
            missing_required: missing.filter(|id| !granted.contains(id)).collect(),
            granted,
            requested_not_granted: Vec::new(),
        }
    }
}

fn name(authorizer: &Authorizer) -> String {
    let name = authorizer
        .nick_name
        .as_deref()
        .filter(|name| !name.trim().is_empty());
    name.unwrap_or(authorizer.appid.as_str()).to_owned()
}

/// Takes what WeChat added to the address, and says how it stands.
pub(super) async fn show(visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let required = &visitor.hosted().required;
    let (returned, limit) = match returned(&visitor, &query).await {
        Ok(returned) => returned,
        Err(FlowError::Redirect(_)) => return view::nothing_came(&visitor),
        Err(error) => return visitor.failed(ROUTE, &error),
    };
    match returned {
        Returned::Exchanged(redeemed) => {
            tell(&visitor, Some(&redeemed.authorizer.appid), None);
            let redeemed = *redeemed;
            let outcome = Outcome {
                name: name(&redeemed.authorizer),
                granted: redeemed.granted,
                missing_required: redeemed.missing_required,
                requested_not_granted: redeemed.requested_not_granted,
            };
            view::authorized(&visitor, &outcome)
        }
        Returned::LeftToEvent {
            because,
            authorizer,
        } => {
            let left = match because {
                Some(because) => because.to_string(),
                None => limit.unwrap_or("codes are not exchanged here").to_owned(),
            };
            tell(
                &visitor,
                authorizer.as_ref().map(|row| &row.appid),
                Some(left),
            );
            match authorizer {
                Some(row) => view::authorized(&visitor, &Outcome::of(&row, required)),
                None => view::received(&visitor),
            }
        }
        Returned::CodeSpent { authorizer } => {
            let appid = authorizer.as_ref().map(|row| &row.appid);
            tell(&visitor, appid, Some("the code is spent".to_owned()));
            match authorizer {
                Some(row) => view::authorized(&visitor, &Outcome::of(&row, required)),
                None => view::spent(&visitor),
            }
        }
    }
}

/// What came with a state that was signed here. Anybody with one such state can write codes behind
/// it: past the limits they are left to the event, which nobody can make up.
struct Brought {
    /// The id of the state.
    state: String,
    /// The fingerprint of the code.
    code: String,
}

impl Brought {
    fn read(visitor: &Visitor, query: &str) -> Option<Self> {
        let hosted = visitor.hosted();
        let brought = redirect::parse(&format!("https://callback/?{query}")).ok()?;
        let state = brought.parameters.iter().find(|(name, _)| name == STATE);
        let state = state.map(|(_, value)| value.as_str());
        let state = hosted.signer.read(state, hosted.platform.clock().now());
        Some(Self {
            state: state.ok()?.id,
            code: brought.code.fingerprint(),
        })
    }
}

async fn ask(
    visitor: &Visitor,
    query: &str,
    exchange: CodeExchange,
) -> Result<Returned, FlowError> {
    let hosted = visitor.hosted();
    hosted
        .platform
        .returned(query, &hosted.signer, exchange, &hosted.required)
        .await
}

/// What came back, and which limit it met. Where it is left to the event, the event is waited for a
/// little; past a limit it is answered at once.
async fn returned(
    visitor: &Visitor,
    query: &str,
) -> Result<(Returned, Option<&'static str>), FlowError> {
    let returns = &visitor.shared.inner.returns;
    let brought = Brought::read(visitor, query);
    if let Some(Brought { state, code }) = &brought
        && !returns.take(state, code, visitor.address, Instant::now())
    {
        let returned = ask(visitor, query, CodeExchange::Never).await?;
        return Ok((returned, Some("too many codes or tries")));
    }
    let exchange = visitor.hosted().exchange;
    let mut returned = ask(visitor, query, exchange).await?;
    if !is_open(&returned) {
        return Ok((returned, None));
    }
    let Some(_waiting) = brought.and_then(|brought| returns.wait(&brought.state)) else {
        return Ok((returned, Some("too many wait for their event")));
    };
    let began = tokio::time::Instant::now();
    while is_open(&returned) && began.elapsed() < WAIT {
        tokio::time::sleep(LOOK).await;
        returned = ask(visitor, query, exchange).await?;
    }
    Ok((returned, None))
}

/// Whether the event that tells who confirmed may still come.
fn is_open(returned: &Returned) -> bool {
    matches!(
        returned,
        Returned::LeftToEvent {
            because: None,
            authorizer: None,
        }
    )
}

fn tell(visitor: &Visitor, appid: Option<&Appid>, left: Option<String>) {
    visitor.shared.tell(&Notice::BrowserReturned {
        platform: visitor.hosted().appid().clone(),
        appid: appid.cloned(),
        left,
    });
}
