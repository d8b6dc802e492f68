//! Rows as records.

use rusqlite::Row as Found;
use serde_json::Value as Json;

use crate::store::record::{
    Code, Count, Event, Launch, Message, Pass, Record, RecordKind, Row, Ticket, Token,
};
use crate::wechat::id::PermissionSetId;

use super::super::{Fault, Session, columns, journal};

/// Where the records of a kind lie.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What they are paged by; unique within a platform.
    pub(super) place: &'static str,
    pub(super) by_number: bool,
    /// What is read of each, after the place.
    pub(super) columns: &'static str,
    pub(super) join: &'static str,
    /// Which rows are records at all.
    pub(super) condition: &'static str,
}

impl Table {
    pub(super) fn of(kind: RecordKind) -> Self {
        let by_name = |name, place, columns| Self {
            name,
            place,
            by_number: false,
            columns,
            join: "",
            condition: "1",
        };
        let by_number = |name, columns| Self {
            by_number: true,
            ..by_name(name, "id", columns)
        };
        match kind {
            // In the order of arrival, which the other store is to keep.
            RecordKind::Tickets => by_number(
                "tickets",
                "fingerprint, received_at, source, value_key, value",
            ),
            RecordKind::Tokens => Self {
                // A row that holds a lease only is no record.
                condition: "(access IS NOT NULL OR refresh IS NOT NULL)",
                ..by_name(
                    "tokens",
                    "owner",
                    "access_key, access, refresh_key, refresh, refresh_as_of, issued_at,
                        expires_at, generation, intent_at, used_at, lifetime",
                )
            },
            RecordKind::Authorizers => Self {
                join: "LEFT JOIN authorizer_details USING (platform, appid)",
                ..by_name(
                    "authorizers",
                    "appid",
                    "user_name, nick_name, external_id, kind, principal_name, status,
                        account_status, authorized_at, permission_ids, pending_ids, synced_at,
                        revoked_at, revoked_source, as_of, authorizer_details.json,
                        claimed_external_id",
                )
            },
            RecordKind::RedeemedCodes => {
                by_name("redeemed_codes", "fingerprint", "appid, redeemed_at")
            }
            RecordKind::Syncs => Self {
                condition: "finished_at IS NOT NULL",
                ..by_number("passes", "started_at, finished_at, ifnull(total, 0)")
            },
            RecordKind::Journal => {
                by_number("journal", "at, who, host, command, appid, what, detail")
            }
            RecordKind::Events => by_number(
                "events",
                "fingerprint, received_at, created_at, info_type, appid, fields, outcome, detail,
                    finished_at, repeats, code_key, code, code_expires_at,
                    pre_auth_code_fingerprint, forward, forward_detail, forward_after,
                    forward_payload, forward_early",
            ),
            RecordKind::MessageCounts => by_name(
                "message_counts",
                "account || ' ' || what",
                "account, what, count, last_at",
            ),
            RecordKind::Messages => by_number("messages", "received_at, account, what, body"),
            RecordKind::Launches => by_name(
                "launches",
                "pre_auth_code_fingerprint",
                "made_at, expires_at, external_id, only_appid, permission_ids, source, state, appid,
                    claimed_external_id",
            ),
        }
    }

    /// Reads the records of platform ?1, narrowed further by `and`.
    pub(super) fn select(&self, and: &str, limit: usize) -> String {
        format!(
            "SELECT {}, {} FROM {} {} WHERE {}.platform = ?1 AND {} {and} ORDER BY {} LIMIT {limit}",
            self.place,
            self.columns,
            self.name,
            self.join,
            self.name,
            self.condition,
            self.order(),
        )
    }

    /// In what order they are read; of the passes the last one counts.
    fn order(&self) -> &'static str {
        match self.name {
            "passes" => "id DESC",
            _ => self.place,
        }
    }
}

/// A record from a table's place and columns.
pub(super) fn read(session: &Session, kind: RecordKind, row: &Found<'_>) -> Result<Record, Fault> {
    let json = |index| -> Result<Json, Fault> {
        let text: Option<String> = row.get(index)?;
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    };
    let sets = |index| -> Result<Vec<PermissionSetId>, Fault> {
        let text: String = row.get(index)?;
        Ok(columns::permission_ids(&text))
    };
    Ok(match kind {
        RecordKind::Tickets => Record::Ticket(Ticket {
            fingerprint: row.get(1)?,
            received_at: row.get(2)?,
            source: row.get(3)?,
            value: session.secret(row, 4)?,
        }),
        RecordKind::Tokens => Record::Token(Token {
            owner: row.get(0)?,
            access: session.secret(row, 1)?,
            refresh: session.secret(row, 3)?,
            refresh_as_of: row.get(5)?,
            issued_at: row.get(6)?,
            expires_at: row.get(7)?,
            generation: row.get(8)?,
            unsettled_since: row.get(9)?,
            used_at: row.get(10)?,
            lifetime: row.get(11)?,
        }),
        RecordKind::Authorizers => Record::Authorizer(Box::new(Row {
            appid: row.get(0)?,
            user_name: row.get(1)?,
            nick_name: row.get(2)?,
            external_id: row.get(3)?,
            account_kind: row.get(4)?,
            principal_name: row.get(5)?,
            status: row.get(6)?,
            account_status: row.get(7)?,
            authorized_at: row.get(8)?,
            permission_ids: sets(9)?,
            pending_ids: sets(10)?,
            synced_at: row.get(11)?,
            revoked_at: row.get(12)?,
            revoked_source: row.get(13)?,
            as_of: row.get(14)?,
            details: row.get(15)?,
            claimed_external_id: row.get(16)?,
        })),
        RecordKind::RedeemedCodes => Record::RedeemedCode(Code {
            fingerprint: row.get(0)?,
            appid: row.get(1)?,
            redeemed_at: row.get(2)?,
        }),
        RecordKind::Syncs => Record::Sync(Pass {
            started_at: row.get(1)?,
            finished_at: row.get(2)?,
            total: row.get(3)?,
        }),
        RecordKind::Journal => Record::Journal(journal::entry(row)?),
        RecordKind::Events => Record::Event(Box::new(Event {
            fingerprint: row.get(1)?,
            received_at: row.get(2)?,
            created_at: row.get(3)?,
            info_type: row.get(4)?,
            appid: row.get(5)?,
            fields: json(6)?,
            outcome: row.get(7)?,
            detail: json(8)?,
            finished_at: row.get(9)?,
            repeats: row.get(10)?,
            code: session.secret(row, 11)?,
            code_expires_at: row.get(13)?,
            pre_auth_code_fingerprint: row.get(14)?,
            forward: row.get(15)?,
            forward_detail: row.get(16)?,
            forward_after: row.get(17)?,
            forward_payload: session.read_text(row, 18)?,
            forward_early: row.get(19)?,
        })),
        RecordKind::MessageCounts => Record::MessageCount(Count {
            account: row.get(1)?,
            what: row.get(2)?,
            count: row.get(3)?,
            last_at: row.get(4)?,
        }),
        RecordKind::Messages => Record::Message(Message {
            received_at: row.get(1)?,
            account: row.get(2)?,
            what: row.get(3)?,
            body: row.get(4)?,
        }),
        RecordKind::Launches => Record::Launch(Launch {
            pre_auth_code_fingerprint: row.get(0)?,
            made_at: row.get(1)?,
            expires_at: row.get(2)?,
            external_id: row.get(3)?,
            only: row.get(4)?,
            permission_ids: sets(5)?,
            source: row.get(6)?,
            state: row.get(7)?,
            appid: row.get(8)?,
            claimed_external_id: row.get(9)?,
        }),
    })
}
