//! `link --lint URL`: what is wrong with a given link.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::{Exit, Kind};
use crate::console::{Cell, CellContext, Column, Record, Tone};
use crate::lang::{Lang, text};
use crate::wechat::link::{Finding, LintContext, Severity, lint};

use super::finding::meaning;

#[derive(Serialize)]
struct FindingRow {
    severity: &'static str,
    code: &'static str,
    parameter: Option<String>,
    found: Option<String>,
    expected: Option<String>,
    explanation: &'static str,
    #[serde(skip)]
    in_words: &'static str,
}

impl Record for FindingRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("severity", "Severity").zh("程度").whole(),
        Column::new("code", "Finding")
            .zh("问题")
            .whole()
            .priority(1),
        Column::new("parameter", "Parameter").zh("参数").whole(),
        Column::new("found", "Found").zh("现值").priority(2),
        Column::new("expected", "Expected").zh("应为"),
        Column::new("explanation", "What it means").zh("说明"),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "severity" => Cell::word(self.severity, severity(self.severity, context.lang)).tone(
                match self.severity {
                    "error" => Tone::Bad,
                    "warning" => Tone::Warn,
                    _ => Tone::Muted,
                },
            ),
            "code" => Cell::text(self.code),
            "parameter" => Cell::optional(self.parameter.as_ref(), Cell::text),
            "found" => Cell::optional(self.found.as_ref(), Cell::text),
            "expected" => Cell::optional(self.expected.as_ref(), Cell::text),
            _ => Cell::word(self.explanation, self.in_words),
        }
    }
}

pub(super) async fn run(context: &Context, link: &str) -> Result<Exit, CliError> {
    let console = context.records()?;
    // A link can be judged without any platform; what is known of one sharpens the judgement.
    let settings = match context.settings().await {
        Ok(settings) => Some(settings),
        Err(error) if error.kind() == Kind::ActionRequired => None,
        Err(error) => return Err(error),
    };
    let launch_domain = settings
        .and_then(|settings| settings.launch_domain.as_ref())
        .map(|known| &*known.value);
    let component_appid = settings.map(|settings| &settings.component_appid.value);
    let findings = lint(
        link,
        &LintContext {
            launch_domain,
            component_appid,
        },
    );
    let bad = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if findings.is_empty() {
        console.note(text!("nothing is wrong with this link", "该链接没有问题"));
    }
    if !findings.is_empty() || console.format().is_json() {
        console.answer(
            findings
                .into_iter()
                .map(|finding| Ok::<_, CliError>(row(finding, console.lang()))),
        )?;
    }
    Ok(if bad { Exit::BadVerdict } else { Exit::Done })
}

fn row(finding: Finding, lang: Lang) -> FindingRow {
    FindingRow {
        severity: finding.severity.as_str(),
        code: finding.code.as_str(),
        explanation: meaning(finding.code, Lang::En),
        in_words: meaning(finding.code, lang),
        parameter: finding.parameter,
        found: finding.found,
        expected: finding.expected,
    }
}

fn severity(severity: &'static str, lang: Lang) -> &'static str {
    match severity {
        "error" => lang.choose("error", "错误"),
        "warning" => lang.choose("warning", "警告"),
        "note" => lang.choose("note", "说明"),
        other => other,
    }
}
