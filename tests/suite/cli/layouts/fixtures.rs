//! Each SDK's keys and values, byte by byte, from key to call.

use serde_json::{Value, json};

use super::{Backend, Held, md5};
use crate::cli::office::{hints, text};

/// What a story expects of what it wrote.
struct Expected<'a> {
    layout: &'a str,
    prefix: &'a str,
    /// Life of the component token's key.
    life: Option<i64>,
    keeps_ticket: bool,
    /// Whether merchants' keys can be named without WeChat's list.
    names_merchants: bool,
}

/// `store detect` names the keys, its lines are pasted, and the backend's tokens do the work.
fn tell(backend: &Backend, held: &Held, expected: &Expected) {
    let found = backend.detect();
    assert_eq!(found["layout"], json!(expected.layout));
    assert_eq!(found["prefix"], json!(expected.prefix));
    assert_eq!(found["component_appid"], json!(backend.platform()));
    let ticket = if expected.keeps_ticket {
        "live"
    } else {
        "not_kept"
    };
    assert_eq!(found["ticket"], json!(ticket));
    assert_eq!(found["component_token"], json!("live"));
    assert_eq!(found["authorizers"], json!(1));
    assert_eq!(found["authorizer_tokens"], json!(1));
    backend.paste();

    let token = borrowed(backend, &["token", "component"]);
    assert_eq!(token["token"], json!(held.component_token));
    match expected.life {
        Some(life) => {
            let left = token["expires_in"].as_i64().expect("a life");
            assert!((life - 60..=life).contains(&left), "{token}");
        }
        None => assert_eq!(token["expires_in"], Value::Null),
    }
    let ask = ["token", "authorizer", &held.appid];
    if !expected.names_merchants {
        let words = [&ask[..], &["-o", "json"]].concat();
        let error = backend.run(&words).expect_code(4).json_error();
        assert!(hints(&error, "wxauth authorizers sync"), "{error:#}");
        backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    }
    let token = borrowed(backend, &ask);
    assert_eq!(token["token"], json!(held.authorizer_token));

    // The token does its work.
    let call = ["api", "/cgi-bin/getcallbackip", "--as", &held.appid];
    backend.run(&call).expect_code(0);
    let ticket = backend.run(&["ticket", "show", "--reveal", "-o", "json"]);
    if expected.keeps_ticket {
        let ticket = ticket.expect_code(0).json();
        assert_eq!(ticket["ticket"], json!(held.ticket));
        assert_eq!(ticket["source"], json!("layout"));
    } else {
        ticket.expect_code(4);
    }
    let status = backend.run(&["status", "-o", "json"]).json();
    assert_eq!(status["layout"]["layout"], json!(expected.layout));
    backend.run(&["check", "-q"]).expect_code(0);
    assert_eq!(backend.minted(), (1, 1), "wxauth minted");
}

fn borrowed(backend: &Backend, words: &[&str]) -> Value {
    let words = [words, &["-o", "json"]].concat();
    let token = backend.run(&words).expect_code(0).json();
    assert_eq!(text(&token, "source"), "borrowed");
    token
}

/// PHP's serialization of a text.
fn php(text: &str) -> String {
    format!("s:{}:\"{text}\";", text.len())
}

/// As PHP's `json_encode` writes it inside quotes.
fn slashed(text: &str) -> String {
    text.replace('/', "\\/")
}

#[test]
fn wxjava_keeps_plain_strings() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let a = &held.appid;
    let p = "wx:open:";
    backend.set(
        &format!("{p}wechat_component_verify_ticket:{c}"),
        &held.ticket,
        Some(2_147_483_647),
    );
    backend.set(
        &format!("{p}wechat_component_access_token:{c}"),
        &held.component_token,
        Some(7000),
    );
    backend.set(
        &format!("{p}wechat_authorizer_refresh_token:{c}:{a}"),
        &held.refresh_token,
        None,
    );
    backend.set(
        &format!("{p}wechat_authorizer_access_token:{c}:{a}"),
        &held.authorizer_token,
        Some(7000),
    );
    backend.set(
        &format!("{p}wechat_jsapi_ticket:{c}:{a}"),
        "kgt8ON7yVITDhtdwci0qeX",
        Some(7000),
    );
    let expected = Expected {
        layout: "wxjava",
        prefix: p,
        life: Some(7000),
        keeps_ticket: true,
        names_merchants: true,
    };
    tell(&backend, &held, &expected);
}

#[test]
fn easywechat6_keeps_serialized_strings() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let (a, hash) = (&held.appid, md5(&held.refresh_token));
    let p = "laravel_database_laravel_cache_:";
    backend.set(
        &format!("{p}open_platform.verify_ticket.{c}"),
        php(&held.ticket),
        Some(6000),
    );
    backend.set(
        &format!("{p}open_platform.component_access_token.{c}"),
        php(&held.component_token),
        Some(7100),
    );
    backend.set(
        &format!("{p}open-platform.authorizer_access_token.{a}.{hash}"),
        php(&held.authorizer_token),
        Some(6700),
    );
    let expected = Expected {
        layout: "easywechat6",
        prefix: p,
        life: Some(7100),
        keeps_ticket: true,
        names_merchants: false,
    };
    tell(&backend, &held, &expected);
}

#[test]
fn easywechat5_names_keys_by_what_they_were_asked_for_with() {
    let mut backend = Backend::open();
    let (mut held, c, secret) = (backend.mint(), backend.platform(), backend.appsecret());
    // PHP escapes the slash where it names the key.
    held.ticket = "ticket@@@Qx/7+w==".to_owned();
    let a = &held.appid;
    let component = md5(&format!(
        "{{\"component_appid\":\"{c}\",\"component_appsecret\":\"{secret}\",\"component_verify_ticket\":\"{}\"}}",
        slashed(&held.ticket)
    ));
    let merchant = md5(&format!(
        "{{\"component_appid\":\"{c}\",\"authorizer_appid\":\"{a}\",\"authorizer_refresh_token\":\"{}\"}}",
        slashed(&held.refresh_token)
    ));
    let array = |name: &str, token: &str| {
        format!(
            "a:2:{{{}{}{}i:7200;}}",
            php(name),
            php(token),
            php("expires_in")
        )
    };
    let p = "easywechat:";
    backend.set(
        &format!("{p}easywechat.open_platform.verify_ticket.{c}"),
        php(&held.ticket),
        Some(3600),
    );
    let value = array("component_access_token", &held.component_token);
    backend.set(
        &format!("{p}easywechat.kernel.access_token.{component}"),
        value,
        Some(7200),
    );
    let value = array("authorizer_access_token", &held.authorizer_token);
    backend.set(
        &format!("{p}easywechat.kernel.access_token.{merchant}"),
        value,
        Some(7200),
    );
    let expected = Expected {
        layout: "easywechat5",
        prefix: p,
        life: Some(7200),
        keeps_ticket: true,
        names_merchants: false,
    };
    tell(&backend, &held, &expected);
}

#[test]
fn silenceper_keeps_tokens_alone() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let a = &held.appid;
    backend.set(
        &format!("component_access_token_{c}"),
        &held.component_token,
        Some(5700),
    );
    backend.set(
        &format!("authorizer_access_token_{a}"),
        &held.authorizer_token,
        Some(7170),
    );
    let expected = Expected {
        layout: "silenceper",
        prefix: "",
        life: Some(5700),
        keeps_ticket: false,
        names_merchants: true,
    };
    tell(&backend, &held, &expected);
}

#[test]
fn powerwechat_keeps_json_under_hashes() {
    let mut backend = Backend::open();
    let (held, c, secret) = (backend.mint(), backend.platform(), backend.appsecret());
    let a = &held.appid;
    let component = md5(&format!("{c}{secret}{}", held.ticket));
    let merchant = md5(&format!("{c}{}{a}", held.refresh_token));
    backend.set(
        &format!("powerwechat.open_platform.verify_ticket.{c}"),
        format!("\"{}\"", held.ticket),
        Some(3600),
    );
    let value = format!(
        "{{\"component_access_token\":\"{}\",\"expires_in\":7200}}",
        held.component_token
    );
    backend.set(
        &format!("powerwechat.access_token.{component}"),
        value,
        Some(7200),
    );
    let value = format!(
        "{{\"authorizer_access_token\":\"{}\",\"authorizer_refresh_token\":\"{}\",\"expires_in\":7200}}",
        held.authorizer_token, held.refresh_token
    );
    backend.set(
        &format!("powerwechat.access_token.{merchant}"),
        value,
        Some(7200),
    );
    let expected = Expected {
        layout: "powerwechat",
        prefix: "",
        life: Some(7200),
        keeps_ticket: true,
        names_merchants: false,
    };
    tell(&backend, &held, &expected);
}

#[test]
fn wechatpy_2_names_the_platform_in_its_keys() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let a = &held.appid;
    backend.set(
        &format!("wechatpy:{c}_component_verify_ticket"),
        format!("\"{}\"", held.ticket),
        None,
    );
    backend.set(
        &format!("wechatpy:{c}_component_access_token"),
        format!("\"{}\"", held.component_token),
        Some(7200),
    );
    backend.set(
        &format!("wechatpy:{a}_refresh_token"),
        format!("\"{}\"", held.refresh_token),
        None,
    );
    backend.set(
        &format!("wechatpy:{a}_access_token"),
        format!("\"{}\"", held.authorizer_token),
        Some(7200),
    );
    // An ordinary official account beside it: no merchant of any platform.
    backend.set(
        "wechatpy:wx0123456789abcdef_access_token",
        "\"97_ordinary\"",
        Some(7200),
    );
    let expected = Expected {
        layout: "wechatpy",
        prefix: "wechatpy:",
        life: Some(7200),
        keeps_ticket: true,
        names_merchants: true,
    };
    tell(&backend, &held, &expected);
}

/// Senparc's bags of the platform and of a merchant.
fn bags(backend: &Backend, held: &Held) -> [String; 2] {
    let (c, a) = (backend.platform(), &held.appid);
    let platform = format!(
        "{{\"ComponentAppId\":\"{c}\",\"ComponentAppSecret\":\"{}\",\"ComponentVerifyTicket\":\"{}\",\
         \"ComponentAccessTokenResult\":{{\"component_access_token\":\"{}\",\"expires_in\":7200,\"errcode\":0}},\
         \"ComponentAccessTokenExpireTime\":\"2099-01-01T08:00:00.1234567+08:00\",\"PreAuthCodeResult\":{{}},\
         \"Key\":\"{c}\"}}",
        backend.appsecret(),
        held.ticket,
        held.component_token
    );
    let merchant = format!(
        "{{\"AuthorizerAppId\":\"{a}\",\"ComponentAppId\":\"{c}\",\"AuthorizationInfo\":{{\
         \"authorizer_appid\":\"{a}\",\"authorizer_access_token\":\"{}\",\"expires_in\":7200,\
         \"authorizer_refresh_token\":\"{}\",\"func_info\":[]}},\
         \"AuthorizationInfoExpireTime\":\"2099-01-01T08:00:00.1234567+08:00\",\"Key\":\"{a}\"}}",
        held.authorizer_token, held.refresh_token
    );
    [platform, merchant]
}

const BAGS: &str = "Container:Senparc.Weixin.Open.Containers";

#[test]
fn senparc_keeps_bags_of_everything() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let [platform, merchant] = bags(&backend, &held);
    let p = "Senparc:Shop:";
    backend.set(&format!("{p}{BAGS}.ComponentBag:{c}"), platform, None);
    backend.set(
        &format!("{p}{BAGS}.AuthorizerBag:{}", held.appid),
        merchant,
        None,
    );
    senparc_lends(&backend, &held, p);
}

#[test]
fn senparc_may_keep_its_bags_in_hashes() {
    let mut backend = Backend::open();
    let (held, c) = (backend.mint(), backend.platform());
    let [platform, merchant] = bags(&backend, &held);
    let p = "Senparc:DefaultCache:";
    let hash = format!("{p}{BAGS}.ComponentBag");
    backend.redis(&[b"HSET", hash.as_bytes(), c.as_bytes(), platform.as_bytes()]);
    let hash = format!("{p}{BAGS}.AuthorizerBag");
    backend.redis(&[
        b"HSET",
        hash.as_bytes(),
        held.appid.as_bytes(),
        merchant.as_bytes(),
    ]);
    senparc_lends(&backend, &held, p);
}

fn senparc_lends(backend: &Backend, held: &Held, prefix: &str) {
    let years = backend.run(&["store", "detect", &backend.redis, "-o", "json"]);
    assert!(years.stdout.contains("\"component_token_expires_in\":null"));
    let found = backend.detect();
    assert_eq!(found["prefix"], json!(prefix));
    backend.paste();
    let token = borrowed(backend, &["token", "component"]);
    assert_eq!(token["token"], json!(held.component_token));
    // The bag says when.
    assert_eq!(token["expires_at"], json!("2099-01-01T00:00:00.1234567Z"));
    let token = borrowed(backend, &["token", "authorizer", &held.appid]);
    assert_eq!(token["token"], json!(held.authorizer_token));
    let call = ["api", "/cgi-bin/getcallbackip", "--as", &held.appid];
    backend.run(&call).expect_code(0);
    let ticket = backend.run(&["ticket", "show", "--reveal", "-o", "json"]);
    assert_eq!(ticket.json()["ticket"], json!(held.ticket));
    assert_eq!(backend.minted(), (1, 1), "wxauth minted");
}
