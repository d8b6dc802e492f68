//! `link --wait`: until the merchant has come, or the time is over.

use std::time::{Duration, Instant};

use jiff::SignedDuration;

use crate::cli::commands::permissions::set::all_named;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::{Console, Format, when};
use crate::flow::{Arrival, AuthorizationLink, Match, Wait};
use crate::lang::{Lang, Text, text};
use crate::store::roster::AuthorizationStatus;

use super::{Arrived, Maker, screen};

/// How often one looks.
const LOOK: Duration = Duration::from_secs(1);
/// How long before its death a link is replaced by another.
const RENEWAL: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn until_somebody_came(
    maker: &Maker<'_>,
    mut wait: Wait,
    mut link: AuthorizationLink,
) -> Result<Exit, CliError> {
    let console = &maker.console;
    wait.add(&link);
    // One JSON document is the answer at the end; every other form shows the link now.
    if console.format() != Format::Json {
        maker.show(&link)?;
        screen::after(maker.context, console, &link, maker.account.as_ref()).await;
    }
    if let Some(appid) = &link.only {
        console.note(text!("an update of {appid} that changes no permission set sends no event: then this waits to its end", "{appid} 若更新授权但未改变权限集，微信不推送事件，此时会一直等到超时"));
    }
    // Only a person sees the new code in time.
    let renews = console.is_terminal() && console.format() == Format::Table;
    let countdown = console.progress(None, Text::default());
    let begun = Instant::now();
    let arrival = loop {
        if let Some(arrival) = wait.look().await? {
            break arrival;
        }
        let left = maker.args.timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            countdown.finish();
            return Err(nobody_came(&wait, &link));
        }
        let now = maker.context.clock().now();
        if renews && link.expires_at - RENEWAL <= now {
            link = maker.make().await?;
            wait.add(&link);
            maker.show(&link)?;
        }
        let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let remaining = when::duration(seconds(left), console.lang());
        let dies = when::distance(link.expires_at, now, console.lang());
        countdown.message(&match console.lang() {
            Lang::En => {
                format!("waiting for the merchant, {remaining} left; the link dies {dies}")
            }
            Lang::Zh => format!("等待商家授权，剩余 {remaining}；链接 {dies} 失效"),
        });
        tokio::time::sleep(LOOK.min(left)).await;
    };
    countdown.finish();
    tell(maker, &link, &arrival)?;
    Ok(Exit::Done)
}

fn tell(maker: &Maker<'_>, link: &AuthorizationLink, arrival: &Arrival) -> Result<(), CliError> {
    let console: &Console = &maker.console;
    let authorizer = &arrival.authorizer;
    let mut row = maker.row(link);
    row.arrived = Some(Arrived {
        authorizer,
        r#match: match arrival.by {
            Match::Code => "code",
            Match::Probable => "probable",
        },
    });
    console.document(&row, |out| {
        let name = authorizer.nick_name.as_deref().unwrap_or_default();
        let appid = &authorizer.appid;
        let granted = all_named(&authorizer.permission_ids, Lang::Zh);
        let lang = console.lang();
        let said = text!("{appid} {name} has authorized", "{appid} {name} 已授权");
        writeln!(out, "{}", said.of(lang))?;
        writeln!(out, "{}{granted}", lang.choose("Granted  ", "已授予  "))
    })?;
    if arrival.by == Match::Probable {
        console.note(text!("WeChat's list does not say by which link: this is the merchant that authorized while we waited", "微信的授权方列表不区分链接来源：这是等待期间完成授权的商家"));
    }
    if !arrival.others.is_empty() {
        let others: Vec<_> = arrival.others.iter().map(|appid| appid.as_str()).collect();
        console.warn(text!(
            "others authorized in the same time: {}",
            "同一时间授权的还有：{}",
            others.join(", ")
        ));
    }
    if authorizer.status == AuthorizationStatus::PendingExchange {
        console.hint(
            text!("its authorization code is not exchanged yet: paste the address the merchant's browser came back to into `wxauth authorizers redeem`", "其授权码尚未换取：将商家浏览器跳转回来的地址粘贴给 `wxauth authorizers redeem`"),
        );
    }
    Ok(())
}

/// The deadline, with the causes in the order of their likelihood.
fn nobody_came(wait: &Wait, link: &AuthorizationLink) -> CliError {
    let mut error = CliError::new(
        Kind::Deadline,
        text!(
            "no merchant authorized in this time",
            "等待期间没有商家授权"
        ),
    );
    if let Some(unanswered) = wait.unanswered() {
        error = error.cause(text!(
            "WeChat did not answer the last time: {unanswered}",
            "最近一次查询微信未响应：{unanswered}"
        ));
    }
    error = error
        .hint(text!("most likely nobody has scanned and confirmed yet: a link works once, for half an hour", "多半是还没有人扫码确认：链接只能使用一次，有效期半小时"))
        .hint(text!("or whoever scanned is no administrator of an account: WeChat's list is then empty (公众平台安全助手 – 绑定查询 tells who is one)", "或扫码者不是任何账号的管理员，此时微信展示的列表为空（管理员可在公众平台安全助手 – 绑定查询中查看）"))
        .hint(match link.only {
            Some(_) => text!(
                "or the merchant confirmed without a change: then WeChat sends no event, and nothing is to be seen",
                "或商家确认时未作改动：此时微信不推送事件，无从得知"
            ),
            None => text!(
                "or a merchant that had authorized before updated its sets: without a receiver that shares this store that is not seen",
                "或此前已授权的商家更新了权限集：没有共用此存储的接收端就看不到"
            ),
        })
        .hint(text!("or the platform is not released (全网发布) and the account is not in its test list", "或平台尚未全网发布，且该账号不在授权测试列表中"))
        .hint(text!("or the page refused the link: judge it with `wxauth link --lint URL`", "或授权页拒绝了该链接：用 `wxauth link --lint URL` 检查"));
    error.hint(text!(
        "to be told at once, run `wxauth serve` on the same store; to wait longer: `--timeout 2h`",
        "要即时得知，可在同一存储上运行 `wxauth serve`；要等待更久：`--timeout 2h`"
    ))
}
