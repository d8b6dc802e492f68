//! Every JSON answer has exactly the fields of its schema: an addition is deliberate.

use std::collections::BTreeSet;

use clap::CommandFactory;
use serde_json::Value;
use wxauth::cli::args::Cli;

use super::office::{Office, eventually, text};
use super::serving::Serving;
use super::shape;
use crate::support::{Outcome, refusing_address};

/// Commands that answer nothing on stdout, or what another program prints.
const WITHOUT_ANSWER: &[&str] = &[
    "profile use",
    "profile set",
    "profile remove",
    "ticket set",
    "exec",
    "authorizers set",
    "authorizers forget",
    "authorizers revoke",
    "sandbox reset",
    "completions",
    "man",
    "help",
];

/// Checks answers, and remembers which commands and schemas had their turn.
struct Checker {
    commands: BTreeSet<String>,
    schemas: BTreeSet<String>,
}

impl Checker {
    #[track_caller]
    fn check(&mut self, command: &str, schema: &str, answer: &Value) {
        let found = shape::differences(answer, &shape::load(schema));
        assert_eq!(found, Vec::<String>::new(), "`{command}` and {schema}.json");
        self.commands.insert(command.to_owned());
        self.note(&Value::from(format!("@{schema}")));
    }

    fn note(&mut self, shape: &Value) {
        match shape {
            Value::String(word) => {
                if let Some(name) = word.strip_prefix('@') {
                    let name = name.trim_end_matches('?').to_owned();
                    let inner = shape::load(&name);
                    self.schemas.insert(name);
                    self.note(&inner);
                }
            }
            Value::Array(shapes) => shapes.iter().for_each(|shape| self.note(shape)),
            Value::Object(fields) => fields.values().for_each(|shape| self.note(shape)),
            _ => {}
        }
    }
}

fn leaves(command: &clap::Command, path: &str, into: &mut BTreeSet<String>) {
    for child in command.get_subcommands() {
        let path = format!("{path} {}", child.get_name()).trim().to_owned();
        if child.has_subcommands() {
            leaves(child, &path, into);
        } else {
            into.insert(path);
        }
    }
}

/// What the server, the sender and the log of pushes answer, and a wait that a merchant ends.
fn pushes(office: &Office, checker: &mut Checker) {
    let run = |words: &[&str]| office.run(words.iter().chain(&["-o", "json"]));
    for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
        let value = office.sandbox.text(field);
        let set = ["profile", "set", key];
        office.desk.run_with_input(set, &value).expect_code(0);
    }
    let mut server = Serving::start(
        &office.desk,
        &[],
        &["--admin-bind", "127.0.0.1:0", "--keep-bodies"],
    );
    checker.check("serve", "serve", &server.card);
    let to = server.route("events_url");
    let refused = run(&[
        "events",
        "send",
        "--to",
        &format!("http://{}/", refusing_address()),
    ]);
    for sent in [
        run(&["events", "send", "--to", &to]).expect_code(0),
        refused.expect_code(3),
    ] {
        checker.check("events send", "events-send", &sent.json());
    }
    let set = ["sandbox", "platform", "--events-url", &to];
    office.run(set).expect_code(0);
    let merchant = office.accounts("mini_program", false).remove(0);
    let wait = ["link", "--wait", "--for", &merchant, "-o", "json"];
    // The document comes at the end; until then the sandbox alone knows of the link.
    let links = || office.sandbox.successes("api_create_preauthcode");
    let before = links();
    let waiting = office.desk.start(wait);
    eventually(|| links() > before);
    let order = serde_json::json!({ "appid": merchant });
    office.sandbox.post("authorize", &order);
    let arrived = Outcome::of(waiting).expect_code(0).json();
    checker.check("link", "link-arrived", &arrived);
    server.told("event_worked", "authorized");
    let listed = run(&["events", "list"]).expect_code(0).json();
    assert!(listed.as_array().is_some_and(|rows| rows.len() > 1));
    checker.check("events list", "events-list", &listed);
    let to = server.route("messages_url");
    let push = ["sandbox", "push", "--message", "text", "--to", &to];
    office.run(push).expect_code(0);
    server.told("message_taken", "text");
    let counted = run(&["events", "list", "--messages"]).expect_code(0).json();
    assert_eq!(counted[0]["kept"].as_array().map(Vec::len), Some(1));
    checker.check("events list", "events-list-messages", &counted);
    server.end("TERM").expect_code(0);
}

#[test]
fn every_command_answers_in_the_shape_that_its_schema_says() {
    let office = Office::with_profile(&["--mint", "wxauth", "--released", "true"]);
    let mut checker = Checker {
        commands: BTreeSet::new(),
        schemas: BTreeSet::new(),
    };
    let run = |words: &[&str]| office.run(words.iter().chain(&["-o", "json"]));
    let status = run(&["status"]).expect_code(0).json();
    checker.check("status", "status", &status);
    assert!(status["component_token"].is_null() && status["last_sync"].is_null());
    let examined = run(&["doctor"]).expect_code(0).json();
    checker.check("doctor", "doctor", &examined);
    for (command, schema, answer) in super::store::shapes::answers(&office) {
        checker.check(command, schema, &answer);
    }

    let mini_program = office.accounts("mini_program", true).remove(0);
    let stranger = office.accounts("mini_program", false).remove(0);
    let official = office.accounts("official_account", true).remove(0);
    office.sandbox.fault("api_get_authorizer_info: once 48001");
    let failing = run(&["authorizers", "sync", "--allow-failures", "1"])
        .expect_code(0)
        .json();
    assert_eq!(failing["failed"].as_array().map(Vec::len), Some(1));
    checker.check("authorizers sync", "authorizers-sync", &failing);
    office
        .run([
            "authorizers",
            "set",
            &mini_program,
            "--external-id",
            "shop-42",
        ])
        .expect_code(0);
    office
        .run([
            "profile",
            "set",
            "required_permissions.mini_program",
            "17,18",
        ])
        .expect_code(0);

    let link = run(&["link", "--message"]).expect_code(0).json();
    checker.check("link", "link", &link);
    checker.check(
        "link",
        "link",
        &run(&["link", "--pc", "--for", &stranger])
            .expect_code(0)
            .json(),
    );
    let bad = text(&link, "url").replace("https://open.", "http://open.");
    checker.check(
        "link",
        "link-lint",
        &run(&["link", "--lint", &bad]).expect_code(3).json(),
    );
    let url = text(&link, "url");
    let confirmed = run(&["sandbox", "authorize", &stranger, "--link", &url])
        .expect_code(0)
        .json();
    checker.check("sandbox authorize", "sandbox-confirmed", &confirmed);
    let vector = crate::wechat::vectors::one('D');
    let push = format!("<xml><Encrypt>{}</Encrypt></xml>", vector.encrypt);
    let decoded = crate::support::Desk::new()
        .with("WXAUTH_COMPONENT_APPID", &*vector.component_appid)
        .with("WXAUTH_TOKEN", &*vector.token)
        .with("WXAUTH_ENCODING_AES_KEY", &*vector.encoding_aes_key)
        .run_with_input(["events", "decode", "-o", "json"], &push);
    checker.check(
        "events decode",
        "events-decode",
        &decoded.expect_code(0).json(),
    );
    let redeemed = office.desk.run_with_input(
        ["authorizers", "redeem", "-o", "json"],
        &text(&confirmed, "auth_code"),
    );
    checker.check(
        "authorizers redeem",
        "authorizers-redeem",
        &redeemed.expect_code(0).json(),
    );

    let journey: &[(&[&str], &str, &str)] = &[
        (&["token", "component"], "token component", "token"),
        (
            &["token", "authorizer", &mini_program],
            "token authorizer",
            "token",
        ),
        (
            &["authorizers", "refresh", &mini_program, &official],
            "authorizers refresh",
            "authorizers-refresh",
        ),
        (
            &["authorizers", "list"],
            "authorizers list",
            "authorizers-list",
        ),
        (
            &["authorizers", "show", "shop-42"],
            "authorizers show",
            "authorizer-shown",
        ),
        (
            &["authorizers", "option", &official, "voice_recognize"],
            "authorizers option",
            "authorizers-option",
        ),
        (
            &["authorizers", "option", &official, "voice_recognize", "1"],
            "authorizers option",
            "authorizers-option",
        ),
        (
            &["permissions", "matrix"],
            "permissions matrix",
            "permissions-matrix",
        ),
        (
            &["authorizers", "guide", &official],
            "authorizers guide",
            "authorizers-guide",
        ),
        (
            &["permissions", "list"],
            "permissions list",
            "permissions-list",
        ),
        (
            &["permissions", "show", "18"],
            "permissions show",
            "permission-shown",
        ),
        (
            &["permissions", "why", "/wxa/commit", "--all"],
            "permissions why",
            "permissions-why",
        ),
        (
            &["permissions", "plan", "121,172"],
            "permissions plan",
            "permissions-plan",
        ),
        (&["ticket", "show"], "ticket show", "ticket-show"),
        (&["ticket", "request"], "ticket request", "ticket-request"),
        (&["profile", "list"], "profile list", "profile-list"),
        (&["profile", "show"], "profile show", "profile-show"),
        (
            &["sandbox", "update", &stranger, "--permissions", "17,18,30"],
            "sandbox update",
            "sandbox-confirmed",
        ),
        (
            &["sandbox", "revoke", &official],
            "sandbox revoke",
            "sandbox-revoke",
        ),
        (
            &["authorizers", "recover"],
            "authorizers recover",
            "authorizers-sync",
        ),
        (
            &["authorizers", "log"],
            "authorizers log",
            "authorizers-log",
        ),
        (
            &["authorizers", "list"],
            "authorizers list",
            "authorizers-list",
        ),
        (&["sandbox", "status"], "sandbox status", "sandbox-card"),
        (&["sandbox", "env"], "sandbox env", "sandbox-env"),
        (
            &["sandbox", "accounts"],
            "sandbox accounts",
            "sandbox-accounts",
        ),
        (
            &["sandbox", "clock", "+1h"],
            "sandbox clock",
            "sandbox-clock",
        ),
        (&["sandbox", "clock"], "sandbox clock", "sandbox-clock"),
        (
            &["sandbox", "fault", "any: 0% drop"],
            "sandbox fault",
            "sandbox-fault",
        ),
        (
            &["sandbox", "fault", "--behaviours"],
            "sandbox fault",
            "sandbox-behaviours",
        ),
        (
            &["sandbox", "journal"],
            "sandbox journal",
            "sandbox-journal",
        ),
        (
            &["sandbox", "journal", "--counters"],
            "sandbox journal",
            "sandbox-counters",
        ),
        (&["status"], "status", "status"),
    ];
    for (words, command, schema) in journey {
        let answer = run(words).expect_code(0).json();
        assert!(
            !answer.as_array().is_some_and(Vec::is_empty),
            "`{command}` shows nothing"
        );
        checker.check(command, schema, &answer);
    }
    let account = run(&["sandbox", "account", &mini_program, "--confirm", "18=need"])
        .expect_code(0)
        .json();
    checker.check("sandbox account", "sandbox-account", &account);
    let drift = run(&["permissions", "drift", "--require", "88"])
        .expect_code(3)
        .json();
    assert!(!drift.as_array().is_some_and(Vec::is_empty));
    checker.check("permissions drift", "permissions-drift", &drift);
    let nowhere = format!("http://{}/events", refusing_address());
    let set = run(&["sandbox", "platform", "--events-url", &nowhere])
        .expect_code(0)
        .json();
    checker.check("sandbox platform", "sandbox-console", &set);
    let pushed = run(&["sandbox", "push", "brand_new"]).expect_code(3).json();
    checker.check("sandbox push", "sandbox-push", &pushed);
    let card = run(&["sandbox", "status"]).expect_code(0).json();
    assert_eq!(card["alarms"][0]["target"], "events");
    checker.check("sandbox status", "sandbox-card", &card);
    let messages = format!("http://{}/$APPID$", refusing_address());
    let cases = run(&["sandbox", "release-check", "--messages", &messages])
        .expect_code(3)
        .json();
    checker.check("sandbox release-check", "sandbox-release-check", &cases);
    checker.check("sandbox start", "sandbox-card", &office.sandbox.card);
    checker.check("check", "check", &super::schemas_check::answer(&office));
    #[cfg(feature = "redis")]
    for (command, schema, answer) in super::schemas_layouts::answers() {
        checker.check(command, schema, &answer);
    }
    for answer in super::schemas_init::answers() {
        checker.check("init", "init", &answer);
    }
    for answer in super::schemas_explain::answers(&office) {
        checker.check("explain", "explain", &answer);
    }
    pushes(&office, &mut checker);
    super::schemas_api::answers(&office, |command, schema, answer| {
        checker.check(command, schema, answer);
    });
    let (encrypted, decrypted) = super::schemas_store::encrypted(&office);
    checker.check("store encrypt", "store-encrypt", &encrypted);
    checker.check("store decrypt", "store-encrypt", &decrypted);
    let process = office
        .run(["token", "component", "-o", "process"])
        .expect_code(0)
        .json();
    checker.check("token component", "token-process", &process);

    let refused = run(&["authorizers", "show", "nobody"]).expect_code(2);
    let line = refused.stderr.lines().last().unwrap_or_default();
    let line = serde_json::from_str(line).expect("a JSON line");
    checker.check("authorizers show", "error", &line);
    office.sandbox.fault("api_create_preauthcode: once 48001");
    let refused = run(&["link"]).expect_code(6);
    checker.check(
        "link",
        "error",
        &serde_json::from_str(&refused.stderr).expect("a JSON line"),
    );

    let mut every = BTreeSet::new();
    leaves(&Cli::command(), "", &mut every);
    for command in WITHOUT_ANSWER {
        assert!(every.remove(*command), "there is no `{command}`");
    }
    assert_eq!(
        every, checker.commands,
        "every command with an answer has its turn here"
    );
    let files = std::fs::read_dir(shape::folder()).expect("the schemas");
    let files = files.map(|file| {
        let name = file
            .expect("a file")
            .file_name()
            .into_string()
            .expect("a name");
        name.trim_end_matches(".json").to_owned()
    });
    assert_eq!(
        files.collect::<BTreeSet<_>>(),
        checker.schemas,
        "every schema is used"
    );
}
