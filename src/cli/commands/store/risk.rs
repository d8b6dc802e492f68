//! What may lose the records of a store, in words: for `store info` and `doctor`.

use crate::lang::{Text, text};
use crate::store::risk::StoreRisk;

/// What may happen, in a sentence without its full stop.
pub(in crate::cli::commands) fn danger(risk: &StoreRisk) -> Text {
    match risk {
        StoreRisk::Evicts(policy) => text!(
            "`maxmemory-policy {policy}`: with its memory full Redis throws tokens away",
            "`maxmemory-policy {policy}`：内存满时 Redis 会淘汰令牌"
        ),
        StoreRisk::Forgets => text!(
            "neither `appendonly` nor `save` is on: a restart of Redis loses everything",
            "`appendonly` 与 `save` 均未开启：Redis 重启会丢失全部数据"
        ),
        StoreRisk::Replica => text!(
            "it is a replica, which takes no writes",
            "它是副本，不接受写入"
        ),
        StoreRisk::LongLog { path, mebibytes } => text!(
            "the write-ahead log {}-wal has {mebibytes} MiB: it grows while a process goes on reading an older state of the store",
            "预写日志 {}-wal 已有 {mebibytes} MiB：有进程一直在读取存储的旧状态，日志因此不断增长",
            path.display()
        ),
    }
}

/// What prevents it.
pub(in crate::cli::commands) fn cure(risk: &StoreRisk) -> Text {
    match risk {
        StoreRisk::Evicts(_) => text!(
            "keep all of it: `redis-cli config set maxmemory-policy noeviction`, and the same in redis.conf",
            "禁止淘汰：`redis-cli config set maxmemory-policy noeviction`，并同样写入 redis.conf"
        ),
        StoreRisk::Forgets => text!(
            "have each write kept: `redis-cli config set appendonly yes`, and the same in redis.conf",
            "开启持久化：`redis-cli config set appendonly yes`，并同样写入 redis.conf"
        ),
        StoreRisk::Replica => text!(
            "name its master, or the sentinels: `redis://SENTINEL:26379?sentinel=NAME`",
            "改用主节点地址，或指定哨兵：`redis://SENTINEL:26379?sentinel=NAME`"
        ),
        StoreRisk::LongLog { path, .. } => text!(
            "find that process and end it, after which the log shrinks with the next writes: `fuser -v {}`",
            "找到并结束该进程，之后日志会随后续写入缩小：`fuser -v {}`",
            path.display()
        ),
    }
}

/// Both in one line.
pub(super) fn warning(risk: &StoreRisk) -> Text {
    let (danger, cure) = (danger(risk), cure(risk));
    Text::each(|lang| {
        let stop = lang.choose("; ", "；");
        format!("{}{stop}{}", danger.of(lang), cure.of(lang))
    })
}
