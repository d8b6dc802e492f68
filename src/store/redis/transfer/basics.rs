//! Tickets, tokens and the journal as records.

use crate::store::record::{Entry, Record, Ticket, Token};
use crate::store::transfer::{PAGE, Page, Placed, Verdict, judge};
use crate::store::{AuthorizationStatus, StoreError, TokenOwner};
use crate::wechat::id::Appid;
use crate::wechat::secret::Secret;

use super::super::RedisStore;
use super::super::names::Names;
use super::super::plan::Plan;
use super::super::tickets;
use super::super::tokens::{Fields, number};

impl RedisStore {
    pub(super) async fn ticket_records(&self, names: &Names) -> Result<Page, StoreError> {
        let kept = self.kept_tickets(names).await?;
        let mut records = Vec::new();
        for (fingerprint, ticket) in kept.in_order() {
            records.push(Record::Ticket(self.ticket_record(fingerprint, ticket)?));
        }
        Ok(Page {
            records,
            next: None,
        })
    }

    fn ticket_record(&self, fingerprint: &str, kept: &tickets::Kept) -> Result<Ticket, StoreError> {
        let value = kept.value.as_ref();
        let value = value.map(|value| self.keyring().decrypt_text(value));
        Ok(Ticket {
            fingerprint: fingerprint.to_owned(),
            received_at: kept.received_at,
            source: kept.source.clone(),
            value: value.transpose()?,
        })
    }

    /// Tickets in the order in which they arrived where they come from.
    pub(super) async fn place_tickets(
        &self,
        plan: &mut Plan,
        names: &Names,
        records: &[Record],
    ) -> Result<Vec<Placed>, StoreError> {
        let (key, mut kept) = (names.tickets(), self.kept_tickets(names).await?);
        let mut placed = Vec::with_capacity(records.len());
        for record in records {
            let fingerprint = record.identity();
            let standing = kept.expect(plan, names, &fingerprint);
            let number = standing.map(|standing| standing.number);
            let standing = standing.map(|standing| self.ticket_record(&fingerprint, standing));
            let standing = standing.transpose()?.map(Record::Ticket);
            let merged = match judge(standing, record.clone()) {
                Verdict::Write(Record::Ticket(merged)) => merged,
                other => {
                    placed.push(unwritten(&other));
                    continue;
                }
            };
            let received_at = merged.received_at;
            let ticket = tickets::Kept {
                number: match number {
                    Some(number) => number,
                    None => kept.foreign_number(plan, names, received_at),
                },
                received_at,
                source: merged.source,
                value: merged.value.map(|value| self.keyring().to_text(&value)),
            };
            plan.set_field(&key, &fingerprint, &self.json(&key, &ticket)?);
            placed.push(Placed::Written);
        }
        Ok(placed)
    }

    /// A page of tokens: those of the platform's roster, and its own on the first.
    pub(super) async fn token_records(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let mut owners = self.appids(names, after.as_deref()).await?;
        let next = (owners.len() == PAGE).then(|| owners.last().cloned());
        if after.is_none() {
            owners.insert(0, String::new());
        }
        let mut pipeline = redis::Pipeline::with_capacity(owners.len());
        for owner in &owners {
            pipeline.cmd("HGETALL").arg(names.token(&owner_of(owner)));
        }
        let answers = self.redis().pipe(names.tag(), &pipeline).await?;
        let mut records = Vec::with_capacity(owners.len());
        for (owner, answer) in owners.into_iter().zip(answers) {
            let fields: Fields = self.redis().read(answer)?;
            records.extend(self.token_record(owner, &fields)?.map(Record::Token));
        }
        Ok(Page {
            records,
            next: next.flatten(),
        })
    }

    fn token_record(&self, owner: String, fields: &Fields) -> Result<Option<Token>, StoreError> {
        let Some(token) = self.stored_token(fields)? else {
            return Ok(None);
        };
        Ok(Some(Token {
            owner,
            access: token.access_token,
            refresh: token.refresh_token,
            refresh_as_of: number(fields, "refresh_as_of"),
            issued_at: number(fields, "issued_at"),
            lifetime: number(fields, "lifetime"),
            expires_at: number(fields, "expires_at"),
            generation: number(fields, "generation").unwrap_or(0),
            unsettled_since: number(fields, "intent_at"),
            used_at: number(fields, "used_at"),
        }))
    }

    pub(super) async fn place_token(
        &self,
        plan: &mut Plan,
        names: &Names,
        offered: &Token,
    ) -> Result<Placed, StoreError> {
        let key = names.token(&owner_of(&offered.owner));
        let mut read = redis::cmd("HGETALL");
        read.arg(&key);
        let found: Fields = self.redis().ask(names.tag(), read).await?;
        let standing = self.token_record(offered.owner.clone(), &found)?;
        let unsettled = standing.as_ref().and_then(|token| token.unsettled_since);
        let judged = judge(standing.map(Record::Token), Record::Token(offered.clone()));
        let merged = match judged {
            Verdict::Write(Record::Token(merged)) => merged,
            other => return Ok(unwritten(&other)),
        };
        // These change with everything that a lease or an observation writes.
        for field in [
            "access",
            "refresh",
            "generation",
            "fence",
            "refresh_as_of",
            "expires_at",
            "intent_at",
        ] {
            plan.expect_field(&key, field, found.get(field).map(String::as_str));
        }
        let secret = |secret: &Option<Secret>| {
            let text = secret.as_ref().map(|secret| self.keyring().to_text(secret));
            text.unwrap_or_default()
        };
        for (field, value) in [
            ("access", secret(&merged.access)),
            ("refresh", secret(&merged.refresh)),
            ("refresh_as_of", decimal(merged.refresh_as_of)),
            ("issued_at", decimal(merged.issued_at)),
            ("lifetime", decimal(merged.lifetime)),
            ("expires_at", decimal(merged.expires_at)),
            ("generation", merged.generation.to_string()),
            ("used_at", decimal(merged.used_at)),
        ] {
            match value.as_str() {
                "" if !found.contains_key(field) => {}
                "" => plan.delete_field(&key, field),
                value => plan.set_field(&key, field, value),
            }
        }
        if merged.unsettled_since != unsettled {
            match merged.unsettled_since {
                // An intent of nobody: whoever holds the lease next asks what became of it.
                Some(at) => {
                    plan.set_field(&key, "intent_fence", "0");
                    plan.set_field(&key, "intent_at", &at.to_string());
                }
                None => {
                    plan.delete_field(&key, "intent_fence");
                    plan.delete_field(&key, "intent_at");
                }
            }
        }
        if let TokenOwner::Authorizer(appid) = owner_of(&offered.owner) {
            let ends = merged.expires_at.unwrap_or(0);
            let row = self.row_status(names, &appid).await?;
            if row == Some(AuthorizationStatus::Active) && merged.refresh.is_some() {
                plan.rank(&names.due(), appid.as_str(), ends);
            }
        }
        Ok(Placed::Written)
    }

    /// How the authorization of a listed authorizer stands; what lists it later ranks it itself.
    async fn row_status(
        &self,
        names: &Names,
        appid: &Appid,
    ) -> Result<Option<AuthorizationStatus>, StoreError> {
        let mut read = redis::cmd("GET");
        read.arg(names.authorizer(appid));
        let text: Option<String> = self.redis().ask(names.tag(), read).await?;
        let Some(text) = text else { return Ok(None) };
        Ok(Some(self.parse_record(names, appid, &text)?.row.status))
    }

    pub(super) async fn journal_records(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        self.logged_records(names, &names.journal(), after, Record::Journal)
            .await
    }

    pub(super) fn place_entry(
        &self,
        plan: &mut Plan,
        names: &Names,
        entry: &Entry,
    ) -> Result<Placed, StoreError> {
        self.plan_entry(plan, names, entry)?;
        Ok(Placed::Written)
    }

    /// How many owners have a token; no key is needed to count them.
    pub(super) async fn token_count(&self, names: &Names) -> Result<u64, StoreError> {
        let (mut owners, mut count) = (vec![String::new()], 0);
        while !owners.is_empty() {
            let has = self.kept_tokens(names, &owners).await?.into_iter();
            count += has.filter(|kept| !kept.is_empty()).count() as u64;
            let last = owners.pop().unwrap_or_default();
            owners = self.appids(names, Some(&last)).await?;
        }
        Ok(count)
    }

    /// Access and refresh tokens of owners as they are kept, those of each by themselves.
    async fn kept_tokens(
        &self,
        names: &Names,
        owners: &[String],
    ) -> Result<Vec<Vec<String>>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(owners.len());
        for owner in owners {
            let mut read = redis::cmd("HMGET");
            read.arg(names.token(&owner_of(owner)));
            read.arg("access").arg("refresh");
            pipeline.add_command(read);
        }
        let mut kept = Vec::with_capacity(owners.len());
        for answer in self.redis().pipe(names.tag(), &pipeline).await? {
            let found: Vec<Option<String>> = self.redis().read(answer)?;
            let found = found.into_iter().flatten();
            kept.push(found.filter(|text| !text.is_empty()).collect());
        }
        Ok(kept)
    }

    /// Secrets as they are kept: those of tickets and tokens.
    pub(super) async fn kept_secrets(&self, names: &Names) -> Result<Vec<String>, StoreError> {
        let mut secrets = Vec::new();
        let mut read = redis::cmd("HGETALL");
        read.arg(names.tickets());
        let tickets: Fields = self.redis().ask(names.tag(), read).await?;
        for (fingerprint, text) in &tickets {
            secrets.extend(self.ticket(fingerprint, text)?.value);
        }
        let mut owners = vec![String::new()];
        while !owners.is_empty() {
            let kept = self.kept_tokens(names, &owners).await?;
            secrets.extend(kept.into_iter().flatten());
            let last = owners.pop().unwrap_or_default();
            owners = self.appids(names, Some(&last)).await?;
        }
        Ok(secrets)
    }
}

/// What becomes of a record that is not written.
pub(super) fn unwritten(verdict: &Verdict) -> Placed {
    match verdict {
        Verdict::Same => Placed::Same,
        _ => Placed::Newer,
    }
}

fn owner_of(owner: &str) -> TokenOwner {
    match owner {
        "" => TokenOwner::Component,
        appid => TokenOwner::Authorizer(Appid::from_wire(appid)),
    }
}

fn decimal(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
