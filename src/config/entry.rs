//! A profile with its secrets, to and from TOML.

use std::path::PathBuf;

use toml::{Table, Value};

use super::fields::Fields;
use super::{CommandLine, ConfigError, Credentials, PermissionSets, Profile, value};
use crate::wechat::id::UserName;

/// WeChat's own limit of accounts in the test list.
const TEST_LIST_LIMIT: usize = 10;

/// A profile with its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What `config.toml` says.
    pub profile: Profile,
    /// What `credentials.toml` says.
    pub credentials: Credentials,
}

impl Entry {
    pub(super) fn read(profile: &Fields, credentials: &Fields) -> Result<Self, ConfigError> {
        Ok(Self {
            profile: read_profile(profile)?,
            credentials: read_credentials(credentials)?,
        })
    }
}

fn read_profile(fields: &Fields) -> Result<Profile, ConfigError> {
    let component_appid = fields.text("component_appid", value::component_appid)?;
    let configured_permissions = fields.sets("configured_permissions")?;
    Ok(Profile {
        component_appid: component_appid.ok_or_else(|| ConfigError::Missing {
            key: "component_appid",
            origin: fields.origin.clone(),
        })?,
        api_base: fields.text("api_base", value::api_base)?,
        redirect_uri: fields.text("redirect_uri", value::redirect_uri)?,
        launch_domain: fields.text("launch_domain", value::launch_domain)?,
        launch_page: fields.text("launch_page", value::launch_page)?,
        released: fields.flag("released")?,
        test_list: read_test_list(fields)?,
        required_permissions: read_required(fields, &configured_permissions)?,
        configured_permissions,
        mint: fields.text("mint", value::mint)?,
        token_command: fields.command("token_command")?,
        ticket_command: fields.command("ticket_command")?,
        appsecret_command: fields.command("appsecret_command")?,
        encoding_aes_key_command: fields.command("encoding_aes_key_command")?,
        layout: fields.text("layout", value::layout)?,
        layout_prefix: fields.text("layout_prefix", value::layout_prefix)?,
        layout_redis: fields.text("layout_redis", value::layout_redis)?,
        store: fields.text("store", value::stored_store)?,
        encryption_key_file: fields.text("encryption_key_file", value::file_path)?,
        encryption_key_command: fields.command("encryption_key_command")?,
        ca_file: fields.text("ca_file", value::file_path)?,
    })
}

/// The required sets, each of them among the configured ones of its kind where those were named:
/// what is not offered cannot be granted.
fn read_required(
    fields: &Fields,
    configured: &PermissionSets,
) -> Result<PermissionSets, ConfigError> {
    let required = fields.sets("required_permissions")?;
    for (kind, ids) in required.iter() {
        let offered = configured.of(kind);
        let lacking: Vec<_> = ids.iter().filter(|id| !offered.contains(id)).collect();
        if !offered.is_empty() && !lacking.is_empty() {
            return Err(ConfigError::RequiredNotConfigured {
                kind: kind.to_owned(),
                ids: lacking.into_iter().copied().collect(),
                origin: fields.origin.clone(),
            });
        }
    }
    Ok(required)
}

fn read_test_list(fields: &Fields) -> Result<Vec<UserName>, ConfigError> {
    let test_list = fields.texts("test_list", value::user_name)?;
    if test_list.len() > TEST_LIST_LIMIT {
        return Err(fields.invalid("test_list", "has too many entries", "at most 10 accounts"));
    }
    Ok(test_list)
}

fn read_credentials(fields: &Fields) -> Result<Credentials, ConfigError> {
    Ok(Credentials {
        appsecret: fields.text("appsecret", value::secret)?,
        token: fields.text("token", value::token)?,
        encoding_aes_key: fields.text("encoding_aes_key", value::encoding_aes_key)?,
        encoding_aes_key_previous: fields
            .text("encoding_aes_key_previous", value::encoding_aes_key)?,
        store_password: fields.text("store_password", value::password)?,
        encryption_key: fields.text("encryption_key", value::encryption_key)?,
        encryption_key_previous: fields.text("encryption_key_previous", value::encryption_keys)?,
        layout_redis_password: fields.text("layout_redis_password", value::password)?,
    })
}

impl Profile {
    pub(super) fn to_table(&self) -> Table {
        let mut table = Table::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                table.insert(key.to_owned(), value);
            }
        };
        let appid = self.component_appid.as_str();
        put("component_appid", Some(appid.into()));
        put(
            "api_base",
            self.api_base.as_ref().map(|base| base.as_str().into()),
        );
        put(
            "redirect_uri",
            self.redirect_uri.as_deref().map(Value::from),
        );
        put(
            "launch_domain",
            self.launch_domain.as_deref().map(Value::from),
        );
        put(
            "launch_page",
            self.launch_page.as_ref().map(|page| page.as_str().into()),
        );
        put("released", self.released.map(Value::from));
        let test_list = self.test_list.iter().map(|account| account.as_str().into());
        put("test_list", list(test_list));
        put("configured_permissions", sets(&self.configured_permissions));
        put("required_permissions", sets(&self.required_permissions));
        put("mint", self.mint.map(|mint| mint.as_str().into()));
        put("token_command", self.token_command.as_ref().map(command));
        put("ticket_command", self.ticket_command.as_ref().map(command));
        put(
            "appsecret_command",
            self.appsecret_command.as_ref().map(command),
        );
        let encoding_aes_key_command = self.encoding_aes_key_command.as_ref().map(command);
        put("encoding_aes_key_command", encoding_aes_key_command);
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        put(
            "encryption_key_file",
            path(&self.encryption_key_file).map(Value::from),
        );
        put(
            "encryption_key_command",
            self.encryption_key_command.as_ref().map(command),
        );
        put("layout", self.layout.map(|layout| layout.as_str().into()));
        put(
            "layout_prefix",
            self.layout_prefix.as_deref().map(Value::from),
        );
        let layout_redis = self.layout_redis.as_ref().map(ToString::to_string);
        put("layout_redis", layout_redis.map(Value::from));
        put(
            "store",
            self.store.as_ref().map(|store| store.to_string().into()),
        );
        put("ca_file", path(&self.ca_file).map(Value::from));
        table
    }
}

impl Credentials {
    pub(super) fn to_table(&self) -> Table {
        let secrets = [
            ("appsecret", &self.appsecret),
            ("token", &self.token),
            ("encoding_aes_key", &self.encoding_aes_key),
            ("encoding_aes_key_previous", &self.encoding_aes_key_previous),
            ("store_password", &self.store_password),
            ("encryption_key", &self.encryption_key),
            ("encryption_key_previous", &self.encryption_key_previous),
            ("layout_redis_password", &self.layout_redis_password),
        ];
        let mut table = Table::new();
        for (key, secret) in secrets {
            if let Some(secret) = secret {
                table.insert(key.to_owned(), secret.expose().into());
            }
        }
        table
    }
}

fn list(values: impl Iterator<Item = Value>) -> Option<Value> {
    let values: Vec<Value> = values.collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

fn command(command: &CommandLine) -> Value {
    let arguments = command.arguments().iter().map(String::as_str);
    let argv = std::iter::once(command.program()).chain(arguments);
    Value::Array(argv.map(Value::from).collect())
}

fn sets(sets: &PermissionSets) -> Option<Value> {
    let table: Table = sets
        .iter()
        .filter_map(|(kind, ids)| {
            let ids = ids.iter().map(|id| i64::from(id.0).into());
            Some((kind.to_owned(), list(ids)?))
        })
        .collect();
    (!table.is_empty()).then_some(Value::Table(table))
}
