//! `profile set configured_permissions --from-grants`: the sets that merchants granted become those
//! that the platform is said to offer, or to require.

use serde_json::{Map, json};

use crate::cli::commands::input;
use crate::cli::commands::permissions::set::all_named;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::{ConfigFile, Origin, PermissionSets, PlatformName};
use crate::console::Format;
use crate::lang::Lang;
use crate::wechat::id::PermissionSetId;

/// The sets proposed for accounts of one kind.
struct Proposal {
    kind: &'static str,
    merchants: u64,
    ids: Vec<PermissionSetId>,
}

impl Proposal {
    fn line(&self) -> String {
        let Self {
            kind, merchants, ..
        } = self;
        let merchants = match merchants {
            1 => "1 merchant".to_owned(),
            count => format!("{count} merchants"),
        };
        format!(
            "{kind}, from {merchants}: {}",
            all_named(&self.ids, Lang::Zh)
        )
    }
}

/// Proposes, asks and writes. `key` is one of the two settings, for all kinds or with one of them.
pub(super) async fn run(context: &Context, key: &str) -> Result<Exit, CliError> {
    let console = context.document()?;
    let (table, only) = match key.split_once('.') {
        Some((table, kind)) => (table, Some(kind)),
        None => (key, None),
    };
    let required =
        match table {
            "configured_permissions" => false,
            "required_permissions" => true,
            _ => {
                return Err(CliError::usage(format!("grants say nothing about `{key}`")).hint(
                "`--from-grants` is for `configured_permissions` and `required_permissions`",
            ));
            }
        };
    if let Some(kind) = only.filter(|kind| !PermissionSets::KINDS.contains(kind)) {
        return Err(
            CliError::usage(format!("`{kind}` is no kind of account")).hint(format!(
                "the kinds are {}",
                PermissionSets::KINDS.join(", ")
            )),
        );
    }
    let settings = context.settings().await?;
    let PlatformName::Profile(name) = &settings.name else {
        return Err(CliError::usage("the platform in use has no profile")
            .hint("name a profile: `--profile NAME`"));
    };
    let platform = context.platform().await?;
    let granted = platform.granted_sets().await?.into_iter();
    let proposals = granted.map(|sets| Proposal {
        kind: sets.kind.as_str(),
        merchants: sets.merchants,
        ids: match required {
            false => sets.by_any,
            true => among(
                sets.by_all,
                settings.configured_permissions.of(sets.kind.as_str()),
            ),
        },
    });
    let proposals: Vec<_> = proposals
        .filter(|proposal| !proposal.ids.is_empty())
        .filter(|proposal| only.is_none_or(|kind| kind == proposal.kind))
        .collect();
    if proposals.is_empty() {
        return Err(CliError::new(
            Kind::ActionRequired,
            "the store knows no grant that could be proposed",
        )
        .hint("pull the merchants first: `wxauth authorizers sync`"));
    }
    for proposal in &proposals {
        console.note(proposal.line());
    }
    let question = format!("write these as `{table}` of profile `{name}`?");
    let agreed = input::confirm(context, question).await.map_err(|error| {
        // Notes are not shown beside JSON.
        let lines = proposals.iter().map(Proposal::line);
        let lines = lines.filter(|_| console.format() != Format::Table);
        lines.fold(error, CliError::cause)
    })?;
    if agreed {
        ConfigFile::edit::<_, CliError>(&context.folder()?, |file| {
            let mut entry = super::entry(file, name)?;
            for Proposal { kind, ids, .. } in &proposals {
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                let origin = Origin::Flag("--from-grants");
                entry.assign(&format!("{table}.{kind}"), &ids.join(","), &origin)?;
            }
            Ok(file.put(name, &entry)?)
        })?;
        console.note(format!("{key} of profile `{name}` is set"));
    }
    let proposed: Map<_, _> = proposals
        .iter()
        .map(|proposal| (proposal.kind.to_owned(), json!(proposal.ids)))
        .collect();
    console.document(
        &json!({ "profile": name, "key": key, "set": agreed, "proposed": proposed }),
        |_| Ok(()),
    )?;
    Ok(Exit::Done)
}

/// What is not offered cannot be required; without a word on what is offered, all of it may be.
fn among(ids: Vec<PermissionSetId>, configured: &[PermissionSetId]) -> Vec<PermissionSetId> {
    let offered = |id: &PermissionSetId| configured.is_empty() || configured.contains(id);
    ids.into_iter().filter(offered).collect()
}
