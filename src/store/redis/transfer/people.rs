//! The roster, exchanged codes and the last pass as records.

use crate::store::ops::roster::RosterRow;
use crate::store::ops::syncs::{self, StoredPass};
use crate::store::record::{Code, Pass, Record, Row};
use crate::store::records::{AuthorizerPart, Passes, RedeemedCode};
use crate::store::transfer::{PAGE, Page, Placed, Verdict, judge, place_external_id};
use crate::store::{AccountStatus, AuthorizationStatus, StoreError};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, UserName};

use super::super::RedisStore;
use super::super::names::Names;
use super::super::plan::Plan;
use super::super::tokens::Fields;
use super::basics::unwritten;

impl RedisStore {
    pub(super) async fn authorizer_records(
        &self,
        names: &Names,
        after: Option<String>,
    ) -> Result<Page, StoreError> {
        let appids = self.appids(names, after.as_deref()).await?;
        let next = (appids.len() == PAGE).then(|| appids.last().cloned());
        let appids: Vec<Appid> = appids.into_iter().map(Appid::from_wire).collect();
        let mut pipeline = redis::Pipeline::with_capacity(2 * appids.len());
        for appid in &appids {
            pipeline.cmd("GET").arg(names.authorizer(appid));
            pipeline.cmd("GET").arg(names.details(appid));
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut records = Vec::with_capacity(appids.len());
        for appid in &appids {
            let mut text = || {
                let answer = answers.next().unwrap_or(redis::Value::Nil);
                self.redis().read::<Option<String>>(answer)
            };
            let (row, details) = (text()?, text()?);
            if let Some(row) = row {
                let kept = self.parse_record(names, appid, &row)?;
                records.push(Record::Authorizer(Box::new(row_of(
                    appid, kept.row, details,
                ))));
            }
        }
        Ok(Page {
            records,
            next: next.flatten(),
        })
    }

    pub(super) async fn place_authorizer(
        &self,
        plan: &mut Plan,
        names: &Names,
        offered: &Row,
    ) -> Result<Placed, StoreError> {
        let appid = Appid::from_wire(offered.appid.clone());
        let appids = std::slice::from_ref(&appid);
        let read = self
            .read_authorizers(names, appids, AuthorizerPart::All)
            .await?;
        let Some((found, before)) = read.get(&appid) else {
            return Ok(Placed::Newer);
        };
        let standing = match before.row.clone() {
            Some(row) => {
                let mut read = redis::cmd("GET");
                read.arg(names.details(&appid));
                let details: Option<String> = self.redis().ask(names.tag(), read).await?;
                Some(Record::Authorizer(Box::new(row_of(&appid, row, details))))
            }
            None => None,
        };
        let offered = Record::Authorizer(Box::new(offered.clone()));
        let mut merged = match judge(standing, offered) {
            Verdict::Write(Record::Authorizer(merged)) => merged,
            other => return Ok(unwritten(&other)),
        };
        let placed = self.place_external_id(plan, names, &mut merged).await?;
        let mut records = before.clone();
        records.row = Some(self.roster_row(names, &merged)?);
        records.details = merged.details;
        self.plan_authorizer(plan, names, &appid, found, before, &records)?;
        Ok(placed)
    }

    /// Plans the index of the operator's own ids; one that another authorizer has is taken out.
    async fn place_external_id(
        &self,
        plan: &mut Plan,
        names: &Names,
        merged: &mut Row,
    ) -> Result<Placed, StoreError> {
        let Some(id) = &merged.external_id else {
            return Ok(Placed::Written);
        };
        let index = names.external_ids();
        let mut read = redis::cmd("HGET");
        read.arg(&index).arg(id);
        let holder: Option<String> = self.redis().ask(names.tag(), read).await?;
        let id = id.clone();
        let placed = place_external_id(merged, holder.as_deref());
        if placed == Placed::Written {
            plan.expect_field(&index, &id, holder.as_deref());
        }
        Ok(placed)
    }

    fn roster_row(&self, names: &Names, row: &Row) -> Result<RosterRow, StoreError> {
        let status = AuthorizationStatus::from_word(&row.status).ok_or_else(|| {
            let appid = Appid::from_wire(row.appid.clone());
            let reason = format!("unknown status: {}", row.status);
            self.damaged(&names.authorizer(&appid), reason)
        })?;
        Ok(RosterRow {
            user_name: row.user_name.clone().map(UserName::from_wire),
            nick_name: row.nick_name.clone(),
            external_id: row.external_id.clone(),
            claimed_external_id: row.claimed_external_id.clone(),
            kind: row.account_kind.parse().unwrap_or(AccountKind::Other),
            principal_name: row.principal_name.clone(),
            status,
            account_status: AccountStatus::from_word(&row.account_status)
                .unwrap_or(AccountStatus::Unknown),
            authorized_at: row.authorized_at,
            permission_ids: row.permission_ids.clone(),
            pending_ids: row.pending_ids.clone(),
            synced_at: row.synced_at,
            revoked_at: row.revoked_at,
            revoked_source: row.revoked_source.clone(),
            as_of: row.as_of,
        })
    }

    pub(super) async fn code_records(&self, names: &Names) -> Result<Page, StoreError> {
        let mut read = redis::cmd("HGETALL");
        read.arg(names.codes());
        let found: Fields = self.redis().ask(names.tag(), read).await?;
        let mut records = Vec::with_capacity(found.len());
        for (fingerprint, text) in found {
            let code = self.code(names, &text)?;
            records.push(Record::RedeemedCode(Code {
                fingerprint,
                appid: code.appid.as_str().to_owned(),
                redeemed_at: code.redeemed_at,
            }));
        }
        records.sort_by_cached_key(Record::identity);
        Ok(Page {
            records,
            next: None,
        })
    }

    pub(super) async fn place_code(
        &self,
        plan: &mut Plan,
        names: &Names,
        code: &Code,
    ) -> Result<Placed, StoreError> {
        let hash = names.codes();
        let found = self.field(names, &hash, &code.fingerprint).await?;
        if found.is_some() {
            return Ok(Placed::Same);
        }
        let stored = RedeemedCode {
            appid: Appid::from_wire(code.appid.clone()),
            redeemed_at: code.redeemed_at,
        };
        plan.expect_field(&hash, &code.fingerprint, None);
        plan.set_field(&hash, &code.fingerprint, &self.json(&hash, &stored)?);
        Ok(Placed::Written)
    }

    pub(super) async fn sync_records(&self, names: &Names) -> Result<Page, StoreError> {
        let (_, passes) = self.read_passes(names).await?;
        Ok(Page {
            records: last_pass(&passes).into_iter().collect(),
            next: None,
        })
    }

    pub(super) async fn place_sync(
        &self,
        plan: &mut Plan,
        names: &Names,
        offered: &Pass,
    ) -> Result<Placed, StoreError> {
        let (found, mut passes) = self.read_passes(names).await?;
        let merged = match judge(last_pass(&passes), Record::Sync(offered.clone())) {
            Verdict::Write(Record::Sync(merged)) => merged,
            other => return Ok(unwritten(&other)),
        };
        let before = passes.clone();
        let id = syncs::next_number(passes.last, merged.started_at);
        passes.last = Some(id);
        passes.all.push(StoredPass {
            id,
            complete: true,
            started_at: merged.started_at,
            finished_at: Some(merged.finished_at),
            total: Some(merged.total.unsigned_abs()),
        });
        self.plan_passes(plan, names, &found, &before, &passes)?;
        Ok(Placed::Written)
    }
}

fn last_pass(passes: &Passes) -> Option<Record> {
    let (pass, ended) = syncs::last(&passes.all)?;
    Some(Record::Sync(Pass {
        started_at: pass.started_at,
        finished_at: ended.as_second(),
        total: i64::try_from(pass.total.unwrap_or(0)).unwrap_or(i64::MAX),
    }))
}

fn row_of(appid: &Appid, row: RosterRow, details: Option<String>) -> Row {
    Row {
        appid: appid.as_str().to_owned(),
        user_name: row.user_name.map(|name| name.as_str().to_owned()),
        nick_name: row.nick_name,
        external_id: row.external_id,
        claimed_external_id: row.claimed_external_id,
        account_kind: row.kind.as_str().to_owned(),
        principal_name: row.principal_name,
        status: row.status.as_str().to_owned(),
        account_status: row.account_status.as_str().to_owned(),
        authorized_at: row.authorized_at,
        permission_ids: row.permission_ids,
        pending_ids: row.pending_ids,
        synced_at: row.synced_at,
        revoked_at: row.revoked_at,
        revoked_source: row.revoked_source,
        as_of: row.as_of,
        details,
    }
}
