//! What failures of the store mean to an operator.

use crate::store::StoreError;

use super::CliError;
use crate::cli::exit::Kind;

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let new = |kind| Self::new(kind, message.clone());
        match error {
            StoreError::Busy { .. } => {
                new(Kind::Store).hint("run the command again; nothing was changed")
            }
            StoreError::NewerSchema { .. } => {
                new(Kind::Store).hint("use the newer wxauth that wrote it, or name another store")
            }
            StoreError::Damaged { path, .. } => new(Kind::Store).hint(format!(
                "move {} and its -wal and -shm files away, then `wxauth authorizers recover` \
                 rebuilds the merchants and their refresh tokens from WeChat",
                path.display()
            )),
            StoreError::DiskFull { .. } => new(Kind::Store)
                .hint("make room and run the command again; nothing was half written"),
            StoreError::ReadOnly { .. } => new(Kind::Store)
                .hint("make it writable, or name another folder: `--config-dir DIR`"),
            StoreError::Unreachable { .. } => new(Kind::Store).hint(
                "see that the folder exists and is yours, or name another: `--config-dir DIR`, \
                 `WXAUTH_STORE=sqlite:PATH`, or `WXAUTH_STORE=memory` for one command",
            ),
            StoreError::NetworkFileSystem { .. } => new(Kind::Store)
                .cause("SQLite cannot keep several machines apart there")
                .hint("keep it on a local disk: `WXAUTH_STORE=sqlite:PATH` or `--config-dir DIR`"),
            StoreError::Sealed { .. } => new(Kind::ActionRequired)
                .hint("this version has no keys; use the wxauth that sealed it"),
            StoreError::Taken { appid } => new(Kind::Usage).hint(format!(
                "clear it there first: `wxauth authorizers set {appid} --external-id ''`"
            )),
            StoreError::UnknownAuthorizer { .. } => {
                new(Kind::Usage).hint("pull the list: `wxauth authorizers sync`")
            }
            StoreError::Closed { .. } | StoreError::Failed { .. } => new(Kind::Store).hint(
                "run the command again; if it stays, see that the disk is sound, or name another \
                 folder: `--config-dir DIR`",
            ),
        }
    }
}
