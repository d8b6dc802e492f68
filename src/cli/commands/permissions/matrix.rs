//! `permissions matrix`: merchants by permission sets.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::commands::authorizers::{parse_kind, parse_status};
use crate::cli::commands::link::sets;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, Console, Format, Next};
use crate::flow::grants::GrantState;
use crate::flow::{Matrix, standing};
use crate::lang::text;
use crate::store::roster::{AuthorizationStatus, Authorizer, RosterFilter};
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

mod page;
mod screen;

/// Rows read from the store at once.
const PAGE: usize = 2_000;
/// The columns before those of the sets.
const FIXED: [&str; 4] = ["appid", "nick_name", "kind", "status"];

/// Show merchants by permission sets
///
/// The sets are those that the merchants granted and those that the profile says the platform
/// offers or requires. Nothing is asked of WeChat.
#[derive(Debug, Args)]
#[command(
    after_help = "States: granted, missing, held_elsewhere (mutually exclusive, probably another platform's), not_configured (the platform itself does not offer it), unknown; empty or null where the set is for another kind of account\n\nExamples:\n  wxauth --sandbox permissions matrix\n  wxauth --sandbox permissions matrix --kind mini_program --sets 17,18,25 -o csv\n  wxauth --sandbox permissions matrix --html matrix.html"
)]
pub struct MatrixArgs {
    /// Merchants of this kind only
    #[arg(long, value_delimiter = ',', value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<AccountKind>,
    /// Merchants with this status; all but those that ended, unless given
    #[arg(long, value_delimiter = ',', value_name = "STATUS", value_parser = parse_status)]
    status: Vec<AuthorizationStatus>,
    /// These sets only, by id or name
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    sets: Vec<String>,
    /// Save it as one page for a browser, to sort and filter
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// A merchant's row.
#[derive(Serialize)]
struct MatrixRow<'a> {
    appid: &'a str,
    nick_name: Option<&'a str>,
    kind: AccountKind,
    status: AuthorizationStatus,
    states: BTreeMap<PermissionSetId, Option<GrantState>>,
    uncertain_ids: &'a [PermissionSetId],
}

pub(super) async fn run(context: &Context, args: MatrixArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    let wanted = sets(&args.sets)?;
    let mut filter = standing();
    filter.kinds = args.kind;
    if !args.status.is_empty() {
        filter.statuses = args.status;
    }
    let platform = context.platform().await?;
    let configured = context.configured_sets().await?;
    let matrix = match wanted.is_empty() {
        true => {
            let required = context.required_sets().await?;
            platform.matrix(&filter, configured, &required).await?
        }
        false => Matrix::new(wanted, configured),
    };
    let merchants = Merchants {
        context,
        filter,
        matrix,
    };
    match (&args.html, console.format()) {
        (Some(path), _) => page::save(&merchants, &console, path).await?,
        (None, Format::Table) => screen::show(&merchants, &console).await?,
        (None, _) => merchants.stream(&console).await?,
    }
    if platform.store().last_sync(platform.key()).await?.is_none() {
        console.hint(text!(
            "nothing was pulled from WeChat yet: `wxauth authorizers sync`",
            "尚未从微信拉取授权方：`wxauth authorizers sync`"
        ));
    }
    Ok(Exit::Done)
}

/// The merchants asked about, and the sets.
struct Merchants<'a> {
    context: &'a Context,
    filter: RosterFilter,
    matrix: Matrix,
}

impl Merchants<'_> {
    /// Walks the merchants by appid, a page in memory at a time.
    async fn each(
        &self,
        mut visit: impl FnMut(&Authorizer) -> Result<Next, CliError>,
    ) -> Result<(), CliError> {
        let platform = self.context.platform().await?;
        let mut after = None;
        loop {
            let page = platform
                .authorizers(&self.filter, after.as_ref(), PAGE)
                .await?;
            for account in &page {
                if visit(account)? == Next::Stop {
                    return Ok(());
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.appid.clone()),
                _ => return Ok(()),
            }
        }
    }

    async fn stream(&self, console: &Console) -> Result<(), CliError> {
        let uncertain = self.uncertain();
        let mut grid = console.grid(self.names())?;
        self.each(|account| {
            let states = self.matrix.states(account);
            let ids = self.matrix.sets().iter().copied();
            let row = MatrixRow {
                appid: account.appid.as_str(),
                nick_name: account.nick_name.as_deref(),
                kind: account.kind,
                status: account.status,
                states: ids.zip(states.iter().copied()).collect(),
                uncertain_ids: &uncertain,
            };
            let next = grid.push(&row, || {
                let mut cells = vec![
                    Cell::text(row.appid),
                    Cell::optional(row.nick_name, Cell::text),
                    Cell::text(row.kind.as_str()),
                    Cell::text(row.status.as_str()),
                ];
                let words = states.iter().map(|state| state.map(GrantState::as_str));
                cells.extend(words.map(|word| Cell::optional(word, Cell::text)));
                cells
            })?;
            Ok(next)
        })
        .await?;
        grid.finish()?;
        if console.format().is_delimited() && !uncertain.is_empty() {
            let ids: Vec<_> = uncertain.iter().map(ToString::to_string).collect();
            console.note(text!(
                "the catalogue is not sure of these sets: {}",
                "目录对以下权限集不确定：{}",
                ids.join(", ")
            ));
        }
        Ok(())
    }

    /// The names of all columns.
    fn names(&self) -> Vec<String> {
        let ids = self.matrix.sets().iter().map(ToString::to_string);
        FIXED.map(str::to_owned).into_iter().chain(ids).collect()
    }

    /// The sets that the catalogue is unsure of or does not know.
    fn uncertain(&self) -> Vec<PermissionSetId> {
        let ids = self.matrix.sets().iter().copied();
        ids.filter(|id| permission::get(*id).is_none_or(|set| set.uncertain))
            .collect()
    }
}
