//! Who mints, out of the settings: the backend whose keys are read and, under `mint = "shared"`,
//! written.

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::config::{CommandLine, Mint, Settings};
use crate::flow::MintPolicy;
use crate::lang::{Text, text};
use crate::store::backend::Backend;
use crate::store::layouts::Layout;

/// The policy these settings ask for.
///
/// # Errors
/// A layout without its Redis, and `shared` without a layout that takes tokens.
pub(super) fn policy(settings: &Settings) -> Result<MintPolicy, CliError> {
    let shared = match settings.mint.value {
        Mint::Wxauth => return Ok(MintPolicy::Wxauth),
        Mint::Never => false,
        Mint::Shared => true,
    };
    let token_command = settings.token_command.as_ref().map(CommandLine::argv);
    if !shared && token_command.is_some() {
        let backend = None;
        return Ok(MintPolicy::Never {
            token_command,
            backend,
        });
    }
    let layout = settings
        .layout
        .and_then(|name| Layout::from_word(name.as_str()));
    let Some(layout) = layout else {
        if shared {
            return Err(CliError::new(
                Kind::ActionRequired,
                text!(
                    "`mint` is `shared`, and no `layout` says whose keys tokens are written to",
                    "`mint` 为 `shared`，但没有用 `layout` 指明令牌写入哪个 SDK 的键"
                ),
            )
            .hint(text!(
                "find the backend's keys: `wxauth store detect redis://HOST`, and paste what it prints",
                "查找后端的键：`wxauth store detect redis://HOST`，并执行它给出的命令"
            )));
        }
        return Ok(MintPolicy::Never {
            token_command,
            backend: None,
        });
    };
    if shared {
        judge_sharing(layout)?;
    }
    let backend = backend(settings, layout)?;
    Ok(match shared {
        true => MintPolicy::Shared { backend },
        false => MintPolicy::Never {
            token_command: None,
            backend: Some(backend),
        },
    })
}

/// The backend whose keys the profile describes, whoever mints.
///
/// # Errors
/// A profile without a layout, or without the place of its Redis.
pub(super) fn described(settings: &Settings) -> Result<Backend, CliError> {
    let layout = settings
        .layout
        .and_then(|name| Layout::from_word(name.as_str()));
    let Some(layout) = layout else {
        return Err(CliError::usage(text!(
            "the profile names no `layout`: nothing says whose keys are meant",
            "配置中没有 `layout`，不知道是哪个 SDK 的键"
        ))
        .hint(text!(
            "find the backend's keys: `wxauth store detect redis://HOST`, and paste what it prints",
            "查找后端的键：`wxauth store detect redis://HOST`，并执行它给出的命令"
        )));
    };
    backend(settings, layout)
}

/// The backend whose keys the profile describes, to be given what wxauth holds, whoever mints.
///
/// # Errors
/// As [`described`], and where what is put there would not last or could not rest on the SDK's
/// lock.
pub(super) fn recipient(settings: &Settings) -> Result<Backend, CliError> {
    let backend = described(settings)?;
    let layout = backend.layout();
    if !layout.takes_exports() {
        return Err(CliError::new(
            Kind::ActionRequired,
            text!(
                "nothing can be put among the keys of {layout}",
                "无法向 {layout} 的键写入"
            ),
        )
        .cause(one_object(layout))
        .hint(text!(
            "hand the state over as a file: `wxauth store export --to FILE`",
            "改为导出到文件：`wxauth store export --to FILE`"
        )));
    }
    if is_cluster(settings) {
        return Err(CliError::new(
            Kind::ActionRequired,
            text!(
                "nothing can be put among the keys of {layout} in a cluster",
                "无法向集群中 {layout} 的键写入"
            ),
        )
        .cause(split_by_cluster())
        .hint(text!(
            "hand the state over as a file: `wxauth store export --to FILE`",
            "改为导出到文件：`wxauth store export --to FILE`"
        )));
    }
    Ok(backend)
}

fn one_object(layout: Layout) -> Text {
    text!(
        "{layout} keeps a token inside an object of many fields, which its processes write whole at any time",
        "{layout} 将令牌存放在含有许多字段的对象中，后端进程随时会整体写回"
    )
}

fn split_by_cluster() -> Text {
    text!(
        "the SDK's lock and its tokens lie on different nodes, so that no write can rest on the lock",
        "SDK 的锁与令牌位于不同节点，无法保证写入时仍持有锁"
    )
}

/// Whether wxauth may mint in the place of a backend of this layout.
fn judge_sharing(layout: Layout) -> Result<(), CliError> {
    let why = match layout {
        Layout::Wxjava | Layout::Silenceper | Layout::Wechatpy => return Ok(()),
        Layout::Easywechat5 | Layout::Powerwechat => text!(
            "{layout} has no lock, and names the key of a token by the ticket it was minted with: its processes would not find ours",
            "{layout} 没有锁，且令牌的键名由签发时所用的 ticket 计算得出：后端进程找不到 wxauth 写入的令牌"
        ),
        Layout::Easywechat6 => text!(
            "{layout} has no lock, and its values are written by whatever serializer its cache has",
            "{layout} 没有锁，其值由缓存所用的序列化方式写入，无法确定"
        ),
        Layout::Senparc => one_object(layout),
    };
    Err(CliError::new(
        Kind::ActionRequired,
        text!(
            "`mint = \"shared\"` is not possible with the keys of {layout}",
            "{layout} 的键不支持 `mint = \"shared\"`"
        ),
    )
    .cause(why)
    .hint(text!(
        "borrow its tokens: `wxauth profile set mint never`",
        "改为只借用其令牌：`wxauth profile set mint never`"
    )))
}

#[cfg(feature = "redis")]
fn is_cluster(settings: &Settings) -> bool {
    use crate::sys::redis::Topology;

    let address = settings.layout_redis.as_ref();
    address.is_some_and(|address| address.topology == Topology::Cluster)
}

#[cfg(not(feature = "redis"))]
fn is_cluster(_: &Settings) -> bool {
    false
}

#[cfg(feature = "redis")]
fn backend(settings: &Settings, layout: Layout) -> Result<Backend, CliError> {
    let Some(address) = settings.layout_redis.clone() else {
        return Err(CliError::new(
            Kind::ActionRequired,
            text!(
                "`layout` is {layout}, and no `layout_redis` says where its Redis is",
                "`layout` 为 {layout}，但没有用 `layout_redis` 指明其 Redis 的地址"
            ),
        )
        .hint(text!(
            "set it: `wxauth profile set layout_redis redis://HOST[:PORT][/DATABASE]`",
            "设置：`wxauth profile set layout_redis redis://HOST[:PORT][/DATABASE]`"
        )));
    };
    if settings.mint.value == Mint::Shared && is_cluster(settings) {
        return Err(CliError::new(
            Kind::ActionRequired,
            text!(
                "`mint = \"shared\"` is not possible in a cluster",
                "集群不支持 `mint = \"shared\"`"
            ),
        )
        .cause(split_by_cluster())
        .hint(text!(
            "borrow its tokens: `wxauth profile set mint never`",
            "改为只借用其令牌：`wxauth profile set mint never`"
        )));
    }
    Ok(Backend::new(
        layout,
        settings.layout_prefix.clone(),
        address,
    ))
}

#[cfg(not(feature = "redis"))]
fn backend(_: &Settings, _: Layout) -> Result<Backend, CliError> {
    Err(crate::store::StoreError::NoRedis.into())
}
