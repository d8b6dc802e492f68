//! `init --from`: what an SDK's configuration says, taken over.

use std::path::{Path, PathBuf};

use crate::cli::commands::input;
use crate::cli::context::Context;
use crate::cli::error::{CliError, import_refused, unresolved};
use crate::config::import::{Found, FoundValue, Lookup, RedisPlace, Setting, Sheet, Unresolved};
use crate::console::Console;
use crate::lang::{Text, text};
use crate::sys::files;
use crate::wechat::secret::Secret;

use told::Answer;

mod choice;
mod told;

/// More than any configuration has.
const LIMIT: u64 = 1 << 20;

/// The platform that was taken from a file.
pub(super) struct Taken {
    file: String,
    form: &'static str,
    found: Found,
    ignored: usize,
    redis: Option<RedisPlace>,
}

impl Taken {
    /// Reads `path` (`-` is stdin) and takes the platform that `appid` names, or the only one.
    ///
    /// # Errors
    /// When nothing can be taken from it, or several platforms could.
    pub(super) async fn read(
        context: &Context,
        path: &Path,
        appid: Option<&str>,
    ) -> Result<Self, CliError> {
        let console = context.console();
        let stdin = path == Path::new("-");
        let file = match stdin {
            true => "stdin".to_owned(),
            false => path.display().to_string(),
        };
        let refused = |error| import_refused(&file, error);
        let bytes = input::bytes(path, LIMIT).await.map_err(|error| {
            error.hint(text!(
                "give the file that holds the platform's appid and appsecret",
                "请指定含有第三方平台 appid 与 appsecret 的文件"
            ))
        })?;
        let name = path.file_name().and_then(|name| name.to_str());
        let sheet = Sheet::read(name.filter(|_| !stdin), &bytes).map_err(refused)?;
        let beside = match stdin {
            true => None,
            false => beside(console, path),
        };
        let lookup = Lookup {
            environment: context.environment(),
            beside: beside.as_ref(),
        };
        let platforms = sheet.platforms(lookup).map_err(refused)?;
        let found = choice::choose(console, &file, platforms, appid)?;
        found.check().map_err(refused)?;
        let taken = Self {
            form: sheet.form().word(),
            ignored: sheet.names().saturating_sub(found.settings.len()),
            redis: sheet.redis(lookup),
            file,
            found,
        };
        taken.tell_open(console);
        Ok(taken)
    }

    /// The value of a setting, where there is one.
    pub(super) fn value(&self, key: &str) -> Option<&Secret> {
        let setting = self.found.settings.iter().find(|it| it.key == key)?;
        match &setting.value {
            FoundValue::Given { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Its appid.
    pub(super) fn appid(&self) -> Option<String> {
        self.found.appid().map(|appid| appid.to_string())
    }

    /// Whether the platform variables of the environment are of another platform; that is said.
    pub(super) fn is_foreign(&self, context: &Context, asked: Option<&str>) -> bool {
        let variable = context.environment().get("WXAUTH_COMPONENT_APPID");
        let appid = self.appid().or(asked.map(str::to_owned));
        let foreign = appid.is_some() && variable.is_some() && appid.as_deref() != variable;
        if foreign {
            context.console().note(text!(
                "the variable `WXAUTH_COMPONENT_APPID` names another platform: it and those beside it are not used",
                "环境变量 `WXAUTH_COMPONENT_APPID` 指定的是另一个平台：不使用它及相关变量"
            ));
        }
        foreign
    }

    /// What to say when nobody can be asked for the appid that the file leaves open.
    pub(super) fn no_appid(&self) -> CliError {
        let open = self.found.settings.iter().find_map(|setting| {
            let why = why(setting).filter(|_| setting.key == "component_appid")?;
            Some(unresolved(&setting.name, setting.line, why))
        });
        let nothing = || text!("the file has no appid", "文件中没有 appid");
        CliError::usage(open.unwrap_or_else(nothing))
            .hint(text!(
                "give it: `--component-appid APPID`",
                "请指定：`--component-appid APPID`"
            ))
            .hint(text!(
                "or set that variable and run this again",
                "或设置该变量后重新运行"
            ))
    }

    /// Why `mint = never` is proposed.
    pub(super) fn why_never(&self) -> Text {
        let (english, chinese) = match self.found.sdk {
            Some(sdk) => (sdk.name(), sdk.name()),
            None => ("a backend", "你的后端"),
        };
        Text::new(
            format!(
                "{english} holds this platform, so `mint = never` is proposed: two who ask WeChat for its tokens end each \
                 other's. When nobody else asks any more: `--mint wxauth`"
            ),
            format!(
                "该平台已由 {chinese} 使用，因此建议 `mint = never`：两处同时获取令牌会使对方的失效。若已无其他程序获取令牌：`--mint wxauth`"
            ),
        )
    }

    /// What is told once the profile is written.
    pub(super) fn answer(&self) -> Answer {
        Answer::of(self)
    }

    /// What is worth knowing after that.
    pub(super) fn tell(&self, console: &Console) {
        let Self { ignored, .. } = self;
        if *ignored > 0 {
            console.note(text!(
                "{ignored} other settings of the file are not for wxauth",
                "文件中另有 {ignored} 项设置与 wxauth 无关，已忽略"
            ));
        }
        if self.found.is_doubtful() {
            console.warn(text!(
                "nothing in the file proves that this is a third-party platform: an official account, a mini program and a \
                 website application have appids of the same shape",
                "文件中没有内容能证明这是第三方平台：公众号、小程序与网站应用的 appid 形式相同，请核对"
            ));
        }
        if let Some(redis) = &self.redis {
            let address = redis.address();
            console.hint(text!(
                "the tokens may be in its Redis: `wxauth store detect {address}` finds them and prints the settings to borrow \
                 them by",
                "令牌可能保存在其 Redis 中：`wxauth store detect {address}` 可查找并给出借用令牌所需的设置"
            ));
            if redis.password {
                console.note(text!(
                    "its password is not taken over and not shown",
                    "其密码未导入，也不会显示"
                ));
            }
        }
    }

    fn tell_open(&self, console: &Console) {
        for setting in &self.found.settings {
            if let Some(why) = why(setting) {
                console.warn(unresolved(&setting.name, setting.line, why));
            }
        }
    }
}

fn why(setting: &Setting) -> Option<&Unresolved> {
    match &setting.value {
        FoundValue::Unresolved(why) => Some(why),
        _ => None,
    }
}

/// The `.env` beside a file; Laravel keeps it a folder above its `config`.
fn beside(console: &Console, path: &Path) -> Option<Sheet> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut places = vec![folder.join(".env")];
    if folder.canonicalize().is_ok_and(|it| it.ends_with("config")) {
        places.push(folder.join("..").join(".env"));
    }
    for place in places {
        let same = path.canonicalize().ok() == place.canonicalize().ok();
        let Ok(bytes) = files::read_bytes(&place, LIMIT) else {
            continue;
        };
        if same {
            continue;
        }
        match Sheet::read_dotenv(&bytes) {
            Ok(sheet) => return Some(sheet),
            Err(error) => {
                let refused = import_refused(&place.display().to_string(), error);
                console.warn(refused.message().clone());
            }
        }
    }
    None
}
