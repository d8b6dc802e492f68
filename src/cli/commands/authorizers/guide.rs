//! `authorizers guide`: the text a merchant needs, ready to paste into a chat.

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::flow::grants::{GrantState, is_exclusive, state_of};
use crate::flow::kind_of;
use crate::lang::Lang;
use crate::store::roster::{AuthorizationStatus, Authorizer};
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId};

use super::list::parse_kind;

mod chinese;
mod english;
mod paths;

pub(super) use paths::END_PATHS;

/// Write the text a merchant needs: to authorize first, to update, to end
///
/// Without `--for` it is what the merchant's status calls for: an update, or a first authorization
/// again after the last one ended. `--lang zh` and `--lang en` choose the language; JSON has both.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth authorizers guide --for first --lang zh\n  wxauth authorizers guide --kind official-account --for end\n  wxauth --sandbox authorizers guide 江南书院 --for update --lang zh"
)]
pub struct GuideArgs {
    /// Appid, gh_… id, external id, or a unique part of the name
    #[arg(value_name = "WHO")]
    who: Option<String>,
    /// What the merchant is to do: first, update or end
    #[arg(
        long = "for",
        value_enum,
        value_name = "WHAT",
        hide_possible_values = true
    )]
    occasion: Option<Occasion>,
    /// For accounts of this kind, where no merchant is named
    #[arg(long, value_name = "KIND", value_parser = parse_kind, conflicts_with = "who")]
    kind: Option<AccountKind>,
}

/// What a merchant is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Occasion {
    /// Authorize, for the first time or again.
    First,
    /// Change what is granted.
    Update,
    /// End the authorization.
    End,
}

/// What the text depends on.
struct Letter {
    occasion: Occasion,
    kind: AccountKind,
    nick_name: Option<String>,
    /// Asked for and not granted: what is required, and for an update what is configured.
    wanted: Vec<PermissionSetId>,
    /// Of those, exclusive ones that another platform may hold.
    contested: Vec<PermissionSetId>,
    /// Whether an unchanged confirmation would bring nothing: the code was never exchanged.
    must_change: bool,
}

#[derive(Serialize)]
struct GuideRow {
    #[serde(rename = "for")]
    occasion: Occasion,
    appid: Option<Appid>,
    nick_name: Option<String>,
    kind: AccountKind,
    permission_ids: Vec<PermissionSetId>,
    zh: String,
    en: String,
}

pub(super) async fn run(context: &Context, args: GuideArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let account = match &args.who {
        Some(who) => Some(context.platform().await?.authorizer(who).await?),
        None => None,
    };
    let letter = match &account {
        Some(account) => letter_to(context, account, args.occasion).await?,
        None => Letter {
            occasion: args.occasion.unwrap_or(Occasion::First),
            kind: args.kind.unwrap_or(AccountKind::Unknown),
            nick_name: None,
            wanted: Vec::new(),
            contested: Vec::new(),
            must_change: false,
        },
    };
    let row = GuideRow {
        zh: chinese::text(&letter),
        en: english::text(&letter),
        occasion: letter.occasion,
        appid: account.map(|account| account.appid),
        nick_name: letter.nick_name,
        kind: letter.kind,
        permission_ids: letter.wanted,
    };
    let text = match console.lang() {
        Lang::Zh => &row.zh,
        Lang::En => &row.en,
    };
    console.document(&row, |out| {
        out.lines(text);
        Ok(())
    })?;
    Ok(Exit::Done)
}

async fn letter_to(
    context: &Context,
    account: &Authorizer,
    occasion: Option<Occasion>,
) -> Result<Letter, CliError> {
    let occasion = occasion.unwrap_or(match account.status {
        AuthorizationStatus::Revoked => Occasion::First,
        AuthorizationStatus::Active | AuthorizationStatus::PendingExchange => Occasion::Update,
    });
    let required = context.required_sets().await?;
    let configured = context.configured_sets().await?;
    let state = |id: PermissionSetId| {
        let offered = configured.of(kind_of(account));
        state_of(&[id], kind_of(account), account, offered)
    };
    let wanted: Vec<_> = match occasion {
        Occasion::End => Vec::new(),
        Occasion::First | Occasion::Update => {
            let mut asked = required.of(kind_of(account)).to_vec();
            if occasion == Occasion::Update {
                asked.extend(configured.of(kind_of(account)).unwrap_or_default());
            }
            asked.sort_unstable();
            asked.dedup();
            asked
                .retain(|id| matches!(state(*id), GrantState::Missing | GrantState::HeldElsewhere));
            asked
        }
    };
    let contested = wanted.iter().copied();
    Ok(Letter {
        occasion,
        kind: kind_of(account),
        nick_name: account.nick_name.clone(),
        contested: contested
            .filter(|id| is_exclusive(*id) == Some(true))
            .collect(),
        wanted,
        must_change: account.status == AuthorizationStatus::PendingExchange,
    })
}

/// The paths out of `paths` that an account of this kind has; all where the kind is not known.
fn fitting<const COUNT: usize>(
    paths: &'static [paths::Path; COUNT],
    kind: AccountKind,
) -> impl Iterator<Item = &'static paths::Path> {
    paths
        .iter()
        .filter(move |(_, _, kinds)| kind == AccountKind::Unknown || kinds.contains(&kind))
}
