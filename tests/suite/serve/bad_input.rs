//! What strangers and broken senders bring: refused for what it is, and a good event is taken while
//! it happens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wxauth::wechat::crypto;
use wxauth::wechat::event::ticket_xml;
use wxauth::wechat::push::Envelope;
use wxauth::wechat::secret::Secret;

use super::receiver::{Receiver, WeChat, desk, events};

/// The ciphertext of an event, as bytes that can be bent, and its pad.
fn ciphertext(wechat: &WeChat) -> (Vec<u8>, u8) {
    let (_, body) = wechat.ticket(7);
    let encrypt = Envelope::parse(body.as_bytes()).expect("ours").encrypt;
    let opened = crypto::open(&wechat.keys.present, &encrypt).expect("ours");
    (STANDARD.decode(encrypt).expect("base64"), opened.pad)
}

/// An event whose last byte, the pad, is another.
fn with_pad(wechat: &WeChat, pad: u8) -> (String, String) {
    let (mut bytes, found) = ciphertext(wechat);
    let before = bytes.len() - 17;
    // In this mode a bit turned in one block turns the same bit in the next one.
    bytes[before] ^= found ^ pad;
    wechat.signed(&STANDARD.encode(bytes))
}

fn with_a_length_beyond_the_end(wechat: &WeChat) -> (String, String) {
    let (mut bytes, _) = ciphertext(wechat);
    bytes[0] ^= 0x7f;
    wechat.signed(&STANDARD.encode(bytes))
}

fn cut(wechat: &WeChat) -> (String, String) {
    let (bytes, _) = ciphertext(wechat);
    let text = STANDARD.encode(bytes);
    wechat.signed(&text[..text.len() - 7])
}

const BOMB: &str = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>";

#[test]
fn bad_input_is_refused_for_what_it_is_and_good_events_are_taken() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let (query, body) = wechat.ticket(1);
    let another = WeChat::with(
        "wxfedcba9876543210",
        super::receiver::TOKEN,
        super::receiver::KEY,
    );
    let stranger = WeChat::with(super::receiver::PLATFORM, "guessed", super::receiver::KEY);
    let renamed = another.ticket(2);
    let renamed = (
        renamed.0,
        renamed
            .1
            .replace("wxfedcba9876543210", super::receiver::PLATFORM),
    );
    // Sealed for us, and by its envelope for another.
    let wrapped = body.replace(super::receiver::PLATFORM, "wxfedcba9876543210");
    let bodies: [(&str, (String, String), u16, &str); 15] = [
        ("no query", (String::new(), body.clone()), 400, "query"),
        ("another Token", stranger.ticket(1), 403, "signature"),
        (
            "a changed nonce",
            (query.replace("415670741", "1"), body.clone()),
            403,
            "signature",
        ),
        (
            "another platform outside",
            another.ticket(1),
            400,
            "foreign_appid",
        ),
        ("another platform inside", renamed, 400, "foreign_appid"),
        (
            "another envelope",
            (query.clone(), wrapped),
            400,
            "foreign_appid",
        ),
        ("base64 cut short", cut(&wechat), 400, "decryption"),
        ("a pad of 0", with_pad(&wechat, 0), 400, "decryption"),
        ("a pad of 33", with_pad(&wechat, 33), 400, "decryption"),
        (
            "a length beyond the end",
            with_a_length_beyond_the_end(&wechat),
            400,
            "decryption",
        ),
        (
            "an entity bomb",
            (query.clone(), format!("{BOMB}{body}")),
            400,
            "envelope",
        ),
        (
            "no XML",
            (query.clone(), "hello".to_owned()),
            400,
            "envelope",
        ),
        ("nothing", (query.clone(), String::new()), 400, "envelope"),
        (
            "broken JSON",
            (query.clone(), "{\"Encrypt\":".to_owned()),
            400,
            "envelope",
        ),
        (
            "1 MiB",
            (query.clone(), "x".repeat(1 << 20)),
            413,
            "too_large",
        ),
    ];
    for (number, (name, push, status, why)) in (10..).zip(bodies) {
        let (found, text) = receiver.send("/events", &push);
        assert_eq!(found, status, "{name}: {text}");
        assert!(!text.contains("success"), "{name}: {text}");
        let line = receiver.told("rejected");
        assert_eq!(line["why"], why, "{name}: {line}");
        assert_eq!(line["route"], "events", "{name}");
        let good = receiver.send("/events", &wechat.ticket(number));
        assert_eq!(good, (200, "success".to_owned()), "after {name}");
    }
    let kept = events(&desk, &[]);
    assert_eq!(kept.len(), 15, "the good ones and nothing else: {kept:?}");
}

#[test]
fn an_event_that_nobody_can_read_is_kept_without_its_code() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let code = "queryauthcode@@@0123456789abcdefghijklmnopqrstuvwxyz";
    let encoded = code.replace('@', "%40");
    let escaped = code.replace('@', r"\u0040");
    let texts = [
        format!("<xml><InfoType>authorized</InfoType><AuthorizationCode>{code}<xml>"),
        format!("{BOMB}<xml><InfoType>&b;</InfoType><x>{code}</x></xml>"),
        format!("{{\"InfoType\":\"notify\",\"auth_code\":\"{code}\"}}"),
        format!(
            "<xml><url>https%3A%2F%2Fa.example%3Fauth_code%3D{encoded}%26expires_in%3D600<xml>"
        ),
        format!(r#"{{"InfoType":"notify","details":"{{\"code\":\"{escaped}\"}}"}}"#),
    ];
    for text in &texts {
        let answer = receiver.send("/events", &wechat.event(text));
        assert_eq!(answer, (200, "success".to_owned()));
    }
    let kept = events(&desk, &[]);
    assert_eq!(kept.len(), texts.len());
    for (row, text) in kept.iter().rev().zip(&texts) {
        assert_eq!(row["info_type"], "unreadable");
        let raw = row["fields"]["raw"].as_str().expect("the text");
        let masked = [code, &encoded, &escaped]
            .iter()
            .fold(text.clone(), |text, code| {
                text.replace(code, "queryauthcode@@@…")
            });
        assert_eq!(raw, masked);
    }
    let said = desk
        .run(["events", "list", "-o", "json"])
        .expect_code(0)
        .stdout;
    assert!(!said.contains("0123456789abcdef"), "{said}");
}

#[test]
fn a_browser_is_told_what_the_url_is_for_and_other_methods_are_not_taken() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    for path in ["/events", "/messages/wx0123456789abcdef"] {
        let request = |method: &str| {
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes()
        };
        let (status, text) = receiver.raw(&request("GET"));
        assert_eq!(status, 200);
        assert!(
            text.contains("接收URL") && !text.contains("success"),
            "{text}"
        );
        assert_eq!(receiver.raw(&request("DELETE")).0, 405);
    }
}

/// It is authentic, and so kept; what is no ticket is not used as one.
#[test]
fn a_malformed_ticket_is_kept_and_not_used() {
    let desk = desk();
    let receiver = Receiver::start(&desk, &[]);
    let wechat = WeChat::new();
    let success = (200, "success".to_owned());
    assert_eq!(receiver.send("/events", &wechat.ticket(1)), success);
    let odd = Secret::new("ticket@@@one two");
    let text = ticket_xml(&wechat.platform, 1_700_000_100, &odd);
    assert_eq!(receiver.send("/events", &wechat.event(&text)), success);
    let kept = &events(&desk, &[])[0];
    assert_eq!(kept["info_type"], "unreadable");
    assert!(!kept.to_string().contains("one two"), "{kept}");
    let shown = desk.run(["ticket", "show", "--reveal", "-o", "json"]);
    let shown = shown.expect_code(0).json();
    assert_eq!(shown["ticket"], "ticket@@@story-00000001");
    let set = desk.run_with_input(["ticket", "set"], "ticket@@@one\u{1b}[8mtwo");
    set.expect_code(2);
}
