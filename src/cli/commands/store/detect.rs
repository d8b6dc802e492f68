//! `store detect`: whose keys lie in a Redis, and the profile that uses them.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config::StoreSetting;
use crate::lang::{Lang, Text, text};
use crate::store::StoreError;
use crate::store::backend::{Standing, Survey};
use crate::sys::redis::{Address, Failure, FailureKind, Password, Topology};

mod advice;
mod screen;

/// Find an SDK's keys in a Redis, and print the profile that borrows its tokens
///
/// Looks at every key, a thousand at a time, with commands that only read (SCAN, HSCAN, MGET, HGET,
/// PTTL); nothing is blocked or changed. Known are the keys of WxJava, EasyWeChat 4 to 6, silenceper,
/// PowerWeChat, wechatpy and Senparc under any prefix. Without an address: the profile's own
/// `layout_redis`, or the Redis that is its store.
#[derive(Debug, Args)]
#[command(
    after_help = "A password is no argument: it is asked for, read from --password-file, or taken from WXAUTH_STORE.\n\nExamples:\n  wxauth store detect redis+unix:///run/redis/redis-server.sock\n  wxauth store detect redis://app@127.0.0.1:6399/1 -o json"
)]
pub struct DetectArgs {
    /// Where the Redis is, without its password
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    /// Read the password from this file; `-` is stdin
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// What a Redis holds.
#[derive(Serialize)]
struct DetectRow {
    address: String,
    scanned: u64,
    found: Vec<FoundRow>,
}

/// One platform among one SDK's keys.
#[derive(Serialize)]
struct FoundRow {
    layout: &'static str,
    prefix: String,
    component_appid: Option<String>,
    ticket: &'static str,
    ticket_expires_in: Option<i64>,
    component_token: &'static str,
    component_token_expires_in: Option<i64>,
    authorizers: u64,
    authorizer_tokens: u64,
    shared: bool,
    missing: Vec<Text>,
    commands: Vec<String>,
}

pub(super) async fn run(context: &Context, args: DetectArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let mut address = address(context, &args).await?;
    if address.topology == Topology::Cluster {
        return Err(CliError::usage(text!(
            "a cluster is looked through node by node",
            "集群须逐个节点查找"
        ))
        .hint(text!(
            "name each master by itself, without `?cluster`: `wxauth store detect redis://NODE:PORT`",
            "逐一指定各主节点，不带 `?cluster`：`wxauth store detect redis://NODE:PORT`"
        )));
    }
    let survey = match Survey::of(&address).await {
        Err(error) if is_refused(&error) && address.password.is_none() && console.can_ask() => {
            let label = text!("Password of the Redis", "Redis 密码");
            let password = input::secret(context, label, None).await?;
            address.password = Some(Password::new(password.expose()));
            Survey::of(&address).await
        }
        outcome => outcome,
    };
    let survey = survey.map_err(|error| failed(error, &address))?;
    let advisor = advice::Advisor::new(context, &address)?;
    let found = survey.spotted.iter().map(|one| FoundRow {
        layout: one.layout.as_str(),
        prefix: one.prefix.clone(),
        component_appid: one.platform.as_ref().map(ToString::to_string),
        ticket: word(one.ticket),
        ticket_expires_in: left(one.ticket),
        component_token: word(one.component_token),
        component_token_expires_in: left(one.component_token),
        authorizers: one.authorizers,
        authorizer_tokens: one.authorizer_tokens,
        shared: one.layout.takes_tokens(),
        missing: advice::missing(one),
        commands: advisor.commands(one),
    });
    let row = DetectRow {
        address: address.to_string(),
        scanned: survey.scanned,
        found: found.collect(),
    };
    console.document(&row, |out| screen::draw(out, &row, &console))?;
    if row.found.is_empty() {
        console.hint(text!(
            "an SDK may use another database of it: `wxauth store detect redis://HOST/1`",
            "SDK 可能使用其他数据库：`wxauth store detect redis://HOST/1`"
        ));
    }
    Ok(Exit::Done)
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Live(_) => "live",
        Standing::Absent => "absent",
        Standing::NotKept => "not_kept",
        Standing::Unreadable => "unreadable",
    }
}

fn left(standing: Standing) -> Option<i64> {
    match standing {
        Standing::Live(left) => left,
        _ => None,
    }
}

/// The address given, else that of the profile or the environment, with its password.
async fn address(context: &Context, args: &DetectArgs) -> Result<Address, CliError> {
    let known = known_addresses(context).await;
    let mut address = match &args.address {
        Some(text) => parse(text)?,
        None => known.first().cloned().ok_or_else(|| {
            CliError::usage(text!("which Redis?", "要查找哪个 Redis？")).hint(text!(
                "name it: `wxauth store detect redis://HOST[:PORT][/DATABASE]`",
                "指定地址：`wxauth store detect redis://HOST[:PORT][/DATABASE]`"
            ))
        })?,
    };
    if let Some(file) = &args.password_file {
        let label = text!("password of the Redis", "Redis 密码");
        let password = input::secret(context, label, Some(file)).await?;
        address.password = Some(Password::new(password.expose()));
    } else if address.password.is_none() {
        // The same server as one whose password is known.
        let same = known.iter().find(|known| {
            (&known.nodes, &known.user, &known.topology)
                == (&address.nodes, &address.user, &address.topology)
        });
        address.password = same.and_then(|known| known.password.clone());
    }
    Ok(address)
}

/// The profile's backend, and a Redis that is a store.
async fn known_addresses(context: &Context) -> Vec<Address> {
    let mut known = Vec::new();
    if let Ok(settings) = context.settings().await {
        known.extend(settings.layout_redis.clone());
        if let StoreSetting::Redis(address) = &settings.store.value {
            known.push(address.clone());
        }
    }
    let variable = context.environment().get("WXAUTH_STORE");
    known.extend(variable.and_then(|text| Address::parse(text).ok()));
    known
}

fn parse(text: &str) -> Result<Address, CliError> {
    let address = Address::parse(text).map_err(|error| {
        let reason = crate::cli::error::address_reason(error.reason);
        let message = Text::each(|lang| {
            let reason = reason.of(lang);
            match lang {
                Lang::En => format!("the address {reason}"),
                Lang::Zh => format!("该地址{reason}"),
            }
        });
        CliError::usage(message).hint(text!(
            "write it as redis://HOST[:PORT][/DATABASE], rediss://… or redis+unix:///PATH",
            "应写成 redis://HOST[:PORT][/DATABASE]、rediss://… 或 redis+unix:///PATH"
        ))
    })?;
    if address.password.is_some() {
        return Err(
            CliError::usage(text!("a password is no argument", "密码不能作为命令行参数"))
                .cause(text!(
                    "arguments are seen by everybody on this machine and kept by the shell",
                    "参数对本机所有用户可见，并会留在 shell 历史中"
                ))
                .hint(text!(
                    "leave it out: it is asked for, or read from `--password-file FILE`",
                    "去掉密码：会提示输入，或由 `--password-file FILE` 读取"
                )),
        );
    }
    Ok(address)
}

fn is_refused(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Redis(Failure {
            kind: FailureKind::NoPassword | FailureKind::Refused,
            ..
        })
    )
}

fn failed(error: StoreError, address: &Address) -> CliError {
    if !is_refused(&error) {
        return error.into();
    }
    let kind = crate::cli::exit::Kind::Store;
    CliError::new(kind, CliError::from(error).message().clone()).hint(text!(
        "give its password: `wxauth store detect {address} --password-file FILE`",
        "请提供密码：`wxauth store detect {address} --password-file FILE`"
    ))
}
