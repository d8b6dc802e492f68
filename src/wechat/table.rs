//! The published tables that are part of the program, packed by its build.

use serde::de::DeserializeOwned;

/// The rows of a packed table. One that cannot be read is caught by the suite; a running program goes
/// on without.
pub(super) fn rows<T: DeserializeOwned>(packed: &[u8]) -> Vec<T> {
    let table = miniz_oxide::inflate::decompress_to_vec(packed).unwrap_or_default();
    serde_json::from_slice(&table).unwrap_or_default()
}
