//! What an operator means by a verb: the only room with policy.
//!
//! A [`Platform`] is a third-party platform one can operate: its credentials, its store, WeChat's
//! API and a clock. Its methods are the verbs. They return data and report
//! [`Happening`]s on the way; they never print.
//!
//! | file | verbs |
//! |---|---|
//! | `ticket` | the newest live component_verify_ticket |
//! | `token` | the refresh protocol, for both kinds of token |
//! | `held` | a token in hand, and how long it may be used |
//! | `lend` | tokens that somebody else minted: a program's, or an SDK's in its Redis |
//! | `take_over`, `give` | everything of a platform out of an SDK's keys, and among them |
//! | `shared` | minting in a backend's place, under its lock, written back |
//! | `mint` | one call to WeChat under a lease, and what its failures mean |
//! | `bulk` | many calls: bounded, paced, with progress |
//! | `refresh` | refresh the tokens of one, several or all due merchants |
//! | `link` | pre-auth code to authorization link |
//! | `redeem` | authorization code to merchant |
//! | `observe` | from what WeChat says of a merchant to what the store keeps |
//! | `roster` | the merchants as the store knows them |
//! | `sync` | the merchants as WeChat knows them; `listing` reads the list, `pull` the details |
//! | `option` | a merchant's three options |
//! | `status` | everything at a glance, offline |
//! | `health` | whether it could all work right now: the judgement behind `check` and `status` |
//! | `drift` | whose grant differs from what the platform asks for |
//! | `proposal` | what merchants granted, as a proposal for what to ask for |
//! | `grants` | how a merchant's grant stands towards permission sets |
//! | `matrix` | merchants by permission sets |
//! | `survey` | passes over the whole roster: who granted what |
//! | `inbox` | pushed events: accepted at once, worked off afterwards |
//! | `launch` | links for visitors of the launch page, and what their browsers bring back |
//! | `state` | the signed state that travels along |
//! | `release_check` | what WeChat's full-release check asks to be called |
//! | `probe` | a push sent to a receiver, and its answer judged as WeChat would |
//! | `caller` | whose token a call carries, and one more try with a newer one |
//! | `another_holder` | another program that requests tokens, noticed by WeChat's refusals |
//! | `call` | any call by its path: what is guarded, which token it takes |
//! | `paging` | page after page, in WeChat's styles |
//! | `encryption` | encrypts what is stored, changes its key, decrypts it |
//! | `doctor` | everything examined, line by line: files, network, credentials, pushes |
//! | `diagnosis` | quota and its clears, rid, callback check, addresses |
//! | `wait` | waiting for the merchant who was sent a link |

mod another_holder;
mod bulk;
mod call;
mod caller;
mod clock_fault;
mod diagnosis;
pub mod doctor;
mod drift;
mod encryption;
mod error;
mod give;
pub mod grants;
mod happening;
mod health;
mod held;
mod inbox;
mod launch;
mod lend;
mod link;
mod listing;
mod matrix;
mod mint;
mod observe;
mod option;
mod paging;
mod platform;
mod probe;
mod proposal;
mod pull;
mod redeem;
mod refresh;
mod release_check;
mod roster;
mod shared;
mod state;
mod status;
mod survey;
mod sync;
mod take_over;
mod ticket;
mod token;
mod wait;

pub use another_holder::AnotherHolder;
pub use bulk::{BulkLimits, Failed};
pub use call::{
    CallError, Guarded, TokenFit, guarded, token_fit, token_name, wants_component_appid,
};
pub use caller::Caller;
pub use clock_fault::ClockFault;
pub use diagnosis::{COMPONENT_PATHS, Clear, merchant_paths};
pub use drift::{AskedSets, Drift, Drifts, judge};
pub use encryption::Reencryption;
pub use error::{FlowError, Wanted};
pub use give::{Gave, Locked, NotGiven, TicketStays};
pub use happening::{Happening, Watcher};
pub use health::{
    CheckOptions, CheckedMerchants, EarlyRefusals, Finding, LifeWanted, Outcome, TICKET_LATE,
    Tally, Verdict,
};
pub use held::{Freshness, HeldToken, MARGIN, TokenOrigin};
pub use inbox::{CodeExchange, CodeFate, EventWork};
pub use launch::{LinkPair, OwnIds, Returned};
pub use link::{AuthorizationLink, LinkOptions, LinkRefusal, LinkWarning};
pub use matrix::Matrix;
pub use option::OptionName;
pub use paging::{Fields, NoList, PageStyle, Paging};
pub use platform::{
    Credentials, MintPolicy, Platform, PlatformOptions, ReleaseState, SecretSource,
};
pub use probe::{ANSWER_LIMIT, AnswerProblem, Judged, PROBE, send_push};
pub use proposal::GrantedSets;
pub use redeem::{Exchange, Redeemed, RequiredSets, kind_of};
pub use refresh::{DueTokens, RefreshTargets, Refreshed};
pub use state::{ExternalIdError, LaunchState, OwnId, StateError, StateSigner, check_external_id};
pub use status::{LentStatus, LentToken, Status, TicketStatus};
pub use survey::standing;
pub use sync::{SyncOptions, Synced};
pub use wait::{Arrival, Match, Wait};
