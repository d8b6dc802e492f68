//! Takes typed values out of a TOML table.

use toml::{Table, Value};

use super::value::Refused;
use super::{CommandLine, ConfigError, Origin, PermissionSets};
use crate::wechat::id::PermissionSetId;

/// A table and what to call it when one of its values is refused.
pub(super) struct Fields<'a> {
    pub(super) table: &'a Table,
    pub(super) origin: &'a Origin,
}

impl Fields<'_> {
    pub(super) fn invalid(
        &self,
        key: &str,
        reason: &'static str,
        expected: &'static str,
    ) -> ConfigError {
        Refused::Invalid { reason, expected }.at(key, self.origin)
    }

    /// A text that passes `check`.
    pub(super) fn text<T>(
        &self,
        key: &str,
        check: fn(&str) -> Result<T, Refused>,
    ) -> Result<Option<T>, ConfigError> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => check(text)
                .map(Some)
                .map_err(|refused| refused.at(key, self.origin)),
            Some(_) => Err(self.invalid(key, "is no text", "a text in quotes")),
        }
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ConfigError> {
        match self.table.get(key) {
            None => Ok(None),
            Some(Value::Boolean(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.invalid(key, "is neither true nor false", "true or false")),
        }
    }

    /// A list of texts that pass `check`.
    pub(super) fn texts<T>(
        &self,
        key: &str,
        check: fn(&str) -> Result<T, Refused>,
    ) -> Result<Vec<T>, ConfigError> {
        let Some(value) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let Some(texts) = as_texts(value) else {
            return Err(self.invalid(key, "is no list of texts", "[\"…\", \"…\"]"));
        };
        texts
            .into_iter()
            .map(|text| check(text).map_err(|refused| refused.at(key, self.origin)))
            .collect()
    }

    /// A list of a program and its arguments, or the text of both.
    pub(super) fn command(&self, key: &str) -> Result<Option<CommandLine>, ConfigError> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let command = match value {
            Value::String(text) => CommandLine::parse(text),
            other => as_texts(other)
                .and_then(|argv| CommandLine::from_argv(argv.into_iter().map(str::to_owned))),
        };
        let expected = "a program with its arguments, quotes closed";
        command
            .map(Some)
            .ok_or_else(|| self.invalid(key, "is no command", expected))
    }

    /// A table of lists of numbers, by kind of account.
    pub(super) fn sets(&self, key: &str) -> Result<PermissionSets, ConfigError> {
        let mut sets = PermissionSets::default();
        let Some(value) = self.table.get(key) else {
            return Ok(sets);
        };
        let expected =
            "lists of numbers under official_account, mini_program, channels, store or other";
        let refused = |reason| self.invalid(key, reason, expected);
        let table = value.as_table().ok_or_else(|| refused("is no table"))?;
        for (kind, ids) in table {
            if !PermissionSets::KINDS.contains(&kind.as_str()) {
                return Err(refused("has an unknown kind of account"));
            }
            let ids: Option<Vec<_>> = ids.as_array().and_then(|ids| {
                ids.iter()
                    .map(|id| u32::try_from(id.as_integer()?).ok().map(PermissionSetId))
                    .collect()
            });
            let ids = ids.ok_or_else(|| refused("has something else than a list of numbers"))?;
            sets.set(kind, ids);
        }
        Ok(sets)
    }
}

fn as_texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
