//! Claiming many authorizers' leases at once.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::store::leases::Terms;
use crate::store::leases::{Claim, Due, Lease};
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::store::validity::{TokenState, usual_end};
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::machine_milliseconds;
use crate::sys::random;
use crate::sys::redis::{FailureKind, Script};
use crate::wechat::id::Appid;

use super::RedisStore;
use super::leases::{deadline, milliseconds, pairs};
use super::names::Names;
use super::tokens::{of_fields, text};

static CANDIDATES: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("candidates.lua")));
static CLAIM: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("claim.lua")));

/// How many tokens one script claims: it must not keep the server from others for long.
const PIECE: usize = 100;

impl RedisStore {
    pub(in crate::store) async fn claim_due(
        &self,
        key: &PlatformKey,
        terms: Terms,
        after: Option<&Appid>,
    ) -> Result<Vec<Claim>, StoreError> {
        let names = self.names(key);
        let mut walk = Walk::after(after);
        let mut claims = Vec::new();
        while claims.len() < terms.limit && !walk.is_over {
            let wanted = (terms.limit - claims.len()).min(PIECE);
            let appids = self
                .candidates(&names, &terms.due, &mut walk, wanted)
                .await?;
            if !appids.is_empty() {
                claims.extend(self.claim(key, &names, appids, &terms).await?);
            }
        }
        Ok(claims)
    }

    async fn claim(
        &self,
        key: &PlatformKey,
        names: &Names,
        appids: Vec<Appid>,
        terms: &Terms,
    ) -> Result<Vec<Claim>, StoreError> {
        let Terms {
            due,
            ttl,
            started_at,
            cipher,
            ..
        } = terms;
        let ttl = *ttl;
        let mut keys = vec![names.fence(), names.due()];
        keys.extend(appids.iter().map(|appid| names.token_of(appid)));
        let since = due.used_since.map(|since| text(since.as_second()));
        let mut arguments = vec![
            self.who()?,
            random::hex(8).into(),
            text(milliseconds(ttl)),
            text(started_at.as_second()),
            text(due.before.as_second()),
            since.unwrap_or_default(),
            text(due.latest()),
        ];
        arguments.extend(appids.iter().map(|appid| appid.as_str().into()));
        let asked = machine_milliseconds();
        let (answers, confirmed): (Vec<Vec<String>>, bool) = self
            .redis()
            .run_replicated(names.tag(), &CLAIM, &keys, &arguments)
            .await?;
        let mut claims = Vec::with_capacity(appids.len());
        for (appid, answer) in appids.into_iter().zip(answers) {
            let mut answer = answer.into_iter();
            let Some(fence) = answer.next().and_then(|fence| fence.parse().ok()) else {
                continue;
            };
            let fields = pairs(answer);
            let lease = Lease {
                key: key.clone(),
                owner: TokenOwner::Authorizer(appid.clone()),
                fence,
                until: deadline(asked, ttl),
            };
            let token = of_fields(appid.as_str(), &fields);
            let token = token.map(|token| StoredToken::of(&token, cipher));
            let token = match token.transpose() {
                Ok(Some(Some(token))) => token,
                Ok(_) => continue,
                // The others were claimed with it and must not suffer by it.
                Err(error) => {
                    tracing::warn!(%error, "a token that cannot be read is left out");
                    self.release(&lease).await?;
                    continue;
                }
            };
            claims.push(Claim {
                lease,
                appid,
                token,
                open_intent: Self::open_intent(&fields),
            });
        }
        if !confirmed {
            for claim in &claims {
                self.release(&claim.lease).await?;
            }
            return Err(self.redis().failure(FailureKind::NotReplicated).into());
        }
        Ok(claims)
    }

    pub(in crate::store) async fn count_due(
        &self,
        key: &PlatformKey,
        due: &Due,
        after: Option<&Appid>,
    ) -> Result<u64, StoreError> {
        let names = self.names(key);
        let mut walk = Walk::after(after);
        let mut count = 0;
        while !walk.is_over {
            let appids = self.candidates(&names, due, &mut walk, usize::MAX).await?;
            count += match due.used_since {
                None => appids.len(),
                Some(since) => {
                    let used = since.as_second()..=due.latest();
                    self.used_within(&names, &appids, used).await?
                }
            };
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn used_within(
        &self,
        names: &Names,
        appids: &[Appid],
        used: RangeInclusive<i64>,
    ) -> Result<usize, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(appids.len());
        for appid in appids {
            pipeline
                .cmd("HGET")
                .arg(names.token_of(appid))
                .arg("used_at");
        }
        let mut count = 0;
        for answer in self.redis().pipe(names.tag(), &pipeline).await? {
            let used_at: Option<i64> = self.redis().read(answer)?;
            count += usize::from(used_at.is_some_and(|used_at| used.contains(&used_at)));
        }
        Ok(count)
    }

    /// Those due in the next piece of the roster.
    async fn candidates(
        &self,
        names: &Names,
        due: &Due,
        walk: &mut Walk,
        limit: usize,
    ) -> Result<Vec<Appid>, StoreError> {
        let keys = [names.roster(), names.due()];
        let limit = i64::try_from(limit).unwrap_or(i64::from(i32::MAX));
        let arguments = [
            walk.after.clone().into_bytes(),
            text(due.before.as_second()),
            text(limit.min(i64::from(i32::MAX))),
            text(usual_end(due.now.as_second())),
        ];
        let answer: Vec<String> = self
            .redis()
            .run(names.tag(), &CANDIDATES, &keys, &arguments)
            .await?;
        let mut answer = answer.into_iter();
        walk.after = answer.next().unwrap_or_default();
        walk.is_over = walk.after.is_empty();
        let (mut appids, mut doubtful) = (Vec::new(), Vec::new());
        for word in answer {
            match word.strip_prefix('?') {
                Some(appid) => doubtful.push(Appid::from_wire(appid)),
                None => appids.push(Appid::from_wire(word)),
            }
        }
        appids.extend(self.ahead(names, doubtful, due.now.as_second()).await?);
        appids.retain(|appid| !due.except.contains(appid));
        appids.sort_unstable();
        Ok(appids)
    }

    /// Those of `appids` whose token's times lie in the future.
    async fn ahead(
        &self,
        names: &Names,
        appids: Vec<Appid>,
        now: i64,
    ) -> Result<Vec<Appid>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(appids.len());
        for appid in &appids {
            pipeline.cmd("HMGET").arg(names.token_of(appid));
            pipeline.arg(&["issued_at", "expires_at"]);
        }
        let mut ahead = Vec::new();
        let answers = self.redis().pipe(names.tag(), &pipeline).await?;
        for (appid, answer) in appids.into_iter().zip(answers) {
            let (issued_at, expires_at) = self.redis().read(answer)?;
            if TokenState::of(issued_at, expires_at, now) == TokenState::Ahead {
                ahead.push(appid);
            }
        }
        Ok(ahead)
    }
}

/// How far the roster was looked through.
struct Walk {
    after: String,
    is_over: bool,
}

impl Walk {
    fn after(appid: Option<&Appid>) -> Self {
        Self {
            after: appid.map_or_else(String::new, |appid| appid.as_str().to_owned()),
            is_over: false,
        }
    }
}
