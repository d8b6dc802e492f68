//! The answer: one shape for whatever was asked.

use serde::Serialize;

use crate::cli::knowledge::{self, Cause, Thing, Trouble, Words};
use crate::console::Console;
use crate::lang::{Lang, Text};

use super::reading::{Reading, Subject};
use super::{errcodes, subjects};

/// The contract's answer; every text is in the language asked for.
#[derive(Debug, Default, Serialize)]
pub(super) struct Answer {
    pub kind: &'static str,
    /// What was recognised; secrets are masked, and what was not recognised is not repeated.
    pub subject: String,
    /// Whether anything is known of it.
    pub known: bool,
    pub title: String,
    pub meaning: String,
    pub advice: Option<String>,
    pub causes: Vec<CauseRow>,
    /// What to run next, where there are no causes to choose from.
    pub commands: Vec<String>,
    pub notes: Vec<String>,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    pub exit_code: Option<u8>,
    pub retryable: Option<bool>,
    pub uncertain: bool,
    pub source_url: Option<String>,
    /// What to do about a secret that was given as an argument.
    pub warning: Option<String>,
}

/// One cause, with what to do.
#[derive(Debug, Serialize)]
pub(super) struct CauseRow {
    pub id: &'static str,
    pub cause: &'static str,
    pub sign: &'static str,
    pub commands: Vec<String>,
    pub console: Option<&'static str>,
    pub in_sandbox: Option<String>,
}

/// What fills the capitals of commands, and how commands are addressed.
pub(super) struct Voice<'a> {
    pub console: &'a Console,
    pub reading: &'a Reading,
}

impl Voice<'_> {
    pub fn lang(&self) -> Lang {
        self.console.lang()
    }

    pub fn say(&self, words: Words) -> String {
        words.of(self.lang()).to_owned()
    }

    pub fn text(&self, text: &Text) -> String {
        text.of(self.lang()).to_owned()
    }

    /// A command as this reader types it: with the path, address and rid that the text holds, and
    /// naming the platform as this command did.
    pub fn command(&self, template: &str) -> String {
        let filled: Vec<_> = template.split(' ').map(|word| self.filled(word)).collect();
        let addressed = self.console.addressed(&format!("`{}`", filled.join(" ")));
        addressed.trim_matches('`').to_owned()
    }

    fn filled<'w>(&'w self, word: &'w str) -> &'w str {
        let known = match word {
            "PATH" => self.reading.path.as_deref(),
            "RID" => self.reading.rid.as_deref(),
            "IP" => self.reading.address.as_deref(),
            _ => None,
        };
        known.unwrap_or(word)
    }

    pub fn commands(&self, templates: &[&str]) -> Vec<String> {
        templates
            .iter()
            .map(|template| self.command(template))
            .collect()
    }

    pub fn causes(&self, trouble: &Trouble) -> Vec<CauseRow> {
        trouble
            .causes
            .iter()
            .map(|cause| self.cause(cause))
            .collect()
    }

    fn cause(&self, cause: &Cause) -> CauseRow {
        CauseRow {
            id: cause.id,
            cause: cause.cause.of(self.lang()),
            sign: cause.sign.of(self.lang()),
            commands: self.commands(cause.commands),
            console: cause.console,
            in_sandbox: cause.in_sandbox.map(|template| self.command(template)),
        }
    }
}

impl Answer {
    pub fn of(reading: &Reading, console: &Console, piped: bool) -> Self {
        let voice = Voice { console, reading };
        let mut answer = match &reading.subject {
            Subject::Errcode(code) => errcodes::answer(*code, &voice),
            Subject::Rid(rid) => subjects::rid(rid, &voice),
            Subject::ExitCode(code) => subjects::exit_code(*code, &voice),
            Subject::Value(thing, shown) => subjects::value(*thing, shown, &voice),
            Subject::InfoType(info_type) => subjects::info_type(info_type, &voice),
            Subject::Trouble(trouble) => subjects::trouble(trouble, &voice),
            Subject::Event(event) => subjects::event(event, &voice),
            Subject::Link(lead, findings) => subjects::link(lead, findings, &voice),
            Subject::Push => subjects::push(&voice),
            Subject::Path(path) => subjects::path(path, &voice),
            Subject::PermissionSet(id) => subjects::permission_set(*id, &voice),
            Subject::Unknown => subjects::unknown(&voice),
        };
        if answer.rid.is_none() {
            answer.rid.clone_from(&reading.rid);
        }
        answer.warning = reading
            .secret
            .filter(|_| !piped)
            .map(|thing| voice.text(&warning(thing)));
        answer
    }
}

/// Said of a secret that was typed as an argument.
fn warning(thing: Thing) -> Text {
    let known = knowledge::value(thing);
    Text::each(|lang| {
        let said = lang.choose(
            "that was a secret, and it is in the shell's history now: delete the line there (`history -d`), and next \
             time pipe it in: `wxauth explain -`.",
            "该参数属敏感信息，现在已留在 shell 历史记录中：请删除该行（`history -d`），下次请通过管道传入：`wxauth explain -`。",
        );
        let (cure, gap) = (
            known.secret.map_or("", |words| words.of(lang)),
            lang.choose(" ", ""),
        );
        format!("{said}{gap}{cure}")
    })
}
