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
use crate::lang::{Lang, Text, text};
use crate::wechat::id::PermissionSetId;

/// The sets proposed for accounts of one kind.
struct Proposal {
    kind: &'static str,
    merchants: u64,
    ids: Vec<PermissionSetId>,
}

impl Proposal {
    fn line(&self) -> Text {
        let Self {
            kind, merchants, ..
        } = self;
        let sets = all_named(&self.ids, Lang::Zh);
        match merchants {
            1 => text!(
                "{kind}, from 1 merchant: {sets}",
                "{kind}，来自 1 个商家：{sets}"
            ),
            count => text!(
                "{kind}, from {count} merchants: {sets}",
                "{kind}，来自 {count} 个商家：{sets}"
            ),
        }
    }
}

/// Proposes, asks and writes. `key` is one of the two settings, for all kinds or with one of them.
pub(super) async fn run(context: &Context, key: &str) -> Result<Exit, CliError> {
    let console = context.document()?;
    let (table, only) = match key.split_once('.') {
        Some((table, kind)) => (table, Some(kind)),
        None => (key, None),
    };
    let required = match table {
        "configured_permissions" => false,
        "required_permissions" => true,
        _ => {
            return Err(CliError::usage(text!(
                "grants say nothing about `{key}`",
                "授权信息不能说明 `{key}`"
            ))
            .hint(text!(
                "`--from-grants` is for `configured_permissions` and `required_permissions`",
                "`--from-grants` 用于 `configured_permissions` 与 `required_permissions`"
            )));
        }
    };
    if let Some(kind) = only.filter(|kind| !PermissionSets::KINDS.contains(kind)) {
        return Err(CliError::usage(text!(
            "`{kind}` is no kind of account",
            "`{kind}` 不是账号类型"
        ))
        .hint(text!(
            "the kinds are {}",
            "账号类型有：{}",
            PermissionSets::KINDS.join(", ")
        )));
    }
    let settings = context.settings().await?;
    let PlatformName::Profile(name) = &settings.name else {
        return Err(CliError::usage(text!(
            "the platform in use has no profile",
            "当前使用的平台没有配置"
        ))
        .hint(text!(
            "name a profile: `--profile NAME`",
            "指定配置：`--profile NAME`"
        )));
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
            text!(
                "the store knows no grant that could be proposed",
                "存储中没有可供建议的授权信息"
            ),
        )
        .hint(text!(
            "pull the merchants first: `wxauth authorizers sync`",
            "请先拉取商家：`wxauth authorizers sync`"
        )));
    }
    for proposal in &proposals {
        console.note(proposal.line());
    }
    let question = text!(
        "write these as `{table}` of profile `{name}`?",
        "写入配置 `{name}` 的 `{table}`？"
    );
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
        console.note(text!(
            "{key} of profile `{name}` is set",
            "配置 `{name}` 的 {key} 已设置"
        ));
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
