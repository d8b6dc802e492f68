//! The settings of a platform, read from the configuration of an SDK: `init --from`.
//!
//! Pure: a text goes in, what was found comes out. [`Sheet::read`] recognises the form of a file
//! and reads every value in it with its name and its line; [`Sheet::platforms`] finds the platforms
//! among them by the names that SDKs use, and resolves placeholders from what a [`Lookup`] knows.
//! Every value is held as a secret until its name says that it is none.

mod dotenv;
mod error;
mod form;
mod json;
mod leaf;
mod names;
mod php;
mod placeholder;
mod platforms;
mod properties;
mod redis;
mod sdk;
mod sheet;
mod text;
mod toml;
mod yaml;

pub use error::ImportError;
pub use form::Form;
pub use placeholder::{Lookup, Source, Unresolved};
pub use platforms::{Found, FoundValue, Setting};
pub use redis::RedisPlace;
pub use sdk::Sdk;
pub use sheet::Sheet;
