//! The server: pushes received, worked off and passed on.

mod backend;
mod bad_input;
mod events;
mod forward;
mod messages;
pub mod receiver;
mod slow;
