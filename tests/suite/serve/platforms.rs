//! Several platforms in one process: by the path, by the outer AppId, else by whose keys fit.

use wxauth::wechat::event::unknown_xml;
use wxauth::wechat::push::{KeyUsed, To};

use crate::support::{Desk, refusing_address};

use super::receiver::{Answer, KEY, PLATFORM, PREVIOUS_KEY, Receiver, TOKEN, WeChat, events};

const SECOND: &str = "wxfedcba9876543210";

/// A desk with two profiles, the second with these secrets, that only receive.
fn desk(token: &str, key: &str) -> Desk {
    let desk = Desk::new();
    let folder = desk.config_dir();
    std::fs::create_dir_all(&folder).expect("a folder");
    let profile = |name: &str, appid: &str| {
        format!(
            "[profiles.{name}]\ncomponent_appid = \"{appid}\"\napi_base = \"http://{}\"\n\
             mint = \"never\"\n",
            refusing_address()
        )
    };
    let config = profile("one", PLATFORM) + &profile("two", SECOND);
    write(
        &folder.join("config.toml"),
        &format!("version = 1\n{config}"),
    );
    let secrets = |name: &str, token: &str, key: &str| {
        format!("[profiles.{name}]\ntoken = \"{token}\"\nencoding_aes_key = \"{key}\"\n")
    };
    let credentials = secrets("one", TOKEN, KEY) + &secrets("two", token, key);
    write(&folder.join("credentials.toml"), &credentials);
    desk
}

fn write(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).expect("a file");
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, private).expect("a mode");
}

fn success() -> Answer {
    (200, "success".to_owned())
}

/// Whose the next event is.
fn taken(receiver: &Receiver, what: &str) -> String {
    let line = receiver.told(what);
    line["platform"].as_str().expect("an appid").to_owned()
}

const MESSAGE: &str = "<xml><ToUserName>gh_a</ToUserName><FromUserName>o</FromUserName>\
                       <MsgType>text</MsgType></xml>";
const ACCOUNT: &str = "/messages/wx00000000000000aa";

#[test]
fn two_platforms_on_one_url_are_told_apart() {
    let desk = desk("another_token", PREVIOUS_KEY);
    let receiver = Receiver::start(&desk, &["one", "two"]);
    let first = WeChat::new();
    let second = WeChat::with(SECOND, "another_token", PREVIOUS_KEY);
    for (wechat, platform) in [(&first, PLATFORM), (&second, SECOND)] {
        assert_eq!(receiver.send("/events", &wechat.ticket(1)), success());
        assert_eq!(taken(&receiver, "event_accepted"), platform);
        let own = format!("/{platform}/events");
        assert_eq!(receiver.send(&own, &wechat.ticket(2)), success());
        assert_eq!(taken(&receiver, "event_accepted"), platform);
        // A message names no platform: whose it is, its signature says.
        for (number, path) in [ACCOUNT, &format!("/{platform}{ACCOUNT}")]
            .iter()
            .enumerate()
        {
            let text = MESSAGE.replace("</xml>", &format!("<MsgId>{number}</MsgId></xml>"));
            let message = wechat.push(KeyUsed::Present, &text, To::Account("gh_a"));
            assert_eq!(receiver.send(path, &message), success());
            assert_eq!(taken(&receiver, "message_taken"), platform);
        }
    }
    // The path decides, whatever the keys would say.
    for (path, push) in [
        (format!("/{SECOND}/events"), first.ticket(3)),
        (format!("/{PLATFORM}/events"), second.ticket(3)),
    ] {
        assert_eq!(receiver.send(&path, &push).0, 403);
    }
    let nobodys = "/wx0000000000000000/events";
    assert_eq!(receiver.send(nobodys, &first.ticket(3)).0, 404);
    for profile in ["one", "two"] {
        assert_eq!(events(&desk, &["--profile", profile]).len(), 2);
    }
}

/// Operators give all their platforms the same Token and key: the appid inside decides then.
#[test]
fn two_platforms_with_the_same_keys_are_told_apart() {
    let desk = desk(TOKEN, KEY);
    let receiver = Receiver::start(&desk, &["one", "two"]);
    for platform in [SECOND, PLATFORM] {
        let wechat = WeChat::with(platform, TOKEN, KEY);
        assert_eq!(receiver.send("/events", &wechat.ticket(1)), success());
        assert_eq!(taken(&receiver, "event_accepted"), platform);
        let message = wechat.push(KeyUsed::Present, MESSAGE, To::Account("gh_a"));
        assert_eq!(receiver.send(ACCOUNT, &message), success());
        assert_eq!(taken(&receiver, "message_taken"), platform);
        // An envelope without an AppId, as other senders make it.
        let text = unknown_xml(&wechat.platform, 1_700_000_000, "notify_of_tomorrow");
        let bare = wechat.push(KeyUsed::Present, &text, To::Account("gh_a"));
        assert_eq!(receiver.send("/events", &bare), success());
        assert_eq!(taken(&receiver, "event_accepted"), platform);
    }
    let third = WeChat::with("wx0000000000000000", TOKEN, KEY);
    assert_eq!(receiver.send("/events", &third.ticket(1)).0, 400);
    let stranger = WeChat::with(SECOND, "guessed", KEY);
    assert_eq!(receiver.send("/events", &stranger.ticket(9)).0, 403);
}
