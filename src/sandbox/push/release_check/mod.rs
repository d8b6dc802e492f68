//! The full-release check (全网发布检测), played as WeChat plays it.

mod judging;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use judging::Judged;

use super::events::{self, Grantings};
use super::order::Refused;
use super::{address, messages, xml};
use crate::sandbox::state::World;
use crate::sandbox::state::grant::{Grant, unsorted};
use crate::sandbox::state::pushing::{Manner, Outcome, Push};
use crate::sandbox::state::{check_accounts, kind::Kind};
use crate::sandbox::{Sandbox, catalogue};
use crate::sys::random;

/// How long a platform has to act by the API once it answered the push. WeChat names no time.
const REACTION: Duration = Duration::from_secs(5);

/// The set that brings the official account's cases.
const MESSAGES_SET: u32 = 1;
/// The set that brings the mini program's case.
const CUSTOMER_SERVICE_SET: u32 = 19;

const TEXT: &str = "TESTCOMPONENT_MSG_TYPE_TEXT";

/// What to check.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The platform; the first one when absent.
    component_appid: Option<String>,
    /// Where events go; the platform's own address when absent.
    events_url: Option<String>,
    /// Where messages go; the platform's own address when absent.
    messages_url: Option<String>,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The platform did what it must.
    Pass,
    /// It did not.
    Fail,
    /// The platform does not offer what the case is about.
    Skipped,
}

/// One case of the check.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    case: &'static str,
    name: &'static str,
    name_zh: &'static str,
    verdict: Verdict,
    reason: Option<String>,
}

struct Check<'a> {
    sandbox: &'a Sandbox,
    platform: u8,
    events_url: Option<&'a str>,
    messages_url: Option<&'a str>,
}

/// Runs every case; the dedicated accounts stay authorized.
pub async fn perform(sandbox: &Sandbox, order: &Order) -> Result<Vec<Case>, Refused> {
    if let Some(url) = &order.events_url {
        address::events_url(url)?;
    }
    if let Some(url) = &order.messages_url {
        address::messages_url(url)?;
    }
    let (platform, offered) = {
        let world = sandbox.inner.lock();
        let platform = match &order.component_appid {
            Some(appid) => world
                .platform_index(appid)
                .ok_or_else(|| Refused::UnknownPlatform(appid.clone()))?,
            None => 0,
        };
        (platform, world.platform(platform).permission_ids.clone())
    };
    let check = Check {
        sandbox,
        platform,
        events_url: order.events_url.as_deref(),
        messages_url: order.messages_url.as_deref(),
    };
    let mut byte = [0];
    random::fill(&mut byte);
    let [official, mini_program] = check_accounts::group(u32::from(byte[0]));
    let with_official = offered.contains(&MESSAGES_SET);
    let with_mini_program = offered.contains(&CUSTOMER_SERVICE_SET);

    let mut cases = vec![case("ticket", Some(check.ticket().await?))];
    let mut authorized = None;
    for (account, asked) in [(official, with_official), (mini_program, with_mini_program)] {
        if asked {
            let judged = check.authorize(account, &offered).await?;
            authorized = Some(authorized.unwrap_or(Ok(())).and(judged));
        }
    }
    cases.push(case("authorization", authorized));
    let mut judged = None;
    if with_official {
        judged = Some(check.text(official).await?);
    }
    cases.push(case("text", judged));
    for (name, account, asked) in [
        ("api_text_official_account", official, with_official),
        ("api_text_mini_program", mini_program, with_mini_program),
    ] {
        let mut judged = None;
        if asked {
            judged = Some(check.api_text(account).await?);
        }
        cases.push(case(name, judged));
    }
    Ok(cases)
}

/// A case of the table; nothing judged means that it was skipped.
fn case(case: &'static str, judged: Option<Judged>) -> Case {
    let (name, name_zh, needs) = match case {
        "ticket" => ("Ticket push", "component_verify_ticket 推送", ""),
        "authorization" => ("Authorization events", "授权事件推送", "1 or 19"),
        "text" => ("Plain text reply", "返回普通文本消息", "1"),
        "api_text_official_account" => (
            "API text, official account",
            "返回Api文本消息（公众号）",
            "1",
        ),
        _ => ("API text, mini program", "返回Api文本消息（小程序）", "19"),
    };
    let (verdict, reason) = match judged {
        Some(Ok(())) => (Verdict::Pass, None),
        Some(Err(reason)) => (Verdict::Fail, Some(reason)),
        None => {
            let reason = format!("the platform does not offer permission set {needs}");
            (Verdict::Skipped, Some(reason))
        }
    };
    Case {
        case,
        name,
        name_zh,
        verdict,
        reason,
    }
}

impl Check<'_> {
    async fn push(&self, push: &Push, to: Option<&str>) -> Result<Outcome, Refused> {
        let outcomes = super::send(&self.sandbox.inner, push, to, 1).await?;
        outcomes.into_iter().next().ok_or(Refused::Repeat)
    }

    async fn ticket(&self) -> Result<Judged, Refused> {
        let push = events::ticket(&self.sandbox.inner.lock(), self.platform);
        Ok(judging::taken(&self.push(&push, self.events_url).await?))
    }

    /// WeChat authorizes its account to the platform by itself.
    async fn authorize(&self, account: u32, offered: &[u32]) -> Result<Judged, Refused> {
        let push = {
            let mut world = self.sandbox.inner.lock();
            grant(&mut world, self.platform, account, offered);
            let code = world.new_auth_code(self.platform, account);
            let told = Grantings {
                info_type: "authorized",
                account,
                code: &code,
                pre_auth_code: None,
            };
            let fields = events::granted(&world, self.platform, &told);
            events::event(self.platform, Some(account), "authorized", &fields, true)
        };
        Ok(judging::taken(&self.push(&push, self.events_url).await?))
    }

    async fn text(&self, account: u32) -> Result<Judged, Refused> {
        let push = self.message(account, TEXT);
        let outcome = self.push(&push, self.messages_url).await?;
        Ok(judging::taken(&outcome).and_then(|()| judging::reply(&push, &outcome)))
    }

    async fn api_text(&self, account: u32) -> Result<Judged, Refused> {
        let code = {
            let mut world = self.sandbox.inner.lock();
            world.pushing.customer_texts.clear();
            world.new_auth_code(self.platform, account)
        };
        let push = self.message(account, &format!("QUERY_AUTH_CODE:{code}"));
        let outcome = self.push(&push, self.messages_url).await?;
        if let Err(reason) = judging::taken(&outcome) {
            return Ok(Err(reason));
        }
        if outcome.reply.is_some() {
            return Ok(Err(
                "the push was answered with a reply; it has to be an empty text".to_owned(),
            ));
        }
        Ok(self.reaction(&push, &code).await)
    }

    /// Waits until the code was exchanged and the text was sent back by the API.
    async fn reaction(&self, push: &Push, code: &str) -> Judged {
        let progress = self.sandbox.inner.lock().pushing.progress.clone();
        let deadline = Instant::now() + REACTION;
        loop {
            let mut rung = std::pin::pin!(progress.notified());
            rung.as_mut().enable();
            let found = judging::reaction(&self.sandbox.inner.lock(), push, code);
            if found.is_ok() || timeout_at(deadline, rung).await.is_err() {
                return found;
            }
        }
    }

    fn message(&self, account: u32, content: &str) -> Push {
        let world = &mut self.sandbox.inner.lock();
        let manner = Manner::default();
        messages::message(
            world,
            self.platform,
            account,
            "text",
            manner,
            true,
            |fields| {
                xml::set(fields, "Content", content);
            },
        )
    }
}

/// The account grants everything that fits it, as WeChat's own accounts do.
fn grant(world: &mut World, platform: u8, account: u32, offered: &[u32]) {
    let kind: Kind = world.account(account).kind;
    let fitting = (offered.iter().copied()).filter(|id| catalogue::fits(*id, kind));
    let sets = unsorted(fitting.collect());
    let now = world.now();
    let grant = match world.grant(platform, account) {
        Some(former) => {
            let mut grant = former.into_owned();
            grant.renew(now, sets);
            grant
        }
        None => Grant::new(now, sets),
    };
    world.put_grant(platform, account, grant);
}
