//! Refusals: the code as number or text, the rid in all its forms.

use proptest::prelude::*;
use wxauth::wechat::wire::{Refusal, Reply};

fn refusal(message: &str) -> Refusal {
    let body = serde_json::json!({ "errcode": 61003, "errmsg": message }).to_string();
    Reply::parse(body.as_bytes()).unwrap().refusal().unwrap()
}

#[test]
fn the_code_may_be_a_text() {
    let reply = Reply::parse(br#"{"errcode":"61003","errmsg":"x"}"#).unwrap();
    assert_eq!(reply.refusal().unwrap().errcode, 61003);
    for success in [
        &br#"{"errcode":"0","errmsg":"ok"}"#[..],
        b"{\"errcode\":0}",
        b"{}",
        b"{\"errcode\":null}",
    ] {
        assert!(Reply::parse(success).unwrap().refusal().is_none());
    }
    let busy = Reply::parse(br#"{"errcode":-1,"errmsg":"system error"}"#).unwrap();
    assert_eq!(busy.refusal().unwrap().errcode, -1);
}

#[test]
fn the_rid_is_found_in_every_form() {
    const RID: &str = "64f69b23-60f73830-19f36488";
    for (message, text, rid) in [
        (
            "api unauthorized rid: 64f69b23-60f73830-19f36488",
            "api unauthorized",
            Some(RID),
        ),
        (
            "invalid code, rid: 64f69b23-60f73830-19f36488",
            "invalid code",
            Some(RID),
        ),
        (
            "invalid code,rid:64f69b23-60f73830-19f36488",
            "invalid code",
            Some(RID),
        ),
        (
            "invalid credential hint: [Vvr5MA0312hka2!]",
            "invalid credential",
            Some("Vvr5MA0312hka2!"),
        ),
        (
            "invalid code, hints: [ req_id: abc.Da0312 ]",
            "invalid code",
            Some("abc.Da0312"),
        ),
        (
            "rid not found, please check rid: 64f69b23-60f73830-19f36488",
            "rid not found, please check",
            Some(RID),
        ),
        ("system error", "system error", None),
        ("bad grid: 7", "bad grid: 7", None),
        ("", "", None),
    ] {
        let refusal = refusal(message);
        assert_eq!(refusal.errmsg, text, "{message}");
        assert_eq!(refusal.rid.as_deref(), rid, "{message}");
    }
}

#[test]
fn the_address_is_kept_where_the_message_names_it() {
    let named = refusal(
        "access clientip is not registered requestIP: 2001:db8::7 rid: 64f69b23-60f73830-19f36488",
    );
    assert_eq!(named.request_ip.as_deref(), Some("2001:db8::7"));
    assert_eq!(refusal("requestIP: nowhere").request_ip, None);
}

proptest! {
    #[test]
    fn any_message_is_taken(message in "\\PC{0,60}(rid:|hint: \\[|hints: \\[ req_id:)?\\PC{0,40}") {
        let refusal = refusal(&message);
        prop_assert!(message.starts_with(&refusal.errmsg));
    }

    #[test]
    fn any_bytes_are_taken(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Reply::parse(&body).map(|reply| reply.refusal());
    }
}
