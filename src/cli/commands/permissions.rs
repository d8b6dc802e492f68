//! `permissions`: permission sets, what needs them and who granted them.

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::flow::Platform;
use crate::flow::grants::ConfiguredSets;
use crate::lang::Text;

mod drift;
mod list;
mod matrix;
mod plan;
pub(super) mod set;
mod show;
mod why;

/// Look permission sets up.
#[derive(Debug, Subcommand)]
#[allow(missing_docs, reason = "clap shows the words of the arguments")]
pub enum PermissionsCommand {
    List(list::ListArgs),
    Show(show::ShowArgs),
    Why(why::WhyArgs),
    Drift(drift::DriftArgs),
    Matrix(matrix::MatrixArgs),
    Plan(plan::PlanArgs),
}

impl PermissionsCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::List(_) => "list",
            Self::Show(_) => "show",
            Self::Why(_) => "why",
            Self::Drift(_) => "drift",
            Self::Matrix(_) => "matrix",
            Self::Plan(_) => "plan",
        }
    }
}

pub(super) async fn run(context: &Context, command: PermissionsCommand) -> Result<Exit, CliError> {
    match command {
        PermissionsCommand::List(args) => list::run(context, args).await,
        PermissionsCommand::Show(args) => show::run(context, args).await,
        PermissionsCommand::Why(args) => why::run(context, args).await,
        PermissionsCommand::Drift(args) => drift::run(context, args).await,
        PermissionsCommand::Matrix(args) => matrix::run(context, args).await,
        PermissionsCommand::Plan(args) => plan::run(context, args).await,
    }
}

/// A platform and what it offers.
struct Known<'a> {
    platform: &'a Platform,
    configured: ConfiguredSets,
}

/// The platform, if there is one: the catalogue answers without. A profile named on the command
/// line has to exist.
async fn platform_if_any(context: &Context) -> Result<Option<Known<'_>>, CliError> {
    match context.settings().await {
        Err(error)
            if error.kind() == Kind::ActionRequired && context.globals().profile.is_none() =>
        {
            let reason = error.message();
            context.console().note(Text::each(|lang| {
                let left_out = lang.choose("merchants are left out:", "未列出商家：");
                format!("{left_out} {}", reason.of(lang))
            }));
            Ok(None)
        }
        Err(error) => Err(error),
        Ok(_) => Ok(Some(Known {
            platform: context.platform().await?,
            configured: context.configured_sets().await?,
        })),
    }
}
