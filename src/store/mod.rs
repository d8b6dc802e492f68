//! The durable state of platforms: tickets, tokens with their leases, the roster of authorizers,
//! events, messages, launches, the journal.
//!
//! [`Store`] offers atomic acts, not rows: each either happened as a whole or not at all, and none
//! keeps a transaction open for its caller. SQLite and memory obey one contract. Records are keyed
//! by [`PlatformKey`]; lists page by appid. The types of an act stand beside it (`tickets`,
//! `tokens`, `leases`, …) and what it decides in `ops`. Most acts are a transaction of the `engine` on
//! the records that they name; what needs the engine's own time, order or indexes (leases, claims,
//! pages) is a method of the same name in `sqlite` and `redis`.

mod backend;
mod encryption;
mod engine;
mod error;
mod event_work;
mod events;
pub mod glance;
mod handle;
mod journal;
mod launches;
mod layouts;
mod leases;
mod messages;
mod migration;
mod observations;
mod ops;
mod passes;
mod place;
mod record;
mod records;
#[cfg(feature = "redis")]
mod redis;
mod reencryption;
mod refusals;
mod risk;
mod roster;
pub mod search;
mod sqlite;
mod test_write;
mod tickets;
mod tokens;
mod transfer;
mod validity;
mod words;

pub use backend::{
    Backend, BackendError, BackendLock, Given, Known as KnownToUs, Lent,
    Minted as MintedForBackend, Offer, WriteBack,
};
#[cfg(feature = "redis")]
pub use backend::{Spotted, Standing, Survey};
pub use encryption::{EncryptionKey, Keyring, WrongEncryptionKey};
pub use error::StoreError;
pub use events::{Accepted, EventFilter, EventOutcome, EventRecord, ForwardState, NewEvent};
pub use handle::{Store, StoreOptions};
pub use journal::{JournalEntry, JournalFilter, JournalKind};
pub use launches::{Launch, LaunchSource};
pub use layouts::{Gap, Layout, Slot, Unreadable};
pub use leases::{Claim, Due, Lease, LeaseAttempt, OpenIntent};
pub use messages::{
    MessageCount, MessageFilter, MessageMark, MessageOutcome, MessageRecord, NewMessage,
};
pub use migration::{Migration, Step};
pub use observations::{Change, ChangeKind, ChangeSource, Listed, Observation, Profile};
pub use passes::SyncRun;
pub use place::{Holder, PlatformKey, StoreInfo, StoreLocation};
#[cfg(feature = "redis")]
pub use redis::RedisFacts;
pub use reencryption::{EncryptionCursor, EncryptionTarget, Reencrypted, SecretCount};
pub use refusals::Refusals;
pub use risk::StoreRisk;
pub use roster::{AccountStatus, AuthorizationStatus, Authorizer, Counts, Known, RosterFilter};
pub use tickets::{TicketRecord, TicketSource};
pub use tokens::{Commit, NewToken, StoredToken, TokenOwner};
pub use transfer::{
    Carried, Content, EncryptionState, Export, Holding, ITERATIONS, Import, ImportFile, Input,
    Protection, RecordKind, Source, Taken, Tally, TransferError,
};
pub use validity::{
    PUSH_WINDOW, TICKET_LIFE, TOLERANCE, is_ahead, is_token_ahead, is_within, push_time,
};
