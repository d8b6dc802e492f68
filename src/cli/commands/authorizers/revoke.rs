//! `authorizers revoke`: it does not exist, and says who can and where.

use clap::Args;

use crate::cli::error::CliError;

use super::guide::END_PATHS;

/// Nothing can: only the merchant ends an authorization
///
/// This always ends with exit code 2.
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Whose authorization
    #[arg(value_name = "WHO")]
    who: Vec<String>,
}

pub(super) fn refusal(args: &RevokeArgs) -> CliError {
    let refused = "only the merchant can end an authorization; WeChat has no call for it";
    let error = CliError::usage(refused);
    let error = END_PATHS.iter().fold(error, |error, (accounts, path, _)| {
        error.hint(format!("{accounts}: {path}"))
    });
    let who = args
        .who
        .first()
        .map(|who| format!("{who} "))
        .unwrap_or_default();
    error
        .hint(format!(
            "the text to send: `wxauth authorizers guide {who}--for end`"
        ))
        .hint("to drop a merchant from the store only: `wxauth authorizers forget WHO`")
}
