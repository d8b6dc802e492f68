//! A backend's own Redis, where an SDK keeps tickets and tokens: read, and written only under
//! `mint = "shared"`.
//!
//! Which keys and values these are the [`layouts`](super::layouts) say.

mod detect;
mod shared;

use jiff::{SignedDuration, Timestamp};

use crate::sys::redis::{Address, Failure, FailureKind, Redis};
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

use super::StoreError;
use super::layouts::{Gap, Layout, Parts, Place, Slot, Unreadable};

pub use detect::{Spotted, Standing, Survey};
pub use shared::{BackendLock, Minted, WriteBack};

/// A backend's Redis and what of it is known. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Backend {
    layout: Layout,
    prefix: String,
    redis: Redis,
}

/// What is known besides, for keys that are named by more than appids.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The platform's appsecret.
    pub appsecret: Option<&'a Secret>,
    /// The refresh token of the merchant whose token is wanted.
    pub refresh_token: Option<&'a Secret>,
}

/// A secret that a backend keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    /// The ticket or token.
    pub secret: Secret,
    /// When the backend lets go of it, where that can be told.
    pub expires_at: Option<Timestamp>,
    /// The key it lies under.
    pub key: String,
}

/// Why a backend did not give something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// Its Redis cannot be asked.
    #[error(transparent)]
    Redis(#[from] StoreError),
    /// Its Redis does not have it, or it cannot be found or read there.
    #[error("the backend's Redis does not have it")]
    Gap(Gap),
}

impl From<Failure> for BackendError {
    fn from(failure: Failure) -> Self {
        Self::Redis(failure.into())
    }
}

impl Backend {
    /// A backend whose Redis is reached when it is first asked. Without a `prefix` its SDK's own.
    #[must_use]
    pub fn new(layout: Layout, prefix: Option<String>, address: Address) -> Self {
        Self {
            layout,
            prefix: prefix.unwrap_or_else(|| layout.default_prefix().to_owned()),
            redis: Redis::new(address),
        }
    }

    /// Which SDK's keys these are.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Where the Redis is, without its password.
    #[must_use]
    pub fn address(&self) -> String {
        self.redis.address().to_string()
    }

    /// What is kept in `slot`.
    ///
    /// # Errors
    /// When the Redis cannot be asked, or has no such thing.
    pub async fn look_up(
        &self,
        slot: &Slot,
        platform: &ComponentAppid,
        known: Known<'_>,
        now: Timestamp,
    ) -> Result<Lent, BackendError> {
        let ticket = match self.layout.hides_component_token() && *slot == Slot::ComponentToken {
            true => self.ticket_for_names(platform, now).await?,
            false => None,
        };
        let parts = Parts {
            prefix: &self.prefix,
            platform,
            appsecret: known.appsecret,
            ticket: ticket.as_ref(),
            refresh_token: known.refresh_token,
        };
        let places = self
            .layout
            .places(slot, &parts)
            .map_err(BackendError::Gap)?;
        let mut gap = Gap::NotKept;
        for (number, place) in places.iter().enumerate() {
            match self.read(slot, place, now).await {
                Err(BackendError::Gap(found)) if number == 0 => gap = found,
                // What is said is of the first place; the others are of older versions.
                Err(BackendError::Gap(Gap::Absent { .. })) => {}
                Err(BackendError::Gap(found)) => gap = found,
                outcome => return outcome,
            }
        }
        Err(BackendError::Gap(gap))
    }

    async fn ticket_for_names(
        &self,
        platform: &ComponentAppid,
        now: Timestamp,
    ) -> Result<Option<Secret>, BackendError> {
        let ticket = self.look_up(&Slot::Ticket, platform, Known::default(), now);
        match Box::pin(ticket).await {
            Ok(lent) => Ok(Some(lent.secret)),
            Err(BackendError::Gap(Gap::Absent { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read(
        &self,
        slot: &Slot,
        place: &Place,
        now: Timestamp,
    ) -> Result<Lent, BackendError> {
        let key = place.key().to_owned();
        let (value, left) = match self.fetch(place).await {
            Ok(found) => found,
            Err(failure) if is_wrong_type(&failure) => {
                let why = Unreadable::OtherShape;
                return Err(BackendError::Gap(Gap::Unreadable { key, why }));
            }
            Err(failure) => return Err(failure.into()),
        };
        let Some(value) = value else {
            return Err(BackendError::Gap(Gap::Absent { key }));
        };
        let kept = match self.layout.read(slot, &value) {
            Ok(kept) if kept.secret.is_empty() => {
                return Err(BackendError::Gap(Gap::Absent { key }));
            }
            Ok(kept) => kept,
            Err(why) => return Err(BackendError::Gap(Gap::Unreadable { key, why })),
        };
        if kept.ends_at.is_some_and(|end| end <= now) {
            return Err(BackendError::Gap(Gap::Ended { key }));
        }
        let until = |milliseconds| now.checked_add(SignedDuration::from_millis(milliseconds)).ok();
        let key_ends = left.filter(|left| *left > 0).and_then(until);
        Ok(Lent {
            secret: kept.secret,
            expires_at: match (kept.ends_at, key_ends) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            key,
        })
    }

    /// A value, and the milliseconds its key has left.
    async fn fetch(&self, place: &Place) -> Result<(Option<Vec<u8>>, Option<i64>), Failure> {
        match place {
            Place::Key(key) => {
                let mut pipeline = redis::Pipeline::with_capacity(2);
                pipeline.cmd("GET").arg(key);
                pipeline.cmd("PTTL").arg(key);
                let mut answers = self.redis.pipe(key, &pipeline).await?.into_iter();
                let value = self.redis.read(answers.next().unwrap_or(redis::Value::Nil))?;
                let left = self.redis.read(answers.next().unwrap_or(redis::Value::Nil))?;
                Ok((value, left))
            }
            Place::Field { hash, field } => {
                let mut command = redis::cmd("HGET");
                command.arg(hash).arg(field);
                Ok((self.redis.ask(hash, command).await?, None))
            }
        }
    }
}

fn is_wrong_type(failure: &Failure) -> bool {
    matches!(&failure.kind, FailureKind::Failed(said) if said.contains("WRONGTYPE"))
}
