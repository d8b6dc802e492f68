//! What `check` finds, judged from what is stored.

use jiff::SignedDuration;
use wxauth::flow::{
    CheckOptions, CheckedMerchants, Finding, LifeWanted, MintPolicy, Outcome, PlatformOptions,
    SecretSource, Verdict,
};
use wxauth::store::tokens::{NewToken, TokenOwner};

use super::bench::Bench;
use crate::store::support::{appid, at, listed, secret};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

fn without_appsecret(options: &mut PlatformOptions) {
    options.credentials.appsecret = SecretSource::Missing;
}

fn with_ticket_program(options: &mut PlatformOptions) {
    options.credentials.ticket = SecretSource::Command(vec!["/no/such/program".to_owned()]);
}

fn with_token_program(options: &mut PlatformOptions) {
    options.mint = MintPolicy::Never {
        token_command: Some(vec!["/no/such/program".to_owned()]),
        backend: None,
    };
}

fn without_lender(options: &mut PlatformOptions) {
    options.mint = MintPolicy::Never {
        token_command: None,
        backend: None,
    };
}

/// Stores a component token that was asked for at the beginning and ends so many seconds later.
async fn component_token(bench: &Bench, seconds: i64) {
    let owner = TokenOwner::Component;
    let (lease, ..) = crate::store::support::lease(bench.store(), &owner).await;
    let token = NewToken {
        access_token: secret("component"),
        refresh_token: None,
        expires_at: at(seconds),
        issued_at: at(0),
        contested: false,
    };
    bench.store().commit_refresh(&lease, token).await.unwrap();
}

async fn verdicts(bench: &Bench, options: &CheckOptions) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let checked = bench
        .platform
        .check(options, |verdict| verdicts.push(verdict));
    checked.await.unwrap().expect("something to check");
    verdicts
}

/// The verdicts on ticket and component token.
async fn means(bench: &Bench, life: Option<LifeWanted>) -> [(Outcome, Finding); 2] {
    let options = CheckOptions {
        life,
        ..CheckOptions::default()
    };
    let verdicts = verdicts(bench, &options).await;
    let of = |index: usize| (verdicts[index].outcome, verdicts[index].finding.clone());
    [of(0), of(1)]
}

macro_rules! found {
    ($found:expr, $outcome:ident, $finding:pat) => {
        let (outcome, finding) = &$found;
        assert_eq!(*outcome, Outcome::$outcome, "{finding:?}");
        assert!(matches!(finding, $finding), "{finding:?}");
    };
}

#[tokio::test]
async fn an_expired_token_without_appsecret_fails_though_the_ticket_is_valid() {
    let bench = Bench::with(without_appsecret).await;
    component_token(&bench, 7140).await;
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Pass, Finding::TicketFresh(_));
    found!(token, Pass, Finding::TokenLives);
    bench.pass(2 * HOUR);
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Warn, Finding::TicketLate(_));
    found!(token, Fail, Finding::TokenWithoutSecret);
}

#[tokio::test]
async fn a_token_is_renewable_while_the_ticket_is_valid() {
    let bench = Bench::new().await;
    component_token(&bench, 7140).await;
    bench.pass(12 * HOUR - 5 * MINUTE);
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Warn, Finding::TicketLate(_));
    found!(token, Pass, Finding::TokenRenewable);
    bench.pass(5 * MINUTE);
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Fail, Finding::NothingLives(_));
    found!(token, Fail, Finding::TokenWithoutTicket);
}

#[tokio::test]
async fn a_token_outlives_the_ticket_for_a_while() {
    let bench = Bench::new().await;
    component_token(&bench, 13 * HOUR).await;
    bench.pass(12 * HOUR + MINUTE);
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Warn, Finding::TicketGone(_));
    found!(token, Pass, Finding::TokenLives);
    // A call on its way would meet the end of a token with less than a minute.
    bench.pass(HOUR - 90);
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Fail, Finding::NothingLives(_));
    found!(token, Fail, Finding::TokenWithoutTicket);
}

#[tokio::test]
async fn what_a_program_would_print_is_unknown() {
    let bench = Bench::without_ticket(with_ticket_program).await;
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Unknown, Finding::TicketByProgram);
    found!(token, Unknown, Finding::TicketByProgram);

    let bench = Bench::without_ticket(with_token_program).await;
    let [ticket, token] = means(&bench, None).await;
    found!(ticket, Pass, Finding::TicketElsewhere);
    found!(token, Pass, Finding::TokenBorrowed);
    let wanted = LifeWanted::Span(SignedDuration::from_mins(5));
    let [_, token] = means(&bench, Some(wanted)).await;
    found!(token, Unknown, Finding::TokenBorrowed);
}

#[tokio::test]
async fn an_empty_store_is_judged_only_where_something_else_gives_tokens() {
    for (change, judged) in [
        (without_appsecret as fn(&mut PlatformOptions), false),
        (without_lender, false),
        (with_ticket_program, true),
        (with_token_program, true),
    ] {
        let bench = Bench::without_ticket(change).await;
        let options = CheckOptions::default();
        let tally = bench.platform.check(&options, |_| {}).await.unwrap();
        assert_eq!(tally.is_some(), judged);
    }
}

#[tokio::test]
async fn anything_in_the_store_is_judged() {
    let options = CheckOptions::default();
    let with_ticket = Bench::with(without_lender).await;
    let with_token = Bench::without_ticket(without_lender).await;
    component_token(&with_token, 7140).await;
    let (active, pending, ended) = (
        Bench::without_ticket(without_lender).await,
        Bench::without_ticket(without_lender).await,
        Bench::without_ticket(without_lender).await,
    );
    active.observe(listed(1, Some("refresh-1"), -50, 0)).await;
    pending.observe(listed(1, None, -50, 0)).await;
    ended.observe(listed(1, Some("refresh-1"), -50, 0)).await;
    ended.revoke(1, at(1)).await;
    for (bench, what) in [
        (with_ticket, "a ticket"),
        (with_token, "a component token"),
        (active, "an authorizer"),
        (pending, "an authorizer without a refresh token"),
        (ended, "an authorizer that ended"),
    ] {
        let tally = bench.platform.check(&options, |_| {}).await.unwrap();
        assert!(tally.is_some(), "{what}");
    }
}

#[tokio::test]
async fn less_validity_than_wanted_fails() {
    let bench = Bench::new().await;
    component_token(&bench, 7200).await;
    bench.pass(HOUR);
    let minutes = |minutes| LifeWanted::Span(SignedDuration::from_mins(minutes));
    for (wanted, enough) in [
        (minutes(59), true),
        (minutes(61), false),
        (LifeWanted::Percent(49.0), true),
        (LifeWanted::Percent(51.0), false),
    ] {
        let [_, token] = means(&bench, Some(wanted)).await;
        if enough {
            found!(token, Pass, Finding::TokenLives);
        } else {
            found!(token, Fail, Finding::LifeShort(_));
        }
    }
    // What has ended has nothing left, not less than nothing.
    bench.pass(2 * HOUR);
    let [_, token] = means(&bench, Some(minutes(1))).await;
    found!(token, Fail, Finding::LifeShort(SignedDuration::ZERO));
    let [_, token] = means(&bench, Some(minutes(0))).await;
    found!(token, Pass, Finding::TokenRenewable);
    // No token yet is no validity at all.
    let bench = Bench::new().await;
    let [_, token] = means(&bench, Some(minutes(1))).await;
    found!(token, Fail, Finding::LifeShort(SignedDuration::ZERO));
}

#[tokio::test]
async fn an_end_counts_when_it_was_lately_or_is_asked_about() {
    let bench = Bench::new().await;
    for (number, ended_at) in [(1, 100), (2, 200)] {
        bench.observe(listed(number, Some("refresh"), -50, 0)).await;
        bench.revoke(number, at(ended_at)).await;
    }
    bench.observe(listed(3, None, -50, 0)).await;
    let judged = async |options: CheckOptions| -> Vec<(String, Outcome)> {
        let verdicts = verdicts(&bench, &options).await.into_iter();
        let about = |verdict: Verdict| Some((verdict.target?.to_string(), verdict.outcome));
        verdicts.filter_map(about).collect()
    };
    let of = |number, outcome| (appid(number).to_string(), outcome);
    assert_eq!(judged(CheckOptions::default()).await, []);
    let since = CheckOptions {
        since: Some(at(200)),
        ..CheckOptions::default()
    };
    assert_eq!(judged(since).await, [of(2, Outcome::Fail)]);
    let all = |since| CheckOptions {
        merchants: CheckedMerchants::All,
        since,
        ..CheckOptions::default()
    };
    let (pass, warn, fail) = (Outcome::Pass, Outcome::Warn, Outcome::Fail);
    assert_eq!(
        judged(all(None)).await,
        [of(1, pass), of(2, pass), of(3, warn)]
    );
    let lately = judged(all(Some(at(150)))).await;
    assert_eq!(lately, [of(1, pass), of(2, fail), of(3, warn)]);
    let named = CheckOptions {
        merchants: CheckedMerchants::Named(vec![appid(1).to_string(), appid(1).to_string()]),
        ..CheckOptions::default()
    };
    assert_eq!(judged(named).await, [of(1, fail)]);
}
