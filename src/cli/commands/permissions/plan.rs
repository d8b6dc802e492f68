//! `permissions plan`: what adding permission sets takes, told before it is done.

use clap::Args;
use serde::Serialize;

use crate::cli::commands::link;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config::PlatformName;
use crate::flow::grants::is_exclusive;
use crate::flow::{kind_of, standing};
use crate::lang::{Text, text};
use crate::store::roster::Authorizer;
use crate::wechat::account::AccountKind;
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::permission;

use super::set::{CONSOLE_PATH, DEVELOPMENT};

mod screen;

/// Tell what adding permission sets takes, before it is done
///
/// Nothing is called or changed. Which merchants must update is known for those whom the store
/// knows; whether the platform is released, from the profile.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth permissions plan 121,172\n  wxauth --sandbox permissions plan 18 -o json"
)]
pub struct PlanArgs {
    /// Numbers, Chinese or English names, or unique parts of them
    #[arg(required = true, value_name = "SETS")]
    sets: Vec<String>,
}

/// Whether the sets take a full release (全网发布) before every merchant can grant them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Release {
    /// The platform was released: an edit of its sets acts at once (spec R15).
    NotNeeded,
    /// It never was: until then only the accounts of its test list see it (spec R14).
    Needed,
    /// Nobody said whether it was.
    Unknown,
}

#[derive(Serialize)]
struct Plan {
    permission_ids: Vec<PermissionSetId>,
    /// To be configured on the platform first; those declared as configured are left out.
    to_configure: Vec<PermissionSetId>,
    /// The command that says what was configured.
    #[serde(skip)]
    declare: Text,
    console_path: &'static str,
    release: Release,
    exclusive: Vec<PermissionSetId>,
    exclusivity_unknown: Vec<PermissionSetId>,
    uncertain: Vec<PermissionSetId>,
    /// Whether the merchants lose release by hand in the WeChat console.
    ends_manual_release: bool,
    merchants: Option<Merchants>,
}

/// How the merchants whose authorization stands are touched.
#[derive(Default, Serialize)]
struct Merchants {
    /// They granted all the sets that fit them, of those there are.
    granted: u64,
    /// None of the sets is for their kind of account.
    not_concerned: u64,
    /// WeChat has not told their kind or their sets.
    unknown: u64,
    /// They have to update, sorted by appid.
    must_update: Vec<MustUpdate>,
}

#[derive(Serialize)]
struct MustUpdate {
    appid: Appid,
    nick_name: Option<String>,
    kind: AccountKind,
    missing: Vec<PermissionSetId>,
}

impl Merchants {
    fn count(&mut self, sets: &[PermissionSetId], account: Authorizer) {
        let fits = |id: &&PermissionSetId| {
            permission::get(**id).is_none_or(|set| set.fits(kind_of(&account)))
        };
        let fitting: Vec<_> = sets.iter().filter(fits).copied().collect();
        let lacks = |id: &PermissionSetId| !account.permission_ids.contains(id);
        let missing: Vec<_> = fitting.iter().copied().filter(lacks).collect();
        if fitting.is_empty() {
            self.not_concerned += 1;
        } else if missing.is_empty() {
            self.granted += 1;
        } else if kind_of(&account) == AccountKind::Unknown || account.synced_at.is_none() {
            self.unknown += 1;
        } else {
            self.must_update.push(MustUpdate {
                kind: kind_of(&account),
                appid: account.appid,
                nick_name: account.nick_name,
                missing,
            });
        }
    }
}

pub(super) async fn run(context: &Context, args: PlanArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let mut sets = link::sets(&args.sets)?;
    sets.sort_unstable();
    sets.dedup();
    if sets.is_empty() {
        return Err(CliError::usage(text!(
            "no permission set is named",
            "未指定权限集"
        )));
    }
    for id in sets.iter().filter(|id| permission::get(**id).is_none()) {
        console.warn(text!(
            "the catalogue knows no set {id}",
            "目录中没有权限集 {id}"
        ));
    }
    let known = super::platform_if_any(context).await?;
    let mut released = None;
    let mut merchants = None;
    let mut declare = Text::same("`wxauth profile set configured_permissions.KIND IDS`");
    if let Some(known) = &known {
        released = context.release().await?.released;
        declare = match &context.settings().await?.name {
            PlatformName::Profile(name) => Text::same(format!(
                "`wxauth --profile {name} profile set configured_permissions.KIND IDS`"
            )),
            PlatformName::Sandbox => {
                let added: Vec<_> = sets.iter().map(|id| format!("+{id}")).collect();
                let added = added.join(",");
                Text::same(format!("`wxauth sandbox platform --permissions {added}`"))
            }
            PlatformName::Environment => text!(
                "a profile keeps it, `wxauth init`",
                "保存在配置中，`wxauth init`"
            ),
        };
        let mut counted = Merchants::default();
        let count = |account| counted.count(&sets, account);
        known.platform.survey(&standing(), count).await?;
        merchants = Some(counted);
    }
    let configured = known.map(|known| known.configured).unwrap_or_default();
    let those = |fits: &dyn Fn(PermissionSetId) -> bool| -> Vec<_> {
        sets.iter().copied().filter(|id| fits(*id)).collect()
    };
    let plan = Plan {
        to_configure: those(&|id| configured.offers(id) != Some(true)),
        declare,
        console_path: CONSOLE_PATH,
        release: match released {
            Some(true) => Release::NotNeeded,
            Some(false) => Release::Needed,
            None => Release::Unknown,
        },
        exclusive: those(&|id| is_exclusive(id) == Some(true)),
        exclusivity_unknown: those(&|id| is_exclusive(id).is_none()),
        uncertain: those(&|id| permission::get(id).is_none_or(|set| set.uncertain)),
        ends_manual_release: sets.contains(&DEVELOPMENT),
        permission_ids: sets,
        merchants,
    };
    console.document(&plan, |out| screen::write(out, &console, &plan))?;
    Ok(Exit::Done)
}
