//! Stories told through a real browser.

mod matrix;
mod pages;
mod shop;
