//! Forgetting a platform.

use rusqlite::Connection;

use crate::store::PlatformKey;

use super::{Fault, platform};

pub(super) fn platform(connection: &Connection, key: &PlatformKey) -> Result<(), Fault> {
    let Some(platform) = platform::number(connection, key)? else {
        return Ok(());
    };
    for table in [
        "tickets",
        "tokens",
        "refusals",
        "authorizers",
        "authorizer_details",
        "redeemed_codes",
        "passes",
        "events",
        "message_counts",
        "message_marks",
        "message_memory",
        "messages",
        "launches",
        "journal",
    ] {
        connection.execute(
            &format!("DELETE FROM {table} WHERE platform = ?1"),
            [platform],
        )?;
    }
    Ok(())
}
