//! Looking up what a backend keeps.

use jiff::{SignedDuration, Timestamp};

use crate::store::layouts::{Gap, Kept, Layout, Parts, Place, Slot, Unreadable};
use crate::sys::redis::{Address, Failure, FailureKind, Redis};
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

use super::{BackendError, Known, Lent};

/// A ticket that its key calls older was not given its life by the SDK: ten years, in milliseconds.
const OLDEST: i64 = 10 * 365 * 24 * 3600 * 1000;

/// A backend's Redis and what of it is known. Clones share its connection.
#[derive(Clone, Debug)]
pub struct Backend {
    pub(super) layout: Layout,
    pub(super) prefix: String,
    pub(super) redis: Redis,
}

/// What lies at a place.
pub(super) struct Standing {
    /// Its bytes.
    pub(super) value: Vec<u8>,
    /// What they say.
    pub(super) kept: Kept,
    /// The milliseconds its key has left; negative or absent where it stays.
    pub(super) left: Option<i64>,
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

    async fn read(&self, slot: &Slot, place: &Place, now: Timestamp) -> Result<Lent, BackendError> {
        let key = place.key().to_owned();
        let Some(Standing { kept, left, .. }) = self.standing(slot, place).await? else {
            return Err(BackendError::Gap(Gap::Absent { key }));
        };
        if kept.ends_at.is_some_and(|end| end <= now) {
            return Err(BackendError::Gap(Gap::Ended { key }));
        }
        let until = |milliseconds| {
            now.checked_add(SignedDuration::from_millis(milliseconds))
                .ok()
        };
        let ticket_life = self.layout.ticket_life().filter(|_| *slot == Slot::Ticket);
        let age = ticket_life.and_then(|life| Some(life * 1000 - left.filter(|left| *left > 0)?));
        let age = age.filter(|age| (0..=OLDEST).contains(age));
        let key_ends = left.filter(|left| *left > 0).and_then(until);
        Ok(Lent {
            secret: kept.secret,
            expires_at: match (kept.ends_at, key_ends) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            received_at: age.and_then(|age| until(-age)),
            key,
        })
    }

    /// What lies at a place; none where there is nothing, or nothing but an empty text.
    pub(super) async fn standing(
        &self,
        slot: &Slot,
        place: &Place,
    ) -> Result<Option<Standing>, BackendError> {
        let unreadable = |why| {
            let key = place.key().to_owned();
            BackendError::Gap(Gap::Unreadable { key, why })
        };
        let (value, left) = match self.fetch(place).await {
            Err(failure) if is_wrong_type(&failure) => {
                return Err(unreadable(Unreadable::OtherShape));
            }
            found => found?,
        };
        let Some(value) = value else {
            return Ok(None);
        };
        let kept = self.layout.read(slot, &value).map_err(unreadable)?;
        Ok((!kept.secret.is_empty()).then_some(Standing { value, kept, left }))
    }

    /// A value, and the milliseconds its key has left.
    pub(super) async fn fetch(
        &self,
        place: &Place,
    ) -> Result<(Option<Vec<u8>>, Option<i64>), Failure> {
        match place {
            Place::Key(key) => {
                let mut pipeline = redis::Pipeline::with_capacity(2);
                pipeline.cmd("GET").arg(key);
                pipeline.cmd("PTTL").arg(key);
                let mut answers = self.redis.pipe(key, &pipeline).await?.into_iter();
                let value = self
                    .redis
                    .read(answers.next().unwrap_or(redis::Value::Nil))?;
                let left = self
                    .redis
                    .read(answers.next().unwrap_or(redis::Value::Nil))?;
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

pub(super) fn is_wrong_type(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::WrongType(_))
}
