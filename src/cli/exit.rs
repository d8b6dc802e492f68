//! Exit codes: part of the contract with scripts, the same in every output format.

use std::process::ExitCode;

/// How a command ended, when it ended as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 3: a command whose answer is a verdict ran, and the verdict is bad.
    BadVerdict,
    /// What a program that we ran ended with (`exec`).
    Child(u8),
    /// Bulk work finished with failures of this kind.
    Failures(Kind),
}

/// What kind of failure ended a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 1: something else went wrong.
    Internal,
    /// 2: flags, arguments, values.
    Usage,
    /// 4: a person must act.
    ActionRequired,
    /// 5: WeChat could not be reached or is busy; repeating the command is safe.
    Unreachable,
    /// 6: WeChat refused.
    Refused,
    /// 7: the store is unreachable, locked or damaged.
    Store,
    /// 8: a wait ended by its own deadline.
    Deadline,
    /// 130: Ctrl-C.
    Interrupted,
}

impl Kind {
    /// All kinds, for help and for tests.
    pub const ALL: [Self; 8] = [
        Self::Internal,
        Self::Usage,
        Self::ActionRequired,
        Self::Unreachable,
        Self::Refused,
        Self::Store,
        Self::Deadline,
        Self::Interrupted,
    ];

    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::ActionRequired => 4,
            Self::Unreachable => 5,
            Self::Refused => 6,
            Self::Store => 7,
            Self::Deadline => 8,
            Self::Interrupted => 130,
        }
    }

    /// The word in JSON errors.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::ActionRequired => "action_required",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Store => "store",
            Self::Deadline => "deadline",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::BadVerdict => 3,
            Self::Child(code) => code,
            Self::Failures(kind) => kind.code(),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<Kind> for ExitCode {
    fn from(kind: Kind) -> Self {
        Self::from(kind.code())
    }
}
