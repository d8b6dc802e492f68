//! Opening a platform: its store, its API, its credentials.

use std::sync::Arc;

use super::{Context, lender, watch};
use crate::api::{Api, ApiOptions, RetryPolicy};
use crate::cli::error::{CliError, PasswordFrom, elsewhere};
use crate::cli::exit::Kind;
use crate::config::{CommandLine, Origin, StoreSetting};
use crate::flow::{Credentials, Platform, PlatformOptions, SecretSource};
use crate::lang::text;
use crate::store::backend::Backend;
use crate::store::encryption::Keyring;
use crate::store::tickets::TicketSource;
use crate::store::{Holder, Store, StoreLocation, StoreOptions};
use crate::sys::command::NESTED;
use crate::sys::host;
use crate::sys::http::HttpOptions;
use crate::wechat::secret::Secret;

#[cfg(feature = "sandbox")]
use crate::cli::session::Session;

impl Context {
    pub(super) async fn open_platform(&self) -> Result<Platform, CliError> {
        let store = self.store().await?;
        self.platform_over(store).await
    }

    /// The platform over an empty store in memory, for when its own does not open.
    ///
    /// # Errors
    /// As [`Context::platform`].
    pub async fn platform_without_store(&self) -> Result<Platform, CliError> {
        let store = Store::open(&StoreLocation::Memory, self.store_options(Keyring::none()));
        self.platform_over(store.await?).await
    }

    async fn platform_over(&self, store: Store) -> Result<Platform, CliError> {
        let settings = self.settings().await?;
        let api = Api::new(ApiOptions {
            base: settings.api_base.value.clone(),
            http: HttpOptions {
                ca_file: settings.ca_file.clone(),
                ..HttpOptions::default()
            },
            retry: RetryPolicy::default(),
            clock: self.clock.clone(),
            observer: self.observer.clone(),
        });
        let command = |command: &Option<CommandLine>| command.as_ref().map(CommandLine::argv);
        let appsecret = match (&settings.appsecret, command(&settings.appsecret_command)) {
            (Some(secret), _) => SecretSource::Value(secret.value.clone()),
            (None, Some(argv)) => SecretSource::Command(argv),
            (None, None) => SecretSource::Missing,
        };
        let outside = match &settings.ticket {
            Some(ticket) => Some((ticket.value.clone(), TicketSource::Environment)),
            None => self
                .sandbox_ticket()
                .map(|ticket| (ticket, TicketSource::Push)),
        };
        let (ticket, ticket_source) = match (outside, command(&settings.ticket_command)) {
            (Some((ticket, source)), _) => (SecretSource::Value(ticket), source),
            (None, Some(argv)) => (SecretSource::Command(argv), TicketSource::Command),
            (None, None) => (SecretSource::Missing, TicketSource::Set),
        };
        if self.environment.has(NESTED) && settings.token_command.is_some() {
            return Err(CliError::new(
                Kind::ActionRequired,
                text!("a `token_command` calls wxauth for a platform that has a `token_command` itself", "`token_command` 调用了 wxauth，而其平台自身也设有 `token_command`"),
            )
            .hint(text!("name the program of the backend that mints: `wxauth profile set token_command 'PROGRAM ARGS'`", "请指定实际签发令牌的后端程序：`wxauth profile set token_command 'PROGRAM ARGS'`")));
        }
        let options = PlatformOptions {
            key: self.key().await?,
            credentials: Credentials {
                appsecret,
                ticket,
                ticket_source,
            },
            mint: lender::policy(settings)?,
            lock_timeout: self.globals.lock_timeout,
        };
        let watcher = watch::watcher(self.console.clone(), Arc::clone(&self.progress));
        Ok(Platform::new(
            options,
            store,
            api,
            self.clock.clone(),
            watcher,
        ))
    }

    fn sandbox_ticket(&self) -> Option<Secret> {
        #[cfg(feature = "sandbox")]
        return self.session.get().map(Session::ticket);
        #[cfg(not(feature = "sandbox"))]
        return None;
    }

    async fn store(&self) -> Result<Store, CliError> {
        let location = self.store_location().await?;
        let origin = &self.settings().await?.store.origin;
        match origin {
            Origin::Environment(variable) => {
                let password = PasswordFrom::Variable(variable);
                self.open_by(&location, password).await
            }
            _ => self.open_store(&location).await,
        }
    }

    /// Where the platform's state lives.
    ///
    /// # Errors
    /// As [`Context::settings`].
    pub async fn store_location(&self) -> Result<StoreLocation, CliError> {
        Ok(match &self.settings().await?.store.value {
            StoreSetting::Sqlite(path) => StoreLocation::Sqlite(path.clone()),
            StoreSetting::Memory => StoreLocation::Memory,
            StoreSetting::Redis(address) => StoreLocation::Redis(address.clone()),
        })
    }

    /// Opens a store: the platform's own, or another one.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open_store(&self, location: &StoreLocation) -> Result<Store, CliError> {
        let keyring = self.keyring().await?;
        Ok(Store::open(location, self.store_options(keyring)).await?)
    }

    /// Opens a store whose password comes from elsewhere than the profile.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open_by(
        &self,
        location: &StoreLocation,
        password: PasswordFrom,
    ) -> Result<Store, CliError> {
        let keyring = self.keyring().await?;
        let opened = Store::open(location, self.store_options(keyring));
        opened.await.map_err(|error| elsewhere(error, password))
    }

    /// The backend whose SDK's keys the profile describes.
    ///
    /// # Errors
    /// When it describes none, which is a wrong use of whatever asks.
    pub async fn described_backend(&self) -> Result<Backend, CliError> {
        lender::described(self.settings().await?)
    }

    /// The backend whose keys the profile describes, to be given what wxauth holds.
    ///
    /// # Errors
    /// As [`Context::described_backend`], and where nothing can be put among its keys.
    pub async fn recipient(&self) -> Result<Backend, CliError> {
        lender::recipient(self.settings().await?)
    }

    /// How stores are opened here.
    #[must_use]
    pub fn store_options(&self, keyring: Keyring) -> StoreOptions {
        let holder = Holder {
            host: host::name(),
            process_id: host::process_id(),
            command: self.command.clone(),
        };
        StoreOptions {
            keyring,
            timeout: self.globals.lock_timeout,
            ..StoreOptions::new(holder, self.clock.clone())
        }
    }
}
