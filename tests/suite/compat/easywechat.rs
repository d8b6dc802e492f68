//! What EasyWeChat writes through, PHP with Symfony's cache, writes its keys: wxauth borrows them, and
//! the same reads what wxauth writes.

use std::process::Command;

use serde_json::{Value, json};

use crate::cli::layouts::{Backend, Held};
use crate::support::skip;

use super::layouts::given;
use super::{fed, script_path, start};

const NEEDED: &str = "exit(extension_loaded('redis') && extension_loaded('igbinary') \
                      && stream_resolve_include_path('Psr/SimpleCache/autoload.php') \
                      && stream_resolve_include_path('Symfony/Component/Cache/autoload.php') ? 0 : 1);";

/// Whether there is a PHP with all of it.
fn has_php() -> bool {
    let php = Command::new("php").args(["-r", NEEDED]).output();
    let has = php.is_ok_and(|output| output.status.success());
    if !has {
        skip("no PHP with php-redis, php-igbinary and php-symfony-cache");
    }
    has
}

struct Php {
    version: u32,
    igbinary: bool,
}

impl Php {
    /// What its cache holds, after it wrote what is held.
    fn write(&self, backend: &Backend, held: &Held) -> Value {
        self.run(backend, held, false)
    }

    fn read(&self, backend: &Backend, held: &Held) -> Value {
        self.run(backend, held, true)
    }

    fn run(&self, backend: &Backend, held: &Held, read: bool) -> Value {
        let more = [
            ("version", json!(self.version)),
            ("igbinary", json!(self.igbinary)),
            ("read", json!(read)),
            ("ticket", json!(held.ticket)),
            ("component_token", json!(held.component_token)),
            ("appid", json!(held.appid)),
            ("refresh_token", json!(held.refresh_token)),
            ("authorizer_token", json!(held.authorizer_token)),
        ];
        let mut command = Command::new("php");
        command.arg(script_path("easywechat_cache.php"));
        fed(start(&mut command), &given(backend, &more))
    }
}

fn token(backend: &Backend, words: &[&str]) -> String {
    let token = backend.run(&[words, &["-o", "json"]].concat());
    let token = token.expect_code(0).json();
    token["token"].as_str().expect("a token").to_owned()
}

fn is_borrowed(version: u32, igbinary: bool, layout: &str, life: i64) {
    if !has_php() {
        return;
    }
    let php = Php { version, igbinary };
    let mut backend = Backend::open();
    let held = backend.mint();
    php.write(&backend, &held);
    // It did use what it was told to.
    let ticket = match version {
        6 => format!(
            "easywechat:open_platform.verify_ticket.{}",
            backend.platform()
        ),
        _ => format!(
            "easywechat:easywechat.open_platform.verify_ticket.{}",
            backend.platform()
        ),
    };
    let value = backend.get(&ticket).expect("a ticket");
    assert_eq!(value.starts_with("\0\0\0\u{2}"), igbinary, "{value:?}");
    let found = backend.detect();
    assert_eq!(found["layout"], json!(layout));
    assert_eq!(found["prefix"], json!("easywechat:"));
    assert_eq!(found["authorizer_tokens"], json!(1));
    for name in ["ticket", "component_token"] {
        assert_eq!(found[name], json!("live"), "{name}");
    }
    backend.paste();
    let borrowed = backend.run(&["token", "component", "-o", "json"]).json();
    assert_eq!(borrowed["token"], json!(held.component_token));
    let left = borrowed["expires_in"].as_i64().expect("a life");
    assert!((life - 60..=life).contains(&left), "{left}");
    backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
    let merchant = token(&backend, &["token", "authorizer", &held.appid]);
    assert_eq!(merchant, held.authorizer_token);
    let status = backend.run(&["status", "-o", "json"]).json();
    assert_eq!(status["layout"]["layout"], json!(layout));
    assert_eq!(backend.minted(), (1, 1), "wxauth minted");
}

#[test]
fn what_php_writes_for_version_6_is_borrowed() {
    is_borrowed(6, false, "easywechat6", 7100);
}

#[test]
fn what_php_writes_for_version_5_is_borrowed() {
    is_borrowed(5, false, "easywechat5", 7200);
}

#[test]
fn what_igbinary_wrote_for_version_6_is_borrowed() {
    is_borrowed(6, true, "easywechat6", 7100);
}

#[test]
fn what_igbinary_wrote_for_version_5_is_borrowed() {
    is_borrowed(5, true, "easywechat5", 7200);
}

#[test]
fn on_what_it_is_given_php_works_on() {
    if !has_php() {
        return;
    }
    for (version, layout) in [(6, "easywechat6"), (5, "easywechat5")] {
        let backend = Backend::open();
        let redis = backend.redis.clone();
        backend.configure(&[
            ("mint", "wxauth"),
            ("layout", layout),
            ("layout_prefix", "easywechat:"),
            ("layout_redis", &redis),
        ]);
        let mut held = backend.mint();
        let desk = &backend.office.desk;
        desk.run_with_input(["ticket", "set"], &held.ticket)
            .expect_code(0);
        backend.run(&["authorizers", "sync", "-q"]).expect_code(0);
        held.component_token = token(&backend, &["token", "component"]);
        held.authorizer_token = token(&backend, &["token", "authorizer", &held.appid]);
        backend
            .run(&["store", "export", "--layout", "--yes", "-q"])
            .expect_code(0);
        // A cache with igbinary reads what PHP's own serialization wrote.
        for igbinary in [false, true] {
            let found = Php { version, igbinary }.read(&backend, &held);
            let ours = json!({
                "ticket": held.ticket,
                "component_token": held.component_token,
                "authorizer_token": held.authorizer_token,
            });
            assert_eq!(found, ours, "{layout}, igbinary: {igbinary}");
        }
    }
}
