//! A platform examined line by line: what is wrong, and with what.
//!
//! `files` looks at files and mends their permissions, `facts` asks (the store, the operator's own
//! programs, WeChat), `network` and `judging` make a line of each fact. Every line always comes; one
//! that cannot be told because another failed says so and is not counted as failed.

mod facts;
pub mod files;
mod judging;
mod network;
mod pushes;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::api::ApiError;
use crate::store::StoreLocation;
use crate::store::layouts::Layout;
use crate::store::risk::StoreRisk;
use crate::sys::http::{HttpOptions, ProxyInUse};
use crate::wechat::crypto::KeyError;
use crate::wechat::link::RedirectProblem;
use crate::wechat::push::KeyUsed;
use crate::wechat::secret::Secret;

use facts::Facts;

use super::{AnswerProblem, ClockFault, FlowError, Outcome, Platform, SecretSource};

/// At this age nobody may wait any longer: ten hours are left to find out why.
pub const TICKET_ALARM: SignedDuration = SignedDuration::from_hours(2);
/// A clock that is off by more than this is worth a look: it is what is taken off every life.
pub const SKEW_SEEN: SignedDuration = SignedDuration::from_secs(60);
/// A clock that is off by more than this makes dead tokens look alive.
pub const SKEW_HARMFUL: SignedDuration = SignedDuration::from_mins(5);

macro_rules! lines {
    ($($(#[$doc:meta])* $name:ident => $text:literal),+ $(,)?) => {
        /// What is examined, in the order it is shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Line { $($(#[$doc])* $name),+ }

        impl Line {
            /// Every line.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name for programs and people.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

lines! {
    /// The configuration folder and the file of profiles.
    Config => "config",
    /// The file of secrets.
    Credentials => "credentials",
    /// The store: its files, and that it opens.
    Store => "store",
    /// Whether secrets in the store are encrypted, and can be decrypted.
    Encryption => "encryption",
    /// The proxy, if one is used.
    Proxy => "proxy",
    /// The name of the API's host.
    Dns => "dns",
    /// A connection to WeChat, and that it is WeChat who answers.
    Connection => "connection",
    /// Trust in what answers.
    Tls => "tls",
    /// The clock against WeChat's.
    Clock => "clock",
    /// The address calls come from, against the platform's list.
    CallerAddress => "caller_address",
    /// The appsecret.
    Appsecret => "appsecret",
    /// The age of the newest ticket.
    Ticket => "ticket",
    /// Whether WeChat pushes tickets.
    TicketPushes => "ticket_pushes",
    /// Whether WeChat takes the component token.
    ComponentToken => "component_token",
    /// Whether the list of accounts can be read.
    AccountList => "account_list",
    /// The merchants' refresh tokens.
    RefreshTokens => "refresh_tokens",
    /// Where links send merchants back to.
    RedirectUri => "redirect_uri",
    /// The launch domain against the redirect address.
    LaunchDomain => "launch_domain",
    /// The Token that signs pushes.
    PushToken => "push_token",
    /// The keys that encrypt pushes.
    EncodingAesKey => "encoding_aes_key",
    /// The receiver of pushes.
    Receiver => "receiver",
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Finding {
    /// It depends on another line, which is not well.
    Because(Line),
    /// It takes an effect on WeChat, which is for `--active`.
    NeedsActive,
    /// There is no such file: nothing can be wrong with it.
    NoFile,
    /// Nobody but the owner can get at it.
    Private,
    /// Others can get at these, by these permission bits.
    OpenToOthers(Vec<(PathBuf, u32)>),
    /// Others could get at these; their modes were this and are mended.
    Mended(Vec<(PathBuf, u32)>),
    /// A file cannot be looked at, or not mended.
    FileTrouble(PathBuf, String),
    /// The store is in memory: it ends with the command.
    InMemory,
    /// The store is a Redis, and it answers.
    InRedis,
    /// The store answers, and may lose what it holds.
    AtRisk(Vec<StoreRisk>),
    /// The store opened, and cannot be read.
    StoreFails(Arc<FlowError>),
    /// The store does not open.
    StoreBroken(String),
    /// All secrets in the store are encrypted with this key, the current one.
    Encrypted(String),
    /// The current key, and how many secrets are not encrypted with it.
    PartlyEncrypted(String, u64),
    /// A run that encrypts or decrypts the secrets began and did not end yet: plain text is read.
    EncryptionRun,
    /// Secrets are stored in plain text.
    PlainText,
    /// Secrets are stored in plain text where other machines can read them.
    PlainTextInRedis,
    /// Secrets in the store are encrypted with this key, which is not set here.
    KeyNotSet(String),
    /// No proxy is used.
    NoProxy,
    /// This proxy is used.
    Proxied(ProxyInUse),
    /// This proxy does not pass the calls on.
    ProxyFails(ProxyInUse, String),
    /// The base names an address, or the proxy looks names up.
    NoLookup,
    /// The name has an address.
    Resolves,
    /// The name has none.
    NotResolved(String),
    /// WeChat answers.
    Answers,
    /// No connection.
    NoConnection(String),
    /// Something answers, and it is not WeChat.
    NotWechat(ApiError),
    /// The connection is not encrypted, and need not be on this machine.
    NotEncrypted,
    /// The certificate is trusted.
    Trusted,
    /// It is not.
    NotTrusted(String),
    /// How far our clock is ahead of WeChat's.
    Skew(SignedDuration),
    /// Stored times lie in the future, though the clock may be right by now.
    ClockFault(ClockFault),
    /// The answer had no date.
    NoDate,
    /// The address is in the list, or there is no list.
    AddressTaken,
    /// 61004: the addresses that WeChat saw.
    AddressNotListed(Vec<String>),
    /// It is of the right shape.
    WellShaped,
    /// It is known, and others need it, not we.
    NotNeeded,
    /// It is not known.
    Missing,
    /// It is not of the right shape; how long it is.
    Misshapen(usize),
    /// The settings have a value that cannot be used.
    Invalid,
    /// It could not be had: the operator's program did not print it, or the backend's keys do not
    /// give it.
    NotHad(Arc<FlowError>),
    /// WeChat refused it, or the call that would tell.
    Refused(ApiError),
    /// A ticket of this age, with a life of twelve hours.
    TicketAge(SignedDuration),
    /// The newest ticket was stored with a time that lies so far in the future.
    TicketAhead(SignedDuration),
    /// The ticket is past its twelve hours.
    TicketDead(SignedDuration),
    /// A program prints the ticket when it is needed.
    TicketByProgram,
    /// Somebody else mints: tickets are theirs.
    Elsewhere,
    /// Tickets are pushed.
    PushesRun,
    /// They had stopped, and run again from now on.
    PushesRestarted,
    /// WeChat takes the token; its end where known, whether it was minted just now.
    TokenTaken(Option<Timestamp>, bool),
    /// WeChat takes a borrowed token.
    BorrowedTaken(Option<Layout>),
    /// No program gives the token that would have to be borrowed.
    NobodyLends,
    /// By our books the token lives, and it is not the newest any more: somebody else mints.
    NotNewest,
    /// The borrowed token is refused.
    BorrowedRefused(ApiError, Option<Layout>),
    /// By our books the token lives, and WeChat calls it dead.
    DeadEarly(ApiError),
    /// Another process holds the token's lease.
    LeaseHeld(String),
    /// How many accounts WeChat lists.
    Listed(u64),
    /// How many merchants have their refresh token.
    AllHaveRefreshTokens(u64),
    /// So many active merchants have no refresh token.
    NoRefreshToken(u64),
    /// So many codes were never exchanged.
    PendingExchange(u64),
    /// WeChat lists so many accounts, and the store holds none.
    NeverSynced(u64),
    /// The address is good.
    RedirectGood,
    /// The address cannot work.
    Redirect(RedirectProblem),
    /// It is the redirect address's host.
    SameHost(String),
    /// It is no key.
    BadKey(KeyUsed, KeyError),
    /// Nobody said where the receiver is; where it may be.
    NoReceiver(Option<Url>),
    /// It answered as it must, in this time.
    ReceiverGood(std::time::Duration),
    /// What is wrong with its answer.
    ReceiverAnswers(Vec<AnswerProblem>),
}

/// One line.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// What was looked at.
    pub line: Line,
    /// A path, a host or an address it is about.
    pub target: Option<String>,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found.
    pub finding: Finding,
}

impl Diagnosis {
    /// A line about nothing in particular.
    #[must_use]
    pub const fn new(line: Line, outcome: Outcome, finding: Finding) -> Self {
        Self {
            line,
            target: None,
            outcome,
            finding,
        }
    }

    /// A line that depends on one that is not well.
    const fn because(line: Line, of: Line) -> Self {
        Self::new(line, Outcome::Unknown, Finding::Because(of))
    }

    /// The same line about this.
    #[must_use]
    pub fn about(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }
}

/// What the settings say that a [`Platform`] does not hold, and what may be done.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Whether pushes may be started and a component token minted.
    pub active: bool,
    /// The lines of the files, made before the store was opened.
    pub files: Vec<Diagnosis>,
    /// The lines of values of the settings that cannot be used and are left out here.
    pub invalid: Vec<Line>,
    /// The proxy that calls go through.
    pub proxy: Option<ProxyInUse>,
    /// Where links send merchants back to, as written.
    pub redirect_uri: Option<String>,
    /// The launch domain.
    pub launch_domain: Option<String>,
    /// The Token that signs pushes.
    pub push_token: Option<Secret>,
    /// The EncodingAESKey.
    pub encoding_aes_key: SecretSource,
    /// The one before.
    pub encoding_aes_key_previous: Option<Secret>,
    /// Where pushes are received.
    pub receiver: Option<Url>,
    /// How that is called.
    pub http: HttpOptions,
}

impl Examination {
    /// Whether the store could not be opened, so that an empty one stands in for it.
    fn is_without_store(&self) -> bool {
        self.files
            .iter()
            .any(|file| matches!(file.finding, Finding::StoreBroken(_)))
    }
}

impl Platform {
    /// Examines everything; the lines in the order of [`Line::ALL`].
    ///
    /// Asks WeChat without leaving anything behind there: a call without a token, and the first
    /// account of the list with a token that is there. With [`Examination::active`] it also starts
    /// the pushes of tickets, and mints a component token when none lives; never while the store
    /// does not open, for what was minted then would be lost.
    ///
    /// # Errors
    /// [`FlowError::Broken`] when no HTTP client can be built for the receiver.
    pub async fn examine(&self, examination: &Examination) -> Result<Vec<Diagnosis>, FlowError> {
        let facts = self.facts(examination).await;
        let mut found = match &facts.store_broken {
            None => examination.files.clone(),
            Some(why) => {
                let mut files = examination.files.clone();
                files.retain(|file| file.line != Line::Store);
                let broken = Finding::StoreFails(Arc::clone(why));
                files.push(Diagnosis::new(Line::Store, Outcome::Fail, broken));
                files
            }
        };
        if let Some(store) = found.iter_mut().find(|file| file.line == Line::Store)
            && !facts.risks.is_empty()
        {
            store.outcome = Outcome::Warn;
            store.finding = Finding::AtRisk(facts.risks.clone());
        }
        found.push(self.encryption_line(&facts, examination));
        let (base, now) = (self.api().base(), self.clock().now());
        found.extend(network::lines(&facts, examination, base, now));
        found.extend(judging::lines(self, &facts, examination));
        found.extend(pushes::lines(self, examination).await?);
        for line in &examination.invalid {
            found.retain(|diagnosis| diagnosis.line != *line);
            found.push(Diagnosis::new(*line, Outcome::Fail, Finding::Invalid));
        }
        found.sort_by_key(|diagnosis| diagnosis.line);
        Ok(found)
    }

    fn encryption_line(&self, facts: &Facts, examination: &Examination) -> Diagnosis {
        let told = |outcome, finding| Diagnosis::new(Line::Encryption, outcome, finding);
        if let Some(key_id) = &facts.key_not_set {
            return told(Outcome::Fail, Finding::KeyNotSet(key_id.clone()));
        }
        if facts.store_broken.is_some() || examination.is_without_store() {
            return Diagnosis::because(Line::Encryption, Line::Store);
        }
        match (self.store().encryption_key_id(), self.store().location()) {
            (Some(key_id), _) => match (facts.in_plain_text, facts.not_under(&key_id)) {
                (Some(count), _) => told(Outcome::Fail, Finding::PartlyEncrypted(key_id, count)),
                (None, _) if facts.encryption_run => told(Outcome::Warn, Finding::EncryptionRun),
                (None, 0) => told(Outcome::Pass, Finding::Encrypted(key_id)),
                (None, others) => told(Outcome::Warn, Finding::PartlyEncrypted(key_id, others)),
            },
            (None, StoreLocation::Redis(_)) => told(Outcome::Warn, Finding::PlainTextInRedis),
            (None, _) => told(Outcome::Pass, Finding::PlainText),
        }
    }
}
