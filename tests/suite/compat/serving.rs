//! `wxauth serve` hears a sender on wechatpy's crypto, and a receiver on wechatpy hears
//! `wxauth events send`.

use std::io::{BufRead, BufReader, Read, Write};

use serde_json::{Value, json};

use crate::serve::receiver::{Receiver, events};
use crate::support::{Desk, SandboxProcess};

use super::{python_with, run_script, start_script};

const MODULES: &str = "wechatpy.component, cryptography, xmltodict";

/// An operator of the sandbox's platform with the keys of its pushes, and without a ticket.
fn operator(sandbox: &SandboxProcess) -> Desk {
    let mut desk = Desk::new().with("WXAUTH_MINT", "wxauth");
    for (name, value) in sandbox.environment() {
        if name != "WXAUTH_COMPONENT_VERIFY_TICKET" {
            desk = desk.with(&name, value);
        }
    }
    desk.with("WXAUTH_TOKEN", sandbox.text("token"))
        .with("WXAUTH_ENCODING_AES_KEY", sandbox.text("encoding_aes_key"))
}

#[test]
fn a_sender_on_wechatpy_is_taken() {
    let Some(python) = python_with(MODULES) else {
        return;
    };
    let sandbox = SandboxProcess::start(&Desk::new(), &[]);
    let desk = operator(&sandbox);
    let receiver = Receiver::start(&desk, &["--keep-bodies"]);
    let platform = sandbox.text("component_appid");
    let appid = sandbox.get("accounts?authorized=false")[0]["appid"].clone();
    let appid = appid.as_str().expect("an appid");
    let show = || {
        let show = ["authorizers", "show", appid, "-o", "json"];
        desk.run(show).expect_code(0).json()
    };
    let card = &sandbox.card;
    let send = |path: &str, envelope: [&str; 2], text: String| {
        let push = json!({
            "to": format!("http://{}{path}", receiver.address),
            "envelope": envelope,
            "text": text,
        });
        let order = json!({
            "component_appid": platform,
            "token": card["token"],
            "encoding_aes_key": card["encoding_aes_key"],
            "pushes": [push],
        });
        let answers = run_script(&python, "wechatpy_sender.py", &order);
        assert_eq!(answers, json!([[200, "success"]]));
    };
    let event = |info_type: &str, fields: String| {
        let text = format!(
            "<xml><AppId>{platform}</AppId><CreateTime>{}</CreateTime>\
             <InfoType>{info_type}</InfoType>{fields}</xml>",
            jiff::Timestamp::now().as_second()
        );
        send("/events", ["AppId", &platform], text);
    };

    let ticket = sandbox.text("component_verify_ticket");
    let field = format!("<ComponentVerifyTicket>{ticket}</ComponentVerifyTicket>");
    event("component_verify_ticket", field);
    receiver.told("event_accepted");

    // From here on everything is done with the ticket that wechatpy brought: there is no other.
    desk.run(["link", "--no-qr"]).expect_code(0);
    let confirmed = sandbox.post("authorize", &json!({ "appid": appid }));
    let code = confirmed["auth_code"].as_str().expect("a code");
    let about = format!("<AuthorizerAppid>{appid}</AuthorizerAppid>");
    let coded = format!("{about}<AuthorizationCode><![CDATA[{code}]]></AuthorizationCode>");
    event("authorized", coded);
    let worked = receiver.told("event_worked");
    assert_eq!(worked["code"], "spent", "{worked}");
    assert_eq!(show()["status"], "active");

    sandbox.post("revoke", &json!({ "appid": appid }));
    event("unauthorized", about);
    assert_eq!(receiver.told("event_worked")["outcome"], "done");
    assert_eq!(show()["status"], "revoked");

    let shown = show();
    let user_name = shown["user_name"].as_str().expect("an original id");
    let text = format!(
        "<xml><ToUserName><![CDATA[{user_name}]]></ToUserName>\
         <FromUserName><![CDATA[oUser]]></FromUserName><CreateTime>1700000000</CreateTime>\
         <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content>\
         <MsgId>1</MsgId></xml>"
    );
    let path = format!("/messages/{appid}");
    send(&path, ["ToUserName", user_name], text);
    let taken = receiver.told("message_taken");
    assert_eq!(
        (&taken["kind"], &taken["account"]),
        (&json!("text"), &json!(appid))
    );
    assert_eq!(events(&desk, &[]).len(), 3);
}

#[test]
fn a_receiver_on_wechatpy_takes_what_is_sent() {
    let Some(python) = python_with(MODULES) else {
        return;
    };
    let sandbox = SandboxProcess::start(&Desk::new(), &[]);
    let (platform, ticket) = (
        sandbox.text("component_appid"),
        sandbox.text("component_verify_ticket"),
    );
    let desk = operator(&sandbox).with("WXAUTH_COMPONENT_VERIFY_TICKET", &ticket);
    let mut script = start_script(&python, "wechatpy_takes.py");
    let mut stdin = script.stdin.take().expect("a pipe");
    writeln!(stdin, "{}", sandbox.card).expect("it reads");
    let mut stdout = BufReader::new(script.stdout.take().expect("a pipe"));
    let mut port = String::new();
    stdout.read_line(&mut port).expect("a port");
    let to = format!("http://127.0.0.1:{}/events", port.trim());
    let send = |words: &[&str]| {
        let fixed = ["events", "send", "-o", "json", "--to", &to];
        let judged = desk.run(fixed.iter().chain(words)).expect_code(0).json();
        assert_eq!(judged["problems"], json!([]), "{judged}");
        judged["delivered"].clone()
    };
    let about = "wxfedcba9876543210";
    for words in [
        &["component_verify_ticket"][..],
        &["authorized", "--about", about],
        &["updateauthorized", "--about", about],
        &["unauthorized", "--about", about],
        &[],
    ] {
        assert_eq!(send(words), true, "{words:?}");
    }
    // Its own check refuses this one, which is as it must be.
    assert_eq!(send(&["--signature", "wrong"]), false);

    drop(stdin);
    let mut took = String::new();
    stdout.read_to_string(&mut took).expect("UTF-8");
    assert!(script.wait().expect("it ends").success());
    let took: Vec<Value> = serde_json::from_str(&took).expect("JSON");
    let types: Vec<&Value> = took.iter().map(|event| &event["type"]).collect();
    let expected = [
        "component_verify_ticket",
        "authorized",
        "updateauthorized",
        "unauthorized",
        "unknown",
    ];
    assert_eq!(types, expected);
    assert!(took.iter().all(|event| event["appid"] == *platform));
    assert_eq!(took[0]["verify_ticket"], *ticket);
    for event in &took[1..4] {
        assert_eq!(event["authorizer_appid"], about, "{event}");
    }
    for event in &took[1..3] {
        assert!(event["authorization_code"].is_string(), "{event}");
    }
}
