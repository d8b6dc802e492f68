//! An authorizer's record: its row as JSON.

use ring::digest;
use serde::{Deserialize, Serialize};

use crate::store::ops::roster::RosterRow;
use crate::store::{AccountStatus, AuthorizationStatus, StoreError};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId, UserName};

use super::RedisStore;
use super::names::Names;

/// A row and what is beside it.
pub(super) struct Record {
    pub(super) row: RosterRow,
    /// The [`mark`] of the details that are stored beside it.
    pub(super) details: Option<String>,
}

/// A record as it is kept. Times are Unix seconds.
#[derive(Deserialize, Serialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_name: Option<UserName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nick_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed_external_id: Option<String>,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal_name: Option<String>,
    status: String,
    account_status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorized_at: Option<i64>,
    #[serde(default)]
    permission_ids: Vec<PermissionSetId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pending_ids: Vec<PermissionSetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    synced_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_source: Option<String>,
    as_of: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<String>,
}

/// By which details are recognised without being read.
pub(super) fn mark(details: &str) -> String {
    let hash = digest::digest(&digest::SHA256, details.as_bytes());
    let bytes = hash.as_ref().iter().take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

impl RedisStore {
    /// The record in a text. Words of newer programs are another kind and an unknown account
    /// status; no authorization status is read out of an unknown word: what follows from it is too
    /// grave.
    ///
    /// # Errors
    /// [`StoreError::DamagedRecord`].
    pub(super) fn parse_record(
        &self,
        names: &Names,
        appid: &Appid,
        text: &str,
    ) -> Result<Record, StoreError> {
        let key = names.authorizer(appid);
        let kept: Kept = serde_json::from_str(text).map_err(|error| self.damaged(&key, error))?;
        let status = AuthorizationStatus::from_word(&kept.status)
            .ok_or_else(|| self.damaged(&key, format!("unknown status: {}", kept.status)))?;
        Ok(Record {
            row: RosterRow {
                user_name: kept.user_name,
                nick_name: kept.nick_name,
                external_id: kept.external_id,
                claimed_external_id: kept.claimed_external_id,
                kind: kept.kind.parse().unwrap_or(AccountKind::Other),
                principal_name: kept.principal_name,
                status,
                account_status: AccountStatus::from_word(&kept.account_status)
                    .unwrap_or(AccountStatus::Unknown),
                authorized_at: kept.authorized_at,
                permission_ids: kept.permission_ids,
                pending_ids: kept.pending_ids,
                synced_at: kept.synced_at,
                revoked_at: kept.revoked_at,
                revoked_source: kept.revoked_source,
                as_of: kept.as_of,
            },
            details: kept.details,
        })
    }

    /// A record as text.
    pub(super) fn record_text(
        &self,
        names: &Names,
        appid: &Appid,
        record: Record,
    ) -> Result<String, StoreError> {
        let row = record.row;
        let kept = Kept {
            user_name: row.user_name,
            nick_name: row.nick_name,
            external_id: row.external_id,
            claimed_external_id: row.claimed_external_id,
            kind: row.kind.as_str().to_owned(),
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
            details: record.details,
        };
        self.json(&names.authorizer(appid), &kept)
    }
}
