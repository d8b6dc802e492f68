//! A merchant as a row: the store's own record is both row and JSON.

use crate::console::{Cell, CellContext, Column, Record, Tone};
use crate::lang::Lang;
use crate::store::roster::{AccountStatus, AuthorizationStatus, Authorizer};
use crate::wechat::account::AccountKind;

impl Record for Authorizer {
    const COLUMNS: &'static [Column] = &[
        Column::new("appid", "Appid").whole(),
        Column::new("user_name", "Original id")
            .zh("原始 ID")
            .wide()
            .whole(),
        Column::new("nick_name", "Name").zh("名称"),
        Column::new("external_id", "External id")
            .zh("外部编号")
            .wide(),
        Column::new("claimed_external_id", "Claimed id")
            .zh("链接声明的编号")
            .wide(),
        Column::new("kind", "Kind").zh("类型").priority(2).whole(),
        Column::new("principal_name", "Principal").zh("主体").wide(),
        Column::new("status", "Status").zh("授权").whole(),
        Column::new("account_status", "Account")
            .zh("账号")
            .priority(5)
            .whole(),
        Column::new("authorized_at", "Authorized")
            .zh("授权时间")
            .priority(4)
            .whole(),
        Column::new("permission_ids", "Sets")
            .zh("权限集")
            .priority(3),
        Column::new("token_expires_at", "Token ends")
            .zh("令牌失效")
            .priority(1)
            .whole(),
        Column::new("has_refresh_token", "Refresh token")
            .zh("刷新令牌")
            .wide()
            .whole(),
        Column::new("synced_at", "Synced").zh("同步").wide().whole(),
        Column::new("revoked_at", "Ended").zh("解除").wide().whole(),
        Column::new("revoked_source", "Noticed by")
            .zh("得知于")
            .wide(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        let lang = context.lang;
        match column {
            "appid" => Cell::text(self.appid.as_str()),
            "user_name" => Cell::optional(self.user_name.as_ref(), |id| Cell::text(id.as_str())),
            "nick_name" => Cell::optional(self.nick_name.as_ref(), Cell::text),
            "external_id" => Cell::optional(self.external_id.as_ref(), Cell::text),
            "claimed_external_id" => Cell::optional(self.claimed_external_id.as_ref(), Cell::text),
            "kind" => Cell::word(self.kind.as_str(), kind(self.kind, lang)),
            "principal_name" => Cell::optional(self.principal_name.as_ref(), Cell::text),
            "status" => Cell::word(self.status.as_str(), status(self.status, lang)).tone(
                match self.status {
                    AuthorizationStatus::Active => Tone::Good,
                    AuthorizationStatus::PendingExchange => Tone::Warn,
                    AuthorizationStatus::Revoked => Tone::Bad,
                },
            ),
            "account_status" => {
                let tone = match self.account_status {
                    AccountStatus::Normal | AccountStatus::Unknown => Tone::Muted,
                    _ => Tone::Bad,
                };
                let words = account_status(self.account_status, lang);
                Cell::word(self.account_status.as_str(), words).tone(tone)
            }
            "authorized_at" => Cell::optional(self.authorized_at, Cell::moment),
            "permission_ids" => {
                // How many is what a row has room for; `show` names them.
                let ids: Vec<_> = self
                    .permission_ids
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                Cell::word(ids.join(","), ids.len().to_string())
            }
            "token_expires_at" => Cell::optional(self.token_expires_at, Cell::moment),
            "has_refresh_token" => Cell::flag(self.has_refresh_token),
            "synced_at" => Cell::optional(self.synced_at, Cell::moment),
            "revoked_at" => Cell::optional(self.revoked_at, Cell::moment),
            _ => Cell::optional(self.revoked_source.as_ref(), Cell::text),
        }
    }
}

pub(in crate::cli::commands) fn kind(kind: AccountKind, lang: Lang) -> &'static str {
    match kind {
        AccountKind::OfficialAccount => lang.choose("official account", "公众号"),
        AccountKind::MiniProgram => lang.choose("mini program", "小程序"),
        AccountKind::Channels => lang.choose("channels", "视频号"),
        AccountKind::Store => lang.choose("store", "微信小店"),
        AccountKind::Other => lang.choose("other", "其他"),
        AccountKind::Unknown => lang.choose("unknown", "未知"),
    }
}

pub(in crate::cli::commands) fn status(status: AuthorizationStatus, lang: Lang) -> &'static str {
    match status {
        AuthorizationStatus::Active => lang.choose("active", "有效"),
        AuthorizationStatus::PendingExchange => lang.choose("pending exchange", "待换取"),
        AuthorizationStatus::Revoked => lang.choose("revoked", "已解除"),
    }
}

fn account_status(status: AccountStatus, lang: Lang) -> &'static str {
    match status {
        AccountStatus::Normal => lang.choose("normal", "正常"),
        AccountStatus::Cancelled => lang.choose("cancelled", "注销"),
        AccountStatus::Banned => lang.choose("banned", "封禁"),
        AccountStatus::Warned => lang.choose("warned", "告警"),
        AccountStatus::Frozen => lang.choose("frozen", "冻结"),
        AccountStatus::Unknown => lang.choose("unknown", "未知"),
    }
}
