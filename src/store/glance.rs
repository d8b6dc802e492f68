//! A look at the merchants from outside, for who must not wait, make files or fail: completions.

use std::path::{Path, PathBuf};

use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, params};

/// What names a merchant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// The appid.
    pub appid: String,
    /// The `gh_…` id.
    pub user_name: Option<String>,
    /// The name, which comes from strangers.
    pub nick_name: Option<String>,
    /// The operator's own id.
    pub external_id: Option<String>,
}

/// Merchants of which something that names them begins with `start`, at most `limit`; of every
/// platform of `realm` unless one is named. Nothing when the store cannot be read right now.
#[must_use]
pub fn merchants(
    store: &Path,
    realm: &str,
    component_appid: Option<&str>,
    start: &str,
    limit: usize,
) -> Option<Vec<Glimpse>> {
    let connection = open(store)?;
    let mut statement = connection
        .prepare(
            "SELECT a.appid, a.user_name, a.nick_name, a.external_id
             FROM platforms p JOIN authorizers a ON a.platform = p.id
             WHERE p.realm = ?1 AND (?2 IS NULL OR p.component_appid = ?2)
               AND (substr(a.appid, 1, length(?3)) = ?3
                 OR substr(a.user_name, 1, length(?3)) = ?3
                 OR substr(a.nick_name, 1, length(?3)) = ?3
                 OR substr(a.external_id, 1, length(?3)) = ?3)
             ORDER BY a.appid LIMIT ?4",
        )
        .ok()?;
    let values = params![realm, component_appid, start, limit as i64];
    let rows = statement.query_map(values, glimpse).ok()?;
    Some(rows.flatten().collect())
}

fn glimpse(row: &Row<'_>) -> rusqlite::Result<Glimpse> {
    Ok(Glimpse {
        appid: row.get(0)?,
        user_name: row.get(1)?,
        nick_name: row.get(2)?,
        external_id: row.get(3)?,
    })
}

/// Opens the file for reading. Where nobody has it open, SQLite is told that it does not change:
/// otherwise even a reader makes files beside it.
fn open(store: &Path) -> Option<Connection> {
    let beside = |end: &str| {
        let mut path = store.as_os_str().to_owned();
        path.push(end);
        PathBuf::from(path).exists()
    };
    let mut address = String::from("file:");
    for letter in store.to_str()?.chars() {
        match letter {
            '%' | '?' | '#' => address.push_str(&format!("%{:02x}", u32::from(letter))),
            '\\' => address.push('/'),
            letter => address.push(letter),
        }
    }
    address.push_str("?mode=ro");
    if !(beside("-wal") && beside("-shm")) {
        address.push_str("&immutable=1");
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(address, flags).ok()?;
    // A person waits at the shell: no words are better than late ones.
    connection.busy_timeout(Duration::from_millis(50)).ok()?;
    Some(connection)
}
