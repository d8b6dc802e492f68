//! Merchants judged by what the store knows of them.

use jiff::{SignedDuration, Timestamp};

use crate::flow::drift::MissingSets;
use crate::flow::held::certain_end;
use crate::flow::{FlowError, MintPolicy, Platform};
use crate::store::roster::{AuthorizationStatus, Authorizer, RosterFilter};
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::wechat::release_check;

use super::{CheckOptions, CheckedMerchants, Finding, LifeWanted, Outcome, Verdict};

/// How an authorization stands.
const AUTHORIZATION: &str = "authorization";

impl Platform {
    pub(super) async fn judge_merchants(
        &self,
        options: &CheckOptions,
        look: &mut impl FnMut(Verdict),
    ) -> Result<(), FlowError> {
        let CheckedMerchants::Named(names) = &options.merchants else {
            let all = matches!(options.merchants, CheckedMerchants::All);
            let filter = match all || options.since.is_some() {
                true => RosterFilter::default(),
                false => RosterFilter {
                    statuses: vec![AuthorizationStatus::Active],
                    ..RosterFilter::default()
                },
            };
            let judge = |merchant: Authorizer| {
                let counts = match merchant.status {
                    AuthorizationStatus::Active => true,
                    AuthorizationStatus::PendingExchange => all,
                    AuthorizationStatus::Revoked => all || ended_lately(&merchant, options),
                };
                if counts {
                    judge(&merchant, options, look);
                }
            };
            return self.survey(&filter, judge).await;
        };
        let mut named = Vec::with_capacity(names.len());
        for who in names {
            named.push(self.authorizer(who).await?);
        }
        named.sort_by(|a, b| a.appid.cmp(&b.appid));
        named.dedup_by(|a, b| a.appid == b.appid);
        named.retain(|row| !release_check::is_check_account(row.appid.as_str()));
        for merchant in named {
            judge(&merchant, options, look);
            let Some(life) = options.life else { continue };
            let owner = TokenOwner::Authorizer(merchant.appid.clone());
            let token = self.store().token(self.key(), &owner).await?;
            // Who borrows keeps none: what the lender has is not known.
            let borrowed = !matches!(self.options().mint, MintPolicy::Wxauth);
            let now = self.clock().now();
            let (outcome, finding) = match life_short(token.as_ref(), life, now) {
                _ if borrowed => (Outcome::Unknown, Finding::TokenBorrowed),
                Some(left) => (Outcome::Fail, Finding::LifeShort(left)),
                None => (Outcome::Pass, Finding::TokenLives),
            };
            let verdict = Verdict::about(&merchant.appid, "authorizer_token", outcome, finding);
            look(verdict.until(token.and_then(|token| certain_end(&token, now))));
        }
        Ok(())
    }
}

fn ended_lately(merchant: &Authorizer, options: &CheckOptions) -> bool {
    // When it ended is not always told; it may then have been lately.
    let lately = |since| merchant.revoked_at.is_none_or(|at| at >= since);
    options.since.is_some_and(lately)
}

fn judge(merchant: &Authorizer, options: &CheckOptions, look: &mut impl FnMut(Verdict)) {
    let told = |name, outcome, finding| Verdict::about(&merchant.appid, name, outcome, finding);
    let (outcome, finding) = match merchant.status {
        AuthorizationStatus::Revoked => {
            // Who names a merchant counts on it.
            let named = matches!(options.merchants, CheckedMerchants::Named(_));
            let outcome = match named || ended_lately(merchant, options) {
                true => Outcome::Fail,
                false => Outcome::Pass,
            };
            (outcome, Finding::Ended(merchant.revoked_at))
        }
        AuthorizationStatus::PendingExchange => (Outcome::Warn, Finding::PendingExchange),
        AuthorizationStatus::Active if !merchant.has_refresh_token => {
            (Outcome::Fail, Finding::NoRefreshToken)
        }
        AuthorizationStatus::Active => (Outcome::Pass, Finding::Authorized),
    };
    let verdict = told(AUTHORIZATION, outcome, finding);
    look(verdict.until(merchant.token_expires_at));
    if options.asked.asks_nothing() || merchant.status == AuthorizationStatus::Revoked {
        return;
    }
    let (outcome, finding) = match options.asked.missing_of(merchant) {
        MissingSets::Unknown => (Outcome::Unknown, Finding::SetsUnknown),
        MissingSets::None => (Outcome::Pass, Finding::SetsGranted),
        MissingSets::These(ids) => (Outcome::Fail, Finding::SetsMissing(ids)),
    };
    look(told("permissions", outcome, finding));
}

/// What life is left, when that is less than wanted.
pub(super) fn life_short(
    token: Option<&StoredToken>,
    wanted: LifeWanted,
    now: Timestamp,
) -> Option<SignedDuration> {
    let certain = token.and_then(|token| Some((token, certain_end(token, now)?)));
    let Some((token, end)) = certain else {
        return Some(SignedDuration::ZERO);
    };
    let left = end.duration_since(now).max(SignedDuration::ZERO);
    let short = match wanted {
        LifeWanted::Span(span) => left < span,
        LifeWanted::Percent(percent) => {
            // Without a beginning the whole life is not known: WeChat gives two hours.
            let issued_at = token
                .issued_at
                .unwrap_or(end - SignedDuration::from_hours(2));
            let whole = end.duration_since(issued_at).as_secs_f64();
            left.as_secs_f64() * 100.0 < percent * whole
        }
    };
    short.then_some(left)
}
