//! Calls that the merchant's grant, or the account itself, does not allow.

use super::{Cause, Trouble, Words};

pub const SETS_OF_THE_PLATFORM: &str =
    "微信开放平台/开发者平台 – 我的业务 – 第三方平台 – 权限集 – 管理权限集";

pub const NOT_GRANTED: Trouble = Trouble {
    name: "permission_not_granted",
    codes: &[61007, 61017],
    says: &[
        "api is unauthorized to component",
        "api unauthorized to component",
    ],
    title: Words(
        "The merchant has not granted this call's permission set",
        "商家未将该接口所属权限集授权给第三方平台",
    ),
    next: Some(Words(
        "see which set the call needs, and who granted it: `wxauth permissions why PATH --all`",
        "查看接口所需权限集及各商家授权情况：`wxauth permissions why PATH --all`",
    )),
    causes: &[
        Cause {
            id: "set_not_updated",
            cause: Words(
                "the merchant authorized before the platform offered the set, or unticked it: an old grant \
                 never grows by itself",
                "商家授权时平台尚未提供该权限集，或商家取消了勾选；已有授权不会自动增加权限",
            ),
            sign: Words(
                "`wxauth permissions why` shows the merchant as missing",
                "`wxauth permissions why` 显示该商家「未授权」",
            ),
            commands: &[
                "wxauth permissions why PATH --for WHO",
                "wxauth link --for WHO",
                "wxauth authorizers guide WHO --for update",
            ],
            console: Some(
                "小程序商家：微信公众平台 – 设置 – 第三方设置 – 管理授权；公众号商家：公众平台安全助手 – 绑定查询 – 更新授权",
            ),
            in_sandbox: Some("wxauth sandbox update WHO"),
        },
        Cause {
            id: "set_not_configured",
            cause: Words(
                "the platform itself does not offer the set",
                "第三方平台自身没有配置该权限集",
            ),
            sign: Words(
                "`wxauth permissions why` says not configured, or no merchant has it at all",
                "`wxauth permissions why` 显示「平台未配置」，或所有商家都没有该权限",
            ),
            commands: &[
                "wxauth permissions plan SETS",
                "wxauth permissions drift --require SETS",
            ],
            console: Some(SETS_OF_THE_PLATFORM),
            in_sandbox: Some("wxauth sandbox platform --permissions +SETS"),
        },
        Cause {
            id: "set_held_elsewhere",
            cause: Words(
                "the set is mutually exclusive and another platform holds it",
                "该权限集为互斥权限集，已授权给其他第三方平台",
            ),
            sign: Words(
                "`wxauth permissions why` says probably held elsewhere; the merchant's other sets are granted",
                "`wxauth permissions why` 提示可能被其他平台占用，且该商家的其他权限集均已授权",
            ),
            commands: &[
                "wxauth permissions why PATH --for WHO",
                "wxauth link --for WHO",
            ],
            console: Some(
                "商家：微信公众平台 – 设置 – 第三方设置 – 原第三方平台 – 解除授权，再重新扫码授权",
            ),
            in_sandbox: Some("wxauth sandbox revoke WHO --platform APPID"),
        },
        Cause {
            id: "token_of_another_account",
            cause: Words(
                "the token is another merchant's than the one you look at",
                "所用 authorizer_access_token 属于另一个商家",
            ),
            sign: Words(
                "`wxauth permissions why` says granted for this merchant, and the call fails all the same",
                "`wxauth permissions why` 显示该商家已授权，但调用仍失败",
            ),
            commands: &["wxauth authorizers show WHO", "wxauth token authorizer WHO"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const NO_ABILITY: Trouble = Trouble {
    name: "no_ability",
    codes: &[48001],
    says: &["api unauthorized,", "api unauthorized rid"],
    title: Words(
        "The account itself cannot make this call",
        "账号自身没有该接口能力",
    ),
    next: Some(Words(
        "see which accounts and which token the call is for: `wxauth permissions why PATH`",
        "查看接口适用的账号类型和令牌：`wxauth permissions why PATH`",
    )),
    causes: &[
        Cause {
            id: "ability_missing",
            cause: Words(
                "the account lacks the ability: it is not verified, of another kind, or has not opened the feature",
                "账号自身能力不足：未认证、类型不符或未开通相应功能",
            ),
            sign: Words(
                "`wxauth permissions why` says granted; `wxauth authorizers show` tells kind and verification",
                "`wxauth permissions why` 显示已授权；`wxauth authorizers show` 可查看账号类型与认证情况",
            ),
            commands: &[
                "wxauth permissions why PATH --for WHO",
                "wxauth authorizers show WHO",
            ],
            console: Some("商家：微信公众平台 – 设置 – 微信认证 / 功能开通"),
            ..Cause::NONE
        },
        Cause {
            id: "own_token_only",
            cause: Words(
                "the call takes the account's own access_token only, which no platform has",
                "该接口仅支持账号自身的 access_token，第三方平台无法代调用",
            ),
            sign: Words(
                "`wxauth permissions why` names the token that the call takes",
                "`wxauth permissions why` 会说明接口使用的令牌",
            ),
            commands: &["wxauth permissions why PATH"],
            ..Cause::NONE
        },
        Cause {
            id: "provider_set_missing",
            cause: Words(
                "calls for providers only answer 48001 instead of 61007 when their set was not granted",
                "仅服务商可用的接口，在权限集未授权时返回 48001 而不是 61007",
            ),
            sign: Words(
                "`wxauth permissions why` shows the merchant as missing",
                "`wxauth permissions why` 显示该商家「未授权」",
            ),
            commands: &[
                "wxauth permissions why PATH --for WHO",
                "wxauth link --for WHO",
            ],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
