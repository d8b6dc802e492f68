//! The merchant's side: confirming on the authorization page, updating, ending.

mod confirm;
mod link;
mod page;
mod standing;

pub use confirm::authorize;
pub use page::Declined;
pub use standing::{revoke, update};
