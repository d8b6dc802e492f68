//! How values lie in columns.

use jiff::Timestamp;
use rusqlite::Row;

use crate::store::StoreError;
use crate::sys::clock::timestamp;
use crate::wechat::id::PermissionSetId;
use crate::wechat::secret::Secret;

use super::Fault;

/// The key id of a secret that is not sealed.
pub(super) const NOT_SEALED: &str = "";

/// The bytes of a secret column.
pub(super) fn bytes(secret: &Secret) -> &[u8] {
    secret.expose().as_bytes()
}

/// A secret from its column pair, the key id at `index` and the bytes after it.
pub(super) fn secret(row: &Row<'_>, index: usize) -> Result<Option<Secret>, Fault> {
    let value = row.get_ref(index + 1)?;
    let Some(bytes) = value.as_blob_or_null().map_err(rusqlite::Error::from)? else {
        return Ok(None);
    };
    let key_id: Option<String> = row.get(index)?;
    match key_id {
        Some(key_id) if key_id != NOT_SEALED => Err(StoreError::Sealed { key_id }.into()),
        _ => Ok(Some(Secret::new(String::from_utf8_lossy(bytes)))),
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
