//! Whether another program requests the tokens of the platform.

use jiff::{SignedDuration, Timestamp};

use crate::flow::{AnotherHolder, MintPolicy, Platform, Status};
use crate::store::refusals::Refusals;
use crate::store::tokens::TokenOwner;

use super::{Finding, Outcome, Verdict};

const NAME: &str = "another_holder";

/// Tokens that WeChat refused before their expiry, as they are to be judged now.
#[derive(Clone, Debug)]
pub struct EarlyRefusals {
    /// Whose.
    pub owner: TokenOwner,
    /// How many.
    pub count: u64,
    /// How long ago the first one was refused.
    pub first: SignedDuration,
    /// How long ago the last one was refused.
    pub latest: SignedDuration,
}

impl Platform {
    /// Whether another program requests tokens: a verdict for each owner of tokens that were refused, or
    /// one that passes. None where others request them by agreement. Nothing is called.
    #[must_use]
    pub fn judge_holders(&self, status: &Status) -> Vec<Verdict> {
        if !matches!(self.options().mint, MintPolicy::Wxauth) {
            return Vec::new();
        }
        let Some(another) = &status.another_holder else {
            let sole = Verdict::platform(NAME, Outcome::Pass, Finding::SoleHolder);
            return vec![sole];
        };
        let now = self.clock().now();
        let verdicts = another.refusals.iter();
        verdicts.map(|refusals| verdict(refusals, now)).collect()
    }

    /// What is known, and that the component token was refused just now, which is not noted: no newer
    /// one showed that WeChat accepts any.
    pub(super) fn refused_now(&self, known: Option<AnotherHolder>) -> AnotherHolder {
        let now = self.clock().now();
        let mut another = known.unwrap_or(AnotherHolder {
            since: now,
            latest: now,
            refusals: Vec::new(),
        });
        another.latest = now;
        if !another.component_token() {
            another.refusals.push(Refusals {
                owner: TokenOwner::Component,
                count: 1,
                since: now,
                latest: now,
            });
        }
        another
    }
}

/// It works all the same, with another token.
fn verdict(refusals: &Refusals, now: Timestamp) -> Verdict {
    let ago = |at: Timestamp| now.duration_since(at).max(SignedDuration::ZERO);
    let finding = Finding::AnotherHolder(EarlyRefusals {
        owner: refusals.owner.clone(),
        count: refusals.count,
        first: ago(refusals.since),
        latest: ago(refusals.latest),
    });
    let verdict = match &refusals.owner {
        TokenOwner::Component => Verdict::platform(NAME, Outcome::Warn, finding),
        TokenOwner::Authorizer(appid) => Verdict::about(appid, NAME, Outcome::Warn, finding),
    };
    Verdict {
        since: Some(refusals.since),
        ..verdict
    }
}
