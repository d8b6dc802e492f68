//! TOML.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Damage;
use super::leaf::{Leaves, Raw};

pub(super) fn read(text: &str) -> Result<Leaves, Damage> {
    let line = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        Damage::new(line(start), error.message())
    })?;
    let mut leaves = Leaves::default();
    let mut path = Vec::new();
    walk_table(table.get_ref(), &line, &mut path, &mut leaves);
    // Tables are kept by name; people read from the top.
    leaves.all.sort_by_key(|leaf| leaf.line);
    Ok(leaves)
}

fn walk_table(
    table: &DeTable<'_>,
    line: &impl Fn(usize) -> usize,
    path: &mut Vec<String>,
    leaves: &mut Leaves,
) {
    for (name, value) in table {
        path.push(name.get_ref().to_string());
        walk(value, line, path, leaves);
        path.pop();
    }
}

fn walk(
    value: &Spanned<DeValue<'_>>,
    line: &impl Fn(usize) -> usize,
    path: &mut Vec<String>,
    leaves: &mut Leaves,
) {
    let raw = match value.get_ref() {
        DeValue::Table(table) => return walk_table(table, line, path, leaves),
        DeValue::Array(array) => {
            for (number, item) in array.iter().enumerate() {
                path.push(format!("[{number}]"));
                walk(item, line, path, leaves);
                path.pop();
            }
            return;
        }
        DeValue::String(text) => Raw::text(text.as_ref()),
        DeValue::Integer(number) => Raw::text(number.as_str()),
        DeValue::Float(number) => Raw::text(number.as_str()),
        DeValue::Boolean(flag) => Raw::text(flag.to_string()),
        DeValue::Datetime(moment) => Raw::text(moment.to_string()),
    };
    leaves.push_path(path, line(value.span().start), raw);
}
