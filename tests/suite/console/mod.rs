//! What a person or a pipe sees.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "clippy's own exception covers test functions but not what they share"
)]

mod colour;
mod delimited;
mod folded;
mod lists;
mod merchant;
mod messages;
mod pictures;
pub mod scanner;
mod single;
mod tables;
pub mod terminal_codes;
mod text;
mod times;
mod wrapping;
