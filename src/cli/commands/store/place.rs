//! The other side of a move: a file, a pipe, or another store.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::{CliError, PasswordFrom, elsewhere};
use crate::lang::text;
use crate::store::{PlatformKey, Store, StoreLocation};
use crate::sys::redis::{Address, Password};

/// The other side of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// stdin or stdout.
    Pipe,
    File(PathBuf),
    Store(StoreLocation),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipe => formatter.write_str("-"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Store(location) => formatter.write_str(&shown(location)),
        }
    }
}

/// A store as it is written in settings, without its password.
pub(super) fn shown(location: &StoreLocation) -> String {
    match location {
        StoreLocation::Sqlite(path) => format!("sqlite:{}", path.display()),
        StoreLocation::Memory => "memory".to_owned(),
        StoreLocation::Redis(address) => address.to_string(),
    }
}

impl Place {
    /// Reads a word of the command line; the password of a Redis comes from `password_file`.
    ///
    /// # Errors
    /// When it is no place, or holds a password.
    pub(super) async fn read(
        context: &Context,
        word: &str,
        password_file: Option<&Path>,
    ) -> Result<Self, CliError> {
        let place = Self::parse(word)?;
        let Some(file) = password_file else {
            return Ok(place);
        };
        let Self::Store(StoreLocation::Redis(mut address)) = place else {
            return Err(CliError::usage(text!(
                "`--password-file` goes with the address of a Redis only",
                "`--password-file` 只能与 Redis 地址一起使用"
            )));
        };
        let label = text!("password of {address}", "{address} 的密码");
        let password = input::secret(context, label, Some(file)).await?;
        address.password = Some(Password::new(password.expose()));
        Ok(Self::Store(StoreLocation::Redis(address)))
    }

    fn parse(word: &str) -> Result<Self, CliError> {
        let is_redis = ["redis://", "rediss://", "redis+unix://", "unix://"];
        if word == "-" {
            return Ok(Self::Pipe);
        }
        if let Some(path) = word.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with('~') {
                return Err(CliError::usage(text!(
                    "`sqlite:` needs the path of a file, written out",
                    "`sqlite:` 之后应为文件的完整路径"
                ))
                .hint(text!(
                    "write it as `sqlite:/var/lib/wxauth/store.db`",
                    "例如 `sqlite:/var/lib/wxauth/store.db`"
                )));
            }
            // From where the command runs, so that what is hinted afterwards means the same file.
            let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
            return Ok(Self::Store(StoreLocation::Sqlite(path)));
        }
        if is_redis.iter().any(|scheme| word.starts_with(scheme)) {
            let address = Address::parse(word).map_err(|error| {
                // Never the text itself: a password may stand in it.
                CliError::usage(text!(
                    "the address of the Redis {}",
                    "Redis 地址有误：{}",
                    error.reason
                ))
                .hint(text!(
                    "write it as redis://HOST[:PORT][/DATABASE]",
                    "应写成 redis://HOST[:PORT][/DATABASE]"
                ))
            })?;
            if address.password.is_some() {
                return Err(CliError::usage(text!(
                    "a password is not an argument: it would stand in the shell's history and in every list of processes",
                    "密码不能写在参数里：会留在 shell 历史和进程列表中"
                ))
                .hint(text!(
                    "leave it out of the address and give it by `--password-file FILE`, or make this Redis the store of the command itself by the environment variable `WXAUTH_STORE`",
                    "请从地址中去掉密码，改用 `--password-file FILE`；或通过环境变量 `WXAUTH_STORE` 把该 Redis 设为本命令的存储"
                )));
            }
            return Ok(Self::Store(StoreLocation::Redis(address)));
        }
        if word == "memory" || word.is_empty() {
            return Err(CliError::usage(text!(
                "`{word}` is no place to move to or from",
                "`{word}` 不能作为导出或导入的位置"
            ))
            .hint(text!(
                "name a file, `sqlite:PATH`, `redis://HOST`, or `-` for a pipe",
                "请指定文件、`sqlite:PATH`、`redis://HOST`，或用 `-` 表示管道"
            )));
        }
        Ok(Self::File(PathBuf::from(word)))
    }
}

/// Opens another store that must be there already.
pub(super) async fn open_standing(
    context: &Context,
    location: &StoreLocation,
) -> Result<Store, CliError> {
    let absent = || {
        let place = shown(location);
        CliError::usage(text!(
            "there is no store of wxauth at {place}",
            "{place} 处没有 wxauth 的存储"
        ))
        .hint(text!(
            "see where the state lives: `wxauth store info`",
            "查看数据存放的位置：`wxauth store info`"
        ))
    };
    if let StoreLocation::Sqlite(path) = location
        && !path.exists()
    {
        return Err(absent());
    }
    let store = context.open_by(location, PasswordFrom::File).await?;
    let by_file = |error| elsewhere(error, PasswordFrom::File);
    if store.info().await.map_err(by_file)?.min_reader.is_none() {
        return Err(absent());
    }
    Ok(store)
}

/// The platforms to move: all of them, or the command's own, which must be among them.
pub(super) fn chosen(
    found: Vec<PlatformKey>,
    own: PlatformKey,
    all: bool,
    from: &str,
) -> Result<Vec<PlatformKey>, CliError> {
    if all {
        return Ok(found);
    }
    if found.contains(&own) {
        return Ok(vec![own]);
    }
    let there: Vec<_> = found.iter().map(name).collect();
    let (own, there) = (name(&own), there.join(", "));
    let error = CliError::usage(text!(
        "{from} has nothing of {own}",
        "{from} 中没有 {own} 的数据"
    ));
    Err(if there.is_empty() {
        error.hint(text!("it has no platform at all", "其中没有任何平台"))
    } else {
        error.hint(text!(
            "it has {there}; `--all-platforms` takes all of them",
            "其中有 {there}；`--all-platforms` 可处理全部平台"
        ))
    })
}

/// A platform with its host, as people are told it.
pub(super) fn name(key: &PlatformKey) -> String {
    format!("{} ({})", key.component_appid.as_str(), key.realm)
}

/// That both sides of a move are one.
pub(super) fn same(place: &str) -> CliError {
    CliError::usage(text!(
        "{place} is the store of this command itself",
        "{place} 就是本命令自己的存储"
    ))
    .hint(text!(
        "name another side; `wxauth store info` tells this one",
        "请指定另一个位置；`wxauth store info` 可查看当前存储"
    ))
}
