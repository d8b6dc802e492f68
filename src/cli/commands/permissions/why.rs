//! `permissions why`: what a call needs, who granted it, and what to do about the others.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::Format;
use crate::flow::grants::{GrantState, state_of};
use crate::flow::{kind_of, standing};
use crate::lang::text;
use crate::store::roster::Authorizer;
use crate::wechat::account::AccountKind;
use crate::wechat::api_permission::{ApiPermission, Asked, find, near, read};
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::permission;

mod advice;
mod screen;

pub(super) use screen::state_in_words;

/// How many near misses of a path are suggested.
const SUGGESTIONS: usize = 5;

/// Tell which permission set a call needs, who granted it, and what to do
///
/// Takes a path, a whole address, or a pasted error such as 61007 or 48001; `-` reads stdin. Of a
/// query nothing is kept, so a token in it is not shown.
///
/// Any one of the sets that fit the account's kind is enough. "Probably held by another platform"
/// is an inference: the set is exclusive, the platform offers it, and the merchant granted others.
#[derive(Debug, Args)]
#[command(
    after_help = "States: granted, missing, held_elsewhere (probably), not_configured, unknown\n\nExamples:\n  wxauth permissions why /wxa/commit\n  wxauth --sandbox permissions why /wxa/commit --all\n  wxauth --sandbox permissions why 61007 --path /cgi-bin/menu/create --all"
)]
pub struct WhyArgs {
    /// A path, an address, or a pasted error
    #[arg(required = true, value_name = "PATH")]
    text: Vec<String>,
    /// The call's path, when the pasted text has none
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// How these merchants stand; `@FILE` holds one on each line
    #[arg(
        long = "for",
        value_delimiter = ',',
        value_name = "WHO",
        conflicts_with = "all"
    )]
    who: Vec<String>,
    /// How every merchant stands whose authorization does; kinds that no set is for are left out
    #[arg(long)]
    all: bool,
}

/// The contract's answer.
#[derive(Serialize)]
struct Why {
    method: &'static str,
    path: &'static str,
    name: Option<&'static str>,
    name_zh: &'static str,
    permission_ids: &'static [PermissionSetId],
    any_of: bool,
    uncertain: bool,
    token: &'static str,
    account_kinds: &'static [String],
    source_url: &'static str,
    accounts: Vec<AccountRow>,
}

#[derive(Serialize)]
struct AccountRow {
    appid: Appid,
    nick_name: Option<String>,
    state: GrantState,
    #[serde(skip)]
    kind: AccountKind,
    #[serde(skip)]
    standing: advice::Standing,
}

pub(super) async fn run(context: &Context, args: WhyArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let asked = asked(context, &args).await?;
    let call = one_call(&asked)?;
    let (accounts, left_out) =
        accounts(context, args, call, console.format() == Format::Table).await?;
    let why = Why {
        method: &call.method,
        path: &call.path,
        name: Some(&*call.name).filter(|name| !name.is_empty()),
        name_zh: &call.name_zh,
        permission_ids: &call.permission_sets,
        any_of: call.permission_sets.len() > 1,
        uncertain: call.uncertain,
        token: call.token.as_str(),
        account_kinds: &call.account_kinds,
        source_url: &call.source_url,
        accounts,
    };
    if let Some(errcode) = asked.errcode {
        screen::about_error(&console, errcode);
    }
    console.document(&why, |out| screen::write(out, &console, &why, call))?;
    if left_out > 0 {
        console.note(text!(
            "left out, being of kinds that no set of this call is for: {left_out}",
            "另有 {left_out} 个账号的类型不适用该接口的权限集，未列出"
        ));
    }
    Ok(Exit::Done)
}

/// What was pasted; the flag's path counts before that of the text.
async fn asked(context: &Context, args: &WhyArgs) -> Result<Asked, CliError> {
    let text = match args.text.as_slice() {
        [only] if only == "-" => input::text(context, Some(Path::new("-"))).await?,
        words => words.join(" "),
    };
    let asked = read(&text);
    let Some(path) = &args.path else {
        return Ok(asked);
    };
    let named = read(path);
    Ok(Asked {
        path: named.path,
        method: named.method.or(asked.method),
        errcode: asked.errcode,
    })
}

/// The one call that is asked about.
fn one_call(asked: &Asked) -> Result<&'static ApiPermission, CliError> {
    let Some(path) = &asked.path else {
        let error = match asked.errcode {
            Some(code) => CliError::usage(text!(
                "{code} does not say which call got it",
                "{code} 没有说明是哪个接口返回的"
            )),
            None => CliError::usage(text!(
                "there is no path in this text",
                "这段文字中没有接口路径"
            )),
        };
        return Err(error.hint(text!(
            "name the call: `--path /wxa/commit`",
            "指定接口：`--path /wxa/commit`"
        )));
    };
    let mut found = find(path);
    if found.len() > 1
        && let Some(method) = &asked.method
    {
        found.retain(|call| call.method == *method);
    }
    let named = |call: &&ApiPermission| format!("{} {}", call.method, call.path);
    match found.as_slice() {
        [call] => Ok(call),
        [] => {
            let error = CliError::usage(text!(
                "no known call has the path {path}",
                "没有路径为 {path} 的已知接口"
            ));
            let near = near(path, SUGGESTIONS);
            if near.is_empty() {
                return Err(error.hint(text!(
                    "WeChat's page of the call says which set it needs",
                    "微信文档中该接口的页面会说明所需的权限集"
                )));
            }
            let near: Vec<_> = near.iter().map(named).collect();
            Err(error.hint(text!("near it are: {}", "相近的路径：{}", near.join(", "))))
        }
        several => {
            let names: Vec<_> = several.iter().map(named).collect();
            Err(
                CliError::usage(text!("{path} has several methods", "{path} 有多个方法")).hint(
                    text!("name one of them: {}", "指定其中之一：{}", names.join(", ")),
                ),
            )
        }
    }
}

/// The accounts asked about, and how many of another kind were left out `for_people`.
async fn accounts(
    context: &Context,
    args: WhyArgs,
    call: &'static ApiPermission,
    for_people: bool,
) -> Result<(Vec<AccountRow>, u64), CliError> {
    if args.who.is_empty() && !args.all {
        return Ok((Vec::new(), 0));
    }
    let platform = context.platform().await?;
    let configured = context.configured_sets().await?;
    let mut rows = Vec::new();
    let mut judge = |account: Authorizer| {
        let kind = kind_of(&account);
        let sets = &call.permission_sets;
        let state = state_of(sets, kind, &account, configured.of(kind));
        rows.push(AccountRow {
            state,
            kind,
            standing: advice::Standing::of(&account),
            appid: account.appid,
            nick_name: account.nick_name,
        });
    };
    let mut left_out = 0;
    if args.all {
        // A program gets all of them: it would not see the note that says how many are left out.
        let judge_fitting = |account: Authorizer| match concerns(call, kind_of(&account)) {
            false if for_people => left_out += 1,
            _ => judge(account),
        };
        platform.survey(&standing(), judge_fitting).await?;
    } else {
        for who in input::who_list(args.who).await? {
            judge(platform.authorizer(&who).await?);
        }
        rows.sort_by(|a, b| a.appid.cmp(&b.appid));
        rows.dedup_by(|a, b| a.appid == b.appid);
    }
    Ok((rows, left_out))
}

/// Whether any set of the call is for accounts of this kind, as far as that is known.
fn concerns(call: &ApiPermission, kind: AccountKind) -> bool {
    let fits = |id: &PermissionSetId| permission::get(*id).is_none_or(|set| set.fits(kind));
    kind == AccountKind::Unknown
        || call.permission_sets.is_empty()
        || call.permission_sets.iter().any(fits)
}
