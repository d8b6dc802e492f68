//! `link --wait`: until the merchant has come, or the time is over.

use std::time::{Duration, Instant};

use jiff::SignedDuration;

use crate::cli::commands::permissions::set::all_named;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::{Console, Format, when};
use crate::flow::{Arrival, AuthorizationLink, Match, Wait};
use crate::lang::Lang;
use crate::store::AuthorizationStatus;

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
        console.note(format!(
            "an update of {appid} that changes no permission set sends no event: then this waits to its end"
        ));
    }
    // Only a person sees the new code in time.
    let renews = console.is_terminal() && console.format() == Format::Table;
    let countdown = console.progress(None, "");
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
        writeln!(out, "{} {name} has authorized", authorizer.appid)?;
        writeln!(
            out,
            "Granted  {}",
            all_named(&authorizer.permission_ids, Lang::Zh)
        )
    })?;
    if arrival.by == Match::Probable {
        console.note("WeChat's list does not say by which link: this is the merchant that authorized while we waited");
    }
    if !arrival.others.is_empty() {
        let others: Vec<_> = arrival.others.iter().map(|appid| appid.as_str()).collect();
        console.warn(format!(
            "others authorized in the same time: {}",
            others.join(", ")
        ));
    }
    if authorizer.status == AuthorizationStatus::PendingExchange {
        console.hint(
            "its authorization code is not exchanged yet: paste the address the merchant's browser came back to into `wxauth authorizers redeem`",
        );
    }
    Ok(())
}

/// The deadline, with the causes in the order of their likelihood.
fn nobody_came(wait: &Wait, link: &AuthorizationLink) -> CliError {
    let mut error = CliError::new(Kind::Deadline, "no merchant authorized in this time");
    if let Some(unanswered) = wait.unanswered() {
        error = error.cause(format!("WeChat did not answer the last time: {unanswered}"));
    }
    error = error
        .hint("most likely nobody has scanned and confirmed yet: a link works once, for half an hour")
        .hint("or whoever scanned is no administrator of an account: WeChat's list is then empty (公众平台安全助手 – 绑定查询 tells who is one)")
        .hint(match link.only {
            Some(_) => "or the merchant confirmed without a change: then WeChat sends no event, and nothing is to be seen",
            None => "or a merchant that had authorized before updated its sets: without a receiver that shares this store that is not seen",
        })
        .hint("or the platform is not released (全网发布) and the account is not in its test list")
        .hint("or the page refused the link: judge it with `wxauth link --lint URL`");
    error.hint(
        "to be told at once, run `wxauth serve` on the same store; to wait longer: `--timeout 2h`",
    )
}
