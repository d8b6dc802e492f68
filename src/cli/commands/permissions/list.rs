//! `permissions list`: the catalogue, and what merchants granted beyond it.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};

use crate::cli::commands::authorizers::parse_kind;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

use super::set::SetRow;

/// List the permission sets, and how many merchants granted each
///
/// Sets that a merchant granted and the catalogue does not know are in the list. Exclusive means
/// that one platform only can hold the set of an account.
#[derive(Debug, Args)]
#[command(
    after_help = "Kinds: official_account, mini_program, channels, store, other\n\nExamples:\n  wxauth permissions list --search 消息\n  wxauth --sandbox permissions list --kind mini-program --exclusive yes"
)]
pub struct ListArgs {
    /// That accounts of this kind can grant
    #[arg(long, value_delimiter = ',', value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<AccountKind>,
    /// Held by one platform only: yes, no or unknown
    #[arg(long, value_enum, value_name = "ANSWER", hide_possible_values = true)]
    exclusive: Option<Exclusive>,
    /// With this in a name, the description or the number
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

/// What is known of a set's exclusivity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Exclusive {
    Yes,
    No,
    Unknown,
}

impl Exclusive {
    fn fits(self, known: Option<bool>) -> bool {
        known == [Some(true), Some(false), None][self as usize]
    }
}

impl ListArgs {
    fn let_through(&self, id: PermissionSetId) -> bool {
        let set = permission::get(id);
        let kind = self.kind.is_empty()
            || set.is_some_and(|set| self.kind.iter().any(|kind| set.fits(*kind)));
        let exclusive = set.and_then(|set| set.mutually_exclusive);
        let search = self.search.as_ref().is_none_or(|text| {
            let text = text.to_lowercase();
            let words = set.map(|set| [&set.name_zh, &set.name_en, &set.description_en]);
            let mut words = words.into_iter().flatten();
            id.to_string() == text || words.any(|words| words.to_lowercase().contains(&text))
        });
        kind && search && self.exclusive.is_none_or(|asked| asked.fits(exclusive))
    }
}

pub(super) async fn run(context: &Context, args: ListArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<SetRow>()?;
    let known = super::platform_if_any(context).await?;
    let holders = match &known {
        Some(known) => Some(known.platform.holders().await?),
        None => None,
    };
    let configured = known.map(|known| known.configured).unwrap_or_default();
    let granted = holders.iter().flat_map(BTreeMap::keys).copied();
    let declared = configured.by_kind.iter().flat_map(|(_, ids)| ids).copied();
    let ids: BTreeSet<_> = permission::all()
        .iter()
        .map(|set| set.id)
        .chain(granted)
        .chain(declared)
        .collect();
    let rows = ids
        .into_iter()
        .filter(|id| args.let_through(*id))
        .map(|id| {
            let count = holders
                .as_ref()
                .map(|holders| holders.get(&id).copied().unwrap_or_default());
            Ok::<_, CliError>(SetRow::new(id, configured.offers(id), count))
        });
    console.answer(rows)?;
    Ok(Exit::Done)
}
