//! `events list --messages`: what authorized accounts received.

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Next, Record};
use crate::flow::{FlowError, Platform};
use crate::store::messages::MessageFilter;

/// What an account received of one kind.
#[derive(Serialize)]
struct MessageRow {
    account: String,
    kind: String,
    count: u64,
    last_at: Timestamp,
    kept: Vec<Kept>,
}

/// A message whose body was kept.
#[derive(Serialize)]
struct Kept {
    id: i64,
    received_at: Timestamp,
    body: String,
}

impl Record for MessageRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("account", "Account").zh("账号").whole(),
        Column::new("kind", "Kind").zh("类型").whole(),
        Column::new("count", "Count").zh("数量").whole(),
        Column::new("last_at", "Last").zh("最近").whole(),
        Column::new("kept", "Kept bodies").zh("保存的正文").wide(),
    ];

    fn cell(&self, column: &'static str, _: &CellContext) -> Cell {
        match column {
            "account" => Cell::text(&self.account),
            "kind" => Cell::text(&self.kind),
            "count" => Cell::number(self.count as i64),
            "last_at" => Cell::moment(self.last_at),
            _ => Cell::list(self.kept.iter().map(|kept| &kept.body)),
        }
    }
}

/// Shows the counts, with the newest `limit` bodies where they were kept.
pub(super) async fn run(
    context: &Context,
    who: Option<&str>,
    limit: usize,
) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<MessageRow>()?;
    let platform = context.platform().await?;
    let accounts = match who {
        Some(who) => Some(accounts(platform, who).await?),
        None => None,
    };
    let (store, key) = (platform.store(), platform.key());
    let mut bodies = Vec::new();
    let of_accounts = match &accounts {
        Some(accounts) => accounts.iter().cloned().map(Some).collect(),
        None => vec![None],
    };
    for account in of_accounts {
        let filter = MessageFilter {
            account,
            before: None,
            limit,
        };
        bodies.extend(store.messages(key, &filter).await?);
    }
    bodies.sort_by_key(|message| std::cmp::Reverse(message.id));
    bodies.truncate(limit);

    let mut list = console.list::<MessageRow>();
    for counted in store.message_counts(key).await? {
        let wanted = |accounts: &Vec<String>| accounts.contains(&counted.account);
        if !accounts.as_ref().is_none_or(wanted) {
            continue;
        }
        let of_row = bodies
            .extract_if(.., |message| {
                message.account == counted.account && message.what == counted.what
            })
            .map(|message| Kept {
                id: message.id,
                received_at: message.received_at,
                body: message.body,
            })
            .collect();
        let row = MessageRow {
            account: counted.account,
            kind: counted.what,
            count: counted.count,
            last_at: counted.last_at,
            kept: of_row,
        };
        if list.push(&row)? == Next::Stop {
            return Ok(Exit::Done);
        }
    }
    list.finish()?;
    Ok(Exit::Done)
}

/// What messages call this merchant: its appid where the path of the URL tells it, else its
/// original id. Whoever is in no list is taken at its word.
async fn accounts(platform: &Platform, who: &str) -> Result<Vec<String>, CliError> {
    match platform.authorizer(who).await {
        Ok(row) => {
            let user_name = row.user_name.map(|name| name.as_str().to_owned());
            Ok([row.appid.to_string()]
                .into_iter()
                .chain(user_name)
                .collect())
        }
        Err(FlowError::UnknownAuthorizer { .. }) => Ok(vec![who.to_owned()]),
        Err(error) => Err(error.into()),
    }
}
