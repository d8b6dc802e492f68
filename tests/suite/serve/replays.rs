//! Messages that come again: WeChat repeats one, or somebody replays what it saw, on any path.

use serde_json::{Value, json};
use wxauth::serve::Notice;
use wxauth::store::observations::{ChangeSource, Listed, Observation, Profile};
use wxauth::store::roster::AccountStatus;
use wxauth::wechat::account::AccountKind;
use wxauth::wechat::id::{Appid, UserName};
use wxauth::wechat::push::{KeyUsed, To};

use crate::support::{Desk, tamper};

use super::backend::Backend;
use super::receiver::{Receiver, WeChat, desk};
use super::site::Site;

const OWN: &str = "/messages/wx00000000000000aa";
/// Of the first group of the full-release check.
const CHECKED: &str = "gh_3c884a361561";
const EVENT: &str = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                     <CreateTime>1700000000</CreateTime><MsgType>event</MsgType>\
                     <Event>subscribe</Event></xml>";

fn text(to: &str, content: &str, id: u32) -> String {
    format!(
        "<xml><ToUserName>{to}</ToUserName><FromUserName>o</FromUserName>\
         <CreateTime>1700000000</CreateTime><MsgType>text</MsgType>\
         <Content>{content}</Content><MsgId>{id}</MsgId></xml>"
    )
}

/// What was counted: account, kind, how often.
fn counted(desk: &Desk) -> Vec<(String, String, u64)> {
    let list = ["events", "list", "--messages", "-o", "json"];
    let rows = desk.run(list).expect_code(0).json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let row = |row: &Value| {
        let count = row["count"].as_u64().expect("a number");
        (text(&row["account"]), text(&row["kind"]), count)
    };
    rows.as_array().expect("an array").iter().map(row).collect()
}

fn replay(desk: &Desk) {
    let backend = Backend::start(&[]);
    let words = ["--forward-to", &backend.url];
    let wechat = WeChat::new();
    let sealed = |which, text: &str| wechat.push(which, text, To::Account("gh_a"));
    let success = (200, "success".to_owned());
    let texts = [text("gh_a", "hello", 1), EVENT.to_owned()];
    let send_again = |receiver: &Receiver, text: &str| {
        for path in [
            OWN,
            "/messages/wx00000000000000bb",
            "/messages/gh_000000000000",
            "/messages/x",
            "/events",
        ] {
            for which in [KeyUsed::Present, KeyUsed::Previous] {
                assert_eq!(receiver.send(path, &sealed(which, text)), success);
                let line = receiver.told("message_taken");
                assert_eq!(line["outcome"], "repeated", "{path}: {line}");
            }
        }
    };
    let receiver = Receiver::start(desk, &words);
    for text in &texts {
        let push = sealed(KeyUsed::Present, text);
        assert_eq!(receiver.send(OWN, &push), success);
        assert_eq!(receiver.told("message_taken")["outcome"], Value::Null);
        backend.got();
        send_again(&receiver, text);
    }
    assert_eq!(receiver.stop(), 0);
    let receiver = Receiver::start(desk, &words);
    for text in &texts {
        send_again(&receiver, text);
    }
    // A MsgId is enough, however the rest is written.
    send_again(&receiver, &texts[0].replace("hello", "<![CDATA[hello]]>"));
    // A message with another number or to another account, and an event that says something else, are new.
    let later = EVENT.replace("1700000000", "1700000001");
    for text in [text("gh_a", "hello", 2), text("gh_b", "hello", 1), later] {
        receiver.send(OWN, &sealed(KeyUsed::Present, &text));
        assert_eq!(receiver.told("message_taken")["outcome"], Value::Null);
        let got: Value = serde_json::from_str(&backend.got().body).expect("JSON");
        let said = wxauth::wechat::xml::parse(&text).expect("XML").to_json();
        assert_eq!(got["message"], said);
    }
    let own = "wx00000000000000aa".to_owned();
    assert_eq!(
        counted(desk),
        [
            (own.clone(), "event/subscribe".to_owned(), 2),
            (own, "text".to_owned(), 3)
        ]
    );
}

#[test]
fn a_message_counts_once_and_is_passed_on_once() {
    replay(&desk());
}

#[cfg(feature = "redis")]
#[test]
fn a_message_counts_once_and_is_passed_on_once_with_redis() {
    replay(&desk().with("WXAUTH_STORE", crate::support::shared_redis()));
}

#[test]
fn the_release_check_is_answered_each_time_and_counted_once() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &["--release-check"]);
    let text = text(CHECKED, "TESTCOMPONENT_MSG_TYPE_TEXT", 1);
    let push = WeChat::new().push(KeyUsed::Present, &text, To::Account(CHECKED));
    for outcome in [Value::Null, json!("repeated")] {
        let (status, body) = receiver.send("/messages/x", &push);
        assert_eq!(status, 200);
        assert!(body.contains("<Encrypt>"), "{body}");
        assert_eq!(receiver.told("message_taken")["outcome"], outcome);
    }
    let once = (CHECKED.to_owned(), "text".to_owned(), 1);
    assert_eq!(counted(&desk), [once]);
}

#[test]
fn replays_do_not_fill_the_log() {
    const REPLAYS: u64 = 150;
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let push = WeChat::new().push(KeyUsed::Present, EVENT, To::Account("gh_a"));
    for _ in 0..=REPLAYS {
        receiver.send(OWN, &push);
    }
    receiver.signal(rustix::process::Signal::TERM);
    let lines = receiver.log();
    let repeated = lines.iter().filter(|line| line["outcome"] == "repeated");
    let repeated = repeated.count() as u64;
    assert!(repeated < REPLAYS, "{repeated} lines");
    let left_out = lines.iter().filter(|line| line["what"] == "left_out");
    let left_out = left_out.filter_map(|line| line["count"].as_u64());
    assert_eq!(repeated + left_out.sum::<u64>(), REPLAYS);
}

#[test]
fn a_message_that_could_not_be_counted_is_taken_when_it_comes_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("wxauth.db");
    let desk = desk().with("WXAUTH_STORE", format!("sqlite:{}", store.display()));
    let backend = Backend::start(&[]);
    let receiver = Receiver::start(&desk, &["--forward-to", &backend.url]);
    let push = WeChat::new().push(KeyUsed::Present, EVENT, To::Account("gh_a"));
    let send = || {
        let answer = receiver.send("/messages/x", &push);
        assert_eq!(answer, (200, "success".to_owned()));
    };
    let broken = "CREATE TRIGGER full BEFORE INSERT ON message_counts
                  BEGIN SELECT RAISE(FAIL, 'disk is full'); END";
    tamper(&store, broken);
    send();
    receiver.told("message_not_counted");
    // It is not lost for the backend.
    backend.got();
    tamper(&store, "DROP TRIGGER full");
    for outcome in [Value::Null, json!("repeated")] {
        send();
        let line = loop {
            let line = receiver.told("message_taken");
            if line["outcome"] == outcome {
                break line;
            }
        };
        assert_eq!(line["account"], "gh_a");
    }
    let once = ("gh_a".to_owned(), "event/subscribe".to_owned(), 1);
    assert_eq!(counted(&desk), [once]);
}

/// The path is not signed: it is believed where the store knows nothing else.
#[test]
fn the_path_of_a_message_cannot_contradict_what_the_store_knows() {
    let site = Site::open();
    let accounts = site.control("accounts", None);
    let field = |index: usize, name: &str| accounts[index][name].as_str().expect(name).to_owned();
    let appid = |index| field(index, "appid");
    let original_id = |index| field(index, "user_name");
    let (unknown, known, other, unnamed) = (0, 1, 2, 3);
    let platform = &site.platform;
    let observation = |index, is_named: bool| Observation {
        listed: Some(Listed {
            appid: Appid::from_wire(appid(index)),
            authorized_at: None,
            refresh_token: None,
        }),
        profile: is_named.then(|| Profile {
            appid: Appid::from_wire(appid(index)),
            user_name: Some(UserName::from_wire(original_id(index))),
            nick_name: None,
            kind: AccountKind::OfficialAccount,
            principal_name: None,
            account_status: AccountStatus::Normal,
            permission_ids: None,
            pending_ids: Vec::new(),
            refresh_token: None,
            details: None,
        }),
        as_of: platform.clock().now(),
        source: ChangeSource::Sync,
    };
    let seen = vec![
        observation(known, true),
        observation(other, true),
        observation(unnamed, false),
    ];
    let observed = platform.store().observe(platform.key(), seen);
    site.runtime.block_on(observed).expect("the store");
    let stranger = "wx00000000000000aa".to_owned();
    for (to, path, account) in [
        (unknown, stranger.clone(), stranger.clone()),
        (unknown, appid(unnamed), appid(unnamed)),
        (unknown, appid(other), original_id(unknown)),
        (unknown, original_id(other), original_id(unknown)),
        (unknown, "x".to_owned(), original_id(unknown)),
        (known, appid(known), appid(known)),
        (known, stranger, appid(known)),
        (known, appid(unnamed), appid(known)),
        (known, appid(other), appid(known)),
        (known, original_id(other), appid(known)),
        (known, "x".to_owned(), appid(known)),
    ] {
        site.notices.lock().unwrap().clear();
        let url = format!("{}/messages/{path}", site.url);
        let order = json!({"message": "text", "appid": appid(to), "to": url});
        let pushed = site.control("push", Some(&order));
        assert_eq!(pushed["delivered"], true, "{pushed}");
        let taken = site.told(|notice| match notice {
            Notice::MessageTaken { account, .. } => Some(account.clone()),
            _ => None,
        });
        assert_eq!(taken, account, "to {to} on {path}");
    }
}
