//! Records in their neutral form: read in pages, and brought under the rule that nothing newer is
//! overwritten. What was read and judged is written by one plan, which does nothing when any of it
//! was different by then.

use serde::de::DeserializeOwned;

use crate::store::encryption::{PLAIN, key_id_of};
use crate::store::record::{Record, RecordKind};
use crate::store::transfer::{EncryptionState, PAGE, Page, Placed};
use crate::store::{PlatformKey, StoreError};
use crate::wechat::id::ComponentAppid;

use super::RedisStore;
use super::names::{Names, PLATFORMS};
use super::plan::Plan;

mod basics;
mod letters;
mod people;
mod pushes;

/// How many records one plan writes: its script must not keep the server from others for long.
const PIECE: usize = 100;

impl RedisStore {
    pub(in crate::store) async fn platforms(&self) -> Result<Vec<PlatformKey>, StoreError> {
        let mut read = redis::cmd("SMEMBERS");
        read.arg(PLATFORMS);
        let mut found: Vec<String> = self.redis().ask(PLATFORMS, read).await?;
        found.sort_unstable();
        let keys = found.iter().filter_map(|tag| tag.rsplit_once('/'));
        Ok(keys
            .map(|(realm, appid)| PlatformKey {
                realm: realm.to_owned(),
                component_appid: ComponentAppid::from_wire(appid),
            })
            .collect())
    }

    pub(in crate::store) async fn census(
        &self,
        key: &PlatformKey,
    ) -> Result<Vec<(RecordKind, u64)>, StoreError> {
        let names = self.names(key);
        let mut counts = Vec::new();
        for kind in RecordKind::ALL {
            counts.push((*kind, self.count_of(&names, *kind).await?));
        }
        Ok(counts)
    }

    /// The next records of a kind that is kept in a log.
    async fn logged_records<T: DeserializeOwned>(
        &self,
        names: &Names,
        log: &str,
        after: Option<String>,
        record: impl Fn(T) -> Record,
    ) -> Result<Page, StoreError> {
        let found = self.log_after(names, log, after.as_deref(), PAGE).await?;
        let last = found.last().map(|(number, _)| number.to_string());
        Ok(Page {
            next: last.filter(|_| found.len() == PAGE),
            records: found.into_iter().map(|(_, kept)| record(kept)).collect(),
        })
    }

    /// The number of a kind's records, by the server's own count where it has one.
    async fn count_of(&self, names: &Names, kind: RecordKind) -> Result<u64, StoreError> {
        let (command, key) = match kind {
            RecordKind::Tickets => ("HLEN", names.tickets()),
            RecordKind::Authorizers => ("ZCARD", names.roster()),
            RecordKind::RedeemedCodes => ("HLEN", names.codes()),
            RecordKind::Journal => ("ZCARD", names.journal()),
            RecordKind::Events => ("ZCARD", names.events()),
            RecordKind::MessageCounts => ("HLEN", names.message_counts()),
            RecordKind::Messages => ("ZCARD", names.messages()),
            RecordKind::Launches => ("ZCARD", names.launches()),
            RecordKind::Tokens => return self.token_count(names).await,
            RecordKind::Syncs => {
                let page = self.sync_records(names).await?;
                return Ok(page.records.len() as u64);
            }
        };
        let mut count = redis::cmd(command);
        count.arg(key);
        Ok(self.redis().ask(names.tag(), count).await?)
    }

    /// Looks at the tickets and tokens of every platform.
    pub(in crate::store) async fn encryption_state(&self) -> Result<EncryptionState, StoreError> {
        let mut state = EncryptionState::default();
        for key in self.platforms().await? {
            let names = self.names(&key);
            for text in self.kept_secrets(&names).await? {
                match key_id_of(&text) {
                    PLAIN => state.open = true,
                    id if state.key_ids.iter().any(|known| known == id) => {}
                    id => state.key_ids.push(id.to_owned()),
                }
            }
        }
        state.key_ids.sort_unstable();
        Ok(state)
    }

    pub(in crate::store) async fn records(
        &self,
        key: &PlatformKey,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let names = self.names(key);
        self.records_of(&names, kind, after).await
    }

    async fn records_of(
        &self,
        names: &Names,
        kind: RecordKind,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        match kind {
            RecordKind::Tickets => self.ticket_records(names).await,
            RecordKind::Tokens => self.token_records(names, after).await,
            RecordKind::Authorizers => self.authorizer_records(names, after).await,
            RecordKind::RedeemedCodes => self.code_records(names).await,
            RecordKind::Syncs => self.sync_records(names).await,
            RecordKind::Journal => self.journal_records(names, after).await,
            RecordKind::Events => self.event_records_of(names, after).await,
            RecordKind::MessageCounts => self.count_records(names).await,
            RecordKind::Messages => self.message_records(names, after).await,
            RecordKind::Launches => self.launch_records(names, after).await,
        }
    }

    pub(in crate::store) async fn place(
        &self,
        key: &PlatformKey,
        records: Vec<Record>,
        write: bool,
    ) -> Result<Vec<Placed>, StoreError> {
        if let Some(Record::Event(_)) = records.first() {
            return self.place_events(key, records, write).await;
        }
        let names = self.names(key);
        let mut placed = Vec::with_capacity(records.len());
        for piece in records.chunks(PIECE) {
            placed.extend(self.place_piece(&names, piece, write).await?);
        }
        Ok(placed)
    }

    async fn place_piece(
        &self,
        names: &Names,
        records: &[Record],
        write: bool,
    ) -> Result<Vec<Placed>, StoreError> {
        let mut attempts = 0;
        loop {
            let mut plan = Plan::new(names);
            let placed = match records.first() {
                Some(Record::Ticket(_)) => self.place_tickets(&mut plan, names, records).await?,
                _ => {
                    let mut placed = Vec::with_capacity(records.len());
                    for record in records {
                        placed.push(self.plan_record(&mut plan, names, record).await?);
                    }
                    placed
                }
            };
            if !write || plan.is_empty() || self.apply(&plan, true).await?.is_some() {
                return Ok(placed);
            }
            self.again(&mut attempts).await?;
        }
    }

    async fn plan_record(
        &self,
        plan: &mut Plan,
        names: &Names,
        record: &Record,
    ) -> Result<Placed, StoreError> {
        match record {
            Record::Token(token) => self.place_token(plan, names, token).await,
            Record::Authorizer(row) => self.place_authorizer(plan, names, row).await,
            Record::RedeemedCode(code) => self.place_code(plan, names, code).await,
            Record::Sync(pass) => self.place_sync(plan, names, pass).await,
            Record::Journal(entry) => self.place_entry(plan, names, entry),
            Record::MessageCount(count) => self.place_count(plan, names, count).await,
            Record::Message(message) => self.place_message(plan, names, message),
            Record::Launch(launch) => self.place_launch(plan, names, launch).await,
            // Placed by themselves: `place_tickets`, `place_events`.
            Record::Ticket(_) | Record::Event(_) => Ok(Placed::Newer),
        }
    }

    /// The next appids of the roster.
    async fn appids(&self, names: &Names, after: Option<&str>) -> Result<Vec<String>, StoreError> {
        let start = match after {
            None | Some("") => "-".to_owned(),
            Some(appid) => format!("({appid}"),
        };
        let mut read = redis::cmd("ZRANGEBYLEX");
        read.arg(names.roster()).arg(start).arg("+");
        read.arg("LIMIT").arg(0).arg(PAGE);
        Ok(self.redis().ask(names.tag(), read).await?)
    }
}
