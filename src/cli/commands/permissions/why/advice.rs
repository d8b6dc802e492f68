//! What to do next about an account that a call does not work for.

use crate::cli::commands::permissions::set::DEVELOPMENT;
use crate::flow::grants::GrantState;
use crate::lang::Lang;
use crate::store::roster::{AuthorizationStatus, Authorizer};
use crate::wechat::account::AccountKind;
use crate::wechat::api_permission::ApiPermission;

use super::AccountRow;

/// What of an account decides the next step, beside its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// WeChat was never asked about it.
    NeverSynced,
    /// The merchant ended the authorization.
    Ended,
    /// Its authorization code was never exchanged.
    PendingExchange,
    /// Neither.
    Stands,
}

impl Standing {
    pub(super) fn of(account: &Authorizer) -> Self {
        match account.status {
            AuthorizationStatus::Revoked => Self::Ended,
            _ if account.synced_at.is_none() => Self::NeverSynced,
            AuthorizationStatus::PendingExchange => Self::PendingExchange,
            AuthorizationStatus::Active => Self::Stands,
        }
    }
}

/// The next step, in a sentence with its command.
pub(super) fn next(row: &AccountRow, call: &ApiPermission, lang: Lang) -> String {
    let appid = &row.appid;
    let zh = lang == Lang::Zh;
    let sets: Vec<_> = call
        .permission_sets
        .iter()
        .map(ToString::to_string)
        .collect();
    let sets = sets.join(",");
    match (row.state, row.standing) {
        (GrantState::Granted, Standing::PendingExchange) if zh => format!(
            "已授权，但授权码未换取：请商家在授权页改动一项权限以完成更新，`wxauth authorizers guide {appid} --for update`"
        ),
        (GrantState::Granted, Standing::PendingExchange) => format!(
            "granted, but its code was never exchanged: the merchant updates, `wxauth authorizers guide {appid} --for update`"
        ),
        (GrantState::Granted, _) if zh => {
            "已授权；若仍报错，请检查账号自身是否具备该能力（认证、类目、开通）以及所用令牌".to_owned()
        }
        (GrantState::Granted, _) => {
            "nothing to do; if the call still fails, the account itself lacks the ability, or it is the wrong token".to_owned()
        }
        (GrantState::Missing, Standing::Ended) if zh => {
            format!("授权已解除，请商家重新授权：`wxauth link --for {appid}`")
        }
        (GrantState::Missing, Standing::Ended) => {
            format!("its authorization ended; the merchant authorizes again: `wxauth link --for {appid}`")
        }
        (GrantState::Missing, _) if zh => format!(
            "请管理员更新授权：`wxauth link --for {appid}`，说明文字：`wxauth authorizers guide {appid} --for update`"
        ),
        (GrantState::Missing, _) => format!(
            "an administrator of the account updates: `wxauth link --for {appid}`; the text to send: `wxauth authorizers guide {appid} --for update`"
        ),
        (GrantState::HeldElsewhere, _) => {
            let first = match (call.permission_sets.contains(&DEVELOPMENT), zh) {
                (true, true) => "请商家先整体解除原第三方平台的授权（权限集 18 的官方建议）",
                (true, false) => "the merchant first ends the other platform's authorization, as WeChat advises for set 18",
                (false, true) => "请商家先在原第三方平台取消该权限或解除授权",
                (false, false) => "the merchant first takes the set from the other platform, or ends its authorization",
            };
            match lang {
                Lang::Zh => format!("{first}，再更新我方授权：`wxauth link --for {appid}`"),
                Lang::En => format!("{first}; then updates ours: `wxauth link --for {appid}`"),
            }
        }
        (GrantState::NotConfigured, _) if zh => {
            format!("先在平台配置该权限集，再请商家更新授权：`wxauth permissions plan {sets}`")
        }
        (GrantState::NotConfigured, _) => {
            format!("configure a set on the platform first, then the merchant updates: `wxauth permissions plan {sets}`")
        }
        (GrantState::Unknown, standing)
            if standing != Standing::NeverSynced && row.kind != AccountKind::Unknown =>
        {
            let nothing = lang.choose(
                "nothing: the call's permission sets are for another kind of account",
                "无需处理：该接口的权限集适用于其他类型的账号",
            );
            nothing.to_owned()
        }
        (GrantState::Unknown, _) => lang
            .choose(
                "WeChat has not told its kind or its sets yet: `wxauth authorizers sync`",
                "尚未获取账号类型或权限：`wxauth authorizers sync`",
            )
            .to_owned(),
    }
}
