//! What becomes of a roster row when something is observed: a function of values.

use serde_json::{Value as Json, json};

use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId, UserName};
use crate::wechat::secret::Secret;

use crate::store::journal::JournalKind;
use crate::store::observations::{ChangeKind, ChangeSource, Listed, Observation, Profile};
use crate::store::record::Row;
use crate::store::roster::{AccountStatus, AuthorizationStatus};
use crate::store::validity::{believed, knows_later};

/// A roster row as far as observations change it. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct RosterRow {
    pub(in crate::store) user_name: Option<UserName>,
    pub(in crate::store) nick_name: Option<String>,
    /// The operator's own id, which no observation changes.
    pub(in crate::store) external_id: Option<String>,
    /// The id that a visitor's own `state` brought; likewise.
    pub(in crate::store) claimed_external_id: Option<String>,
    pub(in crate::store) kind: AccountKind,
    pub(in crate::store) principal_name: Option<String>,
    pub(in crate::store) status: AuthorizationStatus,
    pub(in crate::store) account_status: AccountStatus,
    pub(in crate::store) authorized_at: Option<i64>,
    pub(in crate::store) permission_ids: Vec<PermissionSetId>,
    pub(in crate::store) pending_ids: Vec<PermissionSetId>,
    pub(in crate::store) synced_at: Option<i64>,
    pub(in crate::store) revoked_at: Option<i64>,
    pub(in crate::store) revoked_source: Option<String>,
    pub(in crate::store) as_of: i64,
}

impl RosterRow {
    /// A row from its record, without what WeChat said. Words of newer programs are another kind and an
    /// unknown account status; an authorization status is not read out of an unknown word: what follows
    /// from it is too grave.
    ///
    /// # Errors
    /// Why it is no row.
    pub(in crate::store) fn of(row: Row) -> Result<Self, String> {
        let account_status = AccountStatus::from_word(&row.account_status);
        Ok(Self {
            status: AuthorizationStatus::from_word(&row.status)
                .ok_or_else(|| format!("unknown status: {}", row.status))?,
            user_name: row.user_name.map(UserName::from_wire),
            nick_name: row.nick_name,
            external_id: row.external_id,
            claimed_external_id: row.claimed_external_id,
            kind: row.account_kind.parse().unwrap_or(AccountKind::Other),
            principal_name: row.principal_name,
            account_status: account_status.unwrap_or(AccountStatus::Unknown),
            authorized_at: row.authorized_at,
            permission_ids: row.permission_ids,
            pending_ids: row.pending_ids,
            synced_at: row.synced_at,
            revoked_at: row.revoked_at,
            revoked_source: row.revoked_source,
            as_of: row.as_of,
        })
    }

    /// The row as a record, with what WeChat said.
    pub(in crate::store) fn record(self, appid: &Appid, details: Option<String>) -> Row {
        Row {
            appid: appid.as_str().to_owned(),
            user_name: self.user_name.map(|name| name.as_str().to_owned()),
            nick_name: self.nick_name,
            external_id: self.external_id,
            claimed_external_id: self.claimed_external_id,
            account_kind: self.kind.as_str().to_owned(),
            principal_name: self.principal_name,
            status: self.status.as_str().to_owned(),
            account_status: self.account_status.as_str().to_owned(),
            authorized_at: self.authorized_at,
            permission_ids: self.permission_ids,
            pending_ids: self.pending_ids,
            synced_at: self.synced_at,
            revoked_at: self.revoked_at,
            revoked_source: self.revoked_source,
            as_of: self.as_of,
            details,
        }
    }
}

/// A stored refresh token and when it was known to be right.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::store) struct KnownRefreshToken {
    pub(in crate::store) token: Secret,
    pub(in crate::store) as_of: i64,
}

/// What to store after an observation.
pub(super) struct Merged {
    pub(super) row: RosterRow,
    pub(super) kind: ChangeKind,
    /// A refresh token to store.
    pub(super) refresh_token: Option<Secret>,
    /// Whether it takes the place of another one.
    pub(super) replaces_refresh_token: bool,
    pub(super) sets_added: Vec<PermissionSetId>,
    pub(super) sets_removed: Vec<PermissionSetId>,
}

impl Merged {
    /// What the journal is to say, with details.
    pub(super) fn journal(&self, by_exchange: bool) -> Vec<(JournalKind, Json)> {
        let with = |ids: &[PermissionSetId]| json!({ "permission_ids": ids });
        if self.kind == ChangeKind::Added {
            return vec![(JournalKind::Authorized, with(&self.sets_added))];
        }
        let mut entries = Vec::new();
        if self.kind == ChangeKind::Reauthorized {
            entries.push((JournalKind::Reauthorized, with(&self.row.permission_ids)));
        } else if self.replaces_refresh_token && !by_exchange {
            entries.push((JournalKind::RefreshTokenReplaced, json!({})));
        }
        for (what, ids) in [
            (JournalKind::SetsAdded, &self.sets_added),
            (JournalKind::SetsRemoved, &self.sets_removed),
        ] {
            if !ids.is_empty() {
                entries.push((what, with(ids)));
            }
        }
        entries
    }
}

/// Merges an observation into what is stored at `now`; `None` when it is older than that.
pub(super) fn merge(
    standing: Option<&RosterRow>,
    known: Option<&KnownRefreshToken>,
    observation: &Observation,
    now: i64,
) -> Option<Merged> {
    let as_of = observation.as_of.as_second();
    if standing.is_some_and(|row| knows_later(row.as_of, as_of, now)) {
        return None;
    }
    let refresh_token = offered_refresh_token(observation)
        .filter(|_| known.is_none_or(|known| !knows_later(known.as_of, as_of, now)));
    let replaces_refresh_token = refresh_token
        .zip(known)
        .is_some_and(|(offered, known)| *offered != known.token);
    let mut row = standing.cloned().unwrap_or_else(unknown);
    let back = row.status == AuthorizationStatus::Revoked
        && (replaces_refresh_token || is_back(&row, observation, now));
    // Authorized anew, and its code not exchanged yet: the refresh token of before is dead.
    let anew = observation.profile.is_none()
        && observation.listed.as_ref().is_some_and(|listed| {
            let authorized_at = listed.authorized_at.map(jiff::Timestamp::as_second);
            row.authorized_at.is_some() && authorized_at > believed(row.authorized_at, now)
        });
    if let Some(listed) = &observation.listed {
        take_listed(&mut row, listed, now);
    }
    if let Some(profile) = &observation.profile {
        take_profile(&mut row, profile, as_of);
    }
    if back {
        row.revoked_at = None;
        row.revoked_source = None;
    }
    if back || row.status != AuthorizationStatus::Revoked {
        row.status = if refresh_token.is_some() || (known.is_some() && !anew) {
            AuthorizationStatus::Active
        } else {
            AuthorizationStatus::PendingExchange
        };
    }
    let kind = match standing {
        None => ChangeKind::Added,
        Some(_) if back => ChangeKind::Reauthorized,
        Some(before) if replaces_refresh_token || says_other(&row, before) => ChangeKind::Updated,
        Some(_) => ChangeKind::Unchanged,
    };
    row.as_of = as_of;
    let before = standing.map_or(&[][..], |row| &row.permission_ids);
    Some(Merged {
        kind,
        refresh_token: refresh_token.cloned(),
        replaces_refresh_token,
        sets_added: missing_from(before, &row.permission_ids),
        sets_removed: missing_from(&row.permission_ids, before),
        row,
    })
}

/// How long WeChat takes an access token that was replaced, in seconds: spec §1.5.
pub(super) const REPLACED_TOKEN_LIFE: i64 = 300;

/// An observation as the exchange of a code makes it, and what the journal names as its source: a
/// code that came with an event is told of by the event. The exchange is an act of WeChat's own and
/// comes after all that is stored, up to `latest`, whatever the clocks say; the refresh token that
/// came with it is the only one.
pub(super) fn exchanged(
    mut observation: Observation,
    latest: jiff::Timestamp,
    refresh_token: Option<Secret>,
) -> (Observation, ChangeSource) {
    let told_by = match observation.source {
        ChangeSource::Event => ChangeSource::Event,
        _ => ChangeSource::Redeem,
    };
    observation.source = ChangeSource::Redeem;
    observation.as_of = observation.as_of.max(latest);
    let refresh_token = refresh_token.filter(|token| !token.is_empty());
    if refresh_token.is_some() {
        match (&mut observation.profile, &mut observation.listed) {
            (Some(profile), _) => profile.refresh_token = refresh_token,
            (None, Some(listed)) => listed.refresh_token = refresh_token,
            (None, None) => {}
        }
    }
    (observation, told_by)
}

/// The refresh token in an observation; what was told about the one counts before the list.
fn offered_refresh_token(observation: &Observation) -> Option<&Secret> {
    let profile = observation.profile.as_ref();
    let listed = observation.listed.as_ref();
    let told = profile.and_then(|profile| profile.refresh_token.as_ref());
    told.filter(|token| !token.is_empty())
        .or_else(|| listed.and_then(|listed| listed.refresh_token.as_ref()))
        .filter(|token| !token.is_empty())
}

/// Whether an observation shows that a revoked authorizer was authorized again.
fn is_back(row: &RosterRow, observation: &Observation, now: i64) -> bool {
    let authorized_at = observation
        .listed
        .as_ref()
        .and_then(|listed| listed.authorized_at)
        .map(jiff::Timestamp::as_second);
    observation.source == ChangeSource::Redeem
        || authorized_at.is_some_and(|at| {
            Some(at) > believed(row.authorized_at, now).or(believed(row.revoked_at, now))
        })
}

fn take_listed(row: &mut RosterRow, listed: &Listed, now: i64) {
    if let Some(authorized_at) = listed.authorized_at {
        // The list may have been read before an exchange that is stored already.
        let before = believed(row.authorized_at, now);
        row.authorized_at = before.max(Some(authorized_at.as_second()));
    }
}

fn take_profile(row: &mut RosterRow, profile: &Profile, as_of: i64) {
    if profile.user_name.is_some() {
        row.user_name.clone_from(&profile.user_name);
    }
    if profile.nick_name.is_some() {
        row.nick_name.clone_from(&profile.nick_name);
    }
    if profile.principal_name.is_some() {
        row.principal_name.clone_from(&profile.principal_name);
    }
    if profile.kind != AccountKind::Unknown {
        row.kind = profile.kind;
    }
    if profile.account_status != AccountStatus::Unknown {
        row.account_status = profile.account_status;
    }
    if let Some(ids) = &profile.permission_ids {
        row.permission_ids = sorted(ids);
        row.pending_ids = sorted(&profile.pending_ids);
    }
    if profile.details.is_some() {
        row.synced_at = Some(as_of);
    }
}

fn sorted(ids: &[PermissionSetId]) -> Vec<PermissionSetId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn unknown() -> RosterRow {
    RosterRow {
        user_name: None,
        nick_name: None,
        external_id: None,
        claimed_external_id: None,
        kind: AccountKind::Unknown,
        principal_name: None,
        status: AuthorizationStatus::PendingExchange,
        account_status: AccountStatus::Unknown,
        authorized_at: None,
        permission_ids: Vec::new(),
        pending_ids: Vec::new(),
        synced_at: None,
        revoked_at: None,
        revoked_source: None,
        as_of: 0,
    }
}

/// Whether a row says something else than before, apart from when it was said.
fn says_other(row: &RosterRow, before: &RosterRow) -> bool {
    row.user_name != before.user_name
        || row.nick_name != before.nick_name
        || row.kind != before.kind
        || row.principal_name != before.principal_name
        || row.status != before.status
        || row.account_status != before.account_status
        || row.authorized_at != before.authorized_at
        || row.permission_ids != before.permission_ids
        || row.pending_ids != before.pending_ids
}

/// The ids of `these` that `those`, sorted, do not have.
fn missing_from(those: &[PermissionSetId], these: &[PermissionSetId]) -> Vec<PermissionSetId> {
    let missing = |id: &&PermissionSetId| those.binary_search(id).is_err();
    these.iter().filter(missing).copied().collect()
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use crate::sys::clock::timestamp;
    use crate::wechat::id::Appid;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    /// A row of an active authorizer.
    pub(in crate::store::ops) fn row(as_of: i64) -> RosterRow {
        RosterRow {
            status: AuthorizationStatus::Active,
            as_of,
            ..unknown()
        }
    }

    fn revoked(authorized_at: i64, revoked_at: i64) -> RosterRow {
        RosterRow {
            status: AuthorizationStatus::Revoked,
            authorized_at: Some(authorized_at),
            revoked_at: Some(revoked_at),
            revoked_source: Some("event".to_owned()),
            ..row(revoked_at)
        }
    }

    fn known(token: &str, as_of: i64) -> KnownRefreshToken {
        let token = Secret::new(token);
        KnownRefreshToken { token, as_of }
    }

    fn listed(as_of: i64, authorized_at: i64, refresh_token: Option<&str>) -> Observation {
        Observation {
            listed: Some(Listed {
                appid: Appid::from_wire("wx0000000000000001"),
                authorized_at: Some(timestamp(authorized_at)),
                refresh_token: refresh_token.map(Secret::new),
            }),
            profile: None,
            as_of: timestamp(as_of),
            source: ChangeSource::Sync,
        }
    }

    #[test]
    fn listed_without_a_refresh_token_waits_for_the_exchange() {
        let added = merge(None, None, &listed(NOW, NOW, None), NOW).unwrap();
        assert_eq!(added.kind, ChangeKind::Added);
        assert_eq!(added.row.status, AuthorizationStatus::PendingExchange);
        let with_token = merge(None, None, &listed(NOW, NOW, Some("r")), NOW).unwrap();
        assert_eq!(with_token.row.status, AuthorizationStatus::Active);
    }

    #[test]
    fn revoked_comes_back_by_a_later_authorization_or_another_refresh_token_only() {
        let row = revoked(NOW - 900, NOW - 500);
        let known = known("r", NOW - 900);
        let kind = |authorized_at, token| {
            let seen = listed(NOW, authorized_at, token);
            let merged = merge(Some(&row), Some(&known), &seen, NOW).unwrap();
            (merged.kind, merged.row.status)
        };
        let still = (ChangeKind::Unchanged, AuthorizationStatus::Revoked);
        let back = (ChangeKind::Reauthorized, AuthorizationStatus::Active);
        assert_eq!(kind(NOW - 900, Some("r")), still);
        assert_eq!(kind(NOW - 900, Some("other")), back);
        assert_eq!(kind(NOW - 400, Some("r")), back);
    }

    #[test]
    fn refresh_token_that_was_stored_later_stays() {
        let known = known("stored", NOW - 10);
        let seen = |as_of| listed(as_of, NOW - 900, Some("seen"));
        let older = merge(Some(&row(NOW - 900)), Some(&known), &seen(NOW - 11), NOW).unwrap();
        assert!(older.refresh_token.is_none());
        let newer = merge(Some(&row(NOW - 900)), Some(&known), &seen(NOW - 10), NOW).unwrap();
        assert!(newer.replaces_refresh_token);
    }

    #[test]
    fn exchange_is_as_late_as_anything_stored() {
        let latest = Timestamp::from_second(NOW).unwrap();
        let seen = listed(NOW - 10, NOW - 10, None);
        let (seen, source) = exchanged(seen, latest, Some(Secret::new("r")));
        assert_eq!((seen.as_of, source), (latest, ChangeSource::Redeem));
        assert!(seen.listed.unwrap().refresh_token == Some(Secret::new("r")));
    }
}
