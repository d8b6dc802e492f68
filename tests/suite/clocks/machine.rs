//! This machine's clock ahead or behind by hours or days, and right again: which tokens are handed out,
//! and what is said of the clock.

use serde_json::{Value, json};

use super::can_move_the_clock;
use crate::support::{Desk, Outcome, SandboxProcess};

/// An operator whose program asks a sandbox that keeps the right time.
struct Machine {
    desk: Desk,
    sandbox: SandboxProcess,
    _sandbox_home: Desk,
}

impl Machine {
    fn new(desk: Desk) -> Self {
        let sandbox_home = Desk::new();
        let sandbox = SandboxProcess::start(&sandbox_home, &["--accounts", "6"]);
        let desk = (sandbox.environment().into_iter())
            .fold(desk, |desk, (name, value)| desk.with(&name, value));
        Self {
            desk,
            sandbox,
            _sandbox_home: sandbox_home,
        }
    }

    fn run(&self, words: &[&str]) -> Outcome {
        self.desk.run(words)
    }

    /// Runs a command with the clock moved.
    fn run_at(&self, clock: &str, words: &[&str]) -> Outcome {
        let child = self.desk.command_at(clock, words).spawn();
        Outcome::of(child.expect("the program starts"))
    }

    /// A token as JSON, with the clock where it is.
    #[track_caller]
    fn token(&self, whose: &[&str]) -> Value {
        let words = [&["token"], whose, &["-o", "json"]].concat();
        self.run(&words).expect_code(0).json()
    }

    /// Another ticket than before, as WeChat pushes one.
    fn new_ticket(&self) {
        self.sandbox.pass("25m");
        let status = self.sandbox.get("status");
        let ticket = status["component_verify_ticket"]
            .as_str()
            .expect("a ticket");
        let set = self
            .desk
            .run_with_input(["ticket", "set", "-o", "json"], ticket);
        assert_eq!(set.expect_code(0).json()["new"], true);
    }

    fn merchant(&self) -> String {
        let listed = self
            .run(&["authorizers", "list", "-o", "json"])
            .expect_code(0)
            .json();
        listed[0]["appid"].as_str().expect("an appid").to_owned()
    }

    fn merchants(&self) -> Vec<String> {
        self.run(&["authorizers", "sync", "-q"]).expect_code(0);
        let listed = self
            .run(&["authorizers", "list", "-o", "json"])
            .expect_code(0)
            .json();
        let rows = listed.as_array().expect("an array").iter();
        rows.map(|row| row["appid"].as_str().expect("an appid").to_owned())
            .collect()
    }
}

fn for_each_store(test: impl Fn(Machine)) {
    if !can_move_the_clock() {
        return;
    }
    test(Machine::new(Desk::new()));
    #[cfg(feature = "redis")]
    test(Machine::new(
        Desk::new().with("WXAUTH_STORE", crate::support::shared_redis()),
    ));
}

/// Asserts that a token is new, and has no more time left than WeChat gives.
#[track_caller]
fn assert_new(token: &Value) {
    assert_eq!(token["source"], "refreshed", "{token}");
    assert_within_its_life(token);
}

#[track_caller]
fn assert_within_its_life(token: &Value) {
    let left = token["expires_in"].as_i64().expect("a number");
    assert!((1..=7200).contains(&left), "{token}");
}

#[test]
fn a_token_requested_with_a_wrong_clock_is_requested_again() {
    for clock in ["+3h", "+48h", "-48h"] {
        for_each_store(|machine| {
            machine
                .run_at(clock, &["authorizers", "sync", "-q"])
                .expect_code(0);
            let merchant = machine.merchant();
            let whose = [&["component"][..], &["authorizer", &merchant]];
            let moved = whose.map(|whose| {
                let words = [&["token"], whose, &["-o", "json"]].concat();
                machine.run_at(clock, &words).expect_code(0).json()
            });
            // With the clock right one of the other time is of no use.
            machine.new_ticket();
            for (whose, moved) in whose.iter().zip(moved) {
                assert_within_its_life(&moved);
                let right = machine.token(whose);
                assert_new(&right);
                assert_ne!(right["token"], moved["token"], "{clock}");
                let again = machine.token(whose);
                assert_eq!(again["source"], "cache");
                assert_eq!(again["token"], right["token"]);
                assert_within_its_life(&again);
            }
        });
    }
}

#[test]
fn a_valid_token_is_not_taken_for_valid_while_the_clock_is_behind() {
    for_each_store(|machine| {
        machine.token(&["component"]);
        let words = ["token", "component", "-o", "json"];
        assert_new(&machine.run_at("-48h", &words).expect_code(0).json());
        assert_new(&machine.token(&["component"]));
    });
}

#[test]
fn a_bulk_refresh_renews_tokens_requested_with_the_clock_ahead() {
    for_each_store(|machine| {
        let all = machine.merchants().len() as u64;
        let refresh = ["authorizers", "refresh", "-o", "json"];
        machine.run_at("+3h", &refresh).expect_code(0);
        let status = machine.run(&["status", "-o", "json"]).expect_code(3).json();
        assert_eq!(status["authorizers"]["tokens_fresh"], 0, "{status}");
        let refreshed = machine.run(&refresh).expect_code(0).json();
        assert_eq!(refreshed["refreshed"], all, "{refreshed}");
        let refreshed = machine.run(&refresh).expect_code(0).json();
        assert_eq!(refreshed["refreshed"], 0, "{refreshed}");
        let status = machine.run(&["status", "-o", "json"]).expect_code(0).json();
        assert_eq!(status["authorizers"]["tokens_fresh"], all, "{status}");
    });
}

#[test]
fn what_was_synced_with_the_clock_ahead_can_be_changed_later() {
    for_each_store(|machine| {
        let sync = ["authorizers", "sync", "--full", "-o", "json"];
        machine.run_at("+48h", &sync).expect_code(0);
        let merchants = machine.merchants();
        machine
            .sandbox
            .post("revoke", &json!({ "appid": merchants[0] }));
        machine
            .run(&["token", "authorizer", &merchants[0]])
            .expect_code(4);
        let shown = machine.run(&["authorizers", "show", &merchants[0], "-o", "json"]);
        assert_eq!(shown.expect_code(0).json()["status"], "revoked");
    });
}

/// The row of this name, of a check or an examination.
fn row<'a>(report: &'a Value, name: &str) -> Option<&'a Value> {
    let rows = report["checks"].as_array().expect("rows").iter();
    rows.clone()
        .find(|row| row["name"] == name || row["line"] == name)
}

#[test]
fn a_clock_fault_is_told_until_new_values_came() {
    for_each_store(|machine| {
        machine
            .run_at("+48h", &["token", "component"])
            .expect_code(0);
        let status = machine.run(&["status", "-o", "json"]).expect_code(3).json();
        assert_eq!(
            (&status["clock"], &status["healthy"]),
            (&json!("fault"), &json!(false))
        );
        for field in ["age", "expires_at"] {
            assert_eq!(status["ticket"][field], Value::Null, "{status}");
        }
        for field in ["expires_in", "expires_at"] {
            assert_eq!(status["component_token"][field], Value::Null, "{status}");
        }
        let screen = machine.run(&["status"]).expect_code(3).stdout;
        assert!(
            screen.contains("clock fault") && !screen.contains("in 2 days"),
            "{screen}"
        );

        let check = machine.run(&["check", "-o", "json"]).expect_code(0).json();
        for name in ["clock", "ticket"] {
            assert_eq!(row(&check, name).expect(name)["status"], "warn", "{check}");
        }
        machine.run(&["check", "--strict"]).expect_code(3);
        let shown = machine
            .run(&["ticket", "show", "-o", "json"])
            .expect_code(0)
            .json();
        assert_eq!(
            (&shown["age"], &shown["expires_in"]),
            (&Value::Null, &Value::Null)
        );
        let doctor = machine.run(&["doctor", "-o", "json"]).json();
        for name in ["clock", "ticket"] {
            assert_eq!(
                row(&doctor, name).expect(name)["status"],
                "warn",
                "{doctor:#}"
            );
        }

        // The ticket may be good all the same: WeChat decides.
        assert_new(&machine.token(&["component"]));
        let ticket = format!("ticket@@@{}", "n".repeat(86));
        machine
            .desk
            .run_with_input(["ticket", "set"], &ticket)
            .expect_code(0);
        let status = machine.run(&["status", "-o", "json"]).expect_code(0).json();
        assert_eq!(
            (&status["clock"], &status["healthy"]),
            (&json!("ok"), &json!(true))
        );
        let check = machine.run(&["check", "-o", "json"]).expect_code(0).json();
        assert_eq!(check["checks"], json!([]), "{check}");
    });
}

/// What `check` says of another program that requests tokens, with the clock moved.
#[track_caller]
fn another_holder(machine: &Machine, clock: &str) -> Value {
    let words = ["check", "--all", "-o", "json"];
    let check = machine.run_at(clock, &words).json();
    row(&check, "another_holder").expect("a row")["status"].clone()
}

#[test]
fn a_token_refused_while_the_clock_is_wrong_shows_no_other_holder() {
    for (clock, expected) in [("+6m", "warn"), ("-5m", "pass"), ("+25m", "pass")] {
        for_each_store(|machine| {
            let request = ["token", "component"];
            machine.run_at("-60m", &request).expect_code(0);
            let elsewhere = (machine.sandbox.environment().into_iter())
                .fold(Desk::new(), |desk, (name, value)| desk.with(&name, value));
            elsewhere.run(request).expect_code(0);
            machine.sandbox.pass("6m");
            let told = machine.run_at(clock, &["link", "--no-qr"]).expect_code(0);
            assert!(told.stderr.contains("40001"), "{}", told.stderr);
            assert_eq!(another_holder(&machine, clock), expected, "{clock}");
        });
    }
}

#[test]
fn a_token_stored_with_the_clock_ahead_that_expires_early_shows_no_other_holder() {
    for_each_store(|machine| {
        machine
            .run_at("+50m", &["token", "component"])
            .expect_code(0);
        machine.sandbox.pass("2h5m");
        let told = machine.run_at("+125m", &["link", "--no-qr"]).expect_code(0);
        assert!(told.stderr.contains("42001"), "{}", told.stderr);
        assert_eq!(another_holder(&machine, "+125m"), "pass");
    });
}
