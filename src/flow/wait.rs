//! Waiting for the merchant who was sent a link.
//!
//! Two ways at once. A receiver that shares the store notes which link an event came from: then
//! the match is certain. Without any inbound connection WeChat's total is asked for now and then
//! (for one account: that account), and the list is read only when it moved.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::api::ApiError;
use crate::store::events::{EventFilter, EventOutcome};
use crate::store::observations::{ChangeSource, Observation};
use crate::store::roster::Authorizer;
use crate::wechat::errcode;
use crate::wechat::id::{Appid, PermissionSetId};

use super::bulk::Pace;
use super::{AuthorizationLink, BulkLimits, FlowError, Platform, observe};

/// Waits between two questions to WeChat: often at first, then less so.
const OFTEN: Duration = Duration::from_secs(5);
const SELDOM: Duration = Duration::from_secs(15);
/// How many questions are asked often.
const OFTEN_COUNT: u32 = 12;
/// How many of a merchant's events are looked through.
const EVENTS: usize = 50;
/// How far WeChat's clock may be behind this one for an authorization to count as new.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// How sure it is that a merchant came by the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The event carried the link's pre-auth code.
    Code,
    /// It authorized while we waited; WeChat's list does not say by which link.
    Probable,
}

/// A merchant that came.
#[derive(Debug)]
pub struct Arrival {
    /// Who.
    pub authorizer: Authorizer,
    /// How sure that is.
    pub by: Match,
    /// Others that authorized in the same time, when the list alone told.
    pub others: Vec<Appid>,
}

/// A wait under way.
pub struct Wait {
    platform: Platform,
    only: Option<Appid>,
    since: Timestamp,
    codes: Vec<String>,
    seen: Seen,
    asked: u32,
    next: Instant,
    unanswered: Option<FlowError>,
}

/// What WeChat said when the wait began.
enum Seen {
    Total(u64),
    /// What the account has granted; `None` when it has not authorized.
    Account(Option<Vec<PermissionSetId>>),
}

impl Platform {
    /// Begins to wait: notes how things stand before the merchant can have done anything.
    ///
    /// # Errors
    /// What the component token or WeChat says.
    pub async fn begin_wait(&self, only: Option<&Appid>) -> Result<Wait, FlowError> {
        let since = self.clock().now();
        let seen = match only {
            Some(appid) => Seen::Account(self.granted_by(appid).await?),
            None => Seen::Total(self.total().await?),
        };
        Ok(Wait {
            platform: self.clone(),
            only: only.cloned(),
            since,
            codes: Vec::new(),
            seen,
            asked: 0,
            next: Instant::now() + OFTEN,
            unanswered: None,
        })
    }

    async fn total(&self) -> Result<u64, FlowError> {
        let page = self
            .with_component_token(|token| async move {
                self.api()
                    .authorizer_list(self.component_appid(), &token, 0, 1)
                    .await
            })
            .await?;
        Ok(page.total_count)
    }

    async fn granted_by(&self, appid: &Appid) -> Result<Option<Vec<PermissionSetId>>, FlowError> {
        match self.info(appid).await {
            Ok(info) => Ok(Some(observe::granted(&info.authorization.func_info))),
            Err(FlowError::Api(error)) if error.errcode() == Some(errcode::NOT_AUTHORIZED) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Wait {
    /// Waits for this link too.
    pub fn add(&mut self, link: &AuthorizationLink) {
        self.codes.push(link.pre_auth_code.fingerprint());
    }

    /// Looks once: into the store, and at WeChat when it is time to. To be called about every
    /// second.
    ///
    /// # Errors
    /// When the store fails, or WeChat refuses in a way that waiting does not mend.
    pub async fn look(&mut self) -> Result<Option<Arrival>, FlowError> {
        if let Some(arrival) = self.look_into_store().await? {
            return Ok(Some(arrival));
        }
        if Instant::now() < self.next {
            return Ok(None);
        }
        self.asked += 1;
        let pause = if self.asked < OFTEN_COUNT {
            OFTEN
        } else {
            SELDOM
        };
        let answer = self.ask().await;
        self.next = Instant::now() + pause;
        match answer {
            Ok(arrival) => {
                self.unanswered = None;
                Ok(arrival)
            }
            Err(FlowError::Api(error)) if passes(&error) => {
                self.unanswered = Some(error.into());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Why WeChat did not answer the last question, if it did not.
    #[must_use]
    pub fn unanswered(&self) -> Option<&FlowError> {
        self.unanswered.as_ref()
    }

    async fn look_into_store(&self) -> Result<Option<Arrival>, FlowError> {
        let (store, key) = (self.platform.store(), self.platform.key());
        for code in &self.codes {
            let appid = match store.event_of_link(key, code).await? {
                // The receiver is about to store what the event brings.
                Some(event) if event.outcome == EventOutcome::Pending => continue,
                Some(event) => event.appid,
                None => store
                    .launch(key, code)
                    .await?
                    .and_then(|launch| launch.appid),
            };
            let Some(appid) = appid else { continue };
            if let Some(authorizer) = store.authorizer(key, &appid).await? {
                return Ok(Some(Arrival {
                    authorizer,
                    by: Match::Code,
                    others: Vec::new(),
                }));
            }
        }
        Ok(None)
    }

    async fn ask(&mut self) -> Result<Option<Arrival>, FlowError> {
        match (&self.seen, &self.only) {
            (Seen::Account(before), Some(appid)) => {
                let now = self.platform.granted_by(appid).await?;
                if now.is_none() || now == *before {
                    return Ok(None);
                }
                self.platform.look_at(appid, ChangeSource::Sync).await?;
                let authorizer = self.platform.authorizer_of(appid).await?;
                Ok(Some(Arrival {
                    authorizer,
                    by: Match::Probable,
                    others: Vec::new(),
                }))
            }
            (Seen::Total(before), _) => {
                let total = self.platform.total().await?;
                if total == *before {
                    return Ok(None);
                }
                // Noted only once the list was read: what failed in between is asked for again.
                let arrival = self.newcomers().await?;
                self.seen = Seen::Total(total);
                Ok(arrival)
            }
            (Seen::Account(_), None) => Ok(None),
        }
    }

    /// Whether the store holds an event by which this merchant came, and its link is none of ours.
    async fn came_by_another_link(&self, appid: &Appid) -> Result<bool, FlowError> {
        let filter = EventFilter {
            appid: Some(appid.clone()),
            since: Some(self.since),
            limit: EVENTS,
            ..EventFilter::default()
        };
        let (store, key) = (self.platform.store(), self.platform.key());
        let events = store.events(key, &filter).await?;
        let codes = events
            .into_iter()
            .filter_map(|event| event.pre_auth_code_fingerprint);
        let codes: Vec<_> = codes.collect();
        Ok(!codes.is_empty() && !codes.iter().any(|code| self.codes.contains(code)))
    }

    /// Reads the list for those who authorized since the wait began.
    async fn newcomers(&self) -> Result<Option<Arrival>, FlowError> {
        let (platform, key) = (&self.platform, self.platform.key());
        let pace = Pace::new(BulkLimits::default());
        let listing = platform.read_list(&pace, |_| true).await?;
        let mut found = Vec::new();
        for row in listing.rows {
            let Some(at) = row.authorized_at.filter(|at| *at + SKEW >= self.since) else {
                continue;
            };
            let known = platform.store().authorizer(key, &row.appid).await?;
            let is_old = known.is_some_and(|known| {
                known.authorized_at.is_some_and(|before| before >= at)
                    && known.synced_at.is_some_and(|synced| synced < self.since)
            });
            if !is_old && !self.came_by_another_link(&row.appid).await? {
                found.push((at, row));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        let mut found = found.into_iter().map(|(_, row)| row);
        let Some(first) = found.next() else {
            return Ok(None);
        };
        let appid = first.appid.clone();
        let observation = Observation {
            listed: Some(first),
            profile: None,
            as_of: listing.as_of,
            source: ChangeSource::Sync,
        };
        platform.store().observe(key, vec![observation]).await?;
        platform.look_at(&appid, ChangeSource::Sync).await?;
        Ok(Some(Arrival {
            authorizer: platform.authorizer_of(&appid).await?,
            by: Match::Probable,
            others: found.map(|row| row.appid).collect(),
        }))
    }
}

/// Whether the same question may be answered a little later.
fn passes(error: &ApiError) -> bool {
    match error {
        ApiError::Refused { refusal, .. } => errcode::is_transient(refusal.errcode),
        ApiError::NoClient { .. } => false,
        _ => true,
    }
}
