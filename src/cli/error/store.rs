//! What failures of the store mean to an operator.

use crate::lang::{Text, text};
use crate::store::StoreError;

use super::CliError;
use crate::cli::exit::Kind;

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let message = Text::new(error.to_string(), chinese(&error));
        let new = |kind| Self::new(kind, message.clone());
        match error {
            StoreError::Busy { .. } => {
                new(Kind::Store).hint(text!(
                    "run the command again, or wait longer: `--lock-timeout 60s`; nothing was changed",
                    "请重新运行该命令，或延长等待：`--lock-timeout 60s`；未作任何更改"
                ))
            }
            StoreError::NewerSchema { .. } => {
                new(Kind::Store).hint(text!("use the newer wxauth that wrote it, or name another store", "请使用写入它的较新版本 wxauth，或指定其他存储"))
            }
            StoreError::Damaged { path, .. } => new(Kind::Store)
                .hint(text!(
                    "stop `wxauth serve` if it runs, move {0}, {0}-wal and {0}-shm away, then `wxauth authorizers recover` rebuilds the merchants and their refresh tokens from WeChat",
                    "若 `wxauth serve` 正在运行，先停止它；移走 {0}、{0}-wal 和 {0}-shm，再用 `wxauth authorizers recover` 从微信重建授权方及其 refresh_token",
                    path.display()
                )),
            StoreError::Replaced { path } => new(Kind::Store)
                .hint(text!(
                    "stop every wxauth that uses it, `wxauth serve` first, put the file back with its -wal and -shm, and start them again",
                    "停止所有使用它的 wxauth（先停 `wxauth serve`），将该文件连同 -wal、-shm 放回原处，再重新启动"
                ))
                .hint(text!(
                    "to go on without it, see that {0}-wal and {0}-shm are gone too, then `wxauth authorizers recover` rebuilds the merchants and their refresh tokens from WeChat",
                    "若不再需要它，确认 {0}-wal 和 {0}-shm 也已移走，再用 `wxauth authorizers recover` 从微信重建授权方及其 refresh_token",
                    path.display()
                )),
            StoreError::InUse { holder, .. } => new(Kind::Store).hint(text!(
                "stop that process, then run the command again: `kill {0}`, or stop its service; nothing was changed",
                "先停止该进程，再重新运行该命令：`kill {0}`，或停止其服务；未作任何更改",
                holder.process_id
            )),
            StoreError::ForeignLog { path, is_missing: true } => new(Kind::Store)
                .hint(text!(
                    "put {} back beside it, and run the command again",
                    "将 {} 放回原处，再重新运行该命令",
                    path.display()
                ))
                .hint(text!(
                    "to begin a new store, move the log away: `mv {0}-wal {0}-wal.former`",
                    "若要新建存储，先移走该日志：`mv {0}-wal {0}-wal.former`",
                    path.display()
                )),
            StoreError::ForeignLog { path, .. } => new(Kind::Store)
                .hint(text!(
                    "where {0} took another file's place, move the log of that file away: `mv {0}-wal {0}-wal.former`",
                    "若 {0} 替换了另一个文件，请移走旧文件的日志：`mv {0}-wal {0}-wal.former`",
                    path.display()
                ))
                .hint(text!(
                    "where both were copied from elsewhere together, the log is its own: `rm -r {}.holders`",
                    "若两者是从别处一同复制而来，则日志属于它：`rm -r {}.holders`",
                    path.display()
                )),
            StoreError::DiskFull { .. } => new(Kind::Store)
                .hint(text!("make room and run the command again; nothing was half written", "清理磁盘空间后重新运行该命令；没有写入不完整的内容")),
            StoreError::ReadOnly { .. } => new(Kind::Store)
                .hint(text!("make it writable, or name another folder: `--config-dir DIR`", "将其设为可写，或指定其他文件夹：`--config-dir DIR`")),
            StoreError::Unreachable { .. } => new(Kind::Store).hint(
                text!("see that the folder exists and is yours, or name another: `--config-dir DIR`, \
                 `WXAUTH_STORE=sqlite:PATH`, or `WXAUTH_STORE=memory` for one command", "检查文件夹存在且归你所有，或指定其他位置：`--config-dir DIR`、`WXAUTH_STORE=sqlite:PATH`，或仅对单条命令使用 `WXAUTH_STORE=memory`"),
            ),
            StoreError::NetworkFileSystem { .. } => new(Kind::Store)
                .cause(text!("SQLite cannot keep several machines apart there", "SQLite 在网络文件系统上无法隔离多台机器的访问"))
                .hint(text!("keep it on a local disk: `WXAUTH_STORE=sqlite:PATH` or `--config-dir DIR`", "存放到本地磁盘：`WXAUTH_STORE=sqlite:PATH` 或 `--config-dir DIR`")),
            StoreError::DamagedRecord { .. } => new(Kind::Store).hint(text!(
                "`wxauth authorizers recover` rebuilds the merchants and their refresh tokens from WeChat; \
                 `help redis` names the keys",
                "`wxauth authorizers recover` 可从微信重建授权方及其 refresh_token；各键的含义见 `help redis`"
            )),
            #[cfg(feature = "redis")]
            StoreError::Redis(failure) => super::redis::judged(message, &failure),
            StoreError::NoRedis => new(Kind::Usage).hint(text!(
                "use a build with the feature `redis`, or name another store: `WXAUTH_STORE=sqlite:PATH`",
                "请使用带 `redis` 特性的构建，或指定其他存储：`WXAUTH_STORE=sqlite:PATH`"
            )),
            StoreError::Encrypted { key_id, current } => super::encryption::missing(new(Kind::ActionRequired), &key_id, current.as_deref()),
            StoreError::PlainText { .. } => super::encryption::plain(new(Kind::ActionRequired)),
            StoreError::Undecryptable { .. } => super::encryption::damaged(new(Kind::Store)),
            StoreError::Taken { appid } => new(Kind::Usage).hint(text!("clear it there first: `wxauth authorizers set {appid} --external-id ''`", "请先在该处清除：`wxauth authorizers set {appid} --external-id ''`")),
            StoreError::UnknownAuthorizer { .. } => {
                new(Kind::Usage).hint(text!("pull the list: `wxauth authorizers sync`", "拉取列表：`wxauth authorizers sync`"))
            }
            StoreError::Closed { .. } | StoreError::Failed { .. } => new(Kind::Store).hint(
                text!("run the command again; if it stays, see that the disk is sound, or name another \
                 folder: `--config-dir DIR`", "请重新运行该命令；若仍失败，检查磁盘是否正常，或指定其他文件夹：`--config-dir DIR`"),
            ),
        }
    }
}

/// Where the password of a Redis comes from.
#[derive(Clone, Copy, Debug)]
pub enum PasswordFrom {
    /// A variable of the environment that holds the whole address.
    Variable(&'static str),
    /// The file of `--password-file`.
    File,
}

/// The failure of a store whose password does not come from the profile.
#[must_use]
pub fn elsewhere(error: StoreError, password: PasswordFrom) -> CliError {
    #[cfg(feature = "redis")]
    if let StoreError::Redis(failure) = &error
        && failure.kind.is_about_password()
    {
        let message = Text::new(error.to_string(), chinese(&error));
        return CliError::new(Kind::Store, message).hint(match password {
            PasswordFrom::Variable(name) => text!(
                "it stands in the address: `{name}=redis://USER:PASSWORD@HOST`, without `USER` where there is none",
                "密码写在地址中：`{name}=redis://USER:PASSWORD@HOST`；没有用户名时省略 `USER`"
            ),
            PasswordFrom::File => text!(
                "give it by `--password-file FILE`, or `-` to read it from stdin",
                "请用 `--password-file FILE` 提供密码；`-` 表示从标准输入读取"
            ),
        });
    }
    let _ = password;
    error.into()
}

fn chinese(error: &StoreError) -> String {
    match error {
        StoreError::Busy { path } => format!("存储 {} 正忙", path.display()),
        StoreError::NewerSchema {
            place,
            version,
            min_reader,
            ..
        } => format!("存储 {place} 的结构版本为 {version}，需 {min_reader} 及以上才能读取"),
        StoreError::Damaged { path, reason } => format!("存储 {} 已损坏：{reason}", path.display()),
        StoreError::Replaced { path } => {
            format!("存储 {} 在使用中被移走、删除或替换", path.display())
        }
        StoreError::InUse { path, holder } => format!(
            "{} 上的进程 {}（{}）仍在写入此前位于 {} 的文件",
            holder.host,
            holder.process_id,
            holder.command,
            path.display()
        ),
        StoreError::ForeignLog {
            path,
            is_missing: true,
        } => format!("存储 {0} 不存在，但其日志 {0}-wal 还在", path.display()),
        StoreError::ForeignLog { path, .. } => {
            format!("日志 {0}-wal 不属于 {0}，而属于另一个文件", path.display())
        }
        StoreError::DiskFull { path } => format!("存储 {} 所在磁盘空间不足", path.display()),
        StoreError::ReadOnly { path } => format!("存储 {} 是只读的", path.display()),
        StoreError::Unreachable { path, reason } => {
            format!("无法打开存储 {}：{reason}", path.display())
        }
        StoreError::NetworkFileSystem { path, file_system } => {
            format!("存储 {} 位于网络文件系统（{file_system}）", path.display())
        }
        StoreError::DamagedRecord {
            place,
            record,
            reason,
        } => format!("{place} 中的记录 {record} 已损坏：{reason}"),
        #[cfg(feature = "redis")]
        StoreError::Redis(failure) => super::redis::chinese(failure),
        StoreError::NoRedis => "此 wxauth 构建时未包含 Redis 支持".to_owned(),
        StoreError::Encrypted { key_id, .. } => format!("存储中的敏感信息已用密钥 {key_id} 加密"),
        StoreError::Undecryptable { record, key_id } => {
            let record = if record.is_empty() {
                "导出文件的密钥"
            } else {
                record
            };
            format!("无法解密 {record}（密钥 {key_id}）")
        }
        StoreError::PlainText { record } => {
            format!("{record} 的敏感信息未加密，而此处设有当前密钥")
        }
        StoreError::Taken { appid } => format!("该 external id 已属于 {appid}"),
        StoreError::UnknownAuthorizer { appid } => format!("存储中没有授权方 {appid}"),
        StoreError::Closed { path } => format!("存储 {} 已关闭", path.display()),
        StoreError::Failed { path, reason } => format!("存储 {} 出错：{reason}", path.display()),
    }
}
