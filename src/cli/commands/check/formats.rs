//! The report as other machines read it: `JUnit`, `Prometheus`, the log of a `GitHub` workflow.

use std::fmt::Write;

use jiff::Timestamp;

use crate::flow::{Outcome, Tally};
use crate::lang::clean;

use super::row::CheckRow;

/// A metric of moments: a part of its name, its help, and where a row has it.
type Moment = (
    &'static str,
    &'static str,
    fn(&CheckRow) -> Option<Timestamp>,
);

/// A test report: one case for each check listed.
pub(super) fn junit(rows: &[CheckRow], tally: Tally, strict: bool) -> String {
    let failed =
        |row: &CheckRow| row.status == Outcome::Fail || (strict && row.status == Outcome::Warn);
    let failures = rows.iter().filter(|row| failed(row)).count();
    let skipped = rows
        .iter()
        .filter(|row| row.status == Outcome::Unknown)
        .count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuite name=\"wxauth check\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
        rows.len(),
        failures,
        skipped
    );
    out.push_str("  <properties>\n");
    for outcome in Outcome::ALL {
        let (name, count) = (outcome.as_str(), tally.of(outcome));
        let _ = writeln!(out, "    <property name=\"{name}\" value=\"{count}\"/>");
    }
    out.push_str("  </properties>\n");
    for row in rows {
        let target = row
            .target
            .as_ref()
            .map_or("platform", |appid| appid.as_str());
        let _ = write!(
            out,
            "  <testcase classname=\"wxauth.{}\" name=\"{}\"",
            xml(row.name),
            xml(target)
        );
        let detail = xml(&row.detail);
        let _ = match row.status {
            _ if failed(row) => {
                writeln!(out, "><failure message=\"{detail}\"/></testcase>")
            }
            Outcome::Unknown => {
                writeln!(out, "><skipped message=\"{detail}\"/></testcase>")
            }
            Outcome::Warn => writeln!(out, "><system-out>{detail}</system-out></testcase>"),
            Outcome::Fail | Outcome::Pass => writeln!(out, "/>"),
        };
    }
    out.push_str("</testsuite>\n");
    out
}

/// Metrics in the text format, as for a textfile collector.
pub(super) fn prometheus(rows: &[CheckRow], tally: Tally, healthy: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "# HELP wxauth_check_healthy Whether the check passed.\n# TYPE wxauth_check_healthy gauge\nwxauth_check_healthy {}",
        u8::from(healthy)
    );
    out.push_str("# HELP wxauth_checks Checks by how they came out.\n# TYPE wxauth_checks gauge\n");
    for outcome in Outcome::ALL {
        let (name, count) = (outcome.as_str(), tally.of(outcome));
        let _ = writeln!(out, "wxauth_checks{{status=\"{name}\"}} {count}");
    }
    if !rows.is_empty() {
        out.push_str("# HELP wxauth_check A check that is listed.\n# TYPE wxauth_check gauge\n");
    }
    for row in rows {
        let _ = writeln!(out, "wxauth_check{{{}}} 1", labels(row, true));
    }
    let moments: [Moment; 2] = [
        ("expires", "When what was looked at ends", |row| {
            row.expires_at
        }),
        ("since", "When what was found began", |row: &CheckRow| {
            row.since
        }),
    ];
    for (name, help, moment) in moments {
        let mut known = rows
            .iter()
            .filter_map(|row| Some((row, moment(row)?)))
            .peekable();
        let name = format!("wxauth_check_{name}_timestamp_seconds");
        if known.peek().is_some() {
            let _ = writeln!(out, "# HELP {name} {help}.\n# TYPE {name} gauge");
        }
        for (row, moment) in known {
            let (labels, seconds) = (labels(row, false), moment.as_second());
            let _ = writeln!(out, "{name}{{{labels}}} {seconds}");
        }
    }
    out
}

fn labels(row: &CheckRow, with_status: bool) -> String {
    let target = row.target.as_ref().map_or("", |appid| appid.as_str());
    let mut labels = format!("name=\"{}\",target=\"{}\"", row.name, label(target));
    if with_status {
        let _ = write!(labels, ",status=\"{}\"", row.status.as_str());
    }
    labels
}

/// Annotations of a workflow: one line for each check listed, and a line break after each.
pub(super) fn github(rows: &[CheckRow]) -> String {
    let mut out = String::new();
    for row in rows {
        let level = match row.status {
            Outcome::Fail => "error",
            Outcome::Warn => "warning",
            Outcome::Unknown | Outcome::Pass => "notice",
        };
        let target = row.target.as_ref().map(|appid| format!(" {appid}"));
        let title = property(&format!(
            "wxauth {}{}",
            row.name,
            target.unwrap_or_default()
        ));
        let _ = writeln!(out, "::{level} title={title}::{}", message(&row.detail));
    }
    out
}

/// Text and attribute values alike.
fn xml(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn label(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('"', "\\\"")
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
