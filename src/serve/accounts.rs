//! Which account a message is for.
//!
//! The path is not signed: a push can be sent again on another account's path. The
//! `ToUserName` in the encrypted text is authentic, so the path's appid is believed only if nothing
//! that the store knows contradicts it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use crate::store::StoreError;
use crate::store::roster::Authorizer;
use crate::sys::sync::lock;
use crate::wechat::id::{Appid, ComponentAppid, UserName};

use super::Hosted;

/// How long an answer of the store is used.
const FRESH: Duration = Duration::from_secs(60);
/// Answers kept at most.
const KEPT: usize = 10_000;

/// Platform, `ToUserName` and the path's appid.
type Question = (ComponentAppid, String, Option<Appid>);

/// What the store said about the accounts of the latest messages.
#[derive(Default)]
pub(super) struct Accounts {
    known: Mutex<HashMap<Question, (Instant, String)>>,
}

impl Accounts {
    /// The account with the original id `to`: its appid where that is known, else `to`. While the
    /// store does not answer, it is what the store said last.
    pub(super) async fn named(
        &self,
        hosted: &Hosted,
        path: Option<&str>,
        to: &str,
        deadline: Instant,
    ) -> String {
        let appid = path.and_then(|path| path.parse::<Appid>().ok());
        let question = (hosted.appid().clone(), to.to_owned(), appid);
        let former = self.kept(&question);
        if let Some((since, account)) = &former
            && since.elapsed() < FRESH
        {
            return account.clone();
        }
        let asked = ask(hosted, to, question.2.as_ref(), deadline);
        match timeout_at(deadline.into(), asked).await {
            Ok(Ok(account)) => {
                self.keep(question, account.clone());
                account
            }
            // The act that counts the message reports that the store fails.
            Ok(Err(_)) | Err(_) => former.map_or_else(|| to.to_owned(), |(_, account)| account),
        }
    }

    fn kept(&self, question: &Question) -> Option<(Instant, String)> {
        let known = lock(&self.known);
        known.get(question).cloned()
    }

    fn keep(&self, question: Question, account: String) {
        let mut known = lock(&self.known);
        if known.len() >= KEPT
            && let Some(any) = known.keys().next().cloned()
        {
            known.remove(&any);
        }
        known.insert(question, (Instant::now(), account));
    }
}

async fn ask(
    hosted: &Hosted,
    to: &str,
    appid: Option<&Appid>,
    deadline: Instant,
) -> Result<String, StoreError> {
    let (store, key) = (
        hosted.platform.store().until(deadline),
        hosted.platform.key(),
    );
    let has_it = |row: &Authorizer| row.user_name.as_ref().map(UserName::as_str) == Some(to);
    let mut believed = appid;
    if let Some(appid) = appid
        && let Some(row) = store.authorizer(key, appid).await?
    {
        if has_it(&row) {
            return Ok(appid.to_string());
        }
        believed = believed.filter(|_| row.user_name.is_none());
    }
    let owner = store.identified(key, to).await?.filter(has_it);
    let owner = owner.map(|row| row.appid);
    Ok(owner
        .as_ref()
        .or(believed)
        .map_or_else(|| to.to_owned(), Appid::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_memory_forgets_one_answer_and_not_all() {
        let platform: ComponentAppid = "wx0000000000000001".parse().expect("an appid");
        let accounts = Accounts::default();
        let question = |number: usize| (platform.clone(), format!("gh_{number}"), None);
        for number in 0..=KEPT {
            accounts.keep(question(number), String::new());
        }
        let kept = (0..=KEPT).filter(|number| accounts.kept(&question(*number)).is_some());
        assert_eq!(kept.count(), KEPT);
        assert!(accounts.kept(&question(KEPT)).is_some());
    }
}
