//! Stories told through a real browser.

#[cfg(feature = "serve")]
mod launch;
mod matrix;
mod pages;
mod shop;
