//! What the store keeps of messages, and what WeChat is told when it can keep nothing.

use serde_json::json;
use wxauth::serve::Notice;
use wxauth::store::messages::MessageFilter;

use super::receiver::{Receiver, WeChat, desk, events};
use super::site::Site;
use crate::support::tamper;

/// Pushes a text message to this path; the account that it counts for.
fn message(site: &Site, path: &str) -> String {
    let order = json!({"message": "text", "to": format!("{}{path}", site.url)});
    let pushed = site.control("push", Some(&order));
    assert_eq!(pushed["delivered"], true, "{pushed}");
    site.told(|notice| match notice {
        Notice::MessageTaken { account, .. } => Some(account.clone()),
        _ => None,
    })
}

#[test]
fn bodies_of_messages_are_kept_only_where_the_operator_asks_for_it() {
    for keep in [false, true] {
        let site = Site::with(|options| options.keep_bodies = keep);
        let account = message(&site, "/messages/wx00000000000000aa");
        assert_eq!(account, "wx00000000000000aa");
        let (store, key) = (site.platform.store(), site.platform.key());
        let filter = MessageFilter {
            limit: 10,
            ..MessageFilter::default()
        };
        let kept = site.runtime.block_on(store.messages(key, &filter));
        let kept = kept.expect("the store");
        assert_eq!(kept.len(), usize::from(keep));
        if let Some(kept) = kept.first() {
            assert_eq!(
                (kept.account.as_str(), kept.what.as_str()),
                (&*account, "text")
            );
            assert!(kept.body.contains("<MsgType>"), "{}", kept.body);
        }
        let counts = site.runtime.block_on(store.message_counts(key));
        let counts = counts.expect("the store");
        assert_eq!(counts.len(), 1, "{counts:?}");
        assert_eq!(
            (counts[0].account.as_str(), counts[0].count),
            (&*account, 1)
        );
    }
}

/// The path is not signed: whoever saw a push could write anything there.
#[test]
fn a_path_that_names_no_account_is_not_believed() {
    let site = Site::open();
    let account = message(&site, "/messages/%3Cscript%3E");
    assert!(account.starts_with("gh_"), "{account}");
}

#[test]
fn what_cannot_be_kept_is_not_answered_with_success() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("wxauth.db");
    let desk = desk().with("WXAUTH_STORE", format!("sqlite:{}", store.display()));
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let success = (200, "success".to_owned());
    assert_eq!(receiver.send("/events", &wechat.ticket(1)), success);
    let broken = "CREATE TRIGGER full BEFORE INSERT ON events
                  BEGIN SELECT RAISE(FAIL, 'disk is full'); END";
    tamper(&store, broken);
    let (status, text) = receiver.send("/events", &wechat.ticket(2));
    assert_eq!(status, 500, "{text}");
    assert!(
        !text.contains("success") && !text.contains("disk"),
        "{text}"
    );
    assert_eq!(receiver.told("rejected")["why"], "store");
    tamper(&store, "DROP TRIGGER full");
    // WeChat sends it again.
    assert_eq!(receiver.send("/events", &wechat.ticket(2)), success);
    assert_eq!(events(&desk, &[]).len(), 2);
}
