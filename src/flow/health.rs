//! Whether a platform could do its work right now: judged from the store, or with WeChat's list.
//!
//! One rule, one place: `check`, `status` and `doctor` all ask here.

mod holders;
mod judging;
mod online;

use judging::life_short;

pub use holders::EarlyRefusals;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::api::ApiError;
use crate::store::StoreError;
use crate::store::layouts::{Gap, Layout};
use crate::store::tokens::StoredToken;
use crate::wechat::id::{Appid, PermissionSetId};

use super::held::certain_end;
use super::status::{LentStatus, LentToken};
use super::{
    AskedSets, ClockFault, FlowError, MintPolicy, Platform, SecretSource, Status, TicketStatus,
};

/// WeChat pushes a ticket every ten minutes: at this age two of them are overdue.
pub const TICKET_LATE: SignedDuration = SignedDuration::from_mins(25);

/// A token with less life than this counts as dead: a call on its way would meet its end.
const LEAST_LIFE: SignedDuration = SignedDuration::from_mins(1);

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// It works, and somebody should look.
    Warn,
    /// It does not work.
    Fail,
    /// It cannot be told without doing what was not asked for.
    Unknown,
}

impl Outcome {
    /// All of them, in the order they are counted in.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Warn, Self::Fail, Self::Unknown];

    /// The word for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The newest ticket is as old as it should be at most.
    TicketFresh(SignedDuration),
    /// The newest ticket is older than [`TICKET_LATE`] and still taken.
    TicketLate(SignedDuration),
    /// The newest ticket was stored with a time that lies so far in the future.
    TicketAhead(SignedDuration),
    /// No live ticket; the component token lives on for a while.
    TicketGone(Option<SignedDuration>),
    /// No live ticket, and no live component token either.
    NothingLives(Option<SignedDuration>),
    /// A program prints the ticket when it is needed.
    TicketByProgram,
    /// Somebody else mints: the ticket is theirs.
    TicketElsewhere,
    /// The token lives.
    TokenLives,
    /// The token ended, or there was none yet, and the next command makes one.
    TokenRenewable,
    /// The token ended and cannot be renewed: the ticket is dead.
    TokenWithoutTicket,
    /// The token ended and cannot be renewed: the appsecret is not known.
    TokenWithoutSecret,
    /// The token lies among the backend's keys.
    TokenLent(Layout),
    /// It does not, and the next command that needs one mints it and writes it back.
    TokenMintable(Layout),
    /// It should, and it cannot be had there.
    NotLent(Layout, Gap),
    /// The backend's Redis could not be asked.
    LenderFailed(StoreError),
    /// The token comes from the operator's program.
    TokenBorrowed,
    /// The token would have to be borrowed, and no program gives it.
    NobodyLends,
    /// Less life left than asked for: what is left, if anything.
    LifeShort(SignedDuration),
    /// The authorization stands and can be used.
    Authorized,
    /// The authorization stands, and its code was never exchanged.
    PendingExchange,
    /// The authorization stands, and no refresh token is stored.
    NoRefreshToken,
    /// The authorization ended.
    Ended(Option<Timestamp>),
    /// No stored time lies in the future.
    ClockAgrees,
    /// Some do.
    ClockFault(ClockFault),
    /// No token was refused before its expiry.
    SoleHolder,
    /// Tokens were, although wxauth had not replaced them.
    AnotherHolder(EarlyRefusals),
    /// All required sets are granted.
    SetsGranted,
    /// These required sets are not granted.
    SetsMissing(Vec<PermissionSetId>),
    /// What was granted is not known.
    SetsUnknown,
    /// WeChat's list and the store name the same accounts: how many.
    ListAgrees(u64),
    /// An account that the store holds for standing is not in WeChat's list.
    NotListed,
    /// An account in WeChat's list that the store does not hold for standing.
    NotStored,
    /// The list cannot be read without minting a token.
    ListNeedsToken,
    /// The list could not be read.
    ListRefused(ApiError),
    /// The operator's program, or the backend's keys, did not give a token.
    ListNotLent(Arc<FlowError>),
    /// The list kept moving while it was read.
    ListMoved,
}

/// One check.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What was looked at.
    pub name: &'static str,
    /// The merchant it is about; none is the platform itself.
    pub target: Option<Appid>,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found.
    pub finding: Finding,
    /// When what was looked at ends.
    pub expires_at: Option<Timestamp>,
    /// When what was found began, where that is known.
    pub since: Option<Timestamp>,
}

impl Verdict {
    fn platform(name: &'static str, outcome: Outcome, finding: Finding) -> Self {
        Self {
            name,
            target: None,
            outcome,
            finding,
            expires_at: None,
            since: None,
        }
    }

    fn about(appid: &Appid, name: &'static str, outcome: Outcome, finding: Finding) -> Self {
        Self {
            target: Some(appid.clone()),
            ..Self::platform(name, outcome, finding)
        }
    }

    fn until(self, expires_at: Option<Timestamp>) -> Self {
        Self { expires_at, ..self }
    }
}

/// How much life a token must have left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LifeWanted {
    /// So much time.
    Span(SignedDuration),
    /// This share of the life it was given, in percent.
    Percent(f64),
}

/// Which merchants are looked at.
#[derive(Clone, Debug, Default)]
pub enum CheckedMerchants {
    /// Those whose authorization stands and can be used.
    #[default]
    Active,
    /// Every one that the store knows.
    All,
    /// These, whatever became of them.
    Named(Vec<String>),
}

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Life that the component token, and the tokens of merchants named, must have left.
    pub life: Option<LifeWanted>,
    /// What every merchant must have granted.
    pub asked: AskedSets,
    /// Which merchants.
    pub merchants: CheckedMerchants,
    /// An authorization that ended at or after this moment fails.
    pub since: Option<Timestamp>,
    /// Whether WeChat's list is read too.
    pub online: bool,
}

/// How many checks came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// As they should be.
    pub pass: u64,
    /// Worth a look.
    pub warn: u64,
    /// Failed.
    pub fail: u64,
    /// Not told.
    pub unknown: u64,
}

impl Tally {
    /// Counts one.
    pub fn count(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Pass => &mut self.pass,
            Outcome::Warn => &mut self.warn,
            Outcome::Fail => &mut self.fail,
            Outcome::Unknown => &mut self.unknown,
        } += 1;
    }

    /// How many came out like this.
    #[must_use]
    pub const fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::Warn => self.warn,
            Outcome::Fail => self.fail,
            Outcome::Unknown => self.unknown,
        }
    }
}

/// What the platform itself has to work with.
#[derive(Clone, Debug)]
pub(super) struct Means<'a> {
    /// The newest ticket.
    pub(super) ticket: Option<&'a TicketStatus>,
    /// The stored component token.
    pub(super) token: Option<&'a StoredToken>,
    /// What a backend's keys hold.
    pub(super) lent: Option<&'a LentStatus>,
    /// The present moment.
    pub(super) now: Timestamp,
}

impl Means<'_> {
    /// When the stored component token ends for certain.
    pub(super) fn token_end(&self) -> Option<Timestamp> {
        match self.lent {
            Some(lent) => lent.expires_at(),
            None => self.token.and_then(|token| certain_end(token, self.now)),
        }
    }

    pub(super) fn token_lives(&self) -> bool {
        self.token_end()
            .is_some_and(|end| end > self.now + LEAST_LIFE)
    }

    pub(super) fn ticket_lives(&self) -> bool {
        self.ticket
            .is_some_and(|ticket| ticket.expires_at > self.now)
    }

    /// When the newest ticket expires, where that is known.
    fn ticket_end(&self) -> Option<Timestamp> {
        let ticket = self.ticket.filter(|ticket| ticket.age(self.now).is_some());
        ticket.map(|ticket| ticket.expires_at)
    }
}

impl Platform {
    /// The ticket and the component token: what everything else hangs on. Nothing is called.
    #[must_use]
    pub fn judge_means(&self, status: &Status, life: Option<LifeWanted>) -> [Verdict; 2] {
        let means = Means {
            ticket: status.ticket.as_ref(),
            token: status.component_token.as_ref(),
            lent: status.lent.as_ref(),
            now: self.clock().now(),
        };
        [
            self.judge_ticket(&means).until(means.ticket_end()),
            self.judge_component_token(&means, life)
                .until(means.token_end()),
        ]
    }

    /// Whether stored times lie in the future. Nothing is called.
    #[must_use]
    pub fn judge_clock(&self, status: &Status) -> Verdict {
        let (outcome, finding) = match status.clock_fault(self.clock().now()) {
            None => (Outcome::Pass, Finding::ClockAgrees),
            Some(fault) => (Outcome::Warn, Finding::ClockFault(fault)),
        };
        Verdict::platform("clock", outcome, finding)
    }

    fn judge_ticket(&self, means: &Means<'_>) -> Verdict {
        let told = |outcome, finding| Verdict::platform("ticket", outcome, finding);
        // Who mints in a backend's place needs the ticket that it keeps, or one of our own.
        let theirs = match &self.options().mint {
            MintPolicy::Wxauth => false,
            MintPolicy::Never { .. } => true,
            MintPolicy::Shared { backend } => backend.layout().keeps_tickets(),
        };
        if theirs {
            return told(Outcome::Pass, Finding::TicketElsewhere);
        }
        let age = means.ticket.and_then(|ticket| ticket.age(means.now));
        if let Some(ticket) = means.ticket.filter(|_| age.is_none()) {
            let ahead = ticket.received_at.duration_since(means.now);
            return told(Outcome::Warn, Finding::TicketAhead(ahead));
        }
        match age {
            Some(age) if means.ticket_lives() && age > TICKET_LATE => {
                told(Outcome::Warn, Finding::TicketLate(age))
            }
            Some(age) if means.ticket_lives() => told(Outcome::Pass, Finding::TicketFresh(age)),
            _ if self.options().credentials.ticket.is_program() => {
                told(Outcome::Unknown, Finding::TicketByProgram)
            }
            _ if means.token_lives() => told(Outcome::Warn, Finding::TicketGone(age)),
            _ => told(Outcome::Fail, Finding::NothingLives(age)),
        }
    }

    fn judge_component_token(&self, means: &Means<'_>, life: Option<LifeWanted>) -> Verdict {
        let told = |outcome, finding| Verdict::platform("component_token", outcome, finding);
        match &self.options().mint {
            mint if mint.is_without_lender() => return told(Outcome::Fail, Finding::NobodyLends),
            mint if means.lent.is_some() => return judge_lent(mint, means, life),
            // What the program would print is not known before it runs, and it is not run here.
            MintPolicy::Never { .. } if life.is_some() => {
                return told(Outcome::Unknown, Finding::TokenBorrowed);
            }
            MintPolicy::Never { .. } => return told(Outcome::Pass, Finding::TokenBorrowed),
            MintPolicy::Wxauth | MintPolicy::Shared { .. } => {}
        }
        if let Some(left) = life.and_then(|life| life_short(means.token, life, means.now)) {
            return told(Outcome::Fail, Finding::LifeShort(left));
        }
        if means.token_lives() {
            return told(Outcome::Pass, Finding::TokenLives);
        }
        let credentials = &self.options().credentials;
        if matches!(credentials.appsecret, SecretSource::Missing) {
            return told(Outcome::Fail, Finding::TokenWithoutSecret);
        }
        if means.ticket_lives() {
            return told(Outcome::Pass, Finding::TokenRenewable);
        }
        if credentials.ticket.is_program() {
            return told(Outcome::Unknown, Finding::TicketByProgram);
        }
        told(Outcome::Fail, Finding::TokenWithoutTicket)
    }

    /// Judges everything asked for; each verdict is shown to `look` at once, and they are not all
    /// in memory together. `None` when the store holds nothing to judge.
    ///
    /// # Errors
    /// When the store fails, or a merchant named is not known.
    pub async fn check(
        &self,
        options: &CheckOptions,
        mut look: impl FnMut(Verdict),
    ) -> Result<Option<Tally>, FlowError> {
        let mut status = self.status().await?;
        let counts = &status.counts;
        let known = counts.active + counts.pending_exchange + counts.revoked;
        let lends = self.options().credentials.ticket.is_program()
            || !matches!(&self.options().mint, MintPolicy::Wxauth)
                && !self.options().mint.is_without_lender();
        if status.ticket.is_none() && status.component_token.is_none() && known == 0 && !lends {
            return Ok(None);
        }
        let mut tally = Tally::default();
        let mut look = |verdict: Verdict| {
            tally.count(verdict.outcome);
            look(verdict);
        };
        let token = status.component_token.as_ref();
        let means = self.judge_means(&status, options.life);
        means.into_iter().for_each(&mut look);
        look(self.judge_clock(&status));
        self.judge_merchants(options, &mut look).await?;
        if options.online && self.judge_list(token, &mut look).await? {
            status.another_holder = Some(self.refused_now(status.another_holder.take()));
        }
        self.judge_holders(&status).into_iter().for_each(&mut look);
        Ok(Some(tally))
    }
}

/// The component token among a backend's keys.
fn judge_lent(mint: &MintPolicy, means: &Means<'_>, life: Option<LifeWanted>) -> Verdict {
    let told = |outcome, finding| Verdict::platform("component_token", outcome, finding);
    let Some(lent) = means.lent else {
        return told(Outcome::Fail, Finding::NobodyLends);
    };
    let layout = lent.layout;
    match &lent.component_token {
        LentToken::There(end) => {
            let left = end.map(|end| end.duration_since(means.now));
            let short = match (life, left) {
                (Some(LifeWanted::Span(span)), Some(left)) => (left < span).then_some(left),
                // The whole life is WeChat's two hours: when it began nobody noted.
                (Some(LifeWanted::Percent(percent)), Some(left)) => {
                    let whole = SignedDuration::from_hours(2).as_secs_f64();
                    (left.as_secs_f64() * 100.0 < percent * whole).then_some(left)
                }
                (Some(_), None) => return told(Outcome::Unknown, Finding::TokenLent(layout)),
                (None, _) => None,
            };
            match short {
                Some(left) => told(Outcome::Fail, Finding::LifeShort(left)),
                None => told(Outcome::Pass, Finding::TokenLent(layout)),
            }
        }
        LentToken::Gap(Gap::Absent { .. } | Gap::Ended { .. }) if mint.sharing().is_some() => {
            told(Outcome::Pass, Finding::TokenMintable(layout))
        }
        LentToken::Gap(gap) => told(Outcome::Fail, Finding::NotLent(layout, gap.clone())),
        LentToken::Failed(error) => told(Outcome::Fail, Finding::LenderFailed(error.clone())),
    }
}
