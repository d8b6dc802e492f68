//! `ips`: the addresses of WeChat's API, and those that pushes come from.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page, Tone};
use crate::lang::text;

/// List the addresses of WeChat's API, and those that pushes come from
///
/// For firewalls: the first are called by you, the second call you. They change; WeChat advises to
/// read them once a day. `--diff` compares with what was read before, and ends with 3 when they
/// differ.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox ips\n  wxauth --sandbox ips -o json > ips.json; wxauth --sandbox ips --diff ips.json"
)]
pub struct IpsArgs {
    /// Compare with this file: an earlier `-o json`, or the addresses one on each line; `-` is stdin
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
    /// With the token of this merchant
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
}

/// The addresses.
#[derive(Serialize)]
struct Addresses {
    api: BTreeSet<String>,
    push: BTreeSet<String>,
    diff: Option<Difference>,
}

/// What changed since a file was written.
#[derive(Serialize)]
struct Difference {
    api_added: Vec<String>,
    api_removed: Vec<String>,
    push_added: Vec<String>,
    push_removed: Vec<String>,
}

/// What a file holds.
enum Before {
    /// An earlier answer.
    Lists(Lists),
    /// Addresses of which kind nobody says.
    Lines(BTreeSet<String>),
}

#[derive(Deserialize)]
struct Lists {
    api: BTreeSet<String>,
    push: BTreeSet<String>,
}

pub(super) async fn run(context: &Context, args: IpsArgs) -> Result<Exit, CliError> {
    let console = context.document()?;
    let before = match &args.diff {
        Some(path) => Some(read(context, path).await?),
        None => None,
    };
    let platform = context.platform().await?;
    let caller = platform.caller(args.who.as_deref()).await?;
    let api = platform.api_addresses(&caller).await?.into_iter().collect();
    let push = platform
        .push_addresses(&caller)
        .await?
        .into_iter()
        .collect();
    let diff = before.map(|before| compare(&before, &api, &push));
    let differs = diff.as_ref().is_some_and(Difference::is_any);
    let addresses = Addresses { api, push, diff };
    console.document(&addresses, |out| screen(out, &console, &addresses))?;
    Ok(match differs {
        true => Exit::BadVerdict,
        false => Exit::Done,
    })
}

async fn read(context: &Context, path: &Path) -> Result<Before, CliError> {
    let text = input::text(context, Some(path)).await?;
    if text.trim_start().starts_with('{') {
        let lists = serde_json::from_str(&text).map_err(|_| {
            CliError::usage(text!(
                "the file is JSON, but no answer of `wxauth ips`",
                "文件是 JSON，但不是 `wxauth ips` 的输出"
            ))
            .hint(text!(
                "make one: `wxauth ips -o json`",
                "可用 `wxauth ips -o json` 生成"
            ))
        })?;
        return Ok(Before::Lists(lists));
    }
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    if let Some(wrong) = lines.clone().find(|line| !is_address(line)) {
        return Err(CliError::usage(text!(
            "`{wrong}` is no address, so nothing was compared",
            "`{wrong}` 不是 IP 地址，未进行比较"
        ))
        .hint(text!(
            "the file holds one address on each line, or an answer of `wxauth ips -o json`",
            "文件应每行一个地址，或为 `wxauth ips -o json` 的输出"
        )));
    }
    Ok(Before::Lines(lines.map(str::to_owned).collect()))
}

/// An address, or a network of them.
fn is_address(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    address.parse::<IpAddr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 128)
}

fn compare(before: &Before, api: &BTreeSet<String>, push: &BTreeSet<String>) -> Difference {
    let only = |left: &BTreeSet<String>, right: &BTreeSet<String>| -> Vec<String> {
        left.difference(right).cloned().collect()
    };
    match before {
        Before::Lists(before) => Difference {
            api_added: only(api, &before.api),
            api_removed: only(&before.api, api),
            push_added: only(push, &before.push),
            push_removed: only(&before.push, push),
        },
        // A list for one firewall holds one kind: a file that shares nothing with a kind is not of it.
        Before::Lines(lines) => {
            let shares = |now: &BTreeSet<String>| !now.is_disjoint(lines);
            let (of_api, of_push) = match (shares(api), shares(push)) {
                (false, false) => (true, true),
                shared => shared,
            };
            let both: BTreeSet<String> = api.union(push).cloned().collect();
            let gone = only(lines, &both);
            Difference {
                api_added: if of_api { only(api, lines) } else { Vec::new() },
                api_removed: if of_api { gone.clone() } else { Vec::new() },
                push_added: if of_push {
                    only(push, lines)
                } else {
                    Vec::new()
                },
                push_removed: if of_api { Vec::new() } else { gone },
            }
        }
    }
}

impl Difference {
    fn is_any(&self) -> bool {
        let parts = [
            &self.api_added,
            &self.api_removed,
            &self.push_added,
            &self.push_removed,
        ];
        parts.iter().any(|part| !part.is_empty())
    }
}

fn screen(out: &mut Page, console: &Console, found: &Addresses) -> io::Result<()> {
    let lang = console.lang();
    let api = lang.choose("You call (API)", "接口服务器 IP（由你访问）");
    let push = lang.choose("You are called by (pushes)", "推送服务器 IP（来访问你）");
    let Some(diff) = &found.diff else {
        part(out, api, &found.api)?;
        writeln!(out)?;
        return part(out, push, &found.push);
    };
    if !diff.is_any() {
        let same = lang.choose("The addresses are the same", "地址没有变化");
        return line(out, Tone::Good, same);
    }
    changed(out, api, &diff.api_added, &diff.api_removed)?;
    changed(out, push, &diff.push_added, &diff.push_removed)
}

fn line(out: &mut Page, tone: Tone, words: &str) -> io::Result<()> {
    out.paint(tone, words);
    writeln!(out)
}

fn part(out: &mut Page, title: &str, addresses: &BTreeSet<String>) -> io::Result<()> {
    line(out, Tone::Strong, title)?;
    addresses
        .iter()
        .try_for_each(|address| writeln!(out, "  {address}"))
}

fn changed(out: &mut Page, title: &str, added: &[String], removed: &[String]) -> io::Result<()> {
    if added.is_empty() && removed.is_empty() {
        return Ok(());
    }
    line(out, Tone::Strong, title)?;
    for address in added {
        line(out, Tone::Good, &format!("+ {address}"))?;
    }
    for address in removed {
        line(out, Tone::Bad, &format!("- {address}"))?;
    }
    Ok(())
}
