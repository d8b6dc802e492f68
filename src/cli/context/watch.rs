//! What the platform's verbs report on the way, in words on stderr.

use std::sync::{Arc, Mutex};

use crate::console::{Console, Progress};
use crate::flow::{Happening, Watcher};
use crate::store::TokenOwner;

/// A watcher that writes to `console` and moves `progress`.
pub(super) fn watcher(console: Console, progress: Arc<Mutex<Option<Progress>>>) -> Watcher {
    Arc::new(move |happening| match happening {
        Happening::Progress { done, total } | Happening::Listed { rows: done, total } => {
            if let Ok(bar) = progress.lock()
                && let Some(bar) = bar.as_ref()
            {
                bar.set(done, total);
            }
        }
        Happening::WaitingForHolder {
            owner,
            host,
            process_id,
            remaining,
        } => console.note(format!(
            "waiting for process {process_id} on {host}, which is refreshing {} (at most {} s)",
            whose(&owner),
            remaining.as_secs()
        )),
        Happening::HolderDied { owner } => console.note(format!(
            "a process died while it was refreshing {}: taking over",
            whose(&owner)
        )),
        Happening::AnswerLost { owner } => {
            console.note(format!(
                "the answer for {} was lost: asking again",
                whose(&owner)
            ));
        }
        Happening::TokenRefused { owner, errcode } => console.warn(format!(
            "WeChat refused {} with {errcode} before its time: somebody else may mint for this \
             platform",
            whose(&owner)
        )),
        Happening::RefreshTokenReplaced { appid } => console.note(format!(
            "the stored refresh token of {appid} was dead; WeChat's own records had the present one"
        )),
        Happening::AuthorizationEnded { appid } => {
            console.note(format!("{appid} ended its authorization"));
        }
        Happening::Planned { calls, quota_left } => match quota_left {
            Some(left) => console.note(format!("{calls} calls to WeChat, {left} left today")),
            None => console.note(format!("{calls} calls to WeChat")),
        },
        Happening::ListMoved { before, after } => console.note(format!(
            "the account list moved while it was read ({before} to {after} accounts)"
        )),
        Happening::Resumed => console.note("going on with an unfinished sync"),
    })
}

fn whose(owner: &TokenOwner) -> String {
    match owner {
        TokenOwner::Component => "the component token".to_owned(),
        TokenOwner::Authorizer(appid) => format!("the token of {appid}"),
    }
}
