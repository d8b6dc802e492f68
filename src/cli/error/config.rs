//! What is wrong with the settings, to an operator.

use crate::cli::exit::Kind;
use crate::config::{ConfigError, ConfigWarning, Ignored, IgnoredWhy, Origin, PermissionSets};
use crate::lang::{Lang, Text, text};

use super::{CliError, setting};

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        let message = Text::new(error.to_string(), chinese(&error));
        let new = |kind| Self::new(kind, message.clone());
        match error {
            ConfigError::NoHome => new(Kind::ActionRequired)
                .hint(text!("name a folder: `--config-dir DIR` or `WXAUTH_CONFIG_DIR`", "指定文件夹：`--config-dir DIR` 或 `WXAUTH_CONFIG_DIR`")),
            ConfigError::NoPlatform { profiles, .. } if profiles.is_empty() => {
                new(Kind::ActionRequired)
                    .hint(text!("try it without an account: `wxauth --sandbox link`", "无需账号即可试用：`wxauth --sandbox link`"))
                    .hint(text!("create a profile: `wxauth init`", "创建配置：`wxauth init`"))
                    .hint(text!("or set `WXAUTH_COMPONENT_APPID` and the variables beside it", "或设置 `WXAUTH_COMPONENT_APPID` 及相关环境变量"))
            }
            ConfigError::NoPlatform { profiles, .. } => new(Kind::ActionRequired)
                .cause(text!("there are the profiles: {}", "现有配置：{}", profiles.join(", ")))
                .hint(text!("choose one: `wxauth profile use NAME`, or give `--profile NAME`", "选择其一：`wxauth profile use NAME`，或指定 `--profile NAME`")),
            ConfigError::NoSuchProfile { known, .. } if known.is_empty() => {
                new(Kind::ActionRequired).hint(text!("create it: `wxauth init --profile NAME`", "创建：`wxauth init --profile NAME`"))
            }
            ConfigError::NoSuchProfile { known, .. } => {
                new(Kind::ActionRequired).hint(text!("there are: {}", "现有：{}", known.join(", ")))
            }
            ConfigError::TwoPlatforms => new(Kind::Usage).hint(text!("give one of them", "只指定其中之一")),
            ConfigError::SandboxCard => new(Kind::Internal),
            ConfigError::Invalid { .. } | ConfigError::ProfileName { .. } => new(Kind::Usage),
            ConfigError::NotAvailable { .. } => new(Kind::Usage),
            ConfigError::RequiredNotConfigured { kind, .. } => new(Kind::Usage)
                .cause(text!("a merchant can grant only what the platform offers", "商家只能授予平台提供的权限集"))
                .hint(text!("once they are configured in WeChat's console: `wxauth profile set configured_permissions.{kind} IDS`", "在微信控制台配置后：`wxauth profile set configured_permissions.{kind} IDS`"))
                .hint(text!("or require less: `wxauth profile set required_permissions.{kind} IDS`", "或减少必需的权限集：`wxauth profile set required_permissions.{kind} IDS`")),
            ConfigError::UnknownKey { key } if key.contains("_permissions") => {
                let kinds = PermissionSets::KINDS.join(", ");
                let table = match key.starts_with("configured") {
                    true => "configured_permissions",
                    false => "required_permissions",
                };
                new(Kind::Usage)
                    .hint(text!("permission sets are set by kind, and the list there is replaced: \
                         `wxauth profile set {table}.mini_program 17,18`", "权限集按账号类型设置，并替换原有列表：`wxauth profile set {table}.mini_program 17,18`"))
                    .hint(text!("the kinds are {kinds}", "账号类型有：{kinds}"))
            }
            ConfigError::UnknownKey { .. } => {
                new(Kind::Usage).hint(text!("`wxauth profile set --help` lists the settings", "`wxauth profile set --help` 列出全部设置项"))
            }
            ConfigError::Missing { key, .. } => {
                new(Kind::ActionRequired).hint(text!("set it: `wxauth profile set {key} VALUE`", "设置：`wxauth profile set {key} VALUE`"))
            }
            ConfigError::Damaged { file, .. } => new(Kind::ActionRequired).hint(text!("mend that line, or move {} away and run `wxauth init`", "修正该行，或移走 {} 后运行 `wxauth init`", file.display())),
            ConfigError::NewerVersion { .. } => {
                new(Kind::ActionRequired).hint(text!("use the newer wxauth that wrote it", "请使用写入它的较新版本 wxauth"))
            }
            ConfigError::Read { .. } | ConfigError::Write { .. } => new(Kind::ActionRequired)
                .hint(text!("see who owns the file, or name another folder with `--config-dir DIR`", "检查文件的所有者，或用 `--config-dir DIR` 指定其他文件夹")),
            ConfigError::Locked { .. } => new(Kind::Store).hint(text!("run the command again", "请重新运行该命令")),
        }
    }
}

fn chinese(error: &ConfigError) -> String {
    match error {
        ConfigError::NoHome => "没有可存放配置的主目录".to_owned(),
        ConfigError::NoPlatform { .. } => "未选择平台".to_owned(),
        ConfigError::NoSuchProfile { name, origin, .. } => {
            let asked_by = match origin {
                Origin::Flag(_) => String::new(),
                other => format!("（由 {}指定）", place(other)),
            };
            format!("配置 `{name}` 不存在{asked_by}")
        }
        ConfigError::TwoPlatforms => "`--profile` 与 `--sandbox` 指定了不同的平台".to_owned(),
        ConfigError::SandboxCard => "沙箱的平台由沙箱自身描述".to_owned(),
        ConfigError::Invalid {
            name,
            origin,
            reason,
            expected,
        } => format!(
            "{}的 `{name}` {}；应为{}",
            place(origin),
            setting::reason(reason),
            setting::expected(expected)
        ),
        ConfigError::NotAvailable { name, origin, what } => format!(
            "{}的 `{name}` 要求{}，本版本不支持",
            place(origin),
            setting::not_available(what)
        ),
        ConfigError::RequiredNotConfigured { kind, ids, origin } => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let ids = ids.join("、");
            format!(
                "{}要求 {kind} 授予未列入其已配置权限集的项：{ids}",
                place(origin)
            )
        }
        ConfigError::Missing { key, origin } => format!("{}缺少 `{key}`", place(origin)),
        ConfigError::UnknownKey { key } => format!("没有名为 `{key}` 的设置项"),
        ConfigError::ProfileName { expected } => {
            format!("配置名称无效；应为{}", setting::expected(expected))
        }
        ConfigError::Damaged {
            file,
            line,
            column,
            message,
        } => format!(
            "{} 第 {line} 行第 {column} 列损坏：{}",
            file.display(),
            setting::reason(message)
        ),
        ConfigError::NewerVersion { file, found, known } => {
            format!(
                "{} 的版本为 {found}，当前 wxauth 支持到 {known}",
                file.display()
            )
        }
        ConfigError::Read { file, source } => format!("无法读取 {}：{source}", file.display()),
        ConfigError::Write { file, source } => format!("无法写入 {}：{source}", file.display()),
        ConfigError::Locked { file } => {
            format!("另一个进程正在修改配置：{} 已被锁定", file.display())
        }
    }
}

/// Where a value came from, in Chinese.
fn place(origin: &Origin) -> String {
    match origin {
        Origin::Flag(flag) => format!("`{flag}` "),
        Origin::Environment(variable) => format!("环境变量 `{variable}` "),
        Origin::Profile { name, file } => format!("{} 中的配置 `{name}` ", file.display()),
        Origin::File(file) => format!("{} ", file.display()),
        Origin::Default => "默认值".to_owned(),
    }
}

/// What is odd about the settings but does not keep them from being used.
#[must_use]
pub fn warning(warning: &ConfigWarning) -> Text {
    let chinese = match warning {
        ConfigWarning::LooseMode { file, mode } => format!(
            "{} 含有密钥，但其他用户可访问（权限 {mode:o}）",
            file.display()
        ),
        ConfigWarning::UnknownKey { file, key } => {
            format!("{} 中有未知的设置项：{key}", file.display())
        }
        ConfigWarning::MisplacedSecret { file, key } => format!(
            "{key} 是密钥，应写在 credentials.toml 而不是 {}：未使用该值",
            file.display()
        ),
        ConfigWarning::MintUnset { profile } => {
            format!("配置 `{profile}` 没有说明由谁签发令牌：只使用外部提供的令牌")
        }
        ConfigWarning::CommandUnused { profile, key } => {
            format!("配置 `{profile}` 同时设置了 `{key}` 与 `{key}_command`：不使用该命令")
        }
    };
    Text::new(warning.to_string(), chinese)
}

/// A setting of the environment or of a profile that is not used, and why.
#[must_use]
pub fn ignored(ignored: &Ignored) -> Text {
    let Ignored { name, why } = ignored;
    Text::each(|lang| match (lang, why) {
        (Lang::En, why) => format!("{name} is ignored: {why}"),
        (Lang::Zh, IgnoredWhy::Explicit(flag)) => format!("已忽略 {name}：平台由 `{flag}` 指定"),
        (Lang::Zh, IgnoredWhy::EnvironmentWins) => {
            format!("已忽略 {name}：平台由 `WXAUTH_COMPONENT_APPID` 指定")
        }
        (Lang::Zh, IgnoredWhy::NoAppid) => {
            format!("已忽略 {name}：未设置 `WXAUTH_COMPONENT_APPID`，因此只使用配置")
        }
    })
}
