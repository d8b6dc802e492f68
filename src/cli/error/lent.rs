//! What a backend's Redis does not give, to an operator.

use crate::cli::exit::Kind;
use crate::lang::{Lang, Text, text};
use crate::store::StoreError;
use crate::store::layouts::{Gap, Layout, Slot, Unreadable};

use super::CliError;

/// The failure with why and what to do next.
pub(super) fn not_lent(layout: Layout, address: &str, wanted: &Slot, gap: &Gap) -> CliError {
    let what = wanted_thing(wanted);
    let message = Text::each(|lang| {
        let what = what.of(lang);
        match lang {
            Lang::En => format!("the keys of {layout} in {address} do not give {what}"),
            Lang::Zh => format!("{address} 中 {layout} 的键没有给出{what}"),
        }
    });
    let error = CliError::new(Kind::ActionRequired, message).cause(self::gap(layout, wanted, gap));
    match gap {
        Gap::Absent { .. } | Gap::NeedsTicket { .. } | Gap::Ended { .. } => error
            .hint(text!(
                "see that the backend runs and has this platform: it mints when it needs a token",
                "确认后端正在运行且持有该平台：它在需要令牌时才会签发"
            ))
            .hint(text!(
                "see which keys are there, and with which prefix: `wxauth store detect {address}`",
                "查看其中有哪些键、前缀是什么：`wxauth store detect {address}`"
            )),
        Gap::NeedsAppsecret => error.hint(text!(
            "store it: `wxauth profile set appsecret`, or set `WXAUTH_COMPONENT_APPSECRET`",
            "保存：`wxauth profile set appsecret`，或设置 `WXAUTH_COMPONENT_APPSECRET`"
        )),
        Gap::NeedsRefreshToken => error.hint(text!(
            "read it from WeChat's list, with the backend's own component token: `wxauth authorizers sync`",
            "用后端的 component_access_token 从微信的授权方列表读取：`wxauth authorizers sync`"
        )),
        Gap::Unreadable { why, .. } => error.hint(match why {
            Unreadable::Igbinary => text!(
                "let the cache of the backend use PHP's own serializer, or name a program that prints its tokens: `wxauth profile set token_command 'PROGRAM ARGS'`",
                "让后端缓存改用 PHP 原生序列化，或指定输出其令牌的程序：`wxauth profile set token_command 'PROGRAM ARGS'`"
            ),
            Unreadable::Redisson => text!(
                "give the backend's Redisson client a `StringCodec`, or name a program that prints its tokens: `wxauth profile set token_command 'PROGRAM ARGS'`",
                "为后端的 Redisson 客户端设置 `StringCodec`，或指定输出其令牌的程序：`wxauth profile set token_command 'PROGRAM ARGS'`"
            ),
            Unreadable::JavaSerialized => text!(
                "give the backend a `StringRedisTemplate`, or name a program that prints its tokens: `wxauth profile set token_command 'PROGRAM ARGS'`",
                "让后端使用 `StringRedisTemplate`，或指定输出其令牌的程序：`wxauth profile set token_command 'PROGRAM ARGS'`"
            ),
            Unreadable::OtherShape => text!(
                "see whether these are the keys of another SDK: `wxauth store detect {address}`",
                "查看这些键是否属于其他 SDK：`wxauth store detect {address}`"
            ),
        }),
        Gap::NotKept => error.hint(text!(
            "name a program that prints what the backend holds: `wxauth profile set token_command 'PROGRAM ARGS'`",
            "指定输出后端所持令牌的程序：`wxauth profile set token_command 'PROGRAM ARGS'`"
        )),
    }
}

fn wanted_thing(wanted: &Slot) -> Text {
    match wanted {
        Slot::Ticket => text!("the ticket", "平台的 ticket"),
        Slot::ComponentToken => text!("the component token", "平台的 component_access_token"),
        Slot::AuthorizerToken(appid) => text!("the token of {appid}", " {appid} 的令牌"),
        Slot::RefreshToken(appid) => {
            text!("the refresh token of {appid}", " {appid} 的 refresh_token")
        }
    }
}

/// Why something is not to be had among the keys of an SDK.
#[must_use]
pub fn gap(layout: Layout, wanted: &Slot, gap: &Gap) -> Text {
    match gap {
        Gap::NotKept => text!(
            "{layout} does not keep it in Redis",
            "{layout} 不在 Redis 中保存它"
        ),
        Gap::NeedsAppsecret => text!(
            "{layout} names its key by appsecret and ticket, and the appsecret is not known here",
            "{layout} 的键名由 appsecret 与 ticket 计算得出，而此处没有 appsecret"
        ),
        Gap::NeedsTicket { key } => text!(
            "{layout} names its key by appsecret and ticket, and there is no ticket under `{key}`",
            "{layout} 的键名由 appsecret 与 ticket 计算得出，而 `{key}` 中没有 ticket"
        ),
        Gap::NeedsRefreshToken => text!(
            "{layout} names its key by the merchant's refresh token, which the backend keeps in a database of its own, and none is known here",
            "{layout} 的键名由商家的 refresh_token 计算得出；它保存在后端自己的数据库中，此处未知"
        ),
        Gap::Absent { key } => text!(
            "there is no `{key}`: never written, or past its end",
            "没有 `{key}`：从未写入，或已过期"
        ),
        Gap::Ended { key } => text!(
            "`{key}` says that it is past its end",
            "`{key}` 中的令牌已过期"
        ),
        Gap::Unreadable { key, why } => unreadable(layout, wanted, key, *why),
    }
}

fn unreadable(layout: Layout, wanted: &Slot, key: &str, why: Unreadable) -> Text {
    let what = wanted_thing(wanted);
    match why {
        Unreadable::Igbinary => text!(
            "`{key}` was written by PHP's igbinary extension, and is neither a text nor a flat array",
            "`{key}` 由 PHP 的 igbinary 扩展写入，且既不是文本也不是一维数组"
        ),
        Unreadable::Redisson => text!(
            "`{key}` is binary, as Redisson writes it with its own codec",
            "`{key}` 是二进制内容，由 Redisson 以其自身编解码器写入"
        ),
        Unreadable::JavaSerialized => text!(
            "`{key}` was written by Java's own serialization",
            "`{key}` 由 Java 序列化写入"
        ),
        Unreadable::OtherShape => Text::each(|lang| {
            let what = what.of(lang);
            match lang {
                Lang::En => format!("`{key}` is not written as {layout} writes {what}"),
                Lang::Zh => format!("`{key}` 的内容不是 {layout} 写入{what}的形式"),
            }
        }),
    }
}

/// That some values are written in a way that is not read here.
#[must_use]
pub fn unreadable_values(why: Unreadable) -> Text {
    match why {
        Unreadable::Igbinary => text!(
            "values written by PHP's igbinary extension: let the cache use PHP's own serializer",
            "由 PHP 的 igbinary 扩展写入的值：请让缓存改用 PHP 原生序列化"
        ),
        Unreadable::Redisson => text!(
            "values written by a binary codec of Redisson: give its client a `StringCodec`",
            "由 Redisson 的二进制编解码器写入的值：请为其客户端设置 `StringCodec`"
        ),
        Unreadable::JavaSerialized => text!(
            "values written by Java's own serialization: use a `StringRedisTemplate`",
            "由 Java 序列化写入的值：请改用 `StringRedisTemplate`"
        ),
        Unreadable::OtherShape => text!(
            "values that this SDK does not write",
            "不是该 SDK 写入形式的值"
        ),
    }
}

/// The backend's Redis could not be asked.
#[must_use]
pub fn failed(error: &StoreError) -> Text {
    CliError::from(error.clone()).message().clone()
}

/// The same as a failure: the hints are those of a layout, not of a store.
pub(super) fn silent(error: StoreError) -> CliError {
    #[cfg(feature = "redis")]
    if let StoreError::Redis(failure) = &error {
        use crate::sys::redis::FailureKind;
        let message = failed(&error);
        return match &failure.kind {
            FailureKind::NoPassword | FailureKind::Refused => CliError::new(Kind::Store, message).hint(text!(
                "give the right password of the backend's Redis: `wxauth profile set layout_redis_password`",
                "请给出后端 Redis 的正确密码：`wxauth profile set layout_redis_password`"
            )),
            FailureKind::NotPermitted(_) => CliError::new(Kind::Store, message).hint(text!(
                "its user needs the SDK's keys and the commands GET, PTTL and HGET; to mint in its place SET, DEL, EVAL and EVALSHA too",
                "该用户需要 SDK 各键的权限，以及 GET、PTTL、HGET 命令；共享签发还需要 SET、DEL、EVAL、EVALSHA"
            )),
            _ => super::redis::judged(message, failure),
        };
    }
    error.into()
}
