//! A platform that is well in every line, for the doctor to look at.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use serde_json::Value;
use wxauth::store::observations::ChangeSource;
use wxauth::store::roster::{AuthorizationStatus, RosterFilter};
use wxauth::sys::clock::Clock;

use crate::cli::office::{Office, text};
use crate::cli::receivers::{ok, receiver};
use crate::support::{Outcome, tamper, with_platform};

/// A platform, and what the doctor is told of it.
pub struct Clinic {
    /// Desk and sandbox.
    pub office: Office,
    /// Flags of the doctor.
    pub flags: Vec<String>,
    /// Variables of its environment.
    pub variables: Vec<(&'static str, String)>,
    /// The pushes that its receiver took.
    pub pushes: Receiver<String>,
}

impl Clinic {
    /// A platform with everything: profile, secrets, ticket, token, merchants, receiver.
    pub fn healthy() -> Self {
        let office = Office::with_profile(&["--mint", "wxauth"]);
        for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
            let value = office.sandbox.text(field);
            let set = ["profile", "set", key];
            office.desk.run_with_input(set, &value).expect_code(0);
        }
        office.run(["authorizers", "sync", "-q"]).expect_code(0);
        // The sandbox has a merchant whose code was never exchanged, which is not quite well.
        revoke_those_not_exchanged(&office);
        let (address, pushes) = receiver((0..8).map(|_| ok("success")));
        Self {
            office,
            flags: vec!["--receiver".to_owned(), address],
            variables: Vec::new(),
            pushes,
        }
    }

    /// The doctor's visit, its flags as they are now.
    pub fn visit(&self, more: &[&str]) -> Outcome {
        let mut command = self.office.desk.command(["doctor"]);
        command.args(&self.flags).args(more);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Outcome::of(command.spawn().expect("the program"))
    }

    /// The status of each line, which all must be there.
    pub fn lines(&self) -> BTreeMap<String, String> {
        let visit = self.visit(&["-o", "json"]);
        let report = visit.json();
        let lines = statuses(&report);
        let failed = lines.values().filter(|status| *status == "fail").count();
        let code = if failed > 0 { 3 } else { 0 };
        assert_eq!(report["healthy"], failed == 0, "{report:#}");
        assert_eq!(report["counts"]["fail"], failed, "{report:#}");
        visit.expect_code(code);
        lines
    }

    /// Another value of the profile.
    pub fn set(&self, key: &str, value: &str) {
        let set = ["profile", "set", key, value];
        self.office.run(set).expect_code(0);
    }

    /// Another secret of the profile.
    pub fn set_secret(&self, key: &str, value: &str) {
        let set = ["profile", "set", key];
        self.office.desk.run_with_input(set, value).expect_code(0);
    }

    /// Another base of the API, which is another realm: it gets its own ticket.
    pub fn set_base(&self, base: &str) {
        self.set("api_base", base);
        let ticket = self.office.sandbox.text("component_verify_ticket");
        let set = self.office.desk.run_with_input(["ticket", "set"], &ticket);
        set.expect_code(0);
    }

    /// Changes rows of the store behind everybody's back.
    pub fn tamper(&self, statement: &str) {
        assert!(tamper(&self.office.store(), statement) > 0, "{statement}");
    }
}

fn revoke_those_not_exchanged(office: &Office) {
    let not_exchanged = RosterFilter {
        statuses: vec![AuthorizationStatus::PendingExchange],
        ..RosterFilter::default()
    };
    let now = Clock::system().now();
    with_platform(&office.store(), async |store, key| {
        let found = store.page(key, &not_exchanged, None, 100).await;
        let found = found.expect("the roster");
        assert!(!found.is_empty());
        for row in found {
            let revoked = store.mark_revoked(key, &row.appid, now, ChangeSource::Event);
            assert_eq!(revoked.await, Ok(true));
        }
    });
}

/// The status of each line of a report.
pub fn statuses(report: &Value) -> BTreeMap<String, String> {
    let checks = report["checks"].as_array().expect("checks").iter();
    checks
        .map(|check| (text(check, "name"), text(check, "status")))
        .collect()
}

/// A line of a report.
pub fn line<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut checks = report["checks"].as_array().expect("checks").iter();
    let found = checks.find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {report:#}"))
}
