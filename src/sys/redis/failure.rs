//! Why a Redis did not do what was asked.

/// Why a Redis did not do what was asked. It holds no password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Redis {address} {kind}")]
pub struct Failure {
    /// Where it is, without its password.
    pub address: String,
    /// What happened.
    pub kind: FailureKind,
}

/// What happened, as the rest of a sentence about the Redis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// No connection, or it broke and did not come back in time.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// The user or password is wrong or missing.
    #[error("refuses the user or the password: {0}")]
    Refused(String),
    /// An ACL forbids the command or the key.
    #[error("does not permit it: {0}")]
    NotPermitted(String),
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
