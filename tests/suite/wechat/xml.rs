//! XML as WeChat writes it, and as an attacker would.

use proptest::prelude::*;
use serde_json::json;
use wxauth::wechat::xml::{XmlError, cdata, parse};

#[test]
fn text_is_the_same_with_cdata_or_without() {
    let with = "<xml><AppId><![CDATA[wx1]]></AppId><CreateTime>141</CreateTime></xml>";
    let without = "<?xml version=\"1.0\"?>\n<xml>\n  <AppId>wx1</AppId>\n  <CreateTime><![CDATA[141]]></CreateTime>\n</xml>\n";
    assert_eq!(parse(with).unwrap(), parse(without).unwrap());
    let laid_out = parse("<xml><AppId>\n  <![CDATA[wx1]]>\n </AppId></xml>").unwrap();
    assert_eq!(laid_out.text_of("AppId"), Some("wx1"));
    assert_eq!(laid_out.children[0].text, "wx1");
}

#[test]
fn references_are_resolved_and_cdata_is_left_as_it_is() {
    let tree = parse(
        "<x><a>1 &lt; 2 &amp;&amp; &#x6388;&#26435; &quot;&apos;&gt;</a><b><![CDATA[&lt;<i>]]></b></x>",
    );
    let tree = tree.unwrap();
    assert_eq!(tree.text_of("a"), Some("1 < 2 && 授权 \"'>"));
    assert_eq!(tree.text_of("b"), Some("&lt;<i>"));
    let odd = "]]> 2 ]]]]> <![CDATA[";
    let tree = parse(&format!("<x><a>{}</a></x>", cdata(odd))).unwrap();
    assert_eq!(tree.text_of("a"), Some(odd));
}

#[test]
fn repeated_elements_become_an_array() {
    let tree = parse(
        "<xml><list><id>1</id></list><list><id>2</id></list><list><id>3</id></list><one/><n>0</n></xml>",
    );
    let expected = json!({
        "list": [{"id": "1"}, {"id": "2"}, {"id": "3"}],
        "one": "",
        "n": "0",
    });
    assert_eq!(tree.unwrap().to_json(), expected);
}

#[test]
fn entity_bombs_and_foreign_entities_are_refused() {
    let bomb = "<!DOCTYPE xml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml>&b;</xml>";
    assert_eq!(parse(bomb), Err(XmlError::Doctype));
    let outside = "<!DOCTYPE xml SYSTEM \"http://127.0.0.1/x\"><xml/>";
    assert_eq!(parse(outside), Err(XmlError::Doctype));
    assert_eq!(parse("<xml>&b;</xml>"), Err(XmlError::Entity));
    assert_eq!(parse("<xml>&#xffffffff;</xml>"), Err(XmlError::Entity));
    assert_eq!(parse("<xml>&#0;</xml>"), Err(XmlError::Entity));
}

#[test]
fn what_is_too_large_is_refused() {
    let deep = format!("{}{}", "<a>".repeat(33), "</a>".repeat(33));
    assert_eq!(
        parse(&deep),
        Err(XmlError::TooLarge {
            limit: 32,
            of: "levels"
        })
    );
    assert!(parse(&format!("{}{}", "<a>".repeat(32), "</a>".repeat(32))).is_ok());
    let wide = format!("<x>{}</x>", "<a/>".repeat(20_000));
    let limit = 20_000;
    assert_eq!(
        parse(&wide),
        Err(XmlError::TooLarge {
            limit,
            of: "elements"
        })
    );
    let long = format!("<x>{}</x>", "y".repeat(2 << 20));
    let limit = 2 << 20;
    assert_eq!(parse(&long), Err(XmlError::TooLarge { limit, of: "bytes" }));
}

#[test]
fn broken_xml_is_refused() {
    for text in [
        // As one page of WeChat's prints its sample.
        "<xml><AppId>wx1</AppId><xml>",
        "<xml><a>1</b></xml>",
        "<xml><a>1</xml>",
        "<xml>a & b</xml>",
        "<xml><![CDATA[a</xml>",
        "<xml",
        "</xml>",
    ] {
        let found = parse(text);
        assert!(
            matches!(found, Err(XmlError::Broken { .. })),
            "{text}: {found:?}"
        );
    }
    for text in ["", "  \n", "<!-- nothing -->"] {
        assert_eq!(parse(text), Err(XmlError::Empty), "{text}");
    }
    for text in ["success", "<a/><b/>", "<a/>b", "x<a/>", "<![CDATA[x]]><a/>"] {
        assert_eq!(parse(text), Err(XmlError::Beside), "{text}");
    }
}

#[test]
fn a_tree_in_a_log_has_no_values() {
    let tree = parse("<xml><ComponentVerifyTicket>ticket@@@abc</ComponentVerifyTicket></xml>");
    let shown = format!("{tree:?}");
    assert!(
        shown.contains("ComponentVerifyTicket") && !shown.contains("abc"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn any_text_is_taken_without_a_crash(text in "[<>/&;!\\[\\]a-c#x0-9 \"'?-]{0,80}") {
        let _ = parse(&text);
        let _ = parse(&format!("<a>{text}</a>"));
    }

    #[test]
    fn any_text_survives_cdata(text in "[^\r]{0,60}") {
        let tree = parse(&format!("<x>{}</x>", cdata(&text))).unwrap();
        prop_assert_eq!(tree.text, text);
    }
}
