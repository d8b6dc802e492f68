//! Events, messages and links go along, with the work that waits for them.

use std::path::Path;

use serde_json::{Value, json};
use wxauth::store::events::{EventFilter, EventOutcome, ForwardState, NewEvent};
use wxauth::store::launches::{Launch, LaunchSource};
use wxauth::store::messages::{MessageMark, MessageOutcome, MessageRecord, NewMessage};
use wxauth::store::observations::{ChangeSource, Listed, Observation};
use wxauth::store::roster::RosterFilter;
use wxauth::store::{PlatformKey, Store};
use wxauth::sys::clock::{Clock, timestamp};
use wxauth::wechat::id::{Appid, PermissionSetId};
use wxauth::wechat::secret::Secret;

use super::Movers;
use crate::cli::office::text;
use crate::support::{shared_redis, with_platform};

/// The code of the event whose work waits, and what is to be forwarded of it.
const CODE: &str = "queryauthcode@@@abc";
const FORWARD: &str = "<xml>x</xml>";

/// What a receiver leaves behind: work that waits, a forward that waits, messages, a link.
async fn leave_behind(store: &Store, key: &PlatformKey) {
    let now = Clock::system().unix();
    let at = |seconds: i64| timestamp(now + seconds);
    let ended = NewEvent {
        received_at: at(-90),
        created_at: Some(at(-91)),
        info_type: "authorized".to_owned(),
        appid: Some(Appid::from_wire("wx0000000000000001")),
        fingerprint: "event-b".to_owned(),
        fields: json!({"a": 1}),
        ticket: None,
        code: None,
        code_expires_at: None,
        pre_auth_code_fingerprint: Some("link-1".to_owned()),
        needs_work: true,
        forward: Some(String::new()),
        forward_early: false,
    };
    let waiting = NewEvent {
        received_at: at(-60),
        created_at: None,
        info_type: "updateauthorized".to_owned(),
        appid: Some(Appid::from_wire("wx0000000000000002")),
        fingerprint: "event-a".to_owned(),
        fields: json!({}),
        code: Some(Secret::new(CODE)),
        code_expires_at: Some(at(3000)),
        pre_auth_code_fingerprint: None,
        forward: Some(FORWARD.to_owned()),
        forward_early: true,
        ..ended.clone()
    };
    for event in [&ended, &waiting, &ended, &ended] {
        let accepted = store.accept_event(key, event.clone()).await;
        accepted.expect("an event");
    }
    let (outcome, detail) = (EventOutcome::Done, json!({"b": 2}));
    let finished = store.finish_event(key, 1, outcome, detail, false).await;
    finished.expect("an event");
    let (delivered, pending) = (ForwardState::Delivered, ForwardState::Pending);
    let noted = store.note_forward(key, 1, delivered, Some("200"), None);
    noted.await.expect("an event");
    let noted = store.note_forward(key, 2, pending, None, Some(at(600)));
    noted.await.expect("an event");

    let account = "wx0000000000000001";
    for number in 1..=5 {
        let message = NewMessage {
            mark: MessageMark::of(&[&number.to_string()]),
            created_at: Some(now - 7),
            received_at: at(-7),
            account: account.to_owned(),
            what: "text".to_owned(),
        };
        let counted = store.count_message(key, message).await;
        assert_eq!(counted, Ok(MessageOutcome::New));
    }
    for _ in 0..2 {
        let message = MessageRecord {
            id: 0,
            received_at: at(-7),
            account: account.to_owned(),
            what: "text".to_owned(),
            body: "<xml>hello</xml>".to_owned(),
        };
        store.keep_message(key, message).await.expect("a message");
    }
    let launch = Launch {
        pre_auth_code_fingerprint: "link-1".to_owned(),
        made_at: at(-100),
        expires_at: at(1000),
        external_id: Some("shop-1".to_owned()),
        claimed_external_id: Some("claimed-1".to_owned()),
        only: None,
        permission_ids: [1, 15].map(PermissionSetId).into(),
        source: LaunchSource::Page,
        state: Some("state-1".to_owned()),
        appid: Some(Appid::from_wire(account)),
    };
    store.put_launch(key, launch).await.expect("a link");

    let everybody = RosterFilter::default();
    let rows = store.page(key, &everybody, None, 100).await;
    let rows = rows.expect("the roster");
    for row in &rows {
        let claimed = format!("shop-of-{}", row.appid);
        let source = ChangeSource::Event;
        let noted = store.claim_external_id(key, &row.appid, &claimed, source);
        noted.await.expect("an authorizer");
    }
    let exchanged = Observation {
        listed: Some(Listed {
            appid: rows[0].appid.clone(),
            authorized_at: None,
            refresh_token: None,
        }),
        profile: None,
        as_of: at(0),
        source: ChangeSource::Redeem,
    };
    let redeemed = store.commit_redeem(key, "code-1", exchanged, None, 0).await;
    redeemed.expect("an authorizer");
}

/// All that the store in this file keeps of its platform: the lines of an open export, and of each
/// event, the newest first, its code and what is to be forwarded, which such an export leaves out.
fn kept(movers: &Movers, path: &str) -> (Vec<String>, Vec<[Option<String>; 2]>) {
    let words = ["store", "export", "--without-secrets"];
    let exported = movers.on(&format!("sqlite:{path}"), &words).expect_code(0);
    // The first line tells when it was made.
    let lines = exported.stdout.lines().skip(1).map(str::to_owned).collect();
    let all = EventFilter {
        limit: 100,
        ..EventFilter::default()
    };
    let secrets = with_platform(Path::new(path), async |store, key| {
        let mut secrets = Vec::new();
        for listed in store.events(key, &all).await.expect("events") {
            let event = store.event(key, listed.id).await.expect("an event");
            let event = event.expect("an event");
            let code = event.code.map(|code| code.expose().to_owned());
            secrets.push([code, event.forward_payload]);
        }
        secrets
    });
    (lines, secrets)
}

#[test]
fn pushes_messages_and_links_come_along_with_the_work_that_waits() {
    let movers = Movers::with_merchants("2");
    let path = movers.file("old.db");
    let (old, redis) = (format!("sqlite:{path}"), shared_redis());
    movers
        .on(&old, &["authorizers", "sync", "-q"])
        .expect_code(0);
    with_platform(Path::new(&path), leave_behind);
    let moved = movers.json(&redis, &["store", "import", &old]);
    assert_eq!(moved[0]["verified"], true, "{moved}");
    for (kind, count) in [
        ("events", 2),
        ("message_counts", 1),
        ("messages", 2),
        ("launches", 1),
        ("redeemed_codes", 1),
    ] {
        assert_eq!(moved[0]["records"][kind], count, "{kind}: {moved}");
    }
    assert_eq!(movers.holding(&redis), movers.holding(&old));
    let listed = |store: &str| {
        let mut list = movers.json(store, &["events", "list"]);
        for event in list.as_array_mut().expect("events") {
            event["id"] = Value::Null;
        }
        list
    };
    assert_eq!(listed(&redis), listed(&old));
    let again = movers.json(&redis, &["store", "import", &old]);
    assert_eq!(again[0]["written"], json!({}), "{again}");

    let back = movers.file("back.db");
    let place = format!("sqlite:{back}");
    let carried = movers.json(&redis, &["store", "export", "--to", &place]);
    assert_eq!(carried[0]["verified"], true);
    let (lines, secrets) = kept(&movers, &path);
    let waiting = [CODE, FORWARD].map(|text| Some(text.to_owned()));
    assert_eq!(secrets, [waiting, [None, None]]);
    let (lines_back, secrets_back) = kept(&movers, &back);
    assert_eq!(lines_back, lines);
    assert_eq!(secrets_back, secrets);
    assert_eq!(movers.sight(&redis).0, movers.sight(&old).0);
    let sight = movers.sight(&place).0;
    assert_eq!(sight, movers.sight(&old).0);
    let appid = text(&sight[0], "appid");
    assert_eq!(
        text(&sight[0], "claimed_external_id"),
        format!("shop-of-{appid}")
    );
}

#[test]
fn an_export_is_encrypted_with_the_current_key_and_read_with_it() {
    let movers = Movers::with_merchants("2");
    let (old, file) = (
        format!("sqlite:{}", movers.file("old.db")),
        movers.file("a.wxauth"),
    );
    let keyed = |key: &str, store: &str, words: &[&str]| {
        let mut command = movers.desk.command(words);
        command
            .env("WXAUTH_STORE", store)
            .env("WXAUTH_ENCRYPTION_KEY", key.repeat(64));
        crate::support::Outcome::of(command.spawn().expect("the program"))
    };
    keyed("a", &old, &["authorizers", "sync", "-q"]).expect_code(0);
    keyed("a", &old, &["store", "export", "--to", &file]).expect_code(0);
    for new in [format!("sqlite:{}", movers.file("new.db")), shared_redis()] {
        let import = ["store", "import", &file, "-o", "json"];
        keyed("b", &new, &import).expect_code(4);
        let taken = keyed("a", &new, &import).expect_code(0).json();
        assert_eq!(taken[0]["verified"], true);
        let info = keyed("a", &new, &["store", "info", "-o", "json"]);
        let encrypted = info.expect_code(0).json()["encrypted"].clone();
        assert_eq!(encrypted["plain_text"], false, "{encrypted}");
        assert_eq!(encrypted["key_ids"].as_array().map(Vec::len), Some(1));
    }
}
