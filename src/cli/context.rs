//! What a command works with: settings, store, platform and console, each made when first asked for.

use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::api::Observer;
use crate::config::{ConfigError, ConfigFolder, PermissionSets, Request, Settings};
#[cfg(feature = "sandbox")]
use crate::config::{EncryptionSource, Ignored, IgnoredWhy};
use crate::console::{Console, ConsoleOptions, Format, Progress};
use crate::flow::grants::ConfiguredSets;
use crate::flow::{Platform, ReleaseState, RequiredSets};
use crate::lang::{Text, text};
use crate::store::PlatformKey;
use crate::sys::clock::Clock;
use crate::sys::env::Environment;
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::link::LinkHosts;

use super::args::{Globals, Output};
use super::error::CliError;
use super::help;
#[cfg(feature = "sandbox")]
use super::session::Session;

mod encryption;
mod lender;
mod open;
mod push_keys;
mod watch;

/// What a command works with.
pub struct Context {
    globals: Globals,
    environment: Environment,
    console: Console,
    clock: Clock,
    command: String,
    settings: OnceCell<Settings>,
    platform: OnceCell<Platform>,
    progress: Arc<Mutex<Option<Progress>>>,
    observer: Observer,
    #[cfg(feature = "sandbox")]
    session: OnceCell<Session>,
}

impl Context {
    /// A context; nothing is read, opened or called yet.
    #[must_use]
    pub fn new(
        globals: Globals,
        environment: Environment,
        console: Console,
        clock: Clock,
        command: String,
    ) -> Self {
        Self {
            globals,
            environment,
            console,
            clock,
            command,
            settings: OnceCell::new(),
            platform: OnceCell::new(),
            progress: Arc::default(),
            observer: Observer::default(),
            #[cfg(feature = "sandbox")]
            session: OnceCell::new(),
        }
    }

    /// A context like this one for a platform of its own; `observer` is told of its API's calls.
    #[must_use]
    pub fn beside(&self, profile: Option<String>, observer: Observer) -> Self {
        let globals = Globals {
            profile: profile.or_else(|| self.globals.profile.clone()),
            ..self.globals.clone()
        };
        let (environment, console) = (self.environment.clone(), self.console.clone());
        let context = Self::new(
            globals,
            environment,
            console,
            self.clock.clone(),
            self.command.clone(),
        );
        Self {
            observer,
            ..context
        }
    }

    /// The console for everything but the answer.
    #[must_use]
    pub fn console(&self) -> &Console {
        &self.console
    }

    /// The clock; in the sandbox it is the sandbox's.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The moment that `--since TIME` means.
    ///
    /// # Errors
    /// When it lies before the calendar.
    pub fn since(&self, span: Option<Duration>) -> Result<Option<Timestamp>, CliError> {
        let too_long = || CliError::usage(text!("`--since` is too long", "`--since` 过长"));
        let before = |span| {
            let span = SignedDuration::try_from(span).map_err(|_| too_long())?;
            self.clock
                .now()
                .saturating_sub(span)
                .map_err(|_| too_long())
        };
        span.map(before).transpose()
    }

    /// The environment's snapshot.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The global flags.
    #[must_use]
    pub fn globals(&self) -> &Globals {
        &self.globals
    }

    /// The format of the answer, out of those the command has, and a console that answers in it.
    ///
    /// # Errors
    /// A flag that does not apply.
    pub fn output(&self, allowed: &[Output]) -> Result<(Output, Console), CliError> {
        let output = Output::choose(self.globals.format(), &self.environment, allowed)?;
        Ok((output, self.console.with_format(output.format())))
    }

    /// The console for an answer made of records.
    ///
    /// # Errors
    /// A flag that does not apply.
    pub fn records(&self) -> Result<Console, CliError> {
        Ok(self.output(Output::COMMON)?.1)
    }

    /// The console for an answer that is a document: JSON or words.
    ///
    /// # Errors
    /// A flag that does not apply.
    pub fn document(&self) -> Result<Console, CliError> {
        Ok(self
            .output(&[Output::Table, Output::Json, Output::Ndjson])?
            .1)
    }

    /// The configuration folder.
    ///
    /// # Errors
    /// When there is no home to put it in.
    pub fn folder(&self) -> Result<ConfigFolder, CliError> {
        Ok(ConfigFolder::resolve(
            self.globals.config_dir.as_deref(),
            &self.environment,
        )?)
    }

    /// The platform's settings; what was ignored is said the first time.
    ///
    /// # Errors
    /// No platform, or settings that do not hold together.
    pub async fn settings(&self) -> Result<&Settings, CliError> {
        self.settings
            .get_or_try_init(|| async {
                let settings = self.resolve().await?;
                self.announce(&settings);
                Ok(settings)
            })
            .await
    }

    /// The settings without the secrets and addresses that cannot be used, and an error for each of
    /// those; whoever asks for settings later gets the same.
    ///
    /// # Errors
    /// As [`Context::settings`], for everything else.
    pub async fn sound_settings(&self) -> Result<(&Settings, Vec<ConfigError>), CliError> {
        if self.globals.sandbox {
            return Ok((self.settings().await?, Vec::new()));
        }
        let (settings, broken) =
            Settings::resolve_leniently(&self.folder()?, &self.request(), &self.environment)?;
        self.announce(&settings);
        let settings = self.settings.get_or_init(|| async { settings }).await;
        Ok((settings, broken))
    }

    fn announce(&self, settings: &Settings) {
        for ignored in &settings.ignored {
            self.console.note(super::error::ignored(ignored));
        }
        for warning in &settings.warnings {
            self.console.warn(super::error::warning(warning));
        }
    }

    fn request(&self) -> Request {
        Request {
            profile: self.globals.profile.clone(),
            sandbox: self.globals.sandbox,
        }
    }

    async fn resolve(&self) -> Result<Settings, CliError> {
        let folder = self.folder()?;
        #[cfg(feature = "sandbox")]
        if self.globals.sandbox {
            let platform = self.session().await?.platform()?;
            let mut settings = Settings::sandbox(&folder, &self.environment, platform)?;
            let why = IgnoredWhy::Explicit("--sandbox");
            settings.ignored = Ignored::variables(&self.environment, why);
            settings.encryption = EncryptionSource::of_environment(&self.environment)?;
            return Ok(settings);
        }
        Ok(Settings::resolve(
            &folder,
            &self.request(),
            &self.environment,
        )?)
    }

    /// The sandbox of this configuration folder: the one running there, else one hosted here.
    ///
    /// # Errors
    /// When it can be neither found nor hosted.
    #[cfg(feature = "sandbox")]
    pub async fn session(&self) -> Result<&Session, CliError> {
        self.session
            .get_or_try_init(|| async {
                let session = Session::find_or_host(&self.folder()?.sandbox()).await?;
                // The client's wall clock follows the sandbox's: that is how it knows the time.
                self.clock.set_offset(session.clock_offset());
                Ok(session)
            })
            .await
    }

    /// The platform, with its store open.
    ///
    /// # Errors
    /// What the settings, the store or the HTTP client say.
    pub async fn platform(&self) -> Result<&Platform, CliError> {
        self.platform.get_or_try_init(|| self.open_platform()).await
    }

    /// What the platform's records are kept under.
    ///
    /// # Errors
    /// As [`Context::settings`].
    pub async fn key(&self) -> Result<PlatformKey, CliError> {
        let settings = self.settings().await?;
        Ok(PlatformKey {
            realm: settings.realm.clone(),
            component_appid: settings.component_appid.value.clone(),
        })
    }

    /// Whether and for whom the platform is released.
    ///
    /// # Errors
    /// As [`Context::settings`].
    pub async fn release(&self) -> Result<ReleaseState, CliError> {
        let settings = self.settings().await?;
        Ok(ReleaseState {
            released: settings.released,
            test_list: settings.test_list.clone(),
        })
    }

    /// The permission sets every merchant has to grant.
    ///
    /// # Errors
    /// As [`Context::settings`].
    pub async fn required_sets(&self) -> Result<RequiredSets, CliError> {
        let settings = self.settings().await?;
        Ok(RequiredSets {
            by_kind: by_kind(&settings.required_permissions),
        })
    }

    /// The permission sets that the platform offers, as far as they were declared.
    ///
    /// # Errors
    /// As [`Context::settings`].
    pub async fn configured_sets(&self) -> Result<ConfiguredSets, CliError> {
        let settings = self.settings().await?;
        Ok(ConfiguredSets {
            by_kind: by_kind(&settings.configured_permissions),
        })
    }

    /// The hosts that links point to.
    ///
    /// # Errors
    /// As [`Context::settings`].
    pub async fn link_hosts(&self) -> Result<LinkHosts, CliError> {
        self.settings().await?;
        #[cfg(feature = "sandbox")]
        if let Some(session) = self.session.get() {
            return Ok(LinkHosts::at(&session.link_base()));
        }
        Ok(LinkHosts::default())
    }

    /// Shows a bar for bulk work that the platform's verbs report on.
    pub fn show_progress(&self, label: Text) {
        if let Ok(mut progress) = self.progress.lock() {
            *progress = Some(self.console.progress(None, label));
        }
    }

    /// Takes the bar away.
    pub fn hide_progress(&self) {
        if let Ok(mut progress) = self.progress.lock()
            && let Some(bar) = progress.take()
        {
            bar.finish();
        }
    }

    /// Waits for what must not be cut short.
    pub async fn settled(&self) {
        if let Some(platform) = self.platform.get() {
            platform.settled().await;
        }
    }

    /// Ends what the context holds; a sandbox hosted here waits for those who joined it.
    pub async fn close(mut self) {
        self.hide_progress();
        drop(self.platform.take());
        #[cfg(feature = "sandbox")]
        if let Some(session) = self.session.take() {
            session.close(&self.console).await;
        }
    }
}

fn by_kind(sets: &PermissionSets) -> Vec<(AccountKind, Vec<PermissionSetId>)> {
    let kind = |name: &str| name.parse().unwrap_or(AccountKind::Other);
    sets.iter()
        .map(|(name, ids)| (kind(name), ids.to_vec()))
        .collect()
}

/// The console these flags and this environment ask for.
pub fn console(globals: &Globals, environment: &Environment, clock: Clock) -> Console {
    let every = <Output as clap::ValueEnum>::value_variants();
    let output = Output::choose(globals.format(), environment, every).unwrap_or(Output::Table);
    let options = ConsoleOptions {
        format: output.format(),
        quiet: globals.quiet,
        verbose: globals.verbose,
        color: globals.color,
        lang: globals.lang.unwrap_or_else(|| help::preferred(environment)),
        columns: globals.columns.clone(),
        #[cfg(feature = "jq")]
        filter: None,
        input: !globals.no_input,
        pager: !globals.no_pager,
        assume_yes: globals.yes,
        platform_flag: match &globals.profile {
            Some(name) => Some(format!("--profile {name}")),
            None => globals.sandbox.then(|| "--sandbox".to_owned()),
        },
        reveal: globals.reveal,
    };
    Console::new(options, environment, clock)
}

/// A console for usage errors: format and language as far as the unparsed arguments and the
/// environment name them.
pub fn raw_console(arguments: &[OsString], environment: &Environment) -> Console {
    let words = arguments.iter().filter_map(|word| word.to_str());
    let words: Vec<_> = words.take_while(|word| *word != "--").collect();
    let asked = |long: &str, short: Option<&str>| {
        words.iter().enumerate().find_map(|(index, word)| {
            if *word == long || Some(*word) == short {
                return words.get(index + 1).copied();
            }
            let joined = word
                .strip_prefix(long)
                .and_then(|rest| rest.strip_prefix('='));
            joined.or_else(|| word.strip_prefix(short?))
        })
    };
    // A filter implies it.
    let filtered = asked("--jq", None).map(|_| "json");
    let named = asked("--output", Some("-o")).or(filtered);
    let format = match named.or(environment.get("WXAUTH_OUTPUT")) {
        Some("json") => Format::Json,
        Some("ndjson") => Format::Ndjson,
        _ => Format::Table,
    };
    let options = ConsoleOptions {
        format,
        lang: help::language(arguments, environment),
        ..ConsoleOptions::default()
    };
    Console::new(options, environment, Clock::system())
}
