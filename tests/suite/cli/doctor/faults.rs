//! One fault each: exactly its line turns, and those that hang on it are unknown, never red.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use wxauth::flow::doctor::Line;
use wxauth::store::tokens::TokenOwner;
use wxauth::sys::clock::timestamp;

use super::clinic::Clinic;
use crate::support::{Desk, refusing_address, with_platform};

/// A fault, the line that tells of it, and how.
struct Fault {
    line: &'static str,
    status: &'static str,
    /// The lines that cannot be told then.
    hides: &'static [&'static str],
    strike: fn(&mut Clinic),
}

const fn red(line: &'static str, hides: &'static [&'static str], strike: fn(&mut Clinic)) -> Fault {
    Fault {
        line,
        status: "fail",
        hides,
        strike,
    }
}

const fn yellow(
    line: &'static str,
    hides: &'static [&'static str],
    strike: fn(&mut Clinic),
) -> Fault {
    Fault {
        line,
        status: "warn",
        hides,
        strike,
    }
}

fn mode(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("another mode");
}

/// What hangs on a call with the component token.
const CALLS: &[&str] = &["caller_address", "component_token", "account_list"];
const OFFLINE: &[&str] = &[
    "connection",
    "tls",
    "clock",
    "caller_address",
    "component_token",
    "account_list",
];

const FAULTS: &[Fault] = &[
    red("config", &[], |clinic| {
        mode(&clinic.office.desk.config_dir(), 0o777);
    }),
    yellow("config", &[], |clinic| {
        mode(&clinic.office.desk.config_dir().join("config.toml"), 0o644);
    }),
    red("credentials", &[], |clinic| {
        let file = clinic.office.desk.config_dir().join("credentials.toml");
        mode(&file, 0o640);
    }),
    red("store", &[], |clinic| mode(&clinic.office.store(), 0o644)),
    red(
        "store",
        &[
            "encryption",
            "ticket",
            "caller_address",
            "component_token",
            "account_list",
            "refresh_tokens",
        ],
        |clinic| {
            let store = clinic.office.store();
            std::fs::write(&store, "no store at all ".repeat(512)).expect("a broken store");
            for suffix in ["-wal", "-shm"] {
                let beside = format!("{}{suffix}", store.display());
                let _ = std::fs::remove_file(beside);
            }
        },
    ),
    red(
        "encryption",
        &[
            "ticket",
            "caller_address",
            "component_token",
            "account_list",
            "refresh_tokens",
        ],
        |clinic| {
            let key = "0123456789abcdef".repeat(4);
            let encrypted = clinic
                .office
                .desk
                .command(["store", "encrypt", "-q"])
                .env("WXAUTH_ENCRYPTION_KEY", key)
                .status();
            assert!(encrypted.expect("the program").success());
        },
    ),
    red(
        "proxy",
        &[
            "dns",
            "connection",
            "tls",
            "clock",
            "caller_address",
            "component_token",
            "account_list",
        ],
        |clinic| {
            clinic.set_base("https://api.wxauth-doctor.invalid");
            let nowhere = format!("http://{}", refusing_address());
            clinic.variables.push(("HTTPS_PROXY", nowhere));
        },
    ),
    red("dns", OFFLINE, |clinic| {
        clinic.set_base("https://api.wxauth-doctor.invalid");
    }),
    red(
        "connection",
        &["clock", "caller_address", "component_token", "account_list"],
        |clinic| clinic.set_base(&format!("http://{}", refusing_address())),
    ),
    red(
        "connection",
        &["clock", "caller_address", "component_token", "account_list"],
        |clinic| clinic.office.sandbox.fault("getcallbackip: html"),
    ),
    red(
        "tls",
        &[
            "connection",
            "clock",
            "caller_address",
            "component_token",
            "account_list",
        ],
        |clinic| {
            let plain = clinic.office.sandbox.url().to_owned();
            clinic.set_base(&plain.replace("http://", "https://"));
        },
    ),
    red("clock", &[], |clinic| {
        let slow = json!({ "date_skew_seconds": 900 });
        clinic.office.sandbox.post("behaviours", &slow);
    }),
    yellow("clock", &[], |clinic| {
        let fast = json!({ "date_skew_seconds": -120 });
        clinic.office.sandbox.post("behaviours", &fast);
    }),
    red(
        "caller_address",
        &["component_token", "account_list"],
        |clinic| {
            let list = ["sandbox", "platform", "--ip-whitelist", "203.0.113.9"];
            clinic.office.run(list).expect_code(0);
        },
    ),
    red("appsecret", &[], |clinic| {
        clinic.set_secret("appsecret", "0123456789abcdef");
    }),
    red("ticket", &[], |clinic| {
        clinic.tamper("UPDATE tickets SET received_at = received_at - 3 * 3600");
    }),
    yellow("ticket", &[], |clinic| {
        clinic.tamper("UPDATE tickets SET received_at = received_at - 30 * 60");
    }),
    red("ticket", &[], |clinic| {
        clinic.tamper("UPDATE tickets SET received_at = received_at - 13 * 3600");
    }),
    red(
        "component_token",
        &["caller_address", "account_list"],
        |clinic| {
            // Somebody else mints for the same platform, and our token's overlap passes.
            let mut other = Desk::new();
            for (name, value) in clinic.office.sandbox.environment() {
                other = other.with(&name, value);
            }
            other.run(["token", "component"]).expect_code(0);
            let sandbox = &clinic.office.sandbox;
            sandbox.pass("6m");
            sandbox.post("behaviours", &json!({ "date_skew_seconds": -360 }));
        },
    ),
    red(
        "component_token",
        &["caller_address", "account_list"],
        |clinic| {
            clinic
                .office
                .sandbox
                .fault("api_get_authorizer_list: 42001");
        },
    ),
    red("account_list", CALLS, |clinic| {
        clinic
            .office
            .sandbox
            .fault("api_get_authorizer_list: 45009");
    }),
    red("account_list", CALLS, |clinic| {
        clinic.office.sandbox.fault("api_get_authorizer_list: html");
    }),
    red("refresh_tokens", &[], |clinic| {
        clinic.tamper(
            "UPDATE tokens SET refresh = NULL, refresh_as_of = NULL \
             WHERE owner = (SELECT min(owner) FROM tokens WHERE owner <> '')",
        );
    }),
    yellow("refresh_tokens", &[], |clinic| {
        clinic.tamper(
            "UPDATE authorizers SET status = 'pending_exchange' \
             WHERE appid = (SELECT min(appid) FROM authorizers WHERE status = 'active')",
        );
    }),
    red("redirect_uri", &["launch_domain"], |clinic| {
        let file = clinic.office.desk.config_dir().join("config.toml");
        let text = std::fs::read_to_string(&file).expect("the profile");
        let good = clinic.office.sandbox.text("redirect_uri");
        let plain = good.replace("https://", "http://");
        std::fs::write(&file, text.replace(&good, &plain)).expect("another address");
    }),
    red("launch_domain", &[], |clinic| {
        clinic.set("launch_domain", "other.example.com");
    }),
    red("push_token", &["receiver"], |clinic| {
        clinic.set_secret("token", &"t0ken".repeat(8));
    }),
    red("encoding_aes_key", &["receiver"], |clinic| {
        let file = clinic.office.desk.config_dir().join("credentials.toml");
        let text = std::fs::read_to_string(&file).expect("the secrets");
        let key = clinic.office.sandbox.text("encoding_aes_key");
        std::fs::write(&file, text.replace(&key, &key[..42])).expect("another key");
    }),
    red("receiver", &[], |clinic| {
        clinic.flags[1] = format!("http://{}/events", refusing_address());
    }),
];

#[test]
fn each_fault_turns_exactly_its_line() {
    let number = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(fault) = FAULTS.get(number.fetch_add(1, Ordering::Relaxed)) {
                    turns_its_line(fault);
                }
            });
        }
    });
    let told: BTreeSet<_> = FAULTS.iter().map(|fault| fault.line).collect();
    let every: BTreeSet<_> = Line::ALL.iter().map(|line| line.as_str()).collect();
    let active: BTreeSet<_> = ["ticket_pushes"].into();
    assert_eq!(
        every.difference(&told).copied().collect::<BTreeSet<_>>(),
        active,
        "a line without a fault that turns it"
    );
}

fn turns_its_line(fault: &Fault) {
    let mut clinic = Clinic::healthy();
    let mut expected = clinic.lines();
    for (line, status) in &expected {
        let well = match line.as_str() {
            "ticket_pushes" => "unknown",
            _ => "pass",
        };
        assert_eq!(status, well, "{line} of a platform that is well");
    }
    (fault.strike)(&mut clinic);
    for hidden in fault.hides {
        expected.insert((*hidden).to_owned(), "unknown".to_owned());
    }
    expected.insert(fault.line.to_owned(), fault.status.to_owned());
    let name = fault.line;
    assert_eq!(clinic.lines(), expected, "a fault of {name}");
}

#[test]
fn what_only_a_call_with_an_effect_tells_turns_red_with_active() {
    let mut clinic = Clinic::healthy();
    clinic.flags.push("--active".to_owned());
    let mut expected = clinic.lines();
    assert!(
        expected.values().all(|status| status == "pass"),
        "{expected:?}"
    );
    clinic.office.sandbox.fault("api_start_push_ticket: 45009");
    expected.insert("ticket_pushes".to_owned(), "fail".to_owned());
    assert_eq!(clinic.lines(), expected);

    let clear = ["sandbox", "fault", "--clear"];
    clinic.office.run(clear).expect_code(0);
    let reset = json!({ "reset_appsecret": true });
    clinic.office.sandbox.post("platform", &reset);
    expected.insert("ticket_pushes".to_owned(), "unknown".to_owned());
    expected.insert("appsecret".to_owned(), "fail".to_owned());
    assert_eq!(clinic.lines(), expected, "the appsecret was reset");
}

#[test]
fn what_wechat_refuses_while_a_token_is_minted_is_told_on_the_line_at_fault() {
    for (errcode, line) in [(61006, "ticket"), (61004, "caller_address")] {
        let mut clinic = Clinic::healthy();
        clinic.flags.push("--active".to_owned());
        let mut expected = clinic.lines();
        with_platform(&clinic.office.store(), async |store, key| {
            let (owner, past) = (TokenOwner::Component, timestamp(0));
            store.cap_expiry(key, &owner, past).await.expect("a token");
            let token = store.token(key, &owner).await.expect("a token");
            assert_eq!(token.and_then(|token| token.expires_at), Some(past));
        });
        let fault = format!("api_component_token: {errcode}");
        clinic.office.sandbox.fault(&fault);
        for hidden in ["component_token", "account_list"] {
            expected.insert(hidden.to_owned(), "unknown".to_owned());
        }
        expected.insert(line.to_owned(), "fail".to_owned());
        assert_eq!(clinic.lines(), expected, "{errcode}");
    }
}
