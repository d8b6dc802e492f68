//! Messages and launches as records.

use crate::store::StoreError;
use crate::store::record::{Count, Launch, Message, Record};
use crate::store::transfer::{PAGE, Page, Placed, Verdict, judge};

use super::super::RedisStore;
use super::super::messages;
use super::super::names::Names;
use super::super::plan::Plan;
use super::super::tokens::Fields;
use super::basics::unwritten;

impl RedisStore {
    pub(super) async fn count_records(&self, names: &Names) -> Result<Page, StoreError> {
        let mut records = Vec::new();
        for (field, count) in self.counted_messages(names).await? {
            let last_at = self.last_message(names, &field).await?;
            let (account, what) = serde_json::from_str(&field)
                .map_err(|error| self.damaged(&names.message_counts(), error))?;
            records.push(Record::MessageCount(Count {
                account,
                what,
                count: count.parse().unwrap_or(0),
                last_at,
            }));
        }
        records.sort_by_cached_key(Record::identity);
        Ok(Page {
            records,
            next: None,
        })
    }

    async fn counted_messages(&self, names: &Names) -> Result<Fields, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(names.message_counts());
        Ok(self.redis().ask(names.tag(), read).await?)
    }

    async fn last_message(&self, names: &Names, field: &str) -> Result<i64, StoreError> {
        let mut read = redis::cmd("HGET");
        read.arg(names.message_times()).arg(field);
        let found: Option<i64> = self.redis().ask(names.tag(), read).await?;
        Ok(found.unwrap_or(0))
    }

    pub(super) async fn place_count(
        &self,
        plan: &mut Plan,
        names: &Names,
        offered: &Count,
    ) -> Result<Placed, StoreError> {
        let (counts, times) = (names.message_counts(), names.message_times());
        let field = self.json(&counts, &(&offered.account, &offered.what))?;
        let mut read = redis::cmd("HGET");
        read.arg(&counts).arg(&field);
        let found: Option<String> = self.redis().ask(names.tag(), read).await?;
        let standing = match &found {
            None => None,
            Some(count) => Some(Record::MessageCount(Count {
                count: count.parse().unwrap_or(0),
                last_at: self.last_message(names, &field).await?,
                ..offered.clone()
            })),
        };
        let merged = match judge(standing, Record::MessageCount(offered.clone())) {
            Verdict::Write(Record::MessageCount(merged)) => merged,
            other => return Ok(unwritten(&other)),
        };
        plan.expect_field(&counts, &field, found.as_deref());
        plan.set_field(&counts, &field, &merged.count.to_string());
        plan.set_field(&times, &field, &merged.last_at.to_string());
        Ok(Placed::Written)
    }

    pub(super) async fn message_records(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let record = |kept: messages::Kept| {
            Record::Message(Message {
                received_at: kept.received_at,
                account: kept.account,
                what: kept.what,
                body: kept.body,
            })
        };
        self.logged_records(names, &names.messages(), after, record)
            .await
    }

    pub(super) fn place_message(
        &self,
        plan: &mut Plan,
        names: &Names,
        message: &Message,
    ) -> Result<Placed, StoreError> {
        let kept = messages::Kept {
            received_at: message.received_at,
            account: message.account.clone(),
            what: message.what.clone(),
            body: message.body.clone(),
        };
        let text = self.json("messages", &kept)?;
        plan.log(&names.message_count(), &names.messages(), &text);
        Ok(Placed::Written)
    }

    /// A page of launches; the place is how many came before.
    pub(super) async fn launch_records(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let start: usize = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let mut read = redis::cmd("ZRANGE");
        read.arg(names.launches()).arg(start).arg(start + PAGE - 1);
        let found: Vec<String> = self.redis().ask(names.tag(), read).await?;
        let next = (found.len() == PAGE).then(|| (start + PAGE).to_string());
        let mut records = Vec::with_capacity(found.len());
        for fingerprint in found {
            let found = self.kept_launch(names, &fingerprint).await?;
            records.extend(found.map(|(_, launch)| Record::Launch(launch)));
        }
        Ok(Page { records, next })
    }

    pub(super) async fn place_launch(
        &self,
        plan: &mut Plan,
        names: &Names,
        offered: &Launch,
    ) -> Result<Placed, StoreError> {
        let fingerprint = &offered.pre_auth_code_fingerprint;
        let found = self.kept_launch(names, fingerprint).await?;
        let (text, standing) = found.unzip();
        let judged = judge(
            standing.map(Record::Launch),
            Record::Launch(offered.clone()),
        );
        let merged = match judged {
            Verdict::Write(Record::Launch(merged)) => merged,
            other => return Ok(unwritten(&other)),
        };
        let name = names.launch(fingerprint);
        plan.expect(&name, text.as_deref());
        self.plan_launch(plan, names, None, &merged)?;
        Ok(Placed::Written)
    }
}
