//! 61004: the caller's address is not in the platform's list.

use super::{Cause, Trouble, Words};

const LIST: &str = "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 白名单IP地址列表";

pub const NOT_LISTED: Trouble = Trouble {
    name: "caller_address",
    codes: &[61004],
    says: &["access clientip is not registered"],
    title: Words(
        "The caller's address is not in the platform's whitelist",
        "调用 IP 不在第三方平台的白名单中",
    ),
    next: Some(Words(
        "add the address under 微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 白名单IP地址列表",
        "请在「微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 白名单IP地址列表」中添加该 IP",
    )),
    causes: &[
        Cause {
            id: "address_not_listed",
            cause: Words(
                "the address was never added; what counts is the requestIP of the message, not what this machine \
                 thinks its address is",
                "该 IP 未加入白名单；以报错中的 requestIP 为准，而不是本机自认为的出口 IP",
            ),
            sign: Words(
                "the requestIP is not in the list (single addresses, joined by `;`); `wxauth ticket request` is a \
                 harmless call that answers 61004 until it is",
                "白名单中没有 requestIP（名单为单个 IP，以 `;` 分隔）；`wxauth ticket request` 可无副作用地验证，未生效前仍返回 61004",
            ),
            commands: &["wxauth ticket request"],
            console: Some(LIST),
            in_sandbox: Some("wxauth sandbox platform --ip-whitelist IP"),
        },
        Cause {
            id: "whitelist_not_released",
            cause: Words(
                "it was entered in the general edit form, which acts only after the next full release",
                "通过整体编辑入口修改白名单，需全网发布后才生效",
            ),
            sign: Words(
                "the address stands in the list of the test version only; the list's own edit entry acts at once",
                "该 IP 只出现在测试版本的资料中；使用白名单的单独修改入口可立即生效",
            ),
            commands: &["wxauth ticket request"],
            console: Some(LIST),
            in_sandbox: Some("wxauth sandbox platform --ip-whitelist IP"),
        },
        Cause {
            id: "whitelist_of_another_platform",
            cause: Words(
                "it was added to another platform than the one that calls",
                "IP 加到了另一个第三方平台的白名单",
            ),
            sign: Words(
                "`wxauth status` shows another component_appid than the console's page",
                "`wxauth status` 显示的 component_appid 与后台页面不一致",
            ),
            commands: &["wxauth status", "wxauth profile use NAME"],
            ..Cause::NONE
        },
        Cause {
            id: "several_exits",
            cause: Words(
                "this machine leaves by several addresses: a NAT pool, a proxy, a new node",
                "本机存在多个出口 IP：NAT 地址池、代理或新增节点",
            ),
            sign: Words(
                "the requestIP differs from one failure to the next",
                "多次报错中的 requestIP 不同",
            ),
            commands: &["wxauth ticket request"],
            console: Some(LIST),
            in_sandbox: Some("wxauth sandbox platform --ip-whitelist IP"),
        },
    ],
    source_url: Some(
        "https://developers.weixin.qq.com/doc/oplatform/developers/basic_func/ip_whitelist.html",
    ),
    ..Trouble::NONE
};
