//! How values lie in columns.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::store::encryption::StoredSecret;
use crate::sys::clock::timestamp;
use crate::wechat::id::PermissionSetId;

use super::Fault;

impl FromSql for StoredSecret {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(Self::from_text)
    }
}

impl ToSql for StoredSecret {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.text().into())
    }
}

/// The time at `index`.
pub(super) fn time(row: &Row<'_>, index: usize) -> Result<Option<Timestamp>, Fault> {
    Ok(row.get::<_, Option<i64>>(index)?.map(timestamp))
}

/// A time as its column has it.
pub(super) fn seconds(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_second)
}

/// A count or fence as its column has it.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The same for its column.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Sorted set ids as their column has them.
pub(super) fn permission_text(ids: &[PermissionSetId]) -> String {
    let mut text = String::with_capacity(ids.len() * 3);
    for id in ids {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&id.to_string());
    }
    text
}

/// Set ids from their column.
pub(super) fn permission_ids(text: &str) -> Vec<PermissionSetId> {
    if text.is_empty() {
        return Vec::new();
    }
    let count = text.bytes().filter(|byte| *byte == b',').count() + 1;
    let mut ids = Vec::with_capacity(count);
    ids.extend(
        text.split(',')
            .filter_map(|id| id.parse().ok().map(PermissionSetId)),
    );
    ids
}
