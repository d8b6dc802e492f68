//! Giving a backend what the store holds, among its SDK's keys.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::store::backend::{Backend, BackendError, Given, Known as KnownToUs, Offer};
use crate::store::layouts::{Gap, Slot};
use crate::store::tickets::TicketRecord;
use crate::store::tokens::{StoredToken, TokenOwner};
use crate::store::transfer::{Carried, RecordKind, Tally};
use crate::wechat::secret::Secret;

use super::held::{certain_end, safety};
use super::lend::{not_lent, slot};
use super::{FlowError, MintPolicy, Platform};

/// So many merchants are offered at once.
const AT_ONCE: usize = 32;

/// What a backend was given.
#[derive(Debug)]
pub struct Gave {
    /// Numbers of tickets and tokens.
    pub carried: Carried,
    /// What it was not given.
    pub kept: NotGiven,
    /// Whether wxauth goes on minting by these settings, as the backend may.
    pub both_mint: bool,
}

/// What a backend was not given, in numbers of tickets or tokens, and why.
#[derive(Debug, Default)]
pub struct NotGiven {
    /// Why the ticket stayed, where the store has one.
    pub ticket: Option<TicketStays>,
    /// Newer ones lie there.
    pub newer: u64,
    /// Too little life is left: the SDK itself would have let go of them.
    pub gone: u64,
    /// A call of ours that may end them is under way, or its end is unknown.
    pub unsettled: u64,
    /// Authorizers of whom the store has no live access token, which is all that the SDK keeps.
    pub without_token: u64,
    /// The SDK's lock was held for as long as we wait.
    pub locked: Option<Locked>,
    /// Their keys cannot be named, or hold what cannot be read: how many, and one such reason.
    pub gaps: Option<(u64, Slot, Gap)>,
}

/// What a lock of the SDK kept from its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// How many tokens; none where it is the ticket alone.
    pub count: u64,
    /// The lock of one of them.
    pub key: String,
    /// For how long it was waited for.
    pub waited: Duration,
}

/// Why a ticket stayed where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketStays {
    /// There is none, or only one past its 12 hours.
    None,
    /// Another lies there, and nobody knows it for the older one.
    OtherThere,
    /// It came longer ago than the SDK keeps tickets.
    Gone,
    /// The SDK's lock was held for as long as we wait.
    Locked,
    /// The SDK does not keep tickets in Redis, or what lies there cannot be read.
    Gap(Gap),
}

/// What a pass over everything needs to know.
#[derive(Clone)]
struct Pass {
    platform: Platform,
    backend: Backend,
    write: bool,
    started: Instant,
    now: Timestamp,
    appsecret: Option<Secret>,
    /// What names the component token's key.
    ticket: Option<Secret>,
}

impl Platform {
    /// Puts the newest ticket and the live tokens of the platform and of its active merchants among
    /// the keys of `backend`, as its SDK would have written them. What is newer there stays, and so
    /// does what the SDK is minting at the moment. With `write` off only what would become of
    /// everything is said.
    ///
    /// # Errors
    /// When its Redis or the store fails, or the appsecret, which some keys are named by, cannot be
    /// asked for.
    pub async fn give_to(&self, backend: &Backend, write: bool) -> Result<Gave, FlowError> {
        let appsecret = match backend.layout().hides_component_token() {
            true => self.options().credentials.appsecret.read().await?,
            false => None,
        };
        let mut pass = Pass {
            platform: self.clone(),
            backend: backend.clone(),
            write,
            started: Instant::now(),
            now: self.clock().now(),
            appsecret,
            ticket: None,
        };
        let mut gave = pass.give_all().await?;
        if write {
            // What would be written once more is not there.
            pass.write = false;
            let again = pass.give_all().await?.carried;
            let counts = gave.carried.records.iter();
            let missing = |kind| again.written.get(kind).copied().unwrap_or(0);
            let found = counts.map(|(kind, count)| (*kind, count.saturating_sub(missing(kind))));
            gave.carried.found = Some(found.collect());
        }
        Ok(gave)
    }
}

impl Pass {
    async fn give_all(&mut self) -> Result<Gave, FlowError> {
        let key = self.platform.key().clone();
        let mut gave = Gave {
            carried: Carried {
                key: key.clone(),
                records: Tally::new(),
                written: Tally::new(),
                skipped: Tally::new(),
                found: None,
            },
            kept: NotGiven::default(),
            both_mint: matches!(self.platform.options().mint, MintPolicy::Wxauth),
        };
        self.give_ticket(&mut gave).await?;
        let given = self.give_token(&TokenOwner::Component).await?;
        gave.count_token(given, self.started);
        let mut owners = self.platform.store().active(&key).await?.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE
                && let Some(appid) = owners.next()
            {
                let pass = self.clone();
                let owner = TokenOwner::Authorizer(appid);
                running.spawn(async move { pass.give_token(&owner).await });
            }
            let Some(ended) = running.join_next().await else {
                return Ok(gave);
            };
            match ended {
                Ok(given) => gave.count_token(given?, self.started),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
    }

    /// The ticket goes first: some SDKs name the component token's key by it.
    async fn give_ticket(&mut self, gave: &mut Gave) -> Result<(), FlowError> {
        let (store, key) = (self.platform.store(), self.platform.key());
        let newest = store.tickets(key).await?.into_iter().next();
        let lent = self
            .platform
            .look_up(&self.backend, Slot::Ticket, KnownToUs::default())
            .await;
        let theirs = match lent {
            Ok(lent) => Some(lent.secret),
            Err(FlowError::NotLent { .. }) => None,
            Err(error) => return Err(error),
        };
        self.ticket = theirs.clone();
        let Some(ours) = newest else {
            gave.kept.ticket = Some(TicketStays::None);
            return Ok(());
        };
        let older = match &theirs {
            // One that is known and is not the newest arrived earlier.
            Some(theirs) => {
                let seen = store.ticket_first_seen(key, &theirs.fingerprint()).await?;
                seen.is_some() && *theirs != ours.ticket
            }
            None => false,
        };
        let offered = self.offer_ticket(&ours, theirs.as_ref().filter(|_| older));
        let stays = match offered.await? {
            Ok(Given::Newer) => Some(TicketStays::OtherThere),
            Ok(Given::Gone) => Some(TicketStays::Gone),
            Ok(Given::Locked { key }) => {
                gave.kept.lock(key, 0, self.started);
                Some(TicketStays::Locked)
            }
            Ok(given) => {
                self.ticket = Some(ours.ticket);
                count(&mut gave.carried.records, RecordKind::Tickets);
                if given == Given::Written {
                    count(&mut gave.carried.written, RecordKind::Tickets);
                }
                None
            }
            Err(gap) => Some(TicketStays::Gap(gap)),
        };
        if matches!(stays, Some(TicketStays::OtherThere | TicketStays::Locked)) {
            count(&mut gave.carried.records, RecordKind::Tickets);
            count(&mut gave.carried.skipped, RecordKind::Tickets);
        }
        gave.kept.ticket = stays;
        Ok(())
    }

    async fn offer_ticket(
        &self,
        ours: &TicketRecord,
        older: Option<&Secret>,
    ) -> Result<Result<Given, Gap>, FlowError> {
        self.offer(&Offer {
            slot: &Slot::Ticket,
            secret: Some(&ours.ticket),
            seconds: self.now.duration_since(ours.received_at).as_secs().max(0),
            refresh_token: None,
            older,
            appsecret: None,
            ticket: None,
        })
        .await
    }

    async fn give_token(&self, owner: &TokenOwner) -> Result<TokenGiven, FlowError> {
        let (store, key) = (self.platform.store(), self.platform.key());
        let slot = slot(owner);
        let Some(stored) = store.token(key, owner).await? else {
            return Ok(TokenGiven::Nothing);
        };
        if stored.unsettled_since.is_some() {
            return Ok(TokenGiven::Unsettled);
        }
        // The store takes a minute off what WeChat says.
        let left = certain_end(&stored, self.now)
            .map(|end| (end + safety(stored.lifetime)).duration_since(self.now));
        let left = left.map_or(0, |left| left.as_secs());
        let StoredToken {
            access_token,
            refresh_token,
            ..
        } = stored;
        let access_token = access_token.filter(|_| left > 0);
        if access_token.is_none() {
            if refresh_token.is_none() {
                return Ok(TokenGiven::Nothing);
            }
            if !self.backend.layout().keeps_refresh_tokens() {
                return Ok(TokenGiven::WithoutToken);
            }
        }
        let offer = Offer {
            slot: &slot,
            secret: access_token.as_ref(),
            seconds: left,
            refresh_token: refresh_token.as_ref(),
            older: None,
            appsecret: self.appsecret.as_ref(),
            ticket: self.ticket.as_ref(),
        };
        Ok(match self.offer(&offer).await? {
            Ok(given) => TokenGiven::Offered(given),
            Err(gap) => TokenGiven::Gap(slot.clone(), gap),
        })
    }

    /// Offers it, and waits while the SDK's lock is held.
    async fn offer(&self, offer: &Offer<'_>) -> Result<Result<Given, Gap>, FlowError> {
        loop {
            let platform = self.platform.component_appid();
            let given = self.backend.give(offer, platform, self.write);
            match given.await {
                Ok(Given::Locked { .. })
                    if self.started.elapsed() < self.platform.options().lock_timeout =>
                {
                    tokio::time::sleep(Duration::from_millis(fastrand::u64(50..150))).await;
                }
                Ok(given) => return Ok(Ok(given)),
                Err(BackendError::Gap(gap)) => return Ok(Err(gap)),
                Err(error) => return Err(not_lent(&self.backend, offer.slot.clone(), error)),
            }
        }
    }
}

/// What became of somebody's token.
enum TokenGiven {
    /// The store has none that could be given.
    Nothing,
    /// It has a refresh token alone, which the SDK does not keep.
    WithoutToken,
    /// What a call of ours makes of it is not known.
    Unsettled,
    Offered(Given),
    Gap(Slot, Gap),
}

impl NotGiven {
    /// Notes that a lock kept so many tokens back.
    fn lock(&mut self, key: String, tokens: u64, started: Instant) {
        let known = self.locked.as_ref().map_or(0, |locked| locked.count);
        self.locked = Some(Locked {
            count: known + tokens,
            key,
            waited: started.elapsed(),
        });
    }
}

impl Gave {
    fn count_token(&mut self, given: TokenGiven, started: Instant) {
        let (carried, kept) = (&mut self.carried, &mut self.kept);
        let skipped = match given {
            TokenGiven::Nothing => return,
            TokenGiven::WithoutToken => {
                kept.without_token += 1;
                return;
            }
            TokenGiven::Unsettled => {
                kept.unsettled += 1;
                return;
            }
            TokenGiven::Gap(slot, gap) => {
                let (count, ..) = kept.gaps.get_or_insert((0, slot, gap));
                *count += 1;
                true
            }
            TokenGiven::Offered(given) => match given {
                Given::Gone => {
                    kept.gone += 1;
                    return;
                }
                Given::Same => false,
                Given::Written => {
                    count(&mut carried.written, RecordKind::Tokens);
                    false
                }
                Given::Newer => {
                    kept.newer += 1;
                    true
                }
                Given::Locked { key } => {
                    kept.lock(key, 1, started);
                    true
                }
            },
        };
        count(&mut carried.records, RecordKind::Tokens);
        if skipped {
            count(&mut carried.skipped, RecordKind::Tokens);
        }
    }
}

fn count(tally: &mut Tally, kind: RecordKind) {
    *tally.entry(kind.as_str()).or_default() += 1;
}
