//! Why a Redis did not do what was asked.

/// Why a Redis did not do what was asked. It holds no password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Redis {address} {kind}")]
pub struct Failure {
    /// Where it is, without its password.
    pub address: String,
    /// Whether a password was given for it.
    pub has_password: bool,
    /// What happened.
    pub kind: FailureKind,
}

/// What happened, as the rest of a sentence about the Redis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// No connection, or it broke and did not come back in time.
    #[error("cannot be reached: {0}")]
    Unreachable(Unreached),
    /// Something answers there, in another protocol.
    #[error("is none at all: what answers there speaks another protocol")]
    NotRedis,
    /// It speaks TLS, and the address asks for none.
    #[error("speaks TLS there, and its address asks for none")]
    WantsTls,
    /// The address asks for TLS, and what answers there does not speak it.
    #[error("does not speak TLS there, which its address asks for")]
    NoTls,
    /// Nobody who is trusted vouches for its certificate.
    #[error("shows a certificate that is not trusted: {0}")]
    Untrusted(Distrust),
    /// It hangs up on clients without a certificate that it knows.
    #[error("wants a certificate of this client, or does not take the one it showed")]
    WantsCertificate,
    /// It wants a user or a password, and none was given.
    #[error("asks for a password, and none was given")]
    NoPassword,
    /// The user or password is wrong.
    #[error("refuses the user or the password")]
    Refused,
    /// An ACL forbids the command or the key.
    #[error("does not permit it: {0}")]
    NotPermitted(String),
    /// It has no database of the number that the address names.
    #[error("has no database of that number")]
    NoDatabase,
    /// It has no password and takes nobody from another machine.
    #[error("is in protected mode: without a password it takes nobody from another machine")]
    Protected,
    /// It has as many clients as it takes.
    #[error("has as many clients as it takes (`maxclients`)")]
    Crowded,
    /// It does not know a command that every Redis has.
    #[error("does not know the command {0}")]
    UnknownCommand(String),
    /// The address names sentinels, and this is none.
    #[error("is no Sentinel, as which its address names it")]
    NotSentinel,
    /// The sentinels know no such master.
    #[error("is unknown to its sentinels: they know no master {0}")]
    NoMaster(String),
    /// The files of certificates cannot be used.
    #[error("cannot be spoken to by TLS: {0}")]
    Certificates(String),
    /// It is starting, its cluster is down, or a script keeps it busy.
    #[error("is not ready: {0}")]
    NotReady(String),
    /// It is a replica.
    #[error("is a replica, which takes no writes")]
    ReadOnly,
    /// It was told not to take writes, for example because its disk fails.
    #[error("takes no writes: {0}")]
    NotWritable(String),
    /// Its memory is full.
    #[error("has no memory left")]
    Full,
    /// A key has a type that we never give it: another program wrote over it.
    #[error("has a value of another type under the key {0}: another program wrote over it")]
    WrongType(String),
    /// No replica confirmed a write in time.
    #[error("has replicas, of which none confirmed a write within 2 s")]
    NotReplicated,
    /// A script is not known; only between sending by hash and sending whole.
    #[error("does not know a script")]
    NoScript,
    /// Something else.
    #[error("failed: {0}")]
    Failed(String),
}

impl FailureKind {
    /// Whether no write of any key would have succeeded.
    #[must_use]
    pub fn fails_every_write(&self) -> bool {
        // A permission may be missing for one key or one command only.
        !matches!(
            self,
            Self::WrongType(_)
                | Self::NotPermitted(_)
                | Self::UnknownCommand(_)
                | Self::NotReplicated
                | Self::NoScript
                | Self::Failed(_)
        )
    }

    /// Whether user or password are to blame.
    #[must_use]
    pub fn is_about_password(&self) -> bool {
        matches!(self, Self::NoPassword | Self::Refused)
    }
}

/// Why a certificate is not trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Nobody known here issued it.
    #[error("nobody who is known here issued it")]
    UnknownIssuer,
    /// It is past its end, or not valid yet.
    #[error("it is past its end, or not valid yet")]
    OutOfTime,
    /// It is for another name than the address has.
    #[error("it is for another name than the address has")]
    OtherName,
    /// What TLS says.
    #[error("{0}")]
    Other(String),
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The host's name has no address.
    #[error("the name of its host is not known here")]
    UnknownHost,
    /// There is no such socket.
    #[error("there is no such socket")]
    NoSocket,
    /// This user may not use the socket.
    #[error("this user may not use the socket")]
    NotAllowed,
    /// Nothing listens there.
    #[error("nothing listens there")]
    Refused,
    /// No answer in time.
    #[error("no answer in time")]
    Silent,
    /// The connection was closed by the other side.
    #[error("it hung up")]
    HungUp,
    /// What the system says.
    #[error("{0}")]
    Other(String),
}
