//! Reading the roster, a piece at a time.

use std::sync::LazyLock;

use jiff::Timestamp;
use redis::Value;
use serde_json::value::RawValue;

use crate::store::ops::roster::RosterRow;
use crate::store::roster::{Authorizer, Counts, Known};
use crate::store::validity::{TokenState, usual_end};
use crate::store::{PlatformKey, StoreError};
use crate::sys::clock::timestamp;
use crate::sys::redis::Script;
use crate::wechat::id::Appid;

use super::RedisStore;
use super::names::Names;

static PAGE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("page.lua")));

/// How many authorizers are read in one go.
pub(super) const PIECE: usize = 500;

/// An authorizer in a piece of the roster.
pub(super) struct Listed {
    pub(super) appid: Appid,
    pub(super) row: RosterRow,
    /// When its token ends, 0 without one; `None` for who never is due.
    due: Option<i64>,
}

/// What rows show of a token.
pub(super) struct TokenPart {
    /// Read where it is not known without that the token was not issued in the future.
    issued_at: Option<i64>,
    expires_at: Option<i64>,
    has_refresh_token: bool,
}

/// How far the roster was read.
pub(super) struct Reading {
    after: String,
    is_over: bool,
}

impl Reading {
    /// From the one after `after` on.
    pub(super) fn after(after: Option<&Appid>) -> Self {
        Self {
            after: after.map_or_else(String::new, |appid| appid.as_str().to_owned()),
            is_over: false,
        }
    }
}

impl RedisStore {
    /// The next piece of the roster, of at most `limit`; `None` after the last. It may be empty.
    pub(super) async fn piece(
        &self,
        names: &Names,
        reading: &mut Reading,
        limit: usize,
    ) -> Result<Option<Vec<Listed>>, StoreError> {
        if reading.is_over {
            return Ok(None);
        }
        let limit = limit.clamp(1, PIECE);
        let keys = [names.roster(), names.due()];
        let arguments = [
            reading.after.clone().into_bytes(),
            limit.to_string().into_bytes(),
        ];
        let answer: Vec<String> = self
            .redis()
            .run(names.tag(), &PAGE, &keys, &arguments)
            .await?;
        let mut answer = answer.into_iter();
        let mut members = Vec::with_capacity(limit);
        while let (Some(appid), Some(due)) = (answer.next(), answer.next()) {
            members.push((Appid::from_wire(appid), due.parse().ok()));
        }
        reading.is_over = members.len() < limit;
        if let Some((last, _)) = members.last() {
            last.as_str().clone_into(&mut reading.after);
        }
        if members.is_empty() {
            return Ok(None);
        }
        let mut read = redis::cmd("MGET");
        for (appid, _) in &members {
            read.arg(names.authorizer(appid));
        }
        let texts: Vec<Option<String>> = self.redis().ask(names.tag(), read).await?;
        let mut piece = Vec::with_capacity(members.len());
        for ((appid, due), text) in members.into_iter().zip(texts) {
            // Who is forgotten meanwhile is not there any more.
            if let Some(text) = text {
                let (row, _) = self.parse_row(names, &appid, &text)?;
                piece.push(Listed { appid, row, due });
            }
        }
        Ok(Some(piece))
    }

    /// The token's part of some rows; of those that are due some day, as tokens are that were issued
    /// before now, it is known already.
    pub(super) async fn token_parts(
        &self,
        names: &Names,
        listed: &[Listed],
    ) -> Result<Vec<TokenPart>, StoreError> {
        let usual = usual_end(self.now());
        let known = |one: &Listed| one.due.filter(|due| *due <= usual);
        let mut pipeline = redis::Pipeline::new();
        for one in listed.iter().filter(|one| known(one).is_none()) {
            read_token_part(&mut pipeline, names, &one.appid);
        }
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let mut parts = Vec::with_capacity(listed.len());
        for one in listed {
            parts.push(match known(one) {
                Some(due) => TokenPart {
                    issued_at: None,
                    expires_at: Some(due).filter(|due| *due > 0),
                    has_refresh_token: true,
                },
                None => self.token_part(answers.next())?,
            });
        }
        Ok(parts)
    }

    fn token_part(&self, answer: Option<Value>) -> Result<TokenPart, StoreError> {
        type Found = (Option<i64>, Option<i64>, Option<String>);
        let (issued_at, expires_at, refresh): Found =
            self.redis().read(answer.unwrap_or(Value::Nil))?;
        Ok(TokenPart {
            issued_at,
            expires_at,
            has_refresh_token: refresh.is_some_and(|text| !text.is_empty()),
        })
    }

    pub(in crate::store) async fn authorizer(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<Option<Authorizer>, StoreError> {
        self.row(&self.names(key), appid).await
    }

    pub(super) async fn row(
        &self,
        names: &Names,
        appid: &Appid,
    ) -> Result<Option<Authorizer>, StoreError> {
        let mut pipeline = redis::Pipeline::with_capacity(2);
        pipeline.cmd("GET").arg(names.authorizer(appid));
        read_token_part(&mut pipeline, names, appid);
        let mut answers = self.redis().pipe(names.tag(), &pipeline).await?.into_iter();
        let text: Option<String> = self.redis().read(answers.next().unwrap_or(Value::Nil))?;
        let Some(text) = text else {
            return Ok(None);
        };
        let token = self.token_part(answers.next())?;
        let (row, _) = self.parse_row(names, appid, &text)?;
        Ok(Some(authorizer(appid.clone(), row, &token)))
    }

    pub(in crate::store) async fn details(
        &self,
        key: &PlatformKey,
        appid: &Appid,
    ) -> Result<Option<Box<RawValue>>, StoreError> {
        let names = self.names(key);
        let mut read = redis::cmd("GET");
        read.arg(names.details(appid));
        let json: Option<String> = self.redis().ask(names.tag(), read).await?;
        Ok(json.and_then(|json| RawValue::from_string(json).ok()))
    }

    pub(in crate::store) async fn known(
        &self,
        key: &PlatformKey,
        after: Option<&Appid>,
        limit: usize,
    ) -> Result<Vec<Known>, StoreError> {
        let names = self.names(key);
        let mut reading = Reading::after(after);
        let mut known = Vec::new();
        while known.len() < limit
            && let Some(piece) = self
                .piece(&names, &mut reading, limit - known.len())
                .await?
        {
            let parts = self.token_parts(&names, &piece).await?;
            for (Listed { appid, row, .. }, token) in piece.into_iter().zip(parts) {
                known.push(Known {
                    appid,
                    status: row.status,
                    authorized_at: row.authorized_at.map(timestamp),
                    synced_at: row.synced_at.map(timestamp),
                    account_status: row.account_status,
                    has_refresh_token: token.has_refresh_token,
                });
            }
        }
        Ok(known)
    }

    pub(in crate::store) async fn counts(
        &self,
        key: &PlatformKey,
        now: Timestamp,
    ) -> Result<Counts, StoreError> {
        let (names, now) = (self.names(key), now.as_second());
        let mut reading = Reading::after(None);
        let mut counts = Counts::default();
        while let Some(mut piece) = self.piece(&names, &mut reading, PIECE).await? {
            piece.retain(|one| counts.count_status(one.row.status));
            for token in self.token_parts(&names, &piece).await? {
                let state = TokenState::of(token.issued_at, token.expires_at, now);
                counts.count_token(state, token.has_refresh_token);
            }
        }
        Ok(counts)
    }
}

fn read_token_part(pipeline: &mut redis::Pipeline, names: &Names, appid: &Appid) {
    let fields = ["issued_at", "expires_at", "refresh"];
    pipeline
        .cmd("HMGET")
        .arg(names.token_of(appid))
        .arg(&fields);
}

/// A row as it is shown.
pub(super) fn authorizer(appid: Appid, row: RosterRow, token: &TokenPart) -> Authorizer {
    Authorizer {
        appid,
        user_name: row.user_name,
        nick_name: row.nick_name,
        external_id: row.external_id,
        claimed_external_id: row.claimed_external_id,
        kind: row.kind,
        principal_name: row.principal_name,
        status: row.status,
        account_status: row.account_status,
        authorized_at: row.authorized_at.map(timestamp),
        permission_ids: row.permission_ids,
        pending_ids: row.pending_ids,
        token_expires_at: token.expires_at.map(timestamp),
        has_refresh_token: token.has_refresh_token,
        synced_at: row.synced_at.map(timestamp),
        revoked_at: row.revoked_at.map(timestamp),
        revoked_source: row.revoked_source,
    }
}
