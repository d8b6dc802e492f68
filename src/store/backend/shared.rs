//! Writing back what was minted in a backend's place: under the SDK's own lock where it has one,
//! and never over what somebody else wrote meanwhile.

use std::sync::LazyLock;
use std::time::Duration;

use crate::store::layouts::{Entry, Gap, Parts, Place, Slot};
use crate::sys::random;
use crate::sys::redis::Script;
use crate::wechat::id::ComponentAppid;

use super::{Backend, BackendError, Minted, WriteBack};

static LOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lock.lua")));
static UNLOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("unlock.lua")));
static WRITE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("keep.lua"), include_str!("write.lua"))));

/// The right to mint in a backend's place, for as long as its lock is ours.
#[derive(Clone, Debug)]
pub struct BackendLock {
    /// The key of the SDK's lock and what we wrote into it; none where the SDK has no lock.
    lock: Option<(String, String)>,
    /// Where the token lies, and what lay there when the lock was taken.
    place: Place,
    found: Vec<u8>,
}

impl Backend {
    /// The key of the lock that the SDK's processes take before they mint what is in `slot`.
    #[must_use]
    pub fn lock_key(&self, slot: &Slot) -> Option<String> {
        self.layout.lock(slot)
    }

    /// Takes the SDK's lock; `None` while somebody else has it. An SDK without one gives a lock
    /// that rests on nobody else writing.
    ///
    /// # Errors
    /// When the Redis cannot be asked, or the layout does not say where a token would lie.
    pub async fn lock(
        &self,
        slot: &Slot,
        platform: &ComponentAppid,
        life: Duration,
    ) -> Result<Option<BackendLock>, BackendError> {
        let lock = match self.layout.lock(slot) {
            None => None,
            Some(key) => {
                let ours = random::hex(16);
                let life = life.as_millis().to_string();
                let arguments = [ours.clone().into_bytes(), life.into_bytes()];
                let taken: i64 = self
                    .redis
                    .run(&key, &LOCK, std::slice::from_ref(&key), &arguments)
                    .await?;
                if taken == 0 {
                    return Ok(None);
                }
                Some((key, ours))
            }
        };
        let read = async {
            let parts = self.bare_parts(platform);
            let places = self.writing_places(slot, &parts).await?;
            let place = places.into_iter().next();
            let place = place.ok_or(BackendError::Gap(Gap::NotKept))?;
            let (found, _) = self.fetch(&place).await?;
            Ok((place, found.unwrap_or_default()))
        };
        match read.await {
            Ok((place, found)) => Ok(Some(BackendLock { lock, place, found })),
            Err(error) => {
                // Else nobody mints until it ends by itself.
                self.give_up(lock).await?;
                Err(error)
            }
        }
    }

    /// Where the SDK looks for something of the platform: where versions of the SDK differ, beside
    /// each ticket that lies there, and in each place while there is none.
    pub(super) async fn writing_places(
        &self,
        slot: &Slot,
        parts: &Parts<'_>,
    ) -> Result<Vec<Place>, BackendError> {
        let places = |slot: &Slot| {
            let places = self.layout.places(slot, parts);
            places.map_err(BackendError::Gap)
        };
        let mut found = places(slot)?;
        found.dedup();
        if found.len() > 1 {
            let mut beside = Vec::new();
            for (place, ticket) in found.iter().zip(places(&Slot::Ticket)?) {
                match self.standing(&Slot::Ticket, &ticket).await {
                    // One that cannot be read lies there all the same.
                    Ok(Some(_)) | Err(BackendError::Gap(_)) => beside.push(place.clone()),
                    Ok(None) => {}
                    Err(error) => return Err(error),
                }
            }
            if !beside.is_empty() {
                return Ok(beside);
            }
        }
        Ok(found)
    }

    /// Writes what was minted for `slot` in the SDK's own form, if the lock is still ours and
    /// nobody else has written a token since it was taken.
    ///
    /// # Errors
    /// When the Redis cannot be asked.
    pub async fn write_back(
        &self,
        lock: &BackendLock,
        slot: &Slot,
        platform: &ComponentAppid,
        minted: Minted<'_>,
    ) -> Result<WriteBack, BackendError> {
        let entry = |secret| Entry {
            secret,
            refresh_token: minted.refresh_token,
            seconds: minted.expires_in,
            like: &lock.found,
        };
        let token = self.layout.write(slot, &lock.place, entry(minted.token));
        let Some(token) = token else {
            return Err(BackendError::Gap(Gap::NotKept));
        };
        let mut written = vec![token];
        if let (Slot::AuthorizerToken(appid), Some(refresh_token)) = (slot, minted.refresh_token) {
            let parts = self.bare_parts(platform);
            let slot = Slot::RefreshToken(appid.clone());
            let places = self.layout.places(&slot, &parts).unwrap_or_default();
            let place = places.first();
            let entry = entry(refresh_token);
            written.extend(place.and_then(|place| self.layout.write(&slot, place, entry)));
        }
        let (lock_key, ours) = lock.lock.clone().unwrap_or_default();
        let mut keys = vec![written[0].key.clone()];
        let mut arguments = vec![ours.into_bytes(), lock.found.clone()];
        for one in &written {
            if one.key != keys[0] {
                keys.push(one.key.clone());
            }
            arguments.push(one.value.as_bytes().to_vec());
            arguments.push(one.ttl.unwrap_or(0).to_string().into_bytes());
        }
        if !lock_key.is_empty() {
            keys.push(lock_key);
        }
        let done: i64 = self
            .redis
            .run(&keys[0].clone(), &WRITE, &keys, &arguments)
            .await?;
        Ok(match done {
            1 => WriteBack::Written,
            _ => WriteBack::Refused,
        })
    }

    /// Gives the SDK's lock back, if it is still ours.
    ///
    /// # Errors
    /// When the Redis cannot be asked: the lock then ends by itself within a minute.
    pub async fn unlock(&self, lock: BackendLock) -> Result<(), BackendError> {
        self.give_up(lock.lock).await
    }

    /// What names keys without secrets.
    pub(super) fn bare_parts<'a>(&'a self, platform: &'a ComponentAppid) -> Parts<'a> {
        Parts {
            prefix: &self.prefix,
            platform,
            appsecret: None,
            ticket: None,
            refresh_token: None,
        }
    }

    async fn give_up(&self, lock: Option<(String, String)>) -> Result<(), BackendError> {
        if let Some((key, ours)) = lock {
            let _: i64 = self
                .redis
                .run(&key.clone(), &UNLOCK, &[key], &[ours.into_bytes()])
                .await?;
        }
        Ok(())
    }
}
