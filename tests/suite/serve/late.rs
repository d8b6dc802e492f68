//! Events that come late: what is known is newer, and stays.

use serde_json::json;
use wxauth::flow::CodeFate;
use wxauth::serve::Notice;
use wxauth::store::events::EventOutcome;
use wxauth::store::roster::AuthorizationStatus;

use super::site::Site;
use super::two_ways::push;

/// What became of the event with this number.
fn worked(site: &Site, wanted: &str, nth: usize) -> (EventOutcome, CodeFate) {
    for _ in 0..600 {
        let notices = site.notices.lock().unwrap().clone();
        let mut found = notices.iter().filter_map(|notice| match notice {
            Notice::EventWorked {
                info_type,
                outcome,
                code,
                ..
            } if info_type == wanted => Some((*outcome, *code)),
            _ => None,
        });
        if let Some(found) = found.nth(nth) {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("not told: {:#?}", site.notices.lock().unwrap());
}

fn status(site: &Site, appid: &str) -> AuthorizationStatus {
    let row = site.runtime.block_on(site.platform.authorizer(appid));
    row.expect("the merchant").status
}

#[test]
fn an_authorization_from_before_an_end_does_not_undo_it() {
    let site = Site::open();
    site.receive_pushes();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    site.confirm(&made.link("pc"), appid, None);
    assert_eq!(worked(&site, "authorized", 0).0, EventOutcome::Done);
    let then = site.platform.clock().unix();

    site.control("clock", Some(&json!({"offset": "+3m"})));
    site.control("revoke", Some(&json!({ "appid": appid })));
    assert_eq!(worked(&site, "unauthorized", 0).0, EventOutcome::Done);
    let asked = site.calls("api_query_auth");

    // One of WeChat's repeats that was on its way all the time, with a code of its own.
    push(&site, "authorized", appid, &json!({ "CreateTime": then }));
    assert_eq!(
        worked(&site, "authorized", 1),
        (EventOutcome::Ignored, CodeFate::Unspent)
    );
    assert_eq!(status(&site, appid), AuthorizationStatus::Revoked);
    assert_eq!(site.calls("api_query_auth"), asked, "WeChat was not asked");
}

#[test]
fn an_authorization_older_than_what_was_read_changes_nothing() {
    let site = Site::open();
    site.receive_pushes();
    let merchant = site.account("mini_program");
    let appid = merchant["appid"].as_str().expect("an appid");
    let made = site.post("/authorize?type=mini-program", &[]);
    site.confirm(&made.link("pc"), appid, None);
    assert_eq!(worked(&site, "authorized", 0).0, EventOutcome::Done);
    let asked = site.calls("api_query_auth");
    let earlier = site.platform.clock().unix() - 200;
    push(
        &site,
        "updateauthorized",
        appid,
        &json!({ "CreateTime": earlier }),
    );
    let ignored = (EventOutcome::Ignored, CodeFate::Unspent);
    assert_eq!(worked(&site, "updateauthorized", 0), ignored);
    assert_eq!(site.calls("api_query_auth"), asked);
    assert_eq!(status(&site, appid), AuthorizationStatus::Active);
    // Clocks differ by a little, and pushes take a moment: that is not late.
    let just_now = site.platform.clock().unix() - 20;
    push(
        &site,
        "updateauthorized",
        appid,
        &json!({ "CreateTime": just_now }),
    );
    let done = (EventOutcome::Done, CodeFate::Spent);
    assert_eq!(worked(&site, "updateauthorized", 1), done);
    // Nor is what is far from now by WeChat's clock: WeChat is asked.
    let long_ago = site.platform.clock().unix() - 3600;
    push(
        &site,
        "updateauthorized",
        appid,
        &json!({ "CreateTime": long_ago }),
    );
    assert_eq!(worked(&site, "updateauthorized", 2), done);
}
