//! What `init --from` answers: what was taken, under which name, and what was left open.

use serde::Serialize;

use crate::config::import::{FoundValue, RedisPlace, Setting, Source, Unresolved};
use crate::console::{Cell, CellContext, Column, Record};
use crate::lang::Lang;

use super::{Taken, why};

/// What is answered of it.
#[derive(Serialize)]
pub struct Answer {
    file: String,
    form: &'static str,
    sdk: Option<&'static str>,
    section: Option<String>,
    pub settings: Vec<TakenRow>,
    unresolved: Vec<OpenRow>,
    ignored: usize,
    redis: Option<String>,
}

/// A setting that was taken.
#[derive(Clone, Serialize)]
pub struct TakenRow {
    name: String,
    line: usize,
    setting: &'static str,
    value: String,
    source: &'static str,
    variable: Option<String>,
}

/// A setting that has a name and no value.
#[derive(Serialize)]
struct OpenRow {
    name: String,
    line: usize,
    setting: &'static str,
    why: &'static str,
    variable: Option<String>,
}

impl Record for TakenRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("name", "In the file").zh("文件中的名称"),
        Column::new("line", "Line").zh("行").whole(),
        Column::new("setting", "Setting").zh("设置项").whole(),
        Column::new("value", "Value").zh("值").whole(),
        Column::new("variable", "By way of").zh("取自").priority(1),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        match column {
            "name" => Cell::text(&self.name),
            "line" => Cell::number(i64::try_from(self.line).unwrap_or(i64::MAX)),
            "setting" => Cell::text(self.setting),
            "value" => Cell::text(&self.value),
            _ => Cell::optional(self.variable.as_ref(), |variable| {
                let place = match (self.source, context.lang) {
                    ("environment", Lang::En) => "environment",
                    ("environment", Lang::Zh) => "环境变量",
                    ("default", Lang::En) => "its default",
                    ("default", Lang::Zh) => "默认值",
                    ("file", Lang::En) => "same file",
                    ("file", Lang::Zh) => "同一文件",
                    _ => ".env",
                };
                Cell::word(variable, format!("{variable} ({place})"))
            }),
        }
    }
}

impl Answer {
    /// The answer for a platform that was taken.
    pub fn of(taken_over: &Taken) -> Self {
        let settings = &taken_over.found.settings;
        Self {
            file: taken_over.file.clone(),
            form: taken_over.form,
            sdk: taken_over.found.sdk.map(|sdk| sdk.word()),
            section: taken_over.found.section.clone(),
            settings: settings.iter().filter_map(taken).collect(),
            unresolved: settings.iter().filter_map(open).collect(),
            ignored: taken_over.ignored,
            redis: taken_over.redis.as_ref().map(RedisPlace::address),
        }
    }
}

fn taken(setting: &Setting) -> Option<TakenRow> {
    let FoundValue::Given { text, through } = &setting.value else {
        return None;
    };
    let source = match through {
        None | Some((_, Source::Sheet)) => "file",
        Some((_, Source::Environment)) => "environment",
        Some((_, Source::Dotenv)) => "dotenv",
        Some((_, Source::Default)) => "default",
    };
    Some(TakenRow {
        name: setting.name.clone(),
        line: setting.line,
        setting: setting.key,
        value: match setting.key {
            "component_appid" => text.expose().to_owned(),
            _ => text.mask(),
        },
        source,
        variable: through.as_ref().map(|(name, _)| name.clone()),
    })
}

fn open(setting: &Setting) -> Option<OpenRow> {
    let (why, variable) = match why(setting)? {
        Unresolved::Variable(name) => ("variable", Some(name.clone())),
        Unresolved::Computed => ("computed", None),
        Unresolved::Encrypted => ("encrypted", None),
        Unresolved::Sample => ("sample", None),
    };
    Some(OpenRow {
        name: setting.name.clone(),
        line: setting.line,
        setting: setting.key,
        why,
        variable,
    })
}
