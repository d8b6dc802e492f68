//! A permission set in words and as a row.

use serde::Serialize;

use crate::console::{Cell, CellContext, Column, Record, Tone};
use crate::lang::Lang;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission::{self, PermissionSet, SetKind};

/// Where the platform's sets are configured: WeChat has no call for it.
pub(in crate::cli::commands) const CONSOLE_PATH: &str =
    "微信开放平台/开发者平台 – 我的业务 – 第三方平台 – 权限集 – 管理权限集";

/// The set that takes manual release away from the merchant (spec R8b).
pub(in crate::cli::commands) const DEVELOPMENT: PermissionSetId = PermissionSetId(18);

/// A set of the catalogue, or one that merchants granted and the catalogue does not know.
#[derive(Serialize)]
pub(super) struct SetRow {
    pub id: PermissionSetId,
    pub kind: Option<SetKind>,
    pub applies_to: &'static [String],
    pub name_zh: Option<&'static str>,
    pub name_en: Option<&'static str>,
    pub mutually_exclusive: Option<bool>,
    pub uncertain: bool,
    /// Whether the catalogue has it.
    pub known: bool,
    /// Whether the platform offers it, as far as that was declared.
    pub configured: Option<bool>,
    /// How many merchants granted it; absent without a platform.
    pub granted: Option<u64>,
    pub notes: Option<&'static str>,
}

impl SetRow {
    pub(super) fn new(id: PermissionSetId, configured: Option<bool>, granted: Option<u64>) -> Self {
        let set = permission::get(id);
        let text = |part: fn(&'static PermissionSet) -> &'static str| {
            set.map(part).filter(|text| !text.is_empty())
        };
        Self {
            id,
            kind: set.map(|set| set.kind),
            applies_to: set.map_or(&[], |set| &set.applies_to),
            name_zh: text(|set| &set.name_zh),
            name_en: text(|set| &set.name_en),
            mutually_exclusive: set.and_then(|set| set.mutually_exclusive),
            uncertain: set.is_none_or(|set| set.uncertain),
            known: set.is_some(),
            configured,
            granted,
            notes: text(|set| &set.notes),
        }
    }
}

impl Record for SetRow {
    const COLUMNS: &'static [Column] = &[
        Column::new("id", "Id").zh("编号").whole(),
        Column::new("name_zh", "Chinese name").zh("名称"),
        Column::new("name_en", "English name")
            .zh("英文名称")
            .priority(1),
        Column::new("kind", "Kind").zh("类型").whole().priority(3),
        Column::new("applies_to", "Only for").zh("仅限").wide(),
        Column::new("mutually_exclusive", "Exclusive")
            .zh("互斥")
            .whole(),
        Column::new("uncertain", "Uncertain")
            .zh("存疑")
            .whole()
            .priority(2),
        Column::new("known", "In catalogue")
            .zh("已收录")
            .wide()
            .whole(),
        Column::new("configured", "Configured")
            .zh("已配置")
            .wide()
            .whole(),
        Column::new("granted", "Granted by")
            .zh("授权数")
            .whole()
            .priority(4),
        Column::new("notes", "Notes").zh("备注").wide(),
    ];

    fn cell(&self, column: &'static str, context: &CellContext) -> Cell {
        let lang = context.lang;
        match column {
            "id" => Cell::number(i64::from(self.id.0)),
            "name_zh" if !self.known => Cell::word("", not_in_catalogue(lang)).tone(Tone::Warn),
            "name_zh" => Cell::optional(self.name_zh, Cell::text),
            "name_en" => Cell::optional(self.name_en, Cell::text),
            "kind" => Cell::optional(self.kind, |kind| {
                Cell::word(kind.as_str(), kind_in_words(kind, lang))
            }),
            "applies_to" => Cell::list(self.applies_to),
            "mutually_exclusive" => {
                let words = exclusivity(self.mutually_exclusive, lang);
                let machine = self.mutually_exclusive.map(|flag| flag.to_string());
                let cell = Cell::word(machine.unwrap_or_default(), words);
                match self.mutually_exclusive {
                    Some(true) => cell.tone(Tone::Warn),
                    _ => cell,
                }
            }
            "uncertain" => match self.uncertain {
                true => Cell::flag(true).tone(Tone::Warn),
                false => Cell::flag(false).tone(Tone::Muted),
            },
            "known" => Cell::flag(self.known),
            "configured" => Cell::optional(self.configured, Cell::flag),
            "granted" => Cell::optional(self.granted, |count| {
                Cell::number(i64::try_from(count).unwrap_or(i64::MAX))
            }),
            _ => Cell::optional(self.notes, Cell::text),
        }
    }
}

/// The set with its number and its name in this language; the number alone where the catalogue
/// lacks it.
pub(in crate::cli::commands) fn named(id: PermissionSetId, lang: Lang) -> String {
    let name = permission::get(id).map(|set| match lang {
        Lang::En if !set.name_en.is_empty() => set.name_en.as_ref(),
        _ => set.name_zh.as_ref(),
    });
    match name.unwrap_or_default() {
        "" => id.to_string(),
        name => format!("{id} {name}"),
    }
}

/// Sets in a row, so named.
pub(in crate::cli::commands) fn all_named(ids: &[PermissionSetId], lang: Lang) -> String {
    let names: Vec<_> = ids.iter().map(|id| named(*id, lang)).collect();
    names.join(", ")
}

/// The set with its number and names, for a sentence.
pub(in crate::cli::commands) fn label(id: PermissionSetId, lang: Lang) -> String {
    match permission::get(id) {
        None => format!("{id} ({})", not_in_catalogue(lang)),
        Some(set) if set.name_zh.is_empty() => {
            format!("{id} ({})", lang.choose("nameless", "名称未知"))
        }
        Some(set) => match lang {
            Lang::Zh => format!("{id} {}", set.name_zh),
            Lang::En => format!("{id} {} ({})", set.name_zh, set.name_en),
        },
    }
}

/// Sets in a row, with their names.
pub(in crate::cli::commands) fn labels(ids: &[PermissionSetId], lang: Lang) -> String {
    let labels: Vec<_> = ids.iter().map(|id| label(*id, lang)).collect();
    labels.join(lang.choose(", ", "、"))
}

pub(super) fn kind_in_words(kind: SetKind, lang: Lang) -> &'static str {
    match kind {
        SetKind::OfficialAccount => lang.choose("official account", "公众号"),
        SetKind::MiniProgram => lang.choose("mini program", "小程序"),
        SetKind::Channels => lang.choose("channels", "视频号"),
        SetKind::Other => lang.choose("other", "其他"),
    }
}

pub(super) fn exclusivity(exclusive: Option<bool>, lang: Lang) -> &'static str {
    match exclusive {
        Some(true) => lang.choose("yes", "是"),
        Some(false) => lang.choose("no", "否"),
        None => lang.choose("unknown", "未知"),
    }
}

fn not_in_catalogue(lang: Lang) -> &'static str {
    lang.choose("not in the catalogue", "未收录")
}
