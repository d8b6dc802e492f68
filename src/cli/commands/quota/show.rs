//! `quota show`: how much of a day's calls is used.

use clap::Args;
use serde::Serialize;

use super::path_of;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Cell, CellContext, Column, Next, Record, Tone};
use crate::flow::{COMPONENT_PATHS, Caller, FlowError, Platform, kind_of, merchant_paths};
use crate::lang::{Lang, text};
use crate::wechat::account::AccountKind;
use crate::wechat::wire::{ApiQuota, RateLimit};

/// The codes that speak of the path alone: the other paths of a list can still be asked for.
const OF_PATH: [i64; 3] = [76003, 76021, 76022];

/// Show how much of the day's calls is used
///
/// Without PATH: the platform's own calls, or with `--as` those that merchants of its kind use
/// most. Each path costs one call. WeChat's counters are about one per cent off.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  wxauth --sandbox quota show\n  wxauth --sandbox quota show /cgi-bin/component/api_component_token\n  wxauth --sandbox quota show /cgi-bin/menu/create --as 江南书院"
)]
pub struct ShowArgs {
    /// Of these calls
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Of this merchant's calls
    #[arg(long = "as", value_name = "WHO")]
    who: Option<String>,
}

/// The quota of one path.
#[derive(Serialize)]
struct QuotaRow {
    path: String,
    daily_limit: Option<u64>,
    used: Option<u64>,
    remain: Option<u64>,
    rate_limit: Option<RateLimit>,
    component_rate_limit: Option<RateLimit>,
    errcode: Option<i64>,
}

impl QuotaRow {
    fn new(path: String, quota: Option<ApiQuota>, errcode: Option<i64>) -> Self {
        Self {
            path,
            daily_limit: quota.map(|quota| quota.daily_limit),
            used: quota.map(|quota| quota.used),
            remain: quota.map(|quota| quota.remain),
            rate_limit: quota.and_then(|quota| quota.rate_limit),
            component_rate_limit: quota.and_then(|quota| quota.component_rate_limit),
            errcode,
        }
    }
}

impl Record for QuotaRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("path", "Path").zh("接口").whole(),
        Column::new("daily_limit", "A day").zh("每日上限").whole(),
        Column::new("used", "Used").zh("已用").whole(),
        Column::new("remain", "Left").zh("剩余").whole(),
        Column::new("rate_limit", "At once")
            .zh("频率限制")
            .priority(2),
        Column::new("component_rate_limit", "At once, by us")
            .zh("代调用频率限制")
            .priority(3),
        Column::new("errcode", "Refused").zh("错误码").priority(1),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        let number = |value: Option<u64>| {
            Cell::optional(value, |value| {
                Cell::number(i64::try_from(value).unwrap_or(i64::MAX))
            })
        };
        match column {
            "path" => Cell::text(&self.path),
            "daily_limit" => number(self.daily_limit),
            "used" => number(self.used),
            "remain" => match self.remain {
                Some(0) => number(self.remain).tone(Tone::Bad),
                _ => number(self.remain),
            },
            "rate_limit" => rate(self.rate_limit, context.lang),
            "component_rate_limit" => rate(self.component_rate_limit, context.lang),
            _ => Cell::optional(self.errcode, Cell::number),
        }
    }
}

fn rate(limit: Option<RateLimit>, lang: Lang) -> Cell {
    Cell::optional(limit, |limit| {
        let RateLimit {
            call_count,
            refresh_second,
        } = limit;
        let said = text!(
            "{call_count} in {refresh_second} s",
            "{refresh_second} 秒 {call_count} 次"
        );
        Cell::word(format!("{call_count}/{refresh_second}"), said.of(lang))
    })
}

pub(super) async fn run(context: &Context, args: ShowArgs) -> Result<Exit, CliError> {
    let console = context.records()?;
    console.check_columns::<QuotaRow>()?;
    let asked: Vec<_> = args
        .paths
        .iter()
        .map(|path| path_of(path))
        .collect::<Result<_, _>>()?;
    let platform = context.platform().await?;
    let caller = platform.caller(args.who.as_deref()).await?;
    let named = !asked.is_empty();
    let paths = match named {
        true => asked,
        false => usual(platform, &caller).await?,
    };
    let mut list = console.list::<QuotaRow>();
    for path in paths {
        let row = match platform.quota(&caller, &path).await {
            Ok(quota) => QuotaRow::new(path, Some(quota), None),
            Err(FlowError::Api(error))
                if !named && error.errcode().is_some_and(|code| OF_PATH.contains(&code)) =>
            {
                QuotaRow::new(path, None, error.errcode())
            }
            Err(error) => return Err(explained(error, &caller)),
        };
        if list.push(&row)? == Next::Stop {
            break;
        }
    }
    list.finish()?;
    Ok(Exit::Done)
}

/// The calls that are asked for when none is named.
async fn usual(platform: &Platform, caller: &Caller) -> Result<Vec<String>, CliError> {
    let paths = match caller.appid() {
        None => &COMPONENT_PATHS[..],
        Some(appid) => {
            let kind = match platform.authorizer_of(appid).await {
                Ok(account) => kind_of(&account),
                Err(FlowError::UnknownAuthorizer { .. }) => AccountKind::Unknown,
                Err(error) => return Err(error.into()),
            };
            merchant_paths(kind)
        }
    };
    Ok(paths.iter().map(|path| (*path).to_owned()).collect())
}

/// The failure with who owns the path, where that is the question.
pub(super) fn explained(error: FlowError, caller: &Caller) -> CliError {
    let error = CliError::from(error);
    if error.errcode() != Some(76022) {
        return error;
    }
    error.hint(match caller {
        Caller::Component => text!(
            "the path may be of merchants' calls: name one with `--as WHO`",
            "该接口可能属于授权方：请用 `--as WHO` 指定授权方"
        ),
        Caller::Authorizer(_) => text!(
            "the path may be of the platform's own calls: leave `--as` out",
            "该接口可能属于第三方平台自身：请去掉 `--as`"
        ),
    })
}
