//! `events decode`: an operator finds out why a captured push is not taken.

use serde_json::Value;
use wxauth::wechat::crypto::{EncodingAesKey, seal, signature};

use crate::support::{Desk, Outcome};
use crate::wechat::vectors::{self, Vector};

const OTHER_KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

/// The desk of the platform that the vector is for.
fn desk(vector: &Vector) -> Desk {
    Desk::new()
        .with("WXAUTH_COMPONENT_APPID", &*vector.component_appid)
        .with("WXAUTH_TOKEN", &*vector.token)
        .with("WXAUTH_ENCODING_AES_KEY", &*vector.encoding_aes_key)
}

fn query(vector: &Vector) -> String {
    format!(
        "signature={}&timestamp={}&nonce={}&encrypt_type=aes&msg_signature={}",
        vector.signature.as_deref().unwrap_or_default(),
        vector.timestamp,
        vector.nonce,
        vector.msg_signature
    )
}

fn body(vector: &Vector) -> String {
    format!(
        "<xml>\n    <AppId><![CDATA[{}]]></AppId>\n    <Encrypt><![CDATA[{}]]></Encrypt>\n</xml>",
        vector.component_appid, vector.encrypt
    )
}

fn decode(desk: &Desk, query: &str, body: &str) -> Outcome {
    desk.run_with_input(["events", "decode", "--query", query, "-o", "json"], body)
}

/// The outcome of one check, and what was said of it.
fn check<'a>(answer: &'a Value, name: &str) -> (&'a str, String) {
    let mut checks = answer["checks"].as_array().expect("checks").iter();
    let check = checks.find(|check| check["check"] == name).expect(name);
    let said = format!("{} {}", check["found"], check["explanation"]);
    (check["outcome"].as_str().expect("an outcome"), said)
}

fn wrong(answer: &Value) -> Vec<&str> {
    let checks = answer["checks"].as_array().expect("checks").iter();
    checks
        .filter(|check| check["outcome"] == "fail")
        .map(|check| check["check"].as_str().expect("a name"))
        .collect()
}

#[test]
fn a_sound_ticket_is_shown_with_the_ticket_masked() {
    let vector = vectors::one('D');
    let desk = desk(&vector);
    let answer = decode(&desk, &query(&vector), &body(&vector));
    let answer = answer.expect_code(0).json();
    assert_eq!(answer["sound"], true);
    assert_eq!(answer["key"], "present");
    let checks = answer["checks"].as_array().expect("checks");
    assert!(
        checks.iter().all(|check| check["outcome"] == "pass"),
        "{answer:#}"
    );
    assert_eq!(answer["holds"]["info_type"], "component_verify_ticket");
    assert_eq!(answer["holds"]["created_at"], "2023-11-14T22:13:20Z");
    assert_eq!(
        answer["holds"]["fields"]["ComponentVerifyTicket"],
        "ticket@@@…"
    );

    let words = ["events", "decode", "--query", &query(&vector)];
    let screen = desk
        .run_with_input(words, &body(&vector))
        .expect_code(0)
        .stdout;
    assert!(
        screen.contains("a new ticket, every ten minutes"),
        "{screen}"
    );
    assert!(
        !screen.contains("vector-0001") && !screen.contains("wrong"),
        "{screen}"
    );
    let words = ["events", "decode", "--reveal", "--lang", "zh"];
    let screen = desk
        .run_with_input(words, &body(&vector))
        .expect_code(0)
        .stdout;
    assert!(
        screen.contains("ticket@@@vector-0001") && screen.contains("推送验证票据"),
        "{screen}"
    );
}

#[test]
fn a_pasted_curl_line_has_everything() {
    let vector = vectors::one('E');
    let desk = desk(&vector);
    let address = format!(
        "https://shop.example.com/events?profile=a&{}",
        query(&vector)
    );
    let body = body(&vector);
    // As a browser copies it, and as somebody breaks a long line.
    let escaped = format!("{body}\n")
        .replace('\n', "\\n")
        .replace('!', "\\u0021");
    let (half, other_half) = body.split_at(200);
    for line in [
        format!("curl '{address}' -d '{body}'"),
        format!(
            "$ curl -sS -X POST \\\n  -H \"Content-Type: text/xml\" \\\n  --data-raw $'{escaped}' \\\n  \"{address}\""
        ),
        format!(
            "curl --header 'Referer: https://x.example.com/?a=b' --url={} --data-binary \"{half}\\\n{other_half}\"",
            address.replace('&', "\\&")
        ),
    ] {
        let answer = desk.run_with_input(["events", "decode", "-o", "json"], &line);
        let answer = answer.expect_code(0).json();
        assert_eq!(answer["holds"]["info_type"], "authorized", "{line}");
        assert_eq!(check(&answer, "signature").0, "pass", "{line}");
    }
    // From a file, however it is named.
    let file = desk.home().join("curl.txt");
    std::fs::write(&file, format!("curl '{address}' -d '{body}'\n")).expect("a file");
    for name in [format!("@{}", file.display()), file.display().to_string()] {
        desk.run(["events", "decode", &name]).expect_code(0);
    }
    for line in [
        "curl 'https://x/?a=b",
        "curl https://x/?a=b",
        "curl -d @body.xml https://x/",
        " \n",
    ] {
        let said = desk
            .run_with_input(["events", "decode"], line)
            .expect_code(2)
            .stderr;
        assert!(said.contains("no captured push"), "{said}");
    }
}

#[test]
fn a_wrong_token_is_told_from_a_body_changed_on_its_way() {
    let vector = vectors::one('D');
    let other = desk(&vector).with("WXAUTH_TOKEN", "another_token");
    let answer = decode(&other, &query(&vector), &body(&vector))
        .expect_code(3)
        .json();
    assert_eq!(wrong(&answer), ["signature"]);
    assert!(
        check(&answer, "signature")
            .1
            .contains("the Token is another"),
        "{answer:#}"
    );
    // It goes on all the same.
    assert_eq!(answer["holds"]["info_type"], "component_verify_ticket");

    let changed = query(&vector).replace("msg_signature=4", "msg_signature=5");
    let answer = decode(&desk(&vector), &changed, &body(&vector))
        .expect_code(3)
        .json();
    assert_eq!(wrong(&answer), ["signature"]);
    assert!(
        check(&answer, "signature").1.contains("the Token is right"),
        "{answer:#}"
    );
}

#[test]
fn a_query_that_the_shell_cut_off_is_told() {
    let vector = vectors::one('D');
    let cut = query(&vector);
    let cut = cut.split('&').next().expect("the first parameter");
    let answer = decode(&desk(&vector), cut, &body(&vector))
        .expect_code(3)
        .json();
    assert_eq!(wrong(&answer), ["query"]);
    assert!(
        check(&answer, "query").1.contains("no timestamp"),
        "{answer:#}"
    );
    assert_eq!(check(&answer, "signature").0, "unknown");
    // Without any query the signature is not judged.
    let words = ["events", "decode", "-o", "json"];
    let answer = desk(&vector)
        .run_with_input(words, &body(&vector))
        .expect_code(0)
        .json();
    assert_eq!(check(&answer, "query").0, "unknown");
}

#[test]
fn the_key_that_opened_it_is_named() {
    let vector = vectors::one('D');
    let rotated = desk(&vector)
        .with("WXAUTH_ENCODING_AES_KEY", OTHER_KEY)
        .with(
            "WXAUTH_ENCODING_AES_KEY_PREVIOUS",
            &*vector.encoding_aes_key,
        );
    let answer = decode(&rotated, &query(&vector), &body(&vector))
        .expect_code(0)
        .json();
    assert_eq!(answer["key"], "previous");

    let wrong_key = desk(&vector).with("WXAUTH_ENCODING_AES_KEY", OTHER_KEY);
    let answer = decode(&wrong_key, &query(&vector), &body(&vector))
        .expect_code(3)
        .json();
    assert_eq!(wrong(&answer), ["key", "padding"]);
    assert_eq!(check(&answer, "signature").0, "pass");
    assert_eq!(check(&answer, "length").0, "not_reached");
    assert!(answer["key"].is_null() && answer["holds"].is_null());
    assert!(check(&answer, "key").1.contains("no previous one is known"));
}

#[test]
fn what_was_cut_or_never_encrypted_is_told() {
    let vector = vectors::one('D');
    let desk = desk(&vector);
    let words = ["events", "decode", "-o", "json"];
    let run = |body: &str| desk.run_with_input(words, body).expect_code(3).json();

    let short = body(&vector).replace(&vector.encrypt, &vector.encrypt[..100]);
    let answer = run(&short);
    assert_eq!(wrong(&answer), ["encrypt"]);
    assert_eq!(check(&answer, "key").0, "not_reached");

    let answer = run(&vector.message);
    assert_eq!(wrong(&answer), ["envelope"]);
    assert!(
        check(&answer, "envelope").1.contains("not encrypted"),
        "{answer:#}"
    );
    assert_eq!(answer["holds"]["info_type"], "component_verify_ticket");

    let answer = run("<xml><Encrypt>abc");
    assert_eq!(wrong(&answer), ["envelope"]);
    assert!(answer["holds"].is_null());
}

/// A push sealed by hand, signed for its query.
fn sealed(vector: &Vector, message: &str, appid: &str) -> (String, String) {
    let key = EncodingAesKey::parse(&vector.encoding_aes_key).expect("a key");
    let encrypt = seal(&key, [9; 16], message.as_bytes(), appid);
    let msg_signature = signature(&vector.token, "1", "2", Some(&encrypt));
    let query = format!("timestamp=1&nonce=2&msg_signature={msg_signature}");
    let body = format!("<xml><ToUserName>gh_1</ToUserName><Encrypt>{encrypt}</Encrypt></xml>");
    (query, body)
}

#[test]
fn a_push_for_another_platform_is_told() {
    let vector = vectors::one('D');
    let other = desk(&vector).with("WXAUTH_COMPONENT_APPID", "wxaaaaaaaaaaaaaaaa");
    let answer = decode(&other, &query(&vector), &body(&vector))
        .expect_code(3)
        .json();
    assert_eq!(wrong(&answer), ["outer_appid", "inner_appid", "message"]);
    // Some senders seal with the merchant's appid.
    let (query, body) = sealed(&vector, &vectors::one('A').message, "wxbbbbbbbbbbbbbbbb");
    let answer = decode(&desk(&vector), &query, &body).expect_code(3).json();
    assert_eq!(wrong(&answer), ["inner_appid"]);
    assert!(
        check(&answer, "inner_appid")
            .1
            .contains("wxbbbbbbbbbbbbbbbb")
    );
    assert_eq!(answer["holds"]["msg_type"], "event:debug_demo");
}

#[test]
fn a_message_that_is_no_xml_is_told() {
    let vector = vectors::one('D');
    for (message, said) in [
        ("<xml><AppId>wx1</AppId><xml>", "broken"),
        ("<!DOCTYPE x><xml/>", "DOCTYPE"),
        ("<xml><a>1</a></xml>", "neither an event"),
        ("{\"a\":", "JSON is broken"),
        (
            "<xml><InfoType>authorized</InfoType><AppId>wx1</AppId></xml>",
            "no AuthorizerAppid",
        ),
    ] {
        let (query, body) = sealed(&vector, message, &vector.component_appid);
        let answer = decode(&desk(&vector), &query, &body).expect_code(3).json();
        assert_eq!(wrong(&answer), ["message"], "{message}");
        assert!(check(&answer, "message").1.contains(said), "{answer:#}");
    }
    let store =
        r#"{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1,"MsgType":"event","Event":"e"}"#;
    let (query, body) = sealed(&vector, store, &vector.component_appid);
    let answer = decode(&desk(&vector), &query, &body).expect_code(0).json();
    assert_eq!(answer["holds"]["msg_type"], "event:e");
}

#[test]
fn a_platform_without_token_or_key_is_told_what_to_store() {
    let vector = vectors::one('D');
    let bare = || Desk::new().with("WXAUTH_COMPONENT_APPID", &*vector.component_appid);
    let said = decode(&bare(), "", &body(&vector)).expect_code(4);
    assert!(
        said.stderr.contains("set `WXAUTH_TOKEN`"),
        "{}",
        said.stderr
    );
    let desk = bare().with("WXAUTH_TOKEN", "t");
    let said = decode(&desk, "", &body(&vector)).expect_code(4);
    assert!(
        said.stderr.contains("set `WXAUTH_ENCODING_AES_KEY`"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_program_may_print_the_key() {
    let vector = vectors::one('D');
    let desk = Desk::new();
    desk.run(["init", "shop", "--component-appid", &vector.component_appid])
        .expect_code(0);
    let command = format!("echo {}", vector.encoding_aes_key);
    desk.run(["profile", "set", "encoding_aes_key_command", &command])
        .expect_code(0);
    desk.run_with_input(["profile", "set", "token"], &vector.token)
        .expect_code(0);
    let answer = decode(&desk, &query(&vector), &body(&vector))
        .expect_code(0)
        .json();
    assert_eq!(answer["key"], "present");
}

#[test]
fn what_a_stranger_wrote_does_not_reach_the_terminal() {
    let vector = vectors::one('D');
    let message = "<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><MsgType>text</MsgType><Content>hello\u{1b}[31m\nsignature    forged</Content></xml>";
    let (query, body) = sealed(&vector, message, &vector.component_appid);
    let words = ["events", "decode", "--query", &query];
    let screen = desk(&vector)
        .run_with_input(words, &body)
        .expect_code(0)
        .stdout;
    assert!(!screen.contains('\u{1b}'), "{screen:?}");
    // Nor does it pass for a line of ours.
    let forged = screen.lines().find(|line| line.contains("forged"));
    assert!(
        forged.is_some_and(|line| line.starts_with("Content  hello")),
        "{screen}"
    );
}
