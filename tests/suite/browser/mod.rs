//! Stories told through a real browser.

#[cfg(feature = "serve")]
mod launch;
mod pages;
mod shop;
