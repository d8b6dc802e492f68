//! The decisions of the store, each made once: functions of values, which every engine calls inside
//! its own act. None of them reads a clock, a file or a server.

pub(super) mod authorizers;
pub(super) mod events;
pub(super) mod journal;
pub(super) mod launches;
pub(super) mod merge;
pub(super) mod place;
pub(super) mod refusals;
pub(super) mod roster;
pub(super) mod syncs;
pub(super) mod tickets;
pub(super) mod tokens;
pub(super) mod upkeep;
