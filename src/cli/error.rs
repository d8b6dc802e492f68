//! One error for every command: rendered once, mapped to an exit code once.
//!
//! Every layer's error has one exhaustive `From` here, where kind and hints are decided together: a
//! new variant does not compile until both are chosen.

use crate::console::Failure;
use crate::lang::{Lang, Text};
use crate::wechat::errcode;

use super::exit::Kind;
use super::knowledge;

mod api;
mod call;
mod config;
mod console;
mod encryption;
mod flow;
mod import;
pub mod lent;
mod link;
mod outside;
mod redirect;
#[cfg(feature = "redis")]
mod redis;
mod sandbox;
mod setting;
mod store;
mod transfer;

pub use config::{ignored, warning};
pub use console::picture;
pub use flow::{told, whose};
pub use import::{import_refused, unresolved};
pub use link::problem;
pub use outside::read_failure;
pub use redirect::kind_of_value;
pub use sandbox::sandbox_refusal;
pub use setting::address_reason;
pub use store::{PasswordFrom, elsewhere};

/// Why a command failed: what happened, why, and what to do next. It holds no secret.
#[derive(Clone, Debug)]
pub struct CliError {
    kind: Kind,
    told: Box<Told>,
}

/// What is said of a failure, kept apart so that results stay small.
#[derive(Clone, Debug, Default)]
struct Told {
    message: Text,
    causes: Vec<Text>,
    errcode: Option<i64>,
    rid: Option<String>,
    hints: Vec<Text>,
}

impl CliError {
    /// A failure of this kind.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<Text>) -> Self {
        let told = Told {
            message: message.into(),
            ..Told::default()
        };
        Self {
            kind,
            told: Box::new(told),
        }
    }

    /// Wrong flags, arguments or values.
    #[must_use]
    pub fn usage(message: impl Into<Text>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The same failure with what led to it.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<Text>) -> Self {
        self.told.causes.push(cause.into());
        self
    }

    /// The same failure with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.told.hints.push(hint.into());
        self
    }

    /// The same failure, which WeChat told by this code.
    #[must_use]
    fn code(mut self, errcode: i64) -> Self {
        self.told.errcode = Some(errcode);
        self
    }

    /// WeChat's request id, where one is known.
    #[must_use]
    pub fn rid(&self) -> Option<&str> {
        self.told.rid.as_deref()
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// WeChat's error code, if it was WeChat that refused.
    #[must_use]
    pub fn errcode(&self) -> Option<i64> {
        self.told.errcode
    }

    /// What happened, in one line: for the rows of bulk work.
    #[must_use]
    pub fn message(&self) -> &Text {
        &self.told.message
    }

    /// What to do next, but for what the error table says.
    #[must_use]
    pub fn hints(&self) -> &[Text] {
        &self.told.hints
    }

    /// Ready for the console, in `lang`, with what the error table says of the errcode.
    #[must_use]
    pub fn failure(&self, lang: Lang) -> Failure {
        let entry = self.told.errcode.and_then(errcode::lookup);
        let told = |texts: &[Text]| -> Vec<_> {
            texts.iter().map(|text| text.of(lang).to_owned()).collect()
        };
        let mut causes = told(&self.told.causes);
        let mut hints = told(&self.told.hints);
        if let Some(entry) = entry {
            causes.push(lang.choose(&entry.cause_en, &entry.cause_zh).to_owned());
            hints.push(lang.choose(&entry.fix_en, &entry.fix_zh).to_owned());
        }
        if let Some(more) = self.told.errcode.and_then(knowledge::more) {
            hints.push(more.of(lang).to_owned());
        }
        Failure {
            kind: self.kind.as_str(),
            message: self.told.message.of(lang).to_owned(),
            causes,
            errcode: self.told.errcode,
            rid: self.told.rid.clone(),
            hints,
        }
    }
}
