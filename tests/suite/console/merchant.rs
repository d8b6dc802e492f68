//! A record as the commands have them: ids, a stranger's name, a state, times, sets.

use jiff::Timestamp;
use serde::Serialize;
use wxauth::console::{Cell, CellContext, Column, Record, Tone};

#[derive(Clone, Serialize)]
pub struct Merchant {
    pub appid: String,
    pub nick_name: String,
    pub status: &'static str,
    pub accounts: i64,
    pub permission_ids: Vec<u32>,
    pub authorized_at: Option<Timestamp>,
    pub principal_name: String,
}

impl Merchant {
    pub fn named(nick_name: &str) -> Self {
        Self {
            appid: "wx1234567890abcdef".to_owned(),
            nick_name: nick_name.to_owned(),
            status: "active",
            accounts: -3,
            permission_ids: vec![1, 15],
            authorized_at: Timestamp::from_second(1_795_377_000).ok(),
            principal_name: "示例科技（北京）有限公司".to_owned(),
        }
    }
}

impl Record for Merchant {
    const COLUMNS: &'static [Column] = &[
        Column::new("appid", "Appid").whole(),
        Column::new("nick_name", "Nick name").zh("名称"),
        Column::new("status", "Status").zh("状态").whole(),
        Column::new("accounts", "Accounts").priority(3),
        Column::new("permission_ids", "Sets")
            .zh("权限集")
            .priority(2),
        Column::new("authorized_at", "Authorized")
            .zh("授权时间")
            .whole()
            .priority(4),
        Column::new("principal_name", "Principal").zh("主体").wide(),
    ];

    fn cell(&self, column: &'static str, _context: &CellContext) -> Cell {
        match column {
            "appid" => Cell::text(&self.appid),
            "nick_name" => Cell::text(&self.nick_name),
            "status" => Cell::word(self.status, self.status).tone(Tone::Good),
            "accounts" => Cell::number(self.accounts),
            "permission_ids" => Cell::list(&self.permission_ids),
            "authorized_at" => Cell::optional(self.authorized_at, Cell::moment),
            "principal_name" => Cell::text(&self.principal_name),
            _ => Cell::empty(),
        }
    }
}
