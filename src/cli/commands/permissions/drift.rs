//! `permissions drift`: whose grant differs from what the platform asks for.

use clap::Args;
use serde::Serialize;
use url::Url;

use crate::cli::commands::permissions::set::all_named;
use crate::cli::commands::{input, link};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::config::PlatformName;
use crate::console::{Cell, CellContext, Column, Format, Next, Record, Tone};
use crate::flow::{AskedSets, Drift, Drifts};
use crate::lang::text;
use crate::wechat::id::{Appid, PermissionSetId};

mod minting;

/// The most merchants that links are made for at once.
const LINKS: usize = 20;

/// Show whose grant differs from what the platform asks for
///
/// Missing are required sets that were not granted, extra are granted ones that are not configured
/// any more, pending are granted ones that wait for confirmation, and in conflict are configured
/// exclusive ones that are not granted and that another platform may hold. What is configured and required stands in
/// the profile: WeChat has no API for its console. Nothing is asked of WeChat: pull
/// first with `authorizers sync --full`, because a plain sync does not ask again about accounts
/// whose place in WeChat's list is unchanged.
///
/// Exit code 3 when a required set is missing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox permissions drift\n  wxauth permissions drift wx0123456789abcdef --require 15 --mint-links\n  wxauth --sandbox permissions drift --require 17,18 -o json"
)]
pub struct DriftArgs {
    /// Merchants; @FILE holds one on each line, - is stdin; none means all whose authorization stands
    #[arg(value_name = "WHO")]
    who: Vec<String>,
    /// Require these sets too, of every kind of account that can grant them
    #[arg(long, value_delimiter = ',', value_name = "SETS")]
    require: Vec<String>,
    /// Make a link for each merchant named, 20 at most; it is good for half an hour
    #[arg(long, requires = "who")]
    mint_links: bool,
}

/// A merchant whose grant differs: the contract's shape.
#[derive(Serialize)]
struct DriftRow {
    appid: Appid,
    nick_name: Option<String>,
    missing: Vec<PermissionSetId>,
    extra: Vec<PermissionSetId>,
    pending: Vec<PermissionSetId>,
    conflict: Vec<PermissionSetId>,
    link: Option<String>,
}

impl Record for DriftRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("appid", "Appid").whole(),
        Column::new("nick_name", "Name").zh("名称"),
        Column::new("missing", "Missing").zh("缺少"),
        Column::new("conflict", "Maybe held elsewhere").zh("可能被占用"),
        Column::new("pending", "To be confirmed")
            .zh("待确认")
            .priority(1),
        Column::new("extra", "Extra").zh("多余").priority(2),
        Column::new("link", "Link").zh("链接").wide(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        let sets = |ids: &[PermissionSetId]| {
            if ids.is_empty() {
                return Cell::empty();
            }
            let numbers: Vec<_> = ids.iter().map(ToString::to_string).collect();
            Cell::word(numbers.join(","), all_named(ids, context.lang))
        };
        match column {
            "appid" => Cell::text(self.appid.as_str()),
            "nick_name" => Cell::optional(self.nick_name.as_ref(), Cell::text),
            "missing" => sets(&self.missing).tone(Tone::Bad),
            "conflict" if context.machine => sets(&self.conflict),
            "conflict" => {
                // Once is enough for a person: what is required stands under what is missing.
                let others = self.conflict.iter().copied();
                let others: Vec<_> = others.filter(|id| !self.missing.contains(id)).collect();
                sets(&others).tone(Tone::Warn)
            }
            "pending" => sets(&self.pending).tone(Tone::Warn),
            "extra" => sets(&self.extra),
            _ => Cell::optional(self.link.as_ref(), Cell::text),
        }
    }
}

impl DriftRow {
    fn new(drift: Drift, launch_page: Option<&Url>) -> Self {
        let Drift {
            authorizer,
            missing,
            extra,
            pending,
            conflict,
        } = drift;
        let link = launch_page.map(|page| {
            let mut page = page.clone();
            page.query_pairs_mut()
                .append_pair("for", authorizer.appid.as_str());
            page.to_string()
        });
        Self {
            appid: authorizer.appid,
            nick_name: authorizer.nick_name,
            missing,
            extra,
            pending,
            conflict,
            link,
        }
    }
}

pub(super) async fn run(context: &Context, args: DriftArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<DriftRow>()?;
    let asked = AskedSets {
        configured: context.configured_sets().await?,
        required: context.required_sets().await?,
        required_of_all: link::sets(&args.require)?,
    };
    let settings = context.settings().await?;
    if asked.is_empty() {
        return Err(nothing_declared(&settings.name));
    }
    let all = args.who.is_empty();
    let who = input::who_list(args.who).await?;
    if args.mint_links && who.len() > LINKS {
        return Err(CliError::usage(text!(
            "links are made for at most {LINKS} merchants at once: {} are named",
            "一次最多为 {LINKS} 个商家生成链接：当前指定了 {} 个",
            who.len()
        ))
        .hint(text!(
            "the launch page makes one whenever it is opened: `wxauth profile set launch_page URL`",
            "授权发起页每次打开时都会生成链接：`wxauth profile set launch_page URL`"
        )));
    }
    let platform = context.platform().await?;
    let Drifts {
        rows,
        judged,
        unknown,
    } = match all {
        true => platform.drift(&asked).await?,
        false => platform.drift_of(&who, &asked).await?,
    };
    let nothing = rows.is_empty();
    let missing = rows.iter().any(|drift| !drift.missing.is_empty());
    let mut not_offered: Vec<_> = (rows.iter().flat_map(|drift| &drift.missing))
        .filter(|id| asked.configured.offers(**id) == Some(false))
        .map(ToString::to_string)
        .collect();
    not_offered.sort_unstable();
    not_offered.dedup();
    let links = match args.mint_links {
        true => minting::links(context, &rows).await?,
        false => Vec::new(),
    };
    let launch_page = settings.launch_page.as_ref();
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|drift| DriftRow::new(drift, launch_page))
        .collect();
    for (row, made) in rows.iter_mut().zip(links) {
        row.link = Some(made);
    }
    let on_terminal = console.format() == Format::Table && console.is_terminal();
    if args.mint_links && on_terminal && !rows.is_empty() {
        let lines: Vec<_> = rows
            .iter()
            .map(|row| (row.appid.clone(), row.link.clone()))
            .collect();
        console.answer(rows.into_iter().map(Ok::<_, CliError>))?;
        // A narrow column folds them or has no room, and a folded link is no link.
        console.document(&(), |out| {
            writeln!(out)?;
            lines.iter().try_for_each(|(appid, link)| {
                writeln!(out, "{appid}  {}", link.as_deref().unwrap_or_default())
            })
        })?;
    } else {
        let mut list = console.list();
        for row in &rows {
            if list.push(row)? == Next::Stop {
                break;
            }
        }
        // What was judged is told below.
        list.finish_quietly()?;
    }
    if judged > 0 && nothing {
        console.note(match judged {
            1 => text!(
                "nothing drifts: 1 merchant was judged",
                "没有偏差：已检查 1 个商家"
            ),
            count => text!(
                "nothing drifts: {count} merchants were judged",
                "没有偏差：已检查 {count} 个商家"
            ),
        });
    }
    if judged == 0 && unknown == 0 {
        console.hint(text!(
            "the store has no merchant to look at: `wxauth authorizers sync`",
            "存储中没有可检查的商家：`wxauth authorizers sync`"
        ));
    } else if unknown > 0 {
        console.warn(text!("what was granted is not known of {unknown} merchants: `wxauth authorizers sync --full`", "{unknown} 个商家的已授权权限集未知：`wxauth authorizers sync --full`"));
    }
    if !not_offered.is_empty() {
        console.hint(text!(
            "no merchant can grant what the platform does not offer; configure first: {}",
            "平台未提供的权限集，商家无法授予；请先配置：{}",
            not_offered.join(", ")
        ));
    }
    if missing {
        console.hint(text!(
            "what to send a merchant: `wxauth authorizers guide WHO --for update`",
            "发给商家的说明：`wxauth authorizers guide WHO --for update`"
        ));
        console.hint(text!(
            "after a merchant updated: `wxauth authorizers sync --full`, then look again",
            "商家更新授权后：先 `wxauth authorizers sync --full`，再重新检查"
        ));
        return Ok(Exit::BadVerdict);
    }
    Ok(Exit::Done)
}

fn nothing_declared(name: &PlatformName) -> CliError {
    let error = CliError::new(
        Kind::ActionRequired,
        text!(
            "nothing says which permission sets the platform asks for",
            "未声明平台需要哪些权限集"
        ),
    )
    .cause(text!(
        "WeChat has no API for its console, so they are compared with what you declare",
        "微信没有查询控制台配置的接口，因此以你声明的内容作比较"
    ));
    let error = match name {
        PlatformName::Profile(_) => error
            .hint(text!("take them from what merchants granted: `wxauth profile set configured_permissions --from-grants`", "从商家已授予的权限集生成：`wxauth profile set configured_permissions --from-grants`"))
            .hint(text!("or name them: `wxauth profile set configured_permissions.mini_program 17,18`, and \
                   `required_permissions` in the same way", "或逐项指定：`wxauth profile set configured_permissions.mini_program 17,18`，`required_permissions` 同理")),
        PlatformName::Sandbox => error.hint(
            text!("say what the sandbox's platform offers: `wxauth sandbox platform --permissions SETS`", "声明沙箱平台提供的权限集：`wxauth sandbox platform --permissions SETS`"),
        ),
        PlatformName::Environment => error.hint(text!("a profile keeps them: `wxauth init`", "可用配置保存：`wxauth init`")),
    };
    error.hint(text!(
        "or name them for this once: `wxauth permissions drift --require 17,18`",
        "或仅为本次指定：`wxauth permissions drift --require 17,18`"
    ))
}
