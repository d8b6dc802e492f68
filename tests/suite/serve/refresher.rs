//! Tokens that stay fresh by themselves.

use jiff::SignedDuration;
use wxauth::flow::{BulkLimits, DueTokens, Freshness, Platform, RefreshTargets, SyncOptions};
use wxauth::serve::{Notice, RefreshPlan};
use wxauth::store::roster::RosterFilter;
use wxauth::store::tokens::TokenOwner;
use wxauth::wechat::id::Appid;

use super::site::Site;

fn refreshed(site: &Site) -> (u64, u64) {
    site.told(|notice| match notice {
        Notice::Refreshed {
            refreshed, failed, ..
        } => Some((*refreshed, *failed)),
        _ => None,
    })
}

#[test]
fn merchants_used_in_the_last_day_are_refreshed_and_others_are_not() {
    let mut appids = Vec::new();
    let mut site = prepared(RefreshPlan::Used, &mut appids, true);
    assert_eq!(refreshed(&site), (1, 0));
    site.stop();
    assert_eq!(
        site.calls("api_authorizer_token"),
        2,
        "one by the user, one by the refresher"
    );
    let token = site.runtime.block_on(site.platform.store().token(
        site.platform.key(),
        &TokenOwner::Authorizer(appids[0].parse().expect("an appid")),
    ));
    let end = token.expect("the store").expect("a token").expires_at;
    assert!(end.expect("an end") > site.platform.clock().now() + SignedDuration::from_mins(90));
}

#[test]
fn all_merchants_are_refreshed_within_the_budget() {
    let mut appids = Vec::new();
    let site = prepared(RefreshPlan::All { daily_budget: 288 }, &mut appids, false);
    assert!(appids.len() > 2);
    // The budget of two slots of ten minutes out of a day's 144, of which this is the first.
    assert_eq!(refreshed(&site), (2, 0));
    assert_eq!(site.calls("api_authorizer_token"), 2);
    let metrics = site.get(&format!("{}/metrics", site.admin), &[]).text;
    let left = format!(
        "wxauth_refresh_budget_left{{platform=\"{}\"}} 286",
        site.platform.component_appid()
    );
    assert!(metrics.contains(&left), "{metrics}");
}

/// Whoever always begins at the first merchant never comes to the last within a small budget.
#[test]
fn a_portion_goes_on_where_the_last_one_ended() {
    let mut appids = Vec::new();
    let site = prepared(RefreshPlan::Off, &mut appids, false);
    appids.sort();
    let mut due = DueTokens::within(SignedDuration::from_mins(20));
    due.at_most = Some(1);
    for appid in &appids[..3] {
        let targets = RefreshTargets::Due(due.clone());
        let done = site.platform.refresh(targets, BulkLimits::default());
        let done = site.runtime.block_on(done).expect("a refresh");
        assert_eq!(done.refreshed, 1);
        // As if it had not lasted: it would be the first again.
        site.control("clock", Some(&serde_json::json!({"offset": "+2h"})));
        assert_eq!(done.last.as_ref().map(Appid::as_str), Some(appid.as_str()));
        due.after = done.last;
    }
}

/// A server that begins with a synced roster; with `use_one`, one merchant's token was used two
/// hours ago.
fn prepared(plan: RefreshPlan, appids: &mut Vec<String>, use_one: bool) -> Site {
    Site::prepared(
        async |platform| {
            sync(platform).await;
            let rows = platform
                .authorizers(&RosterFilter::default(), None, 100)
                .await;
            let active = rows.expect("a list").into_iter();
            let active = active.filter(|row| row.has_refresh_token);
            appids.extend(active.map(|row| row.appid.to_string()));
            if use_one {
                let appid = appids[0].parse().expect("an appid");
                let token = platform.authorizer_token(&appid, Freshness::Usable).await;
                token.expect("a token");
                let clock = platform.clock();
                clock.set_offset(clock.offset() + 7000);
            }
        },
        |options| options.refresh = plan,
    )
}

/// Takes the sandbox's merchants over.
pub async fn sync(platform: &Platform) {
    let synced = platform.sync(SyncOptions::default()).await;
    assert!(synced.expect("a sync").total > 2);
}
