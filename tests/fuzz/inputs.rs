//! What reads input from outside, each as a function that takes any bytes and must not panic.
//!
//! Fuzz targets and the suite both include this file.

use std::fs;
use std::path::Path;

use wxauth::cli::commands::{events, explain};
use wxauth::config::import::{Lookup, Sheet};
use wxauth::config::{ConfigFile, ConfigFolder};
use wxauth::sys::env::Environment;
use wxauth::wechat::event::Event;
use wxauth::wechat::link::{LintContext, lint};
use wxauth::wechat::push::{Envelope, PushKeys, PushQuery};
use wxauth::wechat::redirect;
use wxauth::wechat::secret::Secret;
use wxauth::wechat::wire::{
    Authorization, AuthorizerInfo, AuthorizerToken, ComponentToken, Document, ListPage,
    PreAuthCode, Reply,
};
use wxauth::wechat::xml;

/// A function that reads any bytes.
pub type Target = fn(&[u8]);

/// All of them by name, as the folders of the corpus are called.
#[allow(dead_code, reason = "a fuzz target uses one of them")]
pub const TARGETS: [(&str, Target); 9] = [
    ("callback_query", callback_query),
    ("config", config),
    ("envelope", envelope),
    ("explain", explain),
    ("import", import),
    ("link_lint", link_lint),
    ("pasted_push", pasted_push),
    ("wire_json", wire_json),
    ("xml", read_xml),
];

/// The body of a push, with a query that cannot be right.
pub fn envelope(data: &[u8]) {
    let keys = PushKeys::new(
        Secret::new("token"),
        &Secret::new("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
        None,
    );
    let query = PushQuery::parse("timestamp=1&nonce=2&msg_signature=3").expect("a query");
    let platform = "wx0123456789abcdef".parse().expect("an appid");
    let _ = keys.expect("keys").open(&platform, &query, data);
    if let Ok(envelope) = Envelope::parse(data) {
        let body = envelope.to_body();
        assert!(Envelope::parse(body.as_bytes()).is_ok(), "{body}");
    }
}

/// The text inside a push.
pub fn read_xml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(element) = xml::parse(&text) {
        let _ = element.to_json();
    }
    let _ = Event::parse(&text);
}

/// The query of the callback page and of a push.
pub fn callback_query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = PushQuery::parse(&text);
    let _ = redirect::parse(&text);
    let _ = redirect::parse(&format!("https://callback/?{text}"));
}

/// `config.toml` and `credentials.toml`: the input is one, and then the other.
pub fn config(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["config.toml", "credentials.toml"] {
        let _ = fs::remove_file(folder.path().join("config.toml"));
        fs::write(folder.path().join(name), data).expect("a file");
        let environment = Environment::from_iter([]);
        let folder = ConfigFolder::resolve(Some(folder.path()), &environment);
        let Ok(file) = ConfigFile::load(&folder.expect("a folder")) else {
            continue;
        };
        for profile in file.list() {
            let _ = file.get(&profile);
            let _ = file.warnings(&profile);
        }
    }
}

/// A configuration file of another SDK, in each of the forms that a name stands for.
pub fn import(data: &[u8]) {
    let environment = Environment::from_iter([]);
    let names = [
        ".env",
        "wechat.php",
        "application.yml",
        "application.properties",
        "appsettings.json",
        "config.toml",
    ];
    for name in names.map(Some).into_iter().chain([None]) {
        let Ok(sheet) = Sheet::read(name, data) else {
            continue;
        };
        let lookup = || Lookup {
            environment: &environment,
            beside: Some(&sheet),
        };
        let _ = sheet.platforms(lookup());
        let _ = sheet.redis(lookup());
    }
}

/// The body of an answer of WeChat.
pub fn wire_json(data: &[u8]) {
    let _ = Document::parse(data);
    let Ok(reply) = Reply::parse(data) else {
        return;
    };
    let _ = reply.refusal();
    let _ = Authorization::from_reply(&reply);
    let _ = AuthorizerInfo::from_reply(&reply);
    let _ = AuthorizerToken::from_reply(&reply);
    let _ = ComponentToken::from_reply(&reply);
    let _ = ListPage::from_reply(&reply);
    let _ = PreAuthCode::from_reply(&reply);
}

/// A link that somebody asks about.
pub fn link_lint(data: &[u8]) {
    let _ = lint(&String::from_utf8_lossy(data), &LintContext::default());
}

/// What `explain` is asked about.
pub fn explain(data: &[u8]) {
    let _ = explain::is_readable(&String::from_utf8_lossy(data));
}

/// A captured push as a log or a curl line has it.
pub fn pasted_push(data: &[u8]) {
    let _ = events::is_capture(&String::from_utf8_lossy(data));
}

/// The files of the corpus of a target, with their content, sorted by name.
#[allow(dead_code, reason = "only the suite replays the corpus")]
pub fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| {
            let path = file.expect("a file").path();
            let content = fs::read(&path).expect("its content");
            (path.display().to_string(), content)
        })
        .collect();
    files.sort();
    files
}
