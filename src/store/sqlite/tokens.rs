//! What calls need of stored tokens.

use rusqlite::Row;

use crate::store::record::Token;

use super::Fault;

/// The columns that [`read`] takes, from its index on.
pub(super) const COLUMNS: &str =
    "access, refresh, expires_at, issued_at, generation, intent_at, lifetime";
/// The place of `intent_at` among them.
pub(super) const INTENT_AT: usize = 5;

/// A token from [`COLUMNS`] beginning at `index`.
pub(super) fn read(row: &Row<'_>, index: usize, owner: &str) -> Result<Token, Fault> {
    Ok(Token {
        owner: owner.to_owned(),
        access: row.get(index)?,
        refresh: row.get(index + 1)?,
        expires_at: row.get(index + 2)?,
        issued_at: row.get(index + 3)?,
        generation: row.get(index + 4)?,
        unsettled_since: row.get(index + INTENT_AT)?,
        lifetime: row.get(index + 6)?,
        ..Token::default()
    })
}
