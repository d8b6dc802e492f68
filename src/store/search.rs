//! Which authorizers an argument means, decided once for every kind of store.
//!
//! An appid or an original id means that account and nothing else. An `external_id` means the
//! authorizer that the operator gave it to, unless it is another one's whole name as well. Anything
//! else is a part of a name. Several that are meant are ambiguous: the caller shows them. A
//! `claimed_external_id` means none: a visitor of the launch page wrote it.

use crate::wechat::id::{UserName, is_account_id};

use super::roster::Authorizer;

/// What the authorizers that have the text as a whole id or name say about it.
#[derive(Debug, PartialEq, Eq)]
pub enum Meant {
    /// These, sorted by appid; two and more are ambiguous.
    These(Vec<Authorizer>),
    /// All that have it in their name.
    PartOfName,
}

/// Decides about `who`, where `exact` are those that have it as appid, original id, external id or
/// whole name.
#[must_use]
pub fn decide(who: &str, mut exact: Vec<Authorizer>) -> Meant {
    let has_id = |row: &Authorizer| match_of(who, row).is_id;
    let is_id = exact.iter().any(has_id) || is_account_id(who);
    exact.retain(|row| {
        let matched = match_of(who, row);
        matched.is_id || matched.is_external || (matched.is_name && !is_id)
    });
    exact.sort_by(|a, b| a.appid.cmp(&b.appid));
    exact.dedup_by(|later, first| later.appid == first.appid);
    if is_id && !exact.iter().any(|row| match_of(who, row).is_id) {
        return Meant::These(Vec::new());
    }
    match is_id || exact.iter().any(|row| match_of(who, row).is_external) {
        true => Meant::These(exact),
        false => Meant::PartOfName,
    }
}

/// The one that has `id` as appid, original id or external id, names left out of account.
#[must_use]
pub fn identified(id: &str, mut exact: Vec<Authorizer>) -> Option<Authorizer> {
    exact.retain(|row| {
        let matched = match_of(id, row);
        matched.is_id || matched.is_external
    });
    match decide(id, exact) {
        Meant::These(mut rows) if rows.len() == 1 => rows.pop(),
        _ => None,
    }
}

/// In which of its fields an authorizer has a text.
struct Match {
    is_id: bool,
    is_external: bool,
    is_name: bool,
}

fn match_of(who: &str, row: &Authorizer) -> Match {
    let user_name = row.user_name.as_ref().map(UserName::as_str);
    Match {
        is_id: row.appid.as_str() == who || user_name == Some(who),
        is_external: row.external_id.as_deref() == Some(who),
        is_name: row.nick_name.as_deref() == Some(who),
    }
}
