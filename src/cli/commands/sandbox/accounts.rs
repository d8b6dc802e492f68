//! `sandbox accounts`: the accounts that could authorize.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Record};

use crate::cli::commands::authorizers::kind_word;
use crate::wechat::account::AccountKind;

use super::{Control, Reach};

/// List the accounts that could authorize
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth sandbox accounts\n  wxauth sandbox accounts --kind mini_program --authorized false"
)]
pub struct AccountsArgs {
    /// Of this kind only: official_account, mini_program, channels, store, other
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Authorized to the first platform or not
    #[arg(long, value_name = "true|false")]
    authorized: Option<bool>,
    /// At most so many
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Which sandbox.
    #[command(flatten)]
    reach: Reach,
}

/// An account: the contract's shape.
#[derive(Deserialize, Serialize)]
pub(super) struct AccountRow {
    pub(super) appid: String,
    pub(super) user_name: String,
    pub(super) nick_name: String,
    kind: String,
    administrators: Vec<String>,
    authorized: bool,
}

impl Record for AccountRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("appid", "Appid").whole(),
        Column::new("user_name", "Original id")
            .zh("原始 ID")
            .whole()
            .priority(2),
        Column::new("nick_name", "Name").zh("名称"),
        Column::new("kind", "Kind").zh("类型").whole(),
        Column::new("administrators", "Administrators")
            .zh("管理员")
            .priority(1),
        Column::new("authorized", "Authorized").zh("已授权").whole(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "appid" => Cell::text(&self.appid),
            "user_name" => Cell::text(&self.user_name),
            "nick_name" => Cell::text(&self.nick_name),
            "kind" => {
                let known = self.kind.parse::<AccountKind>().ok();
                let word = known.map(|kind| kind_word(kind, context.lang));
                Cell::word(&self.kind, word.unwrap_or(&self.kind))
            }
            "administrators" => Cell::list(&self.administrators),
            _ => Cell::flag(self.authorized),
        }
    }
}

pub(super) async fn run(context: &Context, args: AccountsArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<AccountRow>()?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(kind) = &args.kind {
        query.append_pair("kind", kind);
    }
    if let Some(authorized) = args.authorized {
        query.append_pair("authorized", &authorized.to_string());
    }
    if let Some(count) = args.count {
        query.append_pair("count", &count.to_string());
    }
    let path = format!("accounts?{}", query.finish());
    let rows: Vec<AccountRow> = Control::new(context, &args.reach).get(&path).await?;
    console.answer(rows.into_iter().map(Ok::<_, CliError>))?;
    Ok(Exit::Done)
}
