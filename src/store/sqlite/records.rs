//! Records of every kind as rows, and the statements that read and write them.

use std::sync::LazyLock;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{OptionalExtension, Row, ToSql, params_from_iter};
use serde_json::{Map, Value as Json};

use crate::store::record::{Entry, Record, RecordKind, Token};
use crate::store::transfer::{PAGE, Page};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::ComponentAppid;

use super::{Database, Fault, Session, columns, tickets};

impl Database {
    pub(in crate::store) async fn platforms(&self) -> Result<Vec<PlatformKey>, StoreError> {
        self.read(platforms).await
    }

    pub(in crate::store) async fn census(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(RecordKind, u64)>, StoreError> {
        self.read_of(key, census).await
    }

    pub(in crate::store) async fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        self.read_of(key, move |session, platform| {
            page(session, platform, kind, after.as_deref())
        })
        .await
    }

    pub(in crate::store) async fn secret_counts(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(Option<String>, u64)>, StoreError> {
        self.read_of(key, secret_counts).await
    }
}

/// How the value of a field is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number or a text.
    Direct,
    /// 0 or 1.
    Flag,
    /// JSON as text; null is absent.
    Json,
    /// Permission sets: sorted numbers with commas between.
    Sets,
    /// A [`StoredSecret`](crate::store::encryption::StoredSecret).
    Secret,
}

use Form::{Direct, Flag, Json as Nested, Secret, Sets};

/// A field of a record, its column and its form.
type FieldColumn = (&'static str, &'static str, Form);

/// Where the records of a kind are.
struct Table {
    name: &'static str,
    /// What they are paged by; unique within a platform.
    place: &'static str,
    by_number: bool,
    /// What tells one from the others of its platform; nothing for a log.
    key: &'static [&'static str],
    join: &'static str,
    /// Which rows are records at all.
    condition: &'static str,
    fields: &'static [FieldColumn],
}

impl Table {
    fn of(kind: RecordKind) -> &'static Self {
        match kind {
            // In the order of arrival, which the other store is to keep.
            RecordKind::Tickets => &TICKETS,
            RecordKind::Tokens => &TOKENS,
            RecordKind::Authorizers => &AUTHORIZERS,
            RecordKind::RedeemedCodes => &REDEEMED_CODES,
            RecordKind::Syncs => &PASSES,
            RecordKind::Journal => &JOURNAL,
            RecordKind::Events => &EVENTS,
            RecordKind::MessageCounts => &MESSAGE_COUNTS,
            RecordKind::Messages => &MESSAGES,
            RecordKind::Launches => &LAUNCHES,
        }
    }

    /// In what order its rows are read: of the passes the last one counts.
    fn order(&self) -> &'static str {
        match self.name {
            "passes" => "id DESC",
            _ => self.place,
        }
    }

    /// Writes all fields, after the platform; what has the same key is replaced. Columns of no field
    /// stay as they are.
    fn upsert(&self) -> String {
        let columns: Vec<&str> = self.fields.iter().map(|(_, column, _)| *column).collect();
        let places: Vec<String> = (2..columns.len() + 2).map(|at| format!("?{at}")).collect();
        let mut statement = format!(
            "INSERT INTO {} (platform, {}) VALUES (?1, {})",
            self.name,
            columns.join(", "),
            places.join(", ")
        );
        if !self.key.is_empty() {
            let others = columns.iter().filter(|column| !self.key.contains(column));
            let others: Vec<String> = others
                .map(|column| format!("{column} = excluded.{column}"))
                .collect();
            statement += &format!(
                " ON CONFLICT (platform, {}) DO UPDATE SET {}",
                self.key.join(", "),
                others.join(", ")
            );
        }
        if self.by_number {
            statement += " RETURNING id";
        }
        statement
    }
}

const BY_NAME: Table = Table {
    name: "",
    place: "",
    by_number: false,
    key: &[],
    join: "",
    condition: "1",
    fields: &[],
};

const BY_NUMBER: Table = Table {
    place: "id",
    by_number: true,
    ..BY_NAME
};

static TICKETS: Table = Table {
    name: "tickets",
    key: &["fingerprint"],
    fields: &[
        ("fingerprint", "fingerprint", Direct),
        ("received_at", "received_at", Direct),
        ("source", "source", Direct),
        ("value", "value", Secret),
    ],
    ..BY_NUMBER
};

static TOKENS: Table = Table {
    name: "tokens",
    place: "owner",
    // A row that has a lease only is no record.
    condition: "(access IS NOT NULL OR refresh IS NOT NULL)",
    key: &["owner"],
    fields: &[
        ("owner", "owner", Direct),
        ("access", "access", Secret),
        ("refresh", "refresh", Secret),
        ("refresh_as_of", "refresh_as_of", Direct),
        ("issued_at", "issued_at", Direct),
        ("lifetime", "lifetime", Direct),
        ("expires_at", "expires_at", Direct),
        ("generation", "generation", Direct),
        ("unsettled_since", "intent_at", Direct),
        ("used_at", "used_at", Direct),
    ],
    ..BY_NAME
};

static AUTHORIZERS: Table = Table {
    name: "authorizers",
    place: "appid",
    join: "LEFT JOIN authorizer_details USING (platform, appid)",
    key: &["appid"],
    fields: &[
        ("appid", "appid", Direct),
        ("user_name", "user_name", Direct),
        ("nick_name", "nick_name", Direct),
        ("external_id", "external_id", Direct),
        ("claimed_external_id", "claimed_external_id", Direct),
        ("account_kind", "kind", Direct),
        ("principal_name", "principal_name", Direct),
        ("status", "status", Direct),
        ("account_status", "account_status", Direct),
        ("authorized_at", "authorized_at", Direct),
        ("permission_ids", "permission_ids", Sets),
        ("pending_ids", "pending_ids", Sets),
        ("synced_at", "synced_at", Direct),
        ("revoked_at", "revoked_at", Direct),
        ("revoked_source", "revoked_source", Direct),
        ("as_of", "as_of", Direct),
        ("details", "authorizer_details.json", Direct),
    ],
    ..BY_NAME
};

static REDEEMED_CODES: Table = Table {
    name: "redeemed_codes",
    place: "fingerprint",
    key: &["fingerprint"],
    fields: &[
        ("fingerprint", "fingerprint", Direct),
        ("appid", "appid", Direct),
        ("redeemed_at", "redeemed_at", Direct),
    ],
    ..BY_NAME
};

static PASSES: Table = Table {
    name: "passes",
    condition: "finished_at IS NOT NULL",
    fields: &[
        ("started_at", "started_at", Direct),
        ("finished_at", "finished_at", Direct),
        ("total", "ifnull(total, 0)", Direct),
    ],
    ..BY_NUMBER
};

static JOURNAL: Table = Table {
    name: "journal",
    fields: &[
        ("at", "at", Direct),
        ("who", "who", Direct),
        ("host", "host", Direct),
        ("command", "command", Direct),
        ("appid", "appid", Direct),
        ("what", "what", Direct),
        ("detail", "detail", Nested),
    ],
    ..BY_NUMBER
};

static EVENTS: Table = Table {
    name: "events",
    key: &["fingerprint"],
    fields: &[
        ("fingerprint", "fingerprint", Direct),
        ("received_at", "received_at", Direct),
        ("created_at", "created_at", Direct),
        ("info_type", "info_type", Direct),
        ("appid", "appid", Direct),
        ("fields", "fields", Nested),
        ("outcome", "outcome", Direct),
        ("detail", "detail", Nested),
        ("finished_at", "finished_at", Direct),
        ("repeats", "repeats", Direct),
        ("code", "code", Secret),
        ("forward_payload", "forward_payload", Secret),
        ("code_expires_at", "code_expires_at", Direct),
        (
            "pre_auth_code_fingerprint",
            "pre_auth_code_fingerprint",
            Direct,
        ),
        ("forward", "forward", Direct),
        ("forward_detail", "forward_detail", Direct),
        ("forward_after", "forward_after", Direct),
        ("forward_early", "forward_early", Flag),
    ],
    ..BY_NUMBER
};

static MESSAGE_COUNTS: Table = Table {
    name: "message_counts",
    place: "account || ' ' || what",
    key: &["account", "what"],
    fields: &[
        ("account", "account", Direct),
        ("what", "what", Direct),
        ("count", "count", Direct),
        ("last_at", "last_at", Direct),
    ],
    ..BY_NAME
};

static MESSAGES: Table = Table {
    name: "messages",
    fields: &[
        ("received_at", "received_at", Direct),
        ("account", "account", Direct),
        ("what", "what", Direct),
        ("body", "body", Direct),
    ],
    ..BY_NUMBER
};

static LAUNCHES: Table = Table {
    name: "launches",
    place: "pre_auth_code_fingerprint",
    key: &["pre_auth_code_fingerprint"],
    fields: &[
        (
            "pre_auth_code_fingerprint",
            "pre_auth_code_fingerprint",
            Direct,
        ),
        ("made_at", "made_at", Direct),
        ("expires_at", "expires_at", Direct),
        ("external_id", "external_id", Direct),
        ("claimed_external_id", "claimed_external_id", Direct),
        ("only", "only_appid", Direct),
        ("permission_ids", "permission_ids", Sets),
        ("source", "source", Direct),
        ("state", "state", Direct),
        ("appid", "appid", Direct),
    ],
    ..BY_NAME
};

/// The statements that write, by kind.
static UPSERTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tables = RecordKind::ALL.iter().map(|kind| Table::of(*kind));
    tables.map(Table::upsert).collect()
});

/// Reads what [`read`] takes of the records of platform ?1, narrowed further by `and`.
pub(super) fn select(kind: RecordKind, and: &str) -> String {
    select_by("", kind, and)
}

/// The same with a hint about the index to use.
pub(super) fn select_by(hint: &str, kind: RecordKind, and: &str) -> String {
    let Table {
        name,
        place,
        join,
        condition,
        ..
    } = Table::of(kind);
    let mut columns = String::new();
    for (_, column, _) in Table::of(kind).fields {
        columns += ", ";
        columns += column;
    }
    format!(
        "SELECT {place}{columns} FROM {name} {hint} {join}
         WHERE {name}.platform = ?1 AND {condition} {and}"
    )
}

/// A record from its place and its fields.
pub(super) fn read(kind: RecordKind, row: &Row<'_>) -> Result<Record, Fault> {
    let fields = Table::of(kind).fields;
    let mut object = Map::new();
    let mut secrets = Vec::new();
    for (at, (name, _, form)) in (1..).zip(fields) {
        let value = match (row.get_ref(at)?, form) {
            (_, Secret) => {
                secrets.push(row.get(at)?);
                continue;
            }
            (ValueRef::Null, _) => Json::Null,
            (ValueRef::Integer(number), Flag) => Json::Bool(number != 0),
            (ValueRef::Integer(number), _) => number.into(),
            (_, Sets) => {
                let text = row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?;
                serde_json::to_value(columns::permission_ids(text)).unwrap_or_default()
            }
            (_, Nested) => {
                let text = row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?;
                serde_json::from_str(text).unwrap_or_default()
            }
            _ => row.get::<_, String>(at)?.into(),
        };
        object.insert((*name).to_owned(), value);
    }
    let record = Record::from_object(kind, Json::Object(object));
    let mut record = record.map_err(|error| Fault::Damaged(error.to_string()))?;
    record.put_secrets(secrets);
    Ok(record)
}

/// Stores a record in the place of one of the same identity; leases and claims stay as they are. The
/// number, of kinds that are numbered.
pub(super) fn write(
    session: &Session,
    platform: i64,
    record: Record,
    now: i64,
) -> Result<Option<i64>, Fault> {
    match &record {
        // Operations change these as what they are: rows of the roster, and passes.
        Record::Authorizer(_) | Record::Sync(_) => {}
        Record::Token(token) => {
            session
                .prepare_cached(
                    "UPDATE tokens SET intent_fence = NULL
                     WHERE platform = ?1 AND owner = ?2 AND intent_at IS NOT ?3",
                )?
                .execute((platform, &token.owner, token.unsettled_since))?;
            upsert(session, platform, record.clone())?;
            settle_token(session, platform, token)?;
        }
        Record::Ticket(ticket) => {
            let is_known = session
                .prepare_cached("SELECT 1 FROM tickets WHERE platform = ?1 AND fingerprint = ?2")?
                .exists((platform, &ticket.fingerprint))?;
            let number = match is_known {
                true => None,
                false => tickets::foreign_number(session, platform, ticket.received_at, now)?,
            };
            let given = upsert(session, platform, record)?;
            if let (Some(number), Some(given)) = (number, given) {
                session
                    .prepare_cached("UPDATE tickets SET id = ?2 WHERE id = ?1")?
                    .execute([given, number])?;
            }
        }
        Record::Journal(entry) => append(session, platform, entry)?,
        _ => return upsert(session, platform, record),
    }
    Ok(None)
}

/// Appends to the journal. [`upsert`] does it as well, in several times the time: a first sync writes an
/// entry for each authorizer.
fn append(session: &Session, platform: i64, entry: &Entry) -> Result<(), Fault> {
    session
        .prepare_cached(
            "INSERT INTO journal (platform, at, who, host, command, appid, what, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            platform,
            entry.at,
            &entry.who,
            &entry.host,
            &entry.command,
            &entry.appid,
            &entry.what,
            entry.detail.to_string(),
        ))?;
    Ok(())
}

fn upsert(session: &Session, platform: i64, mut record: Record) -> Result<Option<i64>, Fault> {
    let kind = record.kind();
    let table = Table::of(kind);
    let secrets = record.take_secrets();
    let mut secrets = secrets.iter();
    let object = record.to_object();
    let mut object = object.map_err(|error| Fault::Damaged(error.to_string()))?;
    let mut values = Vec::with_capacity(table.fields.len() + 1);
    values.push(ToSqlOutput::from(platform));
    for (name, _, form) in table.fields {
        if *form == Secret {
            let secret = secrets.next().and_then(Option::as_ref);
            let null = || Ok(ToSqlOutput::Owned(Value::Null));
            values.push(secret.map_or_else(null, ToSql::to_sql)?);
            continue;
        }
        let value = match (object.remove(*name).unwrap_or_default(), form) {
            (Json::Null, _) => Value::Null,
            (value, Sets) => {
                let ids: Vec<_> = serde_json::from_value(value).unwrap_or_default();
                Value::Text(columns::permission_text(&ids))
            }
            (value, Nested) => Value::Text(value.to_string()),
            (Json::Bool(is), _) => Value::Integer(is.into()),
            (Json::Number(number), _) => Value::Integer(number.as_i64().unwrap_or(0)),
            (Json::String(text), _) => Value::Text(text),
            (value, _) => Value::Text(value.to_string()),
        };
        values.push(ToSqlOutput::Owned(value));
    }
    let at = RecordKind::ALL.iter().position(|known| *known == kind);
    let statement = UPSERTS.get(at.unwrap_or(0)).map_or("", String::as_str);
    let mut statement = session.prepare_cached(statement)?;
    let values = params_from_iter(values);
    if table.by_number {
        return Ok(Some(statement.query_row(values, |row| row.get(0))?));
    }
    statement.execute(values)?;
    Ok(None)
}

/// What a token that was brought has beside its fields: a call under way is nobody's, so that whoever
/// holds the lease next asks what became of it; and fences stay above every generation, so that no
/// late write counts as the newest.
fn settle_token(session: &Session, platform: i64, token: &Token) -> Result<(), Fault> {
    session
        .prepare_cached(
            "UPDATE tokens SET intent_fence = iif(intent_at IS NULL, NULL, ifnull(intent_fence, 0))
             WHERE platform = ?1 AND owner = ?2 AND (intent_at IS NULL) <> (intent_fence IS NULL)",
        )?
        .execute((platform, &token.owner))?;
    session
        .prepare_cached("UPDATE platforms SET fence = ?2 WHERE id = ?1 AND fence < ?2")?
        .execute([platform, token.generation])?;
    Ok(())
}

fn platforms(session: &Session) -> Result<Vec<PlatformKey>, Fault> {
    let mut statement = session.prepare_cached(
        "SELECT realm, component_appid FROM platforms ORDER BY realm, component_appid",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(PlatformKey {
            realm: row.get(0)?,
            component_appid: ComponentAppid::from_wire(row.get::<_, String>(1)?),
        });
    }
    Ok(found)
}

fn census(session: &Session, platform: i64) -> Result<Vec<(RecordKind, u64)>, Fault> {
    let mut counts = Vec::new();
    for kind in RecordKind::ALL {
        let Table {
            name, condition, ..
        } = Table::of(*kind);
        let sql = format!("SELECT count(*) FROM {name} WHERE platform = ?1 AND {condition}");
        let count: i64 = session
            .prepare_cached(&sql)?
            .query_row([platform], |row| row.get(0))?;
        let count = columns::unsigned(count);
        // Of the passes only the last one is a record.
        let is_one = *kind == RecordKind::Syncs;
        counts.push((*kind, if is_one { count.min(1) } else { count }));
    }
    Ok(counts)
}

/// How many secrets are encrypted with each key.
fn secret_counts(session: &Session, platform: i64) -> Result<Vec<(Option<String>, u64)>, Fault> {
    let mut columns = Vec::new();
    for kind in RecordKind::WITH_SECRETS {
        let Table { name, fields, .. } = Table::of(kind);
        let secrets = fields.iter().filter(|(.., form)| *form == Secret);
        columns.extend(secrets.map(|(_, column, _)| (name, column)));
    }
    let mut counts = Vec::new();
    for (table, column) in columns {
        let mut statement = session.prepare_cached(&format!(
            "SELECT iif({column} LIKE 'encrypted:%:%', substr({column}, 11, 8), NULL), count(*)
             FROM {table} WHERE platform = ?1 AND {column} <> '' GROUP BY 1"
        ))?;
        let rows = statement.query_map([platform], |row| {
            Ok((row.get(0)?, columns::unsigned(row.get(1)?)))
        })?;
        for row in rows {
            counts.push(row?);
        }
    }
    Ok(counts)
}

fn page(
    session: &Session,
    platform: i64,
    kind: RecordKind,
    after: Option<&str>,
) -> Result<Page, Fault> {
    let table = Table::of(kind);
    // The platform's own token has the empty name, so that no name stands before the first.
    let start = match after {
        None => String::new(),
        Some(_) => format!("AND {} > ?2", table.place),
    };
    let limit = if kind == RecordKind::Syncs { 1 } else { PAGE };
    let and = format!("{start} ORDER BY {} LIMIT {limit}", table.order());
    let mut statement = session.prepare_cached(&select(kind, &and))?;
    let mut found = match after {
        None => statement.query([platform])?,
        Some(after) if table.by_number => {
            statement.query([platform, after.parse().unwrap_or(i64::MAX)])?
        }
        Some(after) => statement.query((platform, after))?,
    };
    let mut page = Page::default();
    let mut last = None;
    while let Some(row) = found.next()? {
        last = Some(match table.by_number {
            true => row.get::<_, i64>(0)?.to_string(),
            false => row.get::<_, String>(0)?,
        });
        page.records.push(read(kind, row)?);
    }
    if page.records.len() == PAGE {
        page.next = last;
    }
    Ok(page)
}

/// The record with this identity.
pub(super) fn find(
    session: &Session,
    platform: i64,
    kind: RecordKind,
    identity: &str,
) -> Result<Option<Record>, Fault> {
    let table = Table::of(kind);
    let same = match kind {
        RecordKind::Tickets | RecordKind::Events => "fingerprint = ?2".to_owned(),
        _ => format!("{} = ?2", table.place),
    };
    let and = format!("AND {same} ORDER BY {} LIMIT 1", table.order());
    let mut statement = session.prepare_cached(&select(kind, &and))?;
    let found = statement
        .query_row((platform, identity), |row| Ok(read(kind, row)))
        .optional()?;
    found.transpose()
}
