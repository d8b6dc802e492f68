//! One setting of a profile, given as text.

use toml::{Table, Value};

use super::fields::Fields;
use super::key::Shape;
use super::value::{Refused, parts};
use super::{ConfigError, Entry, Key, Origin};

impl Entry {
    /// Sets the key of that name, as `profile set KEY VALUE` does; see
    /// [`KEYS`](super::KEYS). Lists are separated by commas, semicolons or white space. The entry
    /// is unchanged after an error.
    ///
    /// # Errors
    /// [`ConfigError::UnknownKey`], and [`ConfigError::Invalid`] or
    /// [`ConfigError::NotAvailable`] for the value, naming `origin`.
    pub fn assign(&mut self, key: &str, text: &str, origin: &Origin) -> Result<(), ConfigError> {
        let value = match find(key)?.shape {
            Shape::Text | Shape::Command | Shape::Secret => text.into(),
            Shape::Flag => match text {
                "true" | "yes" => true.into(),
                "false" | "no" => false.into(),
                // The reader says what it expects.
                _ => text.into(),
            },
            Shape::Texts => Value::Array(parts(text).map(Value::from).collect()),
            Shape::Sets => {
                let number = |part: &str| part.parse::<i64>().map(Value::from);
                let ids: Result<Vec<Value>, _> = parts(text).map(number).collect();
                let refused = |_| Refused::Invalid {
                    reason: "is no list of numbers",
                    expected: "ids of permission sets, separated by commas",
                };
                Value::Array(ids.map_err(|error| refused(error).at(key, origin))?)
            }
        };
        self.change(key, Some(value), origin)
    }

    /// Takes the key of that name away.
    ///
    /// # Errors
    /// [`ConfigError::UnknownKey`], and [`ConfigError::Missing`] for `component_appid`.
    pub fn clear(&mut self, key: &str, origin: &Origin) -> Result<(), ConfigError> {
        find(key)?;
        self.change(key, None, origin)
    }

    /// Goes through the tables, so that a value is checked here as it is when it is read.
    fn change(
        &mut self,
        name: &str,
        value: Option<Value>,
        origin: &Origin,
    ) -> Result<(), ConfigError> {
        let mut profile = self.profile.to_table();
        let mut credentials = self.credentials.to_table();
        let table = match find(name)?.shape {
            Shape::Secret => &mut credentials,
            _ => &mut profile,
        };
        match name.split_once('.') {
            None => put(table, name, value),
            Some((outer, kind)) => {
                let inner = table.entry(outer).or_insert_with(|| Table::new().into());
                if let Value::Table(inner) = inner {
                    put(inner, kind, value);
                }
            }
        }
        let fields = |table| Fields { table, origin };
        *self = Self::read(&fields(&profile), &fields(&credentials))?;
        Ok(())
    }
}

fn find(name: &str) -> Result<&'static Key, ConfigError> {
    Key::find(name).ok_or_else(|| ConfigError::UnknownKey {
        key: name.to_owned(),
    })
}

fn put(table: &mut Table, key: &str, value: Option<Value>) {
    match value {
        Some(value) => table.insert(key.to_owned(), value),
        None => table.remove(key),
    };
}
