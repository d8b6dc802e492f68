//! wechatpy's message crypto and its parser of component messages, against ours.

use serde_json::{Value, json};
use wxauth::wechat::event::{
    AuthorizationEvent, authorization_xml, ticket_xml, unauthorized_xml, unknown_xml,
};
use wxauth::wechat::id::{Appid, ComponentAppid};
use wxauth::wechat::message::text_reply;
use wxauth::wechat::push::{BodyFormat, KeyUsed, PushKeys, PushQuery, Stamp, To};
use wxauth::wechat::secret::Secret;
use wxauth::wechat::xml;

use super::{python_with, run_script};

const TOKEN: &str = "wxauth_vector_token";
/// Its last character has spare bits.
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn stamp(random: u8) -> Stamp {
    Stamp {
        timestamp: "1700000000".to_owned(),
        nonce: format!("12345{random}"),
        random: [random; 16],
    }
}

#[test]
fn wechatpy_reads_our_pushes_and_we_read_its() {
    let Some(python) = python_with("wechatpy.component, cryptography") else {
        return;
    };
    let platform: ComponentAppid = "wx0123456789abcdef".parse().expect("an appid");
    let keys = PushKeys::new(Secret::new(TOKEN), &Secret::new(KEY), None).expect("keys");
    let authorization = AuthorizationEvent {
        appid: Appid::from_wire("wxfedcba9876543210"),
        code: Some(Secret::new("queryauthcode@@@abc")),
        code_expires_at: Some(1_700_003_600),
        pre_auth_code: Some(Secret::new("preauthcode@@@def")),
    };
    let at = 1_700_000_000;
    let events = [
        ticket_xml(&platform, at, &Secret::new("ticket@@@xyz")),
        authorization_xml(&platform, at, false, &authorization),
        authorization_xml(&platform, at, true, &authorization),
        unauthorized_xml(&platform, at, &authorization.appid),
        unknown_xml(&platform, at, "wxauth_probe"),
    ];
    let pushes: Vec<Value> = (events.iter().zip(1..))
        .map(|(event, number)| {
            let stamp = stamp(number);
            let (query, body) = keys
                .push(&platform, KeyUsed::Present, event, &stamp, To::Platform)
                .expect("a present key");
            json!({
                "body": body,
                "msg_signature": query.msg_signature,
                "timestamp": query.timestamp,
                "nonce": query.nonce,
            })
        })
        .collect();
    let answer = text_reply("oUser", "gh_0123456789ab", at, "授权成功 <&]]>");
    let reply = keys.reply(
        &platform,
        KeyUsed::Present,
        BodyFormat::Xml,
        &answer,
        &stamp(9),
    );
    let reply = reply.expect("a present key");
    let signature = xml::parse(&reply).expect("XML");
    let signature = signature.text_of("MsgSignature").expect("a signature");
    // Every length of pad, and text of more bytes than characters.
    let messages: Vec<String> = (0..33).map(|length| "授".repeat(length)).collect();
    let met = run_script(
        &python,
        "wechatpy_pushes.py",
        &json!({
            "component_appid": platform.as_str(),
            "token": TOKEN,
            "encoding_aes_key": KEY,
            "pushes": pushes,
            "reply": {
                "body": reply,
                "msg_signature": signature,
                "timestamp": "1700000000",
                "nonce": "123459",
            },
            "messages": messages,
        }),
    );

    let appid = platform.as_str();
    let authorized = |kind| {
        json!({
            "type": kind,
            "appid": appid,
            "authorizer_appid": "wxfedcba9876543210",
            "authorization_code": "queryauthcode@@@abc",
            "authorization_code_expired_time": "1700003600",
            "pre_auth_code": "preauthcode@@@def",
        })
    };
    let expected = json!([
        {"type": "component_verify_ticket", "appid": appid, "verify_ticket": "ticket@@@xyz"},
        authorized("authorized"),
        authorized("updateauthorized"),
        {"type": "unauthorized", "appid": appid, "authorizer_appid": "wxfedcba9876543210"},
        {"type": "unknown", "appid": appid},
    ]);
    assert_eq!(met["read"], expected);
    let code = "queryauthcode@@@abc";
    assert_eq!(met["exchanged"], json!([code, code]));
    assert_eq!(met["reply"], json!(answer));

    let sealed = met["sealed"].as_array().expect("an array");
    assert_eq!(sealed.len(), messages.len());
    for (sealed, message) in sealed.iter().zip(&messages) {
        let body = sealed.as_str().expect("a text");
        let fields = xml::parse(body).expect("XML");
        let of = |name| fields.text_of(name).expect(name).to_owned();
        let query = PushQuery {
            timestamp: of("TimeStamp"),
            nonce: of("Nonce"),
            msg_signature: of("MsgSignature"),
            signature: None,
            openid: None,
        };
        let received = keys.open(&platform, &query, body.as_bytes());
        assert_eq!(received.expect("sound").message, *message);
    }
}
