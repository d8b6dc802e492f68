//! The `component_verify_ticket`: none arrives, or the one that was used is no good.

use super::{Cause, Trouble, Words};

const PAGE: &str = "https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/troubleshooting/component_verify_ticket_troubleshooting.html";

const RECEIVING_ADDRESS: &str =
    "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 授权事件接收配置";

pub const NONE_ARRIVES: Trouble = Trouble {
    name: "ticket",
    says: &[
        "no component_verify_ticket",
        "component_verify_ticket is past its 12 hours",
        "no live ticket",
        "收不到 component_verify_ticket",
        "尚未收到 component_verify_ticket",
    ],
    title: Words("No ticket arrives", "收不到 component_verify_ticket"),
    meaning: Some(Words(
        "WeChat pushes a ticket to the authorization event URL every 10 minutes; each lives 12 hours. \
         Without a live one no component token can be made, and nothing can ask for the present one.",
        "微信每 10 分钟向授权事件接收 URL 推送一次 ticket，有效期 12 小时。没有有效的 ticket 就换不到 \
         component_access_token，也没有接口可以主动查询当前 ticket。",
    )),
    causes: &[ANSWER, STOPPED, ELSEWHERE, KEYS, BLOCKED],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

pub const TOO_OLD: Trouble = Trouble {
    name: "ticket_too_old",
    codes: &[61005],
    title: Words(
        "The ticket is past its 12 hours",
        "ticket 已超过 12 小时有效期",
    ),
    next: NEXT,
    causes: &[STOPPED, ANSWER, ELSEWHERE, KEYS, BLOCKED],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

pub const WRONG: Trouble = Trouble {
    name: "ticket_wrong",
    codes: &[61006],
    title: Words(
        "The ticket is none of this platform",
        "ticket 无效，或不属于该平台",
    ),
    next: NEXT,
    causes: &[
        Cause {
            id: "ticket_cut",
            cause: Words(
                "the ticket was cut off, or is sent without `ticket@@@`",
                "ticket 被截断，或缺少 `ticket@@@` 前缀",
            ),
            sign: Words(
                "a whole ticket has 95 characters; a database column or a chat program shortens it",
                "完整的 ticket 共 95 个字符；常见于数据库字段过短或聊天工具截断",
            ),
            commands: &["wxauth ticket set --file FILE"],
            ..Cause::NONE
        },
        Cause {
            id: "ticket_of_another_platform",
            cause: Words(
                "it is another platform's ticket: two platforms push to one URL, or the wrong profile is in use",
                "误用了其他平台的 ticket：两个平台共用同一接收 URL，或当前 profile 选错",
            ),
            sign: Words(
                "`wxauth status` shows another component_appid than the AppId of the push",
                "`wxauth status` 显示的 component_appid 与推送中的 AppId 不一致",
            ),
            commands: &["wxauth status", "wxauth ticket set --file FILE"],
            ..Cause::NONE
        },
        Cause {
            id: "ticket_empty",
            cause: Words(
                "the field was sent empty or null, because no ticket has been received",
                "尚未收到 ticket，请求中该字段为空或 null",
            ),
            sign: Words(
                "`wxauth ticket show` finds none",
                "`wxauth ticket show` 查不到 ticket",
            ),
            commands: &[
                "wxauth ticket show",
                "wxauth ticket request",
                "wxauth explain ticket",
            ],
            ..Cause::NONE
        },
    ],
    source_url: Some(PAGE),
    ..Trouble::NONE
};

const NEXT: Option<Words> = Some(Words(
    "give the newest ticket: `wxauth ticket set`; ask for a push: `wxauth ticket request`",
    "设置最新的 ticket：`wxauth ticket set`；请求重新推送：`wxauth ticket request`",
));

const ANSWER: Cause = Cause {
    id: "receiver_answer",
    cause: Words(
        "the receiver does not answer HTTP 200 with exactly `success` within 5 seconds",
        "接收端没有在 5 秒内以 HTTP 200 返回纯文本 `success`",
    ),
    sign: Words(
        "`wxauth events send` names the status, the body or the delay; WeChat's alarm group (告警群) reports \
         ticket failures",
        "`wxauth events send` 会指出状态码、返回内容或耗时问题；微信告警群会报告 ticket 推送失败",
    ),
    commands: &["wxauth events send --to URL", "wxauth serve"],
    console: Some(RECEIVING_ADDRESS),
    in_sandbox: Some("wxauth sandbox platform --events-url URL"),
};

const STOPPED: Cause = Cause {
    id: "pushes_stopped",
    cause: Words(
        "WeChat stopped pushing after many failures, or the service was switched off",
        "多次推送失败后微信已停止推送，或推送服务被关闭",
    ),
    sign: Words(
        "`wxauth ticket request` answers that it was stopped and pushes again",
        "`wxauth ticket request` 返回此前已停止、现已恢复推送",
    ),
    commands: &["wxauth ticket request"],
    ..Cause::NONE
};

const ELSEWHERE: Cause = Cause {
    id: "ticket_elsewhere",
    cause: Words(
        "another process receives the tickets, and wxauth's store is not told of them",
        "ticket 由其他进程接收，没有写入 wxauth 的存储",
    ),
    sign: Words(
        "the backend has a live ticket, and `wxauth ticket show` has none or an old one",
        "后端持有有效 ticket，而 `wxauth ticket show` 没有或已过旧",
    ),
    commands: &[
        "wxauth ticket show",
        "wxauth ticket set --file FILE",
        "wxauth profile set ticket_command COMMAND",
    ],
    ..Cause::NONE
};

const KEYS: Cause = Cause {
    id: "push_keys_differ",
    cause: Words(
        "pushes arrive but cannot be read: Token or EncodingAESKey differ from WeChat's console",
        "推送已到达但无法解密：Token 或 EncodingAESKey 与后台配置不一致",
    ),
    sign: Words(
        "`wxauth events decode` of a captured push says which of the two does not fit",
        "用 `wxauth events decode` 检查抓到的推送，会指出是哪一个不匹配",
    ),
    commands: &[
        "wxauth events decode FILE --url URL",
        "wxauth profile set token",
        "wxauth profile set encoding_aes_key",
    ],
    console: Some(
        "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 消息校验Token / 消息加解密Key",
    ),
    ..Cause::NONE
};

const BLOCKED: Cause = Cause {
    id: "pushes_blocked",
    cause: Words(
        "a firewall or WAF drops WeChat's addresses, or the URL has another port than 80 or 443",
        "防火墙或 WAF 拦截了微信的 IP，或接收 URL 使用了 80/443 以外的端口",
    ),
    sign: Words(
        "`wxauth events send` succeeds from outside, and WeChat's alarms tell of time-outs or refused connections",
        "从外部执行 `wxauth events send` 正常，但微信告警显示超时或拒绝连接",
    ),
    commands: &["wxauth callback check", "wxauth ips"],
    console: Some(RECEIVING_ADDRESS),
    ..Cause::NONE
};
