//! What failures of a Redis mean to an operator.

use crate::cli::exit::Kind;
use crate::lang::{Text, text};
use crate::sys::redis::{Failure, FailureKind};

use super::CliError;

/// The error with what to do about it.
pub(super) fn judged(message: Text, kind: &FailureKind) -> CliError {
    let error = CliError::new(Kind::Store, message);
    match kind {
        FailureKind::Unreachable(_) => error.hint(text!(
            "see that it runs and that this machine may reach it: `redis-cli -h HOST -p PORT ping`; nothing was changed, run the command again then",
            "确认 Redis 正在运行且本机可以连接：`redis-cli -h HOST -p PORT ping`；未作任何更改，恢复后请重新运行该命令"
        )),
        FailureKind::Refused(_) => error.hint(text!(
            "give the right password: `wxauth profile set store_password`; in CI it stands in `WXAUTH_STORE=redis://USER:PASSWORD@HOST`",
            "请给出正确的密码：`wxauth profile set store_password`；在 CI 中写在 `WXAUTH_STORE=redis://USER:PASSWORD@HOST` 里"
        )),
        FailureKind::NotPermitted(_) => error.hint(text!(
            "its user needs the keys `wxauth:*` and the commands that `wxauth help redis` lists",
            "该用户需要 `wxauth:*` 的键权限，以及 `wxauth help redis` 所列的命令权限"
        )),
        FailureKind::NoMaster(_) => error.hint(text!(
            "see the names that the sentinels know: `redis-cli -p 26379 sentinel masters`",
            "查看哨兵所知的名称：`redis-cli -p 26379 sentinel masters`"
        )),
        FailureKind::Certificates(_) => error.hint(text!(
            "name PEM files that this user can read: `rediss://HOST?ca=FILE&cert=FILE&key=FILE`",
            "请指定当前用户可读的 PEM 文件：`rediss://HOST?ca=FILE&cert=FILE&key=FILE`"
        )),
        FailureKind::NotReady(_) | FailureKind::ReadOnly => error.hint(text!(
            "it is starting or changing its master: run the command again in a moment",
            "它正在启动或切换主节点：请稍后重新运行该命令"
        )),
        FailureKind::NotWritable(_) => error.hint(text!(
            "see its log: its disk or its replicas fail; nothing was changed",
            "请查看 Redis 日志：磁盘或副本出现故障；未作任何更改"
        )),
        FailureKind::Full => error.hint(text!(
            "give it more memory (`maxmemory`), with `maxmemory-policy noeviction`: what is evicted is lost",
            "请增加内存（`maxmemory`），并设置 `maxmemory-policy noeviction`：被淘汰的数据会丢失"
        )),
        FailureKind::NotReplicated => error.hint(text!(
            "WeChat was not asked, because a failover now could lose what it answers: see the replicas (`redis-cli info replication`) and run the command again",
            "为避免此刻故障切换丢失结果，尚未请求微信：请检查副本（`redis-cli info replication`）后重新运行该命令"
        )),
        FailureKind::NoScript | FailureKind::Failed(_) => error.hint(text!(
            "run the command again; Redis 6 or later, or Valkey, is needed: `redis-cli info server`",
            "请重新运行该命令；需要 Redis 6 及以上版本或 Valkey：`redis-cli info server`"
        )),
    }
}

/// The failure in Chinese.
pub(super) fn chinese(failure: &Failure) -> String {
    let what = match &failure.kind {
        FailureKind::Unreachable(why) => format!("无法连接：{why}"),
        FailureKind::Refused(why) => format!("拒绝了用户名或密码：{why}"),
        FailureKind::NotPermitted(why) => format!("不允许该操作：{why}"),
        FailureKind::NoMaster(name) => format!("的哨兵不认识主节点 {name}"),
        FailureKind::Certificates(why) => format!("无法建立 TLS 连接：{why}"),
        FailureKind::NotReady(why) => format!("尚未就绪：{why}"),
        FailureKind::ReadOnly => "是只读副本，不接受写入".to_owned(),
        FailureKind::NotWritable(why) => format!("不接受写入：{why}"),
        FailureKind::Full => "内存已满".to_owned(),
        FailureKind::NotReplicated => "有副本，但 2 秒内没有副本确认写入".to_owned(),
        FailureKind::NoScript => "不认识脚本".to_owned(),
        FailureKind::Failed(why) => format!("出错：{why}"),
    };
    format!("Redis {} {what}", failure.address)
}
