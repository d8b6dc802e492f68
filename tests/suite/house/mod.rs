//! The rules of the house, held over the sources, the examples and the README.

mod arrows;
mod bans;
mod crates;
mod documents;
#[cfg(feature = "sandbox")]
mod examples;
mod files;
mod fuzz;
mod help;
mod languages;
#[cfg(feature = "sandbox")]
mod readme;
mod sources;
#[cfg(feature = "sandbox")]
mod workflows;
