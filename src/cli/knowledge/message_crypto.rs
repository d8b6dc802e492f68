//! -40001 to -40011: results of WeChat's sample code for encrypted pushes.

use super::{Cause, Trouble, Words};

const KEYS: &str =
    "微信开放平台 – 第三方平台 – 详情 – 开发配置 – 开发资料 – 消息校验Token / 消息加解密Key";

pub const SIGNATURE: Trouble = Trouble {
    name: "push_signature",
    codes: &[-40001],
    says: &["msg_signature", "validatesignature", "签名验证错误"],
    title: Words("The push's signature does not fit", "推送签名校验失败"),
    causes: &[
        Cause {
            id: "token_differs",
            cause: Words(
                "the Token is not the one of WeChat's console",
                "Token 与后台的消息校验Token 不一致",
            ),
            sign: Words(
                "`wxauth events decode` of the captured push says that the signature does not fit",
                "用 `wxauth events decode` 检查抓到的推送，提示签名不匹配",
            ),
            commands: &[
                "wxauth events decode FILE --query QUERY",
                "wxauth profile set token",
            ],
            console: Some(KEYS),
            ..Cause::NONE
        },
        Cause {
            id: "signature_in_place_of_msg_signature",
            cause: Words(
                "the receiver compares `signature` in place of `msg_signature`, or leaves Encrypt out of the hash",
                "接收端比对的是 `signature` 而不是 `msg_signature`，或计算时漏了 Encrypt",
            ),
            sign: Words(
                "`wxauth events decode` finds the push good, and the receiver refuses it",
                "`wxauth events decode` 校验通过，而接收端拒绝",
            ),
            commands: &[
                "wxauth events decode FILE --query QUERY",
                "wxauth events send --to URL",
            ],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const OTHER_PLATFORM: Trouble = Trouble {
    name: "push_of_another_platform",
    codes: &[-40005],
    title: Words(
        "The push is of another platform",
        "推送中的 appid 不是该平台",
    ),
    causes: &[
        Cause {
            id: "two_platforms_one_address",
            cause: Words(
                "two platforms push to one address, or the receiver has another platform's appid",
                "两个平台推送到同一地址，或接收端配置了其他平台的 appid",
            ),
            sign: Words(
                "the AppId outside Encrypt is the other platform's",
                "Encrypt 之外的 AppId 为另一平台",
            ),
            commands: &["wxauth events decode FILE --query QUERY", "wxauth status"],
            ..Cause::NONE
        },
        Cause {
            id: "authorizers_appid_compared",
            cause: Words(
                "the receiver compares with the merchant's appid: inside a message stands the platform's too",
                "接收端用商家 appid 比对；消息密文中的 appid 同样是第三方平台的",
            ),
            sign: Words(
                "only pushes to the message URL fail",
                "仅消息与事件接收 URL 的推送失败",
            ),
            commands: &["wxauth events decode FILE --query QUERY"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};

pub const UNREADABLE: Trouble = Trouble {
    name: "push_unreadable",
    codes: &[-40004, -40007, -40008],
    title: Words("The push cannot be decrypted", "推送解密失败"),
    causes: &[
        Cause {
            id: "key_changed",
            cause: Words(
                "the EncodingAESKey was changed, and pushes of the previous one still arrive, or the other way round",
                "EncodingAESKey 已修改，但仍收到旧密钥加密的推送，或相反",
            ),
            sign: Words(
                "`wxauth events decode` says which key opened it",
                "`wxauth events decode` 会说明由哪个密钥解开",
            ),
            commands: &[
                "wxauth events decode FILE --query QUERY",
                "wxauth profile set encoding_aes_key",
                "wxauth profile set encoding_aes_key_previous",
            ],
            console: Some(KEYS),
            ..Cause::NONE
        },
        Cause {
            id: "strict_library",
            cause: Words(
                "the library is strict where WeChat is not: spare bits of the 43-character key, padding to 32 bytes",
                "解密库过于严格：43 位密钥末位的多余比特、32 字节填充",
            ),
            sign: Words(
                "`wxauth events decode` opens the very push that your receiver refuses",
                "同一推送 `wxauth events decode` 能解开，而接收端失败",
            ),
            commands: &["wxauth events decode FILE --query QUERY"],
            ..Cause::NONE
        },
    ],
    ..Trouble::NONE
};
