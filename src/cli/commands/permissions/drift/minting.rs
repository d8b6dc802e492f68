//! Real links for merchants whose grant differs.

use std::collections::BTreeSet;

use crate::cli::commands::link;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::flow::{Drift, LinkOptions};
use crate::lang::text;
use crate::wechat::account::AccountKind;
use crate::wechat::link::{AuthType, LinkKind};

/// A link for each, in the same order. None of them narrows the sets that are offered: what an
/// update with fewer does to the other sets is not documented.
pub(super) async fn links(context: &Context, rows: &[Drift]) -> Result<Vec<String>, CliError> {
    let console = context.console();
    let settings = context.settings().await?;
    let platform = context.platform().await?;
    if !rows.is_empty() {
        console.note(text!(
            "links to make, one call each: {}",
            "需要生成的链接（每个消耗一次调用）：{}",
            rows.len()
        ));
    }
    let mut warned = BTreeSet::new();
    let mut links = Vec::with_capacity(rows.len());
    for drift in rows {
        let account = &drift.authorizer;
        let options = LinkOptions {
            kind: LinkKind::H5,
            auth_type: match account.kind {
                AccountKind::OfficialAccount => AuthType::OfficialAccount,
                AccountKind::MiniProgram => AuthType::MiniProgram,
                AccountKind::Channels => AuthType::Channels,
                _ => AuthType::Both,
            },
            only: Some(account.appid.clone()),
            permission_ids: Vec::new(),
            redirect_uri: settings.redirect_uri.as_ref().map(|uri| uri.value.clone()),
            launch_domain: settings
                .launch_domain
                .as_ref()
                .map(|host| host.value.clone()),
            release: context.release().await?,
            hosts: context.link_hosts().await?,
        };
        for warning in platform.judge_link(&options).await? {
            let sentence = link::warning(&warning, &settings.name);
            if warned.insert(sentence.of(console.lang()).to_owned()) {
                console.warn(sentence);
            }
        }
        let made = platform.link(&options, None, None).await?;
        links.push(made.url.expose().to_owned());
    }
    Ok(links)
}
