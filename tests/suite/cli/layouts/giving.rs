//! Putting what wxauth holds among a backend's keys, by `store export --layout`.

use serde_json::{Value, json};

use super::{Backend, md5};
use crate::cli::office::text;
use crate::support::shared_redis;

/// What wxauth holds of the platform.
pub struct Ours {
    pub ticket: String,
    pub component_token: String,
    pub appid: String,
    pub refresh_token: String,
    pub authorizer_token: String,
}

/// A desk that mints by itself, beside a backend's empty Redis that its profile describes.
pub fn desk(layout: &str, settings: &[(&str, &str)]) -> (Backend, Ours) {
    let backend = Backend::open();
    let usual = [
        ("layout", layout),
        ("layout_redis", &backend.redis),
        ("mint", "wxauth"),
    ];
    backend.configure(&[&usual[..], settings].concat());
    let ticket = backend.office.sandbox.text("component_verify_ticket");
    let desk = &backend.office.desk;
    desk.run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let token = |words: &[&str]| {
        let answer = backend.run(words).expect_code(0);
        answer.stdout.trim().to_owned()
    };
    let component_token = token(&["token", "component"]);
    let asked = json!({"component_appid": backend.platform(), "offset": 0, "count": 1});
    let list = "component/api_get_authorizer_list?access_token=";
    let list = backend.call(&format!("{list}{component_token}"), &asked);
    let appid = text(&list["list"][0], "authorizer_appid");
    let ours = Ours {
        ticket,
        component_token,
        authorizer_token: token(&["token", "authorizer", &appid]),
        refresh_token: text(&list["list"][0], "refresh_token"),
        appid,
    };
    (backend, ours)
}

pub fn export(backend: &Backend, words: &[&str]) -> Value {
    let usual = ["store", "export", "--layout", "--yes", "-o", "json"];
    let answer = backend.run(&[&usual[..], words].concat());
    answer.expect_code(0).json()[0].clone()
}

/// How many authorizers have not withdrawn.
fn roster(backend: &Backend) -> usize {
    let words = ["authorizers", "list", "--status", "active", "-o", "json"];
    let list = backend.run(&words);
    list.json().as_array().expect("a list").len()
}

#[test]
fn a_backend_on_wxjava_works_on() {
    let (mut backend, ours) = desk("wxjava", &[("layout_prefix", "wx:open:")]);
    let (c, a) = (backend.platform(), &ours.appid);
    let said = export(&backend, &["--dry-run"]);
    let tokens = 1 + roster(&backend);
    assert_eq!(said["written"], json!({"tickets": 1, "tokens": tokens}));
    assert_eq!(said["verified"], Value::Null);
    assert_eq!(backend.redis(&[b"DBSIZE"]), redis::Value::Int(0));

    let row = export(&backend, &[]);
    assert_eq!(row["records"], json!({"tickets": 1, "tokens": tokens}));
    assert_eq!(row["written"], row["records"]);
    assert_eq!(row["skipped"], json!({}));
    assert_eq!(row["verified"], json!(true));
    let of = |name: &str| format!("wx:open:wechat_{name}");
    for (key, value, life) in [
        (
            of(&format!("component_verify_ticket:{c}")),
            &ours.ticket,
            2_147_483_500..=2_147_483_647,
        ),
        (
            of(&format!("component_access_token:{c}")),
            &ours.component_token,
            6900..=7000,
        ),
        (
            of(&format!("authorizer_access_token:{c}:{a}")),
            &ours.authorizer_token,
            6900..=7000,
        ),
        (
            of(&format!("authorizer_refresh_token:{c}:{a}")),
            &ours.refresh_token,
            -1..=-1,
        ),
    ] {
        assert_eq!(backend.get(&key).as_ref(), Some(value), "{key}");
        let left = backend.life(&key);
        assert!(life.contains(&left), "{key}: {left}");
    }
    // Once more there is nothing to do.
    let row = export(&backend, &[]);
    assert_eq!(row["written"], json!({}));
    assert_eq!(row["verified"], json!(true));
}

/// An SDK's key, the value that lies there then, and the seconds WeChat leaves a token less those
/// that its key lives.
struct Kept {
    key: String,
    value: String,
    sooner: i64,
}

/// What somebody else than wxauth computes of an SDK's keys.
fn expect_kept(backend: &mut Backend, kept: &[Kept]) {
    for Kept { key, value, sooner } in kept {
        let found = backend.get(key).unwrap_or_else(|| panic!("no {key}"));
        // Seconds that are left stand in some values.
        match value.contains("SECONDS") {
            true => {
                let (before, after) = value.split_once("SECONDS").expect("once");
                let left = found.strip_prefix(before).expect(before);
                let left = left.strip_suffix(after).expect(after);
                assert!((7100..=7200).contains(&left.parse().expect("a number")));
            }
            false => assert_eq!(&found, value, "{key}"),
        }
        let life = backend.life(key) + sooner;
        assert!((7100..=7200).contains(&life), "{key}: {life}");
    }
}

pub fn php(text: &str) -> String {
    format!("s:{}:\"{text}\";", text.len())
}

#[test]
fn easywechat_6_finds_its_serialized_texts() {
    let (mut backend, ours) = desk("easywechat6", &[("layout_prefix", "easywechat:")]);
    let c = backend.platform();
    export(&backend, &[]);
    let hash = md5(&ours.refresh_token);
    let kept = |key: String, value: &str, sooner| Kept {
        key: format!("easywechat:{key}"),
        value: php(value),
        sooner,
    };
    let all = [
        kept(
            format!("open_platform.verify_ticket.{c}"),
            &ours.ticket,
            1200,
        ),
        kept(
            format!("open_platform.component_access_token.{c}"),
            &ours.component_token,
            100,
        ),
        kept(
            format!(
                "open-platform.authorizer_access_token.{}.{hash}",
                ours.appid
            ),
            &ours.authorizer_token,
            500,
        ),
    ];
    expect_kept(&mut backend, &all);
}

#[test]
fn easywechat_5_finds_its_arrays() {
    let (mut backend, ours) = desk("easywechat5", &[]);
    let (c, a, secret) = (backend.platform(), &ours.appid, backend.appsecret());
    export(&backend, &[]);
    let slashed = |text: &str| text.replace('/', "\\/");
    let (ticket, refresh) = (slashed(&ours.ticket), slashed(&ours.refresh_token));
    let of_platform = md5(&format!(
        "{{\"component_appid\":\"{c}\",\"component_appsecret\":\"{secret}\",\"component_verify_ticket\":\"{ticket}\"}}"
    ));
    let of_merchant = md5(&format!(
        "{{\"component_appid\":\"{c}\",\"authorizer_appid\":\"{a}\",\"authorizer_refresh_token\":\"{refresh}\"}}"
    ));
    let array = |field: &str, token: &str| {
        let (field, token) = (php(field), php(token));
        format!("a:2:{{{field}{token}s:10:\"expires_in\";i:SECONDS;}}")
    };
    let all = [
        Kept {
            key: format!("easywechat.open_platform.verify_ticket.{c}"),
            value: php(&ours.ticket),
            sooner: 3600,
        },
        Kept {
            key: format!("easywechat.kernel.access_token.{of_platform}"),
            value: array("component_access_token", &ours.component_token),
            sooner: 0,
        },
        Kept {
            key: format!("easywechat.kernel.access_token.{of_merchant}"),
            value: array("authorizer_access_token", &ours.authorizer_token),
            sooner: 0,
        },
    ];
    expect_kept(&mut backend, &all);
}

#[test]
fn powerwechat_finds_its_objects() {
    let (mut backend, ours) = desk("powerwechat", &[]);
    let (c, a, secret) = (backend.platform(), &ours.appid, backend.appsecret());
    export(&backend, &[]);
    let of_platform = md5(&format!("{c}{secret}{}", ours.ticket));
    let of_merchant = md5(&format!("{c}{}{a}", ours.refresh_token));
    let all = [
        Kept {
            key: format!("powerwechat.open_platform.verify_ticket.{c}"),
            value: format!("\"{}\"", ours.ticket),
            sooner: 3600,
        },
        Kept {
            key: format!("powerwechat.access_token.{of_platform}"),
            value: format!(
                "{{\"component_access_token\":\"{}\",\"expires_in\":SECONDS}}",
                ours.component_token
            ),
            sooner: 0,
        },
        Kept {
            key: format!("powerwechat.access_token.{of_merchant}"),
            value: format!(
                "{{\"authorizer_access_token\":\"{}\",\"authorizer_refresh_token\":\"{}\",\"expires_in\":SECONDS}}",
                ours.authorizer_token, ours.refresh_token
            ),
            sooner: 0,
        },
    ];
    expect_kept(&mut backend, &all);
}

#[test]
fn silenceper_finds_tokens_and_nothing_else() {
    let (mut backend, ours) = desk("silenceper", &[]);
    let c = backend.platform();
    let words = ["store", "export", "--layout", "--yes"];
    let said = backend.run(&words).expect_code(0);
    for words in [
        "not given: the ticket: silenceper does not keep it in Redis",
        "not given: refresh tokens",
        "wxauth profile set mint never",
    ] {
        assert!(said.stderr.contains(words), "{words}: {}", said.stderr);
    }
    let all = [
        Kept {
            key: format!("component_access_token_{c}"),
            value: ours.component_token.clone(),
            sooner: 1500,
        },
        Kept {
            key: format!("authorizer_access_token_{}", ours.appid),
            value: ours.authorizer_token,
            sooner: 30,
        },
    ];
    expect_kept(&mut backend, &all);
    // Merchants of whom there is no token wait for a refresh.
    assert_eq!(backend.redis(&[b"DBSIZE"]), redis::Value::Int(2));
    let others = roster(&backend) - 1;
    assert!(
        said.stderr
            .contains(&format!("the tokens of {others} authorizers")),
        "{}",
        said.stderr
    );
    let due = ["authorizers", "refresh", "--due-within", "2h", "-q"];
    backend.run(&due).expect_code(0);
    export(&backend, &[]);
    let keys = i64::try_from(others).expect("few") + 2;
    assert_eq!(backend.redis(&[b"DBSIZE"]), redis::Value::Int(keys));
}

#[test]
fn another_profiles_mint_is_set_with_its_name() {
    let (backend, _) = desk("wxjava", &[]);
    backend.office.init("other", &[]).expect_code(0);
    let words = ["--profile", "shop", "store", "export", "--layout", "--yes"];
    let said = backend.run(&words).expect_code(0).stderr;
    assert!(
        said.contains("`wxauth --profile shop profile set mint never`"),
        "{said}"
    );
}

#[test]
fn another_desk_borrows_what_was_put_there() {
    let (backend, ours) = desk("wxjava", &[]);
    backend.configure(&[("store", &shared_redis())]);
    // From a store in Redis it goes the same way.
    let ticket = backend.office.sandbox.text("component_verify_ticket");
    let desk = &backend.office.desk;
    desk.run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let minted = backend.run(&["token", "authorizer", &ours.appid]);
    let minted = minted.expect_code(0).stdout;
    let row = export(&backend, &[]);
    assert_eq!(row["verified"], json!(true), "{row}");
    let before = backend.minted();
    backend.configure(&[("store", "sqlite:elsewhere.db"), ("mint", "never")]);
    let token = backend.run(&["token", "authorizer", &ours.appid]);
    assert_eq!(token.expect_code(0).stdout, minted);
    let call = ["api", "/cgi-bin/getcallbackip", "--as", &ours.appid];
    backend.run(&call).expect_code(0);
    assert_eq!(backend.minted(), before, "wxauth minted");
}
