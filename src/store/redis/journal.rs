//! The journal: a sorted set of `number JSON`, by number.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::store::ops;
use crate::store::{JournalEntry, JournalFilter, JournalKind, PlatformKey, StoreError};
use crate::sys::clock::timestamp;
use crate::wechat::id::Appid;

use super::RedisStore;
use super::names::Names;
use super::plan::Plan;

/// How many entries are read at a time.
const PAGE: usize = 500;

/// An entry as it is kept. The time is in Unix seconds.
#[derive(Deserialize, Serialize)]
pub(super) struct Kept {
    pub(super) at: i64,
    pub(super) who: String,
    pub(super) host: String,
    pub(super) command: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) appid: Option<String>,
    pub(super) what: String,
    pub(super) detail: Json,
}

/// What the entries of one act have in common.
pub(super) struct Note<'store> {
    at: i64,
    who: &'store str,
    store: &'store RedisStore,
}

impl Note<'_> {
    /// Plans one entry; `detail` is JSON.
    pub(super) fn plan(
        &self,
        plan: &mut Plan,
        names: &Names,
        appid: Option<&str>,
        what: JournalKind,
        detail: &str,
    ) -> Result<(), StoreError> {
        let holder = self.store.holder();
        let kept = Kept {
            at: self.at,
            who: self.who.to_owned(),
            host: holder.host.clone(),
            command: holder.command.clone(),
            appid: appid.map(str::to_owned),
            what: what.as_str().to_owned(),
            detail: serde_json::from_str(detail).unwrap_or_default(),
        };
        let text = self.store.json("journal", &kept)?;
        plan.log(&names.journal_count(), &names.journal(), &text);
        Ok(())
    }
}

impl RedisStore {
    /// Notes of this holder, at a time, by a person or a program.
    pub(super) fn note_of<'store>(&'store self, at: i64, who: &'store str) -> Note<'store> {
        Note {
            at,
            who,
            store: self,
        }
    }

    /// Plans the entries about one authorizer that an operation decided on.
    pub(super) fn plan_notes(
        &self,
        plan: &mut Plan,
        names: &Names,
        appid: &Appid,
        notes: &[ops::journal::Note],
    ) -> Result<(), StoreError> {
        for decided in notes {
            let note = self.note_of(decided.at, decided.source.as_str());
            let about = Some(appid.as_str());
            note.plan(plan, names, about, decided.what, &decided.detail)?;
        }
        Ok(())
    }

    pub(in crate::store) async fn record(
        &self,
        key: &PlatformKey,
        entries: &[JournalEntry],
    ) -> Result<(), StoreError> {
        let names = self.names(key);
        let mut plan = Plan::new(&names);
        for entry in entries {
            let kept = Kept {
                at: entry.at.as_second(),
                who: entry.who.clone(),
                host: entry.host.clone(),
                command: entry.command.clone(),
                appid: entry.appid.as_ref().map(|appid| appid.as_str().to_owned()),
                what: entry.what.as_str().to_owned(),
                detail: entry.detail.clone(),
            };
            let text = self.json("journal", &kept)?;
            plan.log(&names.journal_count(), &names.journal(), &text);
        }
        // It rests on nothing, so that nothing can get in its way.
        self.apply(&plan, true).await.map(|_| ())
    }

    pub(in crate::store) async fn journal(
        &self,
        key: &PlatformKey,
        filter: &JournalFilter,
    ) -> Result<Vec<JournalEntry>, StoreError> {
        let names = self.names(key);
        let mut before = filter.before;
        let mut entries = Vec::new();
        loop {
            let page = self
                .log_before(&names, &names.journal(), before, PAGE)
                .await?;
            let is_last = page.len() < PAGE;
            for (id, kept) in page {
                let kept: Kept = kept;
                before = Some(id);
                let at = timestamp(kept.at);
                let wanted = filter.since.is_none_or(|since| at >= since)
                    && filter
                        .appid
                        .as_ref()
                        .is_none_or(|appid| kept.appid.as_deref() == Some(appid.as_str()));
                let Some(what) = JournalKind::from_word(&kept.what).filter(|_| wanted) else {
                    continue;
                };
                if entries.len() == filter.limit {
                    return Ok(entries);
                }
                entries.push(JournalEntry {
                    id,
                    at,
                    who: kept.who,
                    host: kept.host,
                    command: kept.command,
                    appid: kept.appid.map(Appid::from_wire),
                    what,
                    detail: kept.detail,
                });
            }
            if is_last {
                return Ok(entries);
            }
        }
    }
}
