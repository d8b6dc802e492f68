//! What wxauth's own exit codes mean.

use super::{Cause, Trouble, Words};

/// What is known of an exit code of wxauth.
#[must_use]
pub fn exit_code(code: u8) -> Option<&'static Trouble> {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, trouble)| trouble)
}

const fn plain(
    name: &'static str,
    title: Words,
    meaning: Words,
    causes: &'static [Cause],
) -> Trouble {
    Trouble {
        name,
        title,
        meaning: Some(meaning),
        causes,
        ..Trouble::NONE
    }
}

static CODES: [(u8, Trouble); 10] = [
    (
        0,
        plain(
            "done",
            Words("Done", "成功"),
            Words(
                "The command did what it was asked. A reader that closed the pipe, and a server stopped by a signal, \
                 end with 0 too.",
                "命令已完成。管道被读取方关闭、服务被信号停止时也返回 0。",
            ),
            &[],
        ),
    ),
    (
        1,
        plain(
            "internal",
            Words("Something else went wrong", "其他错误"),
            Words(
                "None of the named kinds of failure: most often stdout could not be written.",
                "不属于其他任何一类的失败，最常见的是无法写入 stdout。",
            ),
            &[Cause {
                id: "exit_internal",
                cause: Words(
                    "a full disk behind stdout, or a fault of wxauth's own",
                    "stdout 所在磁盘已满，或 wxauth 自身故障",
                ),
                sign: Words(
                    "the last line of stderr says which",
                    "stderr 最后一行有具体说明",
                ),
                commands: &["wxauth status -vv"],
                ..Cause::NONE
            }],
        ),
    ),
    (
        2,
        plain(
            "usage",
            Words("Wrong flags, arguments or values", "参数或取值有误"),
            Words(
                "Nothing was called or changed.",
                "没有发起任何调用，也没有任何修改。",
            ),
            &[Cause {
                id: "exit_usage",
                cause: Words(
                    "a flag that does not exist, a WHO that fits no merchant or several, a link that cannot work",
                    "标志不存在、WHO 未匹配或匹配多个商家、链接无法使用等",
                ),
                sign: Words("the error names the argument", "错误信息会指出具体参数"),
                commands: &["wxauth --help", "wxauth authorizers list"],
                ..Cause::NONE
            }],
        ),
    ),
    (
        3,
        plain(
            "verdict",
            Words("The verdict is bad", "检查结论不合格"),
            Words(
                "The command ran well, and what it judged is not well: status, check, doctor, permissions drift, \
                 redeem with a required set missing, events send and decode, link --lint, ips --diff, release-check.",
                "命令执行正常，但检查对象有问题：status、check、doctor、permissions drift、缺少必需权限集的 redeem、\
                 events send/decode、link --lint、ips --diff、release-check。",
            ),
            &[Cause {
                id: "exit_verdict",
                cause: Words(
                    "the answer on stdout says what is wrong",
                    "stdout 的结果中有具体问题",
                ),
                sign: Words(
                    "`wxauth status` lists what is wrong with the platform",
                    "`wxauth status` 会列出平台的问题",
                ),
                commands: &["wxauth status", "wxauth doctor"],
                ..Cause::NONE
            }],
        ),
    ),
    (
        4,
        plain(
            "action_required",
            Words("A person must act", "需要人工处理"),
            Words(
                "No profile, no secret, no live ticket, an authorization that ended, a dead refresh token. Repeating \
                 changes nothing.",
                "没有 profile、缺少密钥、没有有效 ticket、授权已取消或 refresh_token 失效。重试无效。",
            ),
            &[Cause {
                id: "exit_action",
                cause: Words(
                    "the hints of the error say what to do",
                    "错误提示中有具体操作",
                ),
                sign: Words(
                    "`wxauth status` shows what is missing",
                    "`wxauth status` 会显示缺少什么",
                ),
                commands: &["wxauth status", "wxauth doctor", "wxauth init"],
                ..Cause::NONE
            }],
        ),
    ),
    (
        5,
        plain(
            "unreachable",
            Words(
                "WeChat was not reached, or is busy",
                "无法连接微信或系统繁忙",
            ),
            Words("Repeating the command is safe.", "可以安全地重试该命令。"),
            &[
                Cause {
                    id: "exit_network",
                    cause: Words(
                        "no way to the network: DNS, firewall, proxy, certificate",
                        "网络不通：DNS、防火墙、代理或证书问题",
                    ),
                    sign: Words(
                        "the error names the host and what stood in the way",
                        "错误信息会指出主机和原因",
                    ),
                    commands: &["wxauth status", "wxauth doctor --active"],
                    ..Cause::NONE
                },
                Cause {
                    id: "exit_busy",
                    cause: Words(
                        "WeChat answered -1 (system busy) in spite of repeats",
                        "微信持续返回 -1（系统繁忙）",
                    ),
                    sign: Words("the error has an errcode", "错误信息中带有 errcode"),
                    commands: &["wxauth explain -1"],
                    ..Cause::NONE
                },
            ],
        ),
    ),
    (
        6,
        plain(
            "refused",
            Words("WeChat refused", "被微信拒绝"),
            Words(
                "The error has errcode and rid.",
                "错误信息中带有 errcode 和 rid。",
            ),
            &[Cause {
                id: "exit_refused",
                cause: Words("what the errcode says", "以 errcode 为准"),
                sign: Words(
                    "explain it, and look the rid up within 7 days",
                    "可解释该 errcode，并在 7 天内查询 rid",
                ),
                commands: &["wxauth explain ERRCODE", "wxauth rid RID"],
                ..Cause::NONE
            }],
        ),
    ),
    (
        7,
        plain(
            "store",
            Words(
                "The store is unreachable, locked or damaged",
                "存储不可用、被锁定或已损坏",
            ),
            Words("Nothing was half written.", "不会留下写到一半的数据。"),
            &[
                Cause {
                    id: "exit_locked",
                    cause: Words(
                        "another process has been refreshing the same token, or writing, for longer than --lock-timeout",
                        "另一进程刷新同一令牌或写入存储的时间超过了 --lock-timeout",
                    ),
                    sign: Words(
                        "the error names process and host",
                        "错误信息会指出进程和主机",
                    ),
                    commands: &["wxauth status --lock-timeout 60s"],
                    ..Cause::NONE
                },
                Cause {
                    id: "exit_damaged",
                    cause: Words(
                        "the file is damaged, read-only, or the disk is full",
                        "存储文件损坏、只读或磁盘已满",
                    ),
                    sign: Words(
                        "the error names the file; a damaged one is moved away while `serve` is stopped, and rebuilt",
                        "错误信息会指出文件；损坏时先停止 `serve`，移走后重建",
                    ),
                    commands: &["wxauth authorizers recover"],
                    ..Cause::NONE
                },
                Cause {
                    id: "exit_replaced",
                    cause: Words(
                        "the file was moved, deleted or replaced while a process had it open",
                        "存储文件在使用中被移走、删除或替换",
                    ),
                    sign: Words(
                        "the error names the file, and the process that still writes to the former one",
                        "错误信息会指出文件，以及仍在写入旧文件的进程",
                    ),
                    commands: &["wxauth doctor"],
                    ..Cause::NONE
                },
            ],
        ),
    ),
    (
        8,
        plain(
            "deadline",
            Words("A wait ended by its own deadline", "等待超时"),
            Words(
                "`link --wait` saw no merchant authorize before --timeout.",
                "`link --wait` 在 --timeout 内没有等到商家授权。",
            ),
            &[Cause {
                id: "exit_deadline",
                cause: Words(
                    "nobody confirmed, or an update changed nothing and so told nobody",
                    "无人确认，或更新未改动权限因而没有通知",
                ),
                sign: Words(
                    "`wxauth authorizers sync` shows whether somebody came",
                    "`wxauth authorizers sync` 可查看是否有新授权",
                ),
                commands: &["wxauth authorizers sync", "wxauth link --wait --timeout 1h"],
                ..Cause::NONE
            }],
        ),
    ),
    (
        130,
        plain(
            "interrupted",
            Words("Interrupted", "被中断"),
            Words(
                "Ctrl-C or a signal. What WeChat was answering at that moment was still stored.",
                "Ctrl-C 或信号终止。当时微信正在返回的数据仍会保存。",
            ),
            &[],
        ),
    ),
];
