//! What the platform's verbs report on the way, in words on stderr.

use std::sync::{Arc, Mutex};

use crate::cli::error::whose;
use crate::console::{Console, Progress};
use crate::flow::{Happening, Watcher};
use crate::lang::{Lang, Text, text};
use crate::store::tokens::TokenOwner;

/// A watcher that writes to `console` and moves `progress`.
pub(super) fn watcher(console: Console, progress: Arc<Mutex<Option<Progress>>>) -> Watcher {
    Arc::new(move |happening| {
        match happening {
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
        } => console.note(of_whose(&owner, |lang, whose| {
            let seconds = remaining.as_secs();
            match lang {
                Lang::En => format!(
                    "waiting for process {process_id} on {host}, which is refreshing {whose} \
                     (at most {seconds} s)"
                ),
                Lang::Zh => format!(
                    "{host} 上的进程 {process_id} 正在刷新 {whose}，等待其完成（最多 {seconds} 秒）"
                ),
            }
        })),
        Happening::WaitingForSdk { key } => console.note(text!(
            "waiting for a process of the backend, which holds `{key}`",
            "后端的进程持有 `{key}`，等待其完成"
        )),
        Happening::WriteRefused { owner } => console.warn(of_whose(&owner, |lang, whose| match lang {
            Lang::En => format!(
                "the backend wrote {whose} while another was minted here: its own stands, and nothing was overwritten"
            ),
            Lang::Zh => format!("签发 {whose} 期间后端写入了自己的令牌：保留后端的令牌，没有覆盖"),
        })),
        Happening::HolderDied { owner } => console.note(of_whose(&owner, |lang, whose| match lang {
            Lang::En => format!("a process died while it was refreshing {whose}: taking over"),
            Lang::Zh => format!("刷新 {whose} 的进程已退出，由本进程接手"),
        })),
        Happening::AnswerLost { owner } => {
            console.note(of_whose(&owner, |lang, whose| match lang {
                Lang::En => format!("the answer for {whose} was lost: asking again"),
                Lang::Zh => format!("{whose} 的响应已丢失，重新请求"),
            }));
        }
        Happening::TokenRefused { owner, errcode } => console.warn(of_whose(&owner, |lang, whose| match lang {
            Lang::En => format!(
                "WeChat refused {whose} with {errcode} before its time: somebody else may mint \
                 for this platform"
            ),
            Lang::Zh => format!(
                "微信以 {errcode} 提前拒绝了 {whose}：可能有其他程序在为该平台签发令牌"
            ),
        })),
        Happening::RefreshTokenReplaced { appid } => console.note(text!("the stored refresh token of {appid} was dead; WeChat's own records had the present one", "微信已有 {appid} 的新 refresh_token，本地存储的已失效，现已更新")),
        Happening::AuthorizationEnded { appid } => {
            console.note(text!("{appid} ended its authorization", "{appid} 已取消授权"));
        }
        Happening::Planned { calls, quota_left } => match quota_left {
            Some(left) => console.note(text!("{calls} calls to WeChat, {left} left today", "已调用微信 {calls} 次，今日剩余 {left} 次")),
            None => console.note(text!("{calls} calls to WeChat", "已调用微信 {calls} 次")),
        },
        Happening::ListMoved { before, after } => console.note(text!("the account list moved while it was read ({before} to {after} accounts)", "读取期间授权方列表发生变化（{before} → {after} 个账号）")),
        Happening::Resumed => console.note(text!("going on with an unfinished sync", "继续未完成的同步")),
    }
    })
}

/// What is said of somebody's token.
fn of_whose(owner: &TokenOwner, say: impl Fn(Lang, &str) -> String) -> Text {
    let whose = whose(owner);
    Text::each(|lang| say(lang, whose.of(lang)))
}
