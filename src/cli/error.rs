//! One error for every command: rendered once, mapped to an exit code once.
//!
//! Every layer's error has one exhaustive `From` here, where kind and hints are decided together: a
//! new variant does not compile until both are chosen.

use crate::config::{ConfigError, PermissionSets};
use crate::console::qr::QrError;
use crate::console::{ConsoleError, Failure, PromptRefused};
use crate::lang::{Lang, Text, text};
use crate::sys::command::CommandError;
use crate::sys::http::HttpClientError;
use crate::wechat::errcode;

use super::exit::Kind;
use super::knowledge;

mod api;
mod call;
mod flow;
mod store;

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

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        let new = |kind| Self::new(kind, message.clone());
        match error {
            ConfigError::NoHome => new(Kind::ActionRequired)
                .hint("name a folder: `--config-dir DIR` or `WXAUTH_CONFIG_DIR`"),
            ConfigError::NoPlatform { profiles, .. } if profiles.is_empty() => {
                new(Kind::ActionRequired)
                    .hint("try it without an account: `wxauth --sandbox link`")
                    .hint("create a profile: `wxauth init`")
                    .hint("or set `WXAUTH_COMPONENT_APPID` and the variables beside it")
            }
            ConfigError::NoPlatform { profiles, .. } => new(Kind::ActionRequired)
                .cause(format!("there are the profiles: {}", profiles.join(", ")))
                .hint("choose one: `wxauth profile use NAME`, or give `--profile NAME`"),
            ConfigError::NoSuchProfile { known, .. } if known.is_empty() => {
                new(Kind::ActionRequired).hint("create it: `wxauth init --profile NAME`")
            }
            ConfigError::NoSuchProfile { known, .. } => {
                new(Kind::ActionRequired).hint(format!("there are: {}", known.join(", ")))
            }
            ConfigError::TwoPlatforms => new(Kind::Usage).hint("give one of them"),
            ConfigError::SandboxCard => new(Kind::Internal),
            ConfigError::Invalid { .. } | ConfigError::ProfileName { .. } => new(Kind::Usage),
            ConfigError::NotAvailable { .. } => new(Kind::Usage),
            ConfigError::RequiredNotConfigured { kind, .. } => new(Kind::Usage)
                .cause("a merchant can grant only what the platform offers")
                .hint(format!(
                    "once they are configured in WeChat's console: `wxauth profile set configured_permissions.{kind} IDS`"
                ))
                .hint(format!(
                    "or require less: `wxauth profile set required_permissions.{kind} IDS`"
                )),
            ConfigError::UnknownKey { key } if key.contains("_permissions") => {
                let kinds = PermissionSets::KINDS.join(", ");
                let table = match key.starts_with("configured") {
                    true => "configured_permissions",
                    false => "required_permissions",
                };
                new(Kind::Usage)
                    .hint(format!(
                        "permission sets are set by kind, and the list there is replaced: \
                         `wxauth profile set {table}.mini_program 17,18`"
                    ))
                    .hint(format!("the kinds are {kinds}"))
            }
            ConfigError::UnknownKey { .. } => {
                new(Kind::Usage).hint("`wxauth profile set --help` lists the settings")
            }
            ConfigError::Missing { key, .. } => {
                new(Kind::ActionRequired).hint(format!("set it: `wxauth profile set {key} VALUE`"))
            }
            ConfigError::Damaged { file, .. } => new(Kind::ActionRequired).hint(format!(
                "mend that line, or move {} away and run `wxauth init`",
                file.display()
            )),
            ConfigError::NewerVersion { .. } => {
                new(Kind::ActionRequired).hint("use the newer wxauth that wrote it")
            }
            ConfigError::Read { .. } | ConfigError::Write { .. } => new(Kind::ActionRequired)
                .hint("see who owns the file, or name another folder with `--config-dir DIR`"),
            ConfigError::Locked { .. } => new(Kind::Store).hint("run the command again"),
        }
    }
}

impl From<ConsoleError> for CliError {
    fn from(error: ConsoleError) -> Self {
        let message = error.to_string();
        match error {
            ConsoleError::UnknownColumn { name, near, known } => {
                let known = known.join(", ");
                let error = Self::usage(text!(
                    "no column `{name}`; there are: {known}",
                    "没有 `{name}` 这一列；可选的列：{known}"
                ));
                match near {
                    Some(near) => error.hint(text!(
                        "did you mean `--columns {near}`?",
                        "是否想用 `--columns {near}`？"
                    )),
                    None => error,
                }
            }
            ConsoleError::FormatDoesNotApply { .. } => Self::usage(message),
            #[cfg(feature = "jq")]
            ConsoleError::Filter { reason } => Self::new(
                Kind::Internal,
                text!(
                    "the filter of `--jq` fails on this answer: {reason}",
                    "`--jq` 的过滤器无法处理本次结果：{reason}"
                ),
            )
            .hint(text!(
                "what the command did is done; `-o json` shows what the filter gets",
                "命令本身已执行完毕；用 `-o json` 查看过滤器拿到的内容"
            )),
            ConsoleError::Serialize(_) => Self::new(Kind::Internal, message),
            ConsoleError::Write(_) => Self::new(Kind::Internal, message)
                .hint("see whether the disk behind stdout is full"),
        }
    }
}

impl From<QrError> for CliError {
    fn from(error: QrError) -> Self {
        let message = error.to_string();
        match error {
            QrError::TooLong { .. } | QrError::TooNarrow { .. } | QrError::UnknownForm { .. } => {
                Self::usage(message)
            }
            QrError::Picture(_) => Self::new(Kind::Internal, message),
            QrError::Write { .. } => {
                Self::usage(message).hint("name a file in a folder that is yours")
            }
        }
    }
}

impl From<PromptRefused> for CliError {
    fn from(refused: PromptRefused) -> Self {
        let message = refused.to_string();
        match refused {
            PromptRefused::NoTerminal { .. } => Self::usage(message)
                .hint("give it by flag, by environment or on stdin; see `--help`"),
            PromptRefused::Unconfirmed { .. } => Self::usage(message),
            PromptRefused::Interrupted => Self::new(Kind::Interrupted, message),
            PromptRefused::Terminal(_) => Self::new(Kind::Internal, message),
        }
    }
}

impl From<CommandError> for CliError {
    fn from(error: CommandError) -> Self {
        let message = error.to_string();
        match error {
            CommandError::Start { .. } => Self::new(Kind::ActionRequired, message)
                .hint("see the `…_command` settings: `wxauth profile show`"),
            CommandError::Failed { .. } | CommandError::TimedOut { .. } => {
                Self::new(Kind::ActionRequired, message)
                    .hint("run the program by hand; what it says on stderr stands above")
            }
            CommandError::NotOneLine { .. } => Self::new(Kind::ActionRequired, message)
                .hint("it must print the value on one line and nothing else"),
        }
    }
}

impl From<HttpClientError> for CliError {
    fn from(error: HttpClientError) -> Self {
        let message = error.to_string();
        match error {
            HttpClientError::CaFile { .. } => Self::new(Kind::ActionRequired, message)
                .hint("correct it: `wxauth profile set ca_file FILE`"),
            HttpClientError::Setup(source) => Self::new(Kind::ActionRequired, message)
                .cause(crate::sys::http::innermost(source))
                .hint("see the proxy and certificate variables of the environment"),
        }
    }
}
