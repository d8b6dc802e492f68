//! 40125: the appsecret is not the present one.

use super::{Cause, Trouble, Words};

pub const WRONG: Trouble = Trouble {
    name: "appsecret",
    codes: &[40125],
    says: &["invalid appsecret", "appsecret is not known"],
    title: Words("The appsecret is not the present one", "AppSecret 不正确"),
    next: Some(Words(
        "give the present appsecret: `wxauth profile set appsecret`, or WXAUTH_COMPONENT_APPSECRET",
        "设置当前的 AppSecret：`wxauth profile set appsecret`，或环境变量 WXAUTH_COMPONENT_APPSECRET",
    )),
    causes: &[
        Cause {
            id: "secret_reset",
            cause: Words(
                "it was reset in WeChat's console; the one before stopped at once",
                "后台重置过 AppSecret，旧值立即失效",
            ),
            sign: Words(
                "it worked before, and every process that holds the old one fails now",
                "此前正常，现在所有使用旧值的进程都失败",
            ),
            commands: &["wxauth profile set appsecret"],
            console: Some("微信开放平台 – 第三方平台 – 详情 – AppSecret"),
            ..Cause::NONE
        },
        Cause {
            id: "secret_of_another_account",
            cause: Words(
                "it belongs to another platform, or to an official account or mini program",
                "填写的是其他平台、公众号或小程序的 AppSecret",
            ),
            sign: Words(
                "`wxauth status` shows another component_appid than the page the secret was copied from",
                "`wxauth status` 显示的 component_appid 与复制 AppSecret 的页面不一致",
            ),
            commands: &["wxauth status", "wxauth profile set appsecret"],
            console: Some("微信开放平台 – 第三方平台 – 详情 – AppSecret"),
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
