//! The merchant's side: confirming on the authorization page, updating, ending.

mod confirm;
mod launch;
mod link;
mod offer;
mod page;
mod people;
mod standing;

pub use confirm::{Authorization, Opened, authorize, choose_account, confirm, open};
pub use launch::{Entry, check_launch};
pub use link::{Link, PAGES};
pub use offer::{Holder, Offer, offers};
pub use page::Declined;
pub use people::{Found, administered, offered, people};
pub use standing::{Update, revoke, update};
