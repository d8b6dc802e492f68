//! Putting what wxauth holds among an SDK's keys: never over what is newer there, and never while
//! the SDK itself mints.

use std::sync::LazyLock;

use crate::store::layouts::{Entry, Parts, Place, Slot, Written};
use crate::sys::redis::Script;
use crate::wechat::id::ComponentAppid;
use crate::wechat::secret::Secret;

use super::lookup::Standing;
use super::{Backend, BackendError, Given, Offer};

static GIVE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("keep.lua"), include_str!("give.lua"))));

/// So often what lies there may change between being read and being written over.
const ATTEMPTS: usize = 5;

/// A key and what becomes of it.
struct Piece {
    found: Vec<u8>,
    choice: Choice,
}

enum Choice {
    Write(Written),
    Same,
    Newer,
    Gone,
}

impl Backend {
    /// Offers something; with `write` off only what would become of it is said.
    ///
    /// # Errors
    /// When the Redis cannot be asked, or the layout has no place for it.
    pub async fn give(
        &self,
        offer: &Offer<'_>,
        platform: &ComponentAppid,
        write: bool,
    ) -> Result<Given, BackendError> {
        let parts = Parts {
            appsecret: offer.appsecret,
            ticket: offer.ticket,
            refresh_token: offer.refresh_token,
            ..self.bare_parts(platform)
        };
        let places = self.writing_places(offer.slot, &parts).await?;
        let beside = self.refresh_place(offer, &parts)?;
        let ticket = match self.layout.places(&Slot::Ticket, &parts) {
            Ok(places) if self.layout.writes_as_its_cache_does() => places.into_iter().next(),
            _ => None,
        };
        let like = match ticket {
            Some(place) => match self.standing(&Slot::Ticket, &place).await {
                Ok(found) => parted(found).0,
                // What cannot be read is no example.
                Err(BackendError::Gap(_)) => Vec::new(),
                Err(error) => return Err(error),
            },
            None => Vec::new(),
        };
        for _ in 0..ATTEMPTS {
            let mut pieces = Vec::new();
            for place in &places {
                pieces.push(self.weigh(offer, place, &like).await?);
            }
            if let Some((slot, place)) = &beside {
                let piece = self.weigh_refresh_token(offer, slot, place, &pieces);
                pieces.push(piece.await?);
            }
            if !pieces.iter().any(Piece::is_to_write) {
                return Ok(sum(&pieces));
            }
            if !write {
                return Ok(Given::Written);
            }
            if let Some(given) = self.put(offer.slot, &pieces).await? {
                return Ok(given);
            }
        }
        Ok(Given::Newer)
    }

    /// Where the refresh token goes that comes with a merchant's token.
    fn refresh_place(
        &self,
        offer: &Offer<'_>,
        parts: &Parts<'_>,
    ) -> Result<Option<(Slot, Place)>, BackendError> {
        let Slot::AuthorizerToken(appid) = offer.slot else {
            return Ok(None);
        };
        if !self.layout.keeps_refresh_tokens() || offer.refresh_token.is_none() {
            return Ok(None);
        }
        let slot = Slot::RefreshToken(appid.clone());
        let places = self.layout.places(&slot, parts);
        let place = places.map_err(BackendError::Gap)?.into_iter().next();
        Ok(place.map(|place| (slot, place)))
    }

    /// What is to become of the key of a ticket or an access token.
    async fn weigh(
        &self,
        offer: &Offer<'_>,
        place: &Place,
        like: &[u8],
    ) -> Result<Piece, BackendError> {
        let standing = self.standing(offer.slot, place).await?;
        let (found, kept, left) = parted(standing);
        let ours = offer.secret.and_then(|secret| {
            let entry = Entry {
                secret,
                refresh_token: offer.refresh_token,
                seconds: offer.seconds,
                like: if found.is_empty() { like } else { &found },
            };
            self.layout.write(offer.slot, place, entry)
        });
        let choice = match (kept, ours) {
            (Some(kept), _) if Some(&kept) == offer.secret => Choice::Same,
            (Some(kept), Some(ours)) => {
                let is_newer = match (offer.slot, left, ours.ttl) {
                    // The lives of tickets' keys do not tell which of two came later.
                    (Slot::Ticket, ..) => offer.older == Some(&kept),
                    (_, Some(left), Some(ttl)) => left >= 0 && ttl.saturating_mul(1000) > left,
                    _ => false,
                };
                match is_newer {
                    true => Choice::Write(ours),
                    false => Choice::Newer,
                }
            }
            (Some(_), None) => Choice::Newer,
            (None, Some(ours)) => Choice::Write(ours),
            (None, None) => Choice::Gone,
        };
        Ok(Piece { found, choice })
    }

    /// What is to become of a refresh token's key. Which of two is newer only the access tokens
    /// beside them tell.
    async fn weigh_refresh_token(
        &self,
        offer: &Offer<'_>,
        slot: &Slot,
        place: &Place,
        beside: &[Piece],
    ) -> Result<Piece, BackendError> {
        let standing = self.standing(slot, place).await?;
        let ours = offer.refresh_token.and_then(|secret| {
            let entry = Entry {
                secret,
                refresh_token: None,
                seconds: 0,
                like: &[],
            };
            self.layout.write(slot, place, entry)
        });
        let (found, kept, _) = parted(standing);
        let choice = match (kept, ours) {
            (Some(kept), _) if Some(&kept) == offer.refresh_token => Choice::Same,
            (None, Some(ours)) => Choice::Write(ours),
            (Some(_), Some(ours)) if beside.iter().any(Piece::is_to_write) => Choice::Write(ours),
            _ => Choice::Newer,
        };
        Ok(Piece { found, choice })
    }

    /// Writes what is to be written, all or nothing; `None` when something changed meanwhile.
    async fn put(&self, slot: &Slot, pieces: &[Piece]) -> Result<Option<Given>, BackendError> {
        let mut keys = Vec::new();
        let mut arguments = vec![Vec::new()];
        for piece in pieces {
            if let Choice::Write(written) = &piece.choice {
                keys.push(written.key.clone());
                arguments.push(piece.found.clone());
                arguments.push(written.value.as_bytes().to_vec());
                arguments.push(written.ttl.unwrap_or(0).to_string().into_bytes());
            }
        }
        arguments[0] = keys.len().to_string().into_bytes();
        let lock = self.layout.lock(slot);
        let tag = keys[0].clone();
        keys.extend(lock.clone());
        let done: i64 = self.redis.run(&tag, &GIVE, &keys, &arguments).await?;
        Ok(match (done, lock) {
            (1, _) => Some(Given::Written),
            (-1, Some(key)) => Some(Given::Locked { key }),
            _ => None,
        })
    }
}

impl Piece {
    fn is_to_write(&self) -> bool {
        matches!(self.choice, Choice::Write(_))
    }
}

/// The bytes that lie somewhere, the secret in them, and the milliseconds their key has left.
fn parted(standing: Option<Standing>) -> (Vec<u8>, Option<Secret>, Option<i64>) {
    standing.map_or_else(Default::default, |there| {
        (there.value, Some(there.kept.secret), there.left)
    })
}

/// What became of an offer of which nothing is written.
fn sum(pieces: &[Piece]) -> Given {
    let any = |wanted: fn(&Choice) -> bool| pieces.iter().any(|piece| wanted(&piece.choice));
    if any(|choice| matches!(choice, Choice::Newer)) {
        Given::Newer
    } else if any(|choice| matches!(choice, Choice::Same)) {
        Given::Same
    } else {
        Given::Gone
    }
}
