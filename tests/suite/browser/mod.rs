//! Stories told through a real browser.

mod pages;
mod shop;
