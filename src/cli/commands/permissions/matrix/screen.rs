//! The matrix on a terminal: a section for each kind of account, so that no column is empty.

use std::collections::BTreeMap;

use crate::cli::commands::authorizers::{kind_word, status_word};
use crate::cli::commands::permissions::why::state_in_words;
use crate::cli::error::CliError;
use crate::console::{Console, Mark, MarkedRow, Next, Section, Tone};
use crate::flow::grants::GrantState;
use crate::lang::Lang;
use crate::store::roster::Authorizer;
use crate::wechat::account::AccountKind;
use crate::wechat::id::PermissionSetId;
use crate::wechat::permission;

use super::{FIXED, Merchants};

const NOTHING: Mark = Mark {
    sign: "",
    tone: Tone::Muted,
};

/// A merchant of one kind.
struct Row {
    titles: Vec<String>,
    states: Vec<Option<GrantState>>,
}

pub(super) async fn show(merchants: &Merchants<'_>, console: &Console) -> Result<(), CliError> {
    let lang = console.lang();
    let names = merchants.names();
    let mut chosen = console.choose(&names)?;
    if chosen.len() == names.len() {
        // Everybody's kind is told by the section; the status by the filter.
        chosen.retain(|index| !matches!(FIXED.get(*index), Some(&("kind" | "status"))));
    }
    let fixed = |index: &&usize| **index < FIXED.len();
    let mut titles: Vec<usize> = chosen.iter().filter(fixed).copied().collect();
    if titles.is_empty() {
        titles.push(0);
    }
    let sets: Vec<usize> = chosen
        .iter()
        .filter(|index| !fixed(index))
        .map(|index| index - FIXED.len())
        .collect();
    let mut kinds: BTreeMap<AccountKind, Vec<Row>> = BTreeMap::new();
    merchants
        .each(|account| {
            let states = merchants.matrix.states(account);
            kinds.entry(account.kind).or_default().push(Row {
                titles: titles
                    .iter()
                    .map(|index| title(account, *index, lang))
                    .collect(),
                states: sets.iter().map(|index| states[*index]).collect(),
            });
            Ok(if console.reader_gone() {
                Next::Stop
            } else {
                Next::More
            })
        })
        .await?;
    if kinds.is_empty() {
        console.nothing_to_list();
        return Ok(());
    }
    let ids: Vec<_> = sets
        .iter()
        .map(|index| merchants.matrix.sets()[*index])
        .collect();
    let headings: Vec<String> = titles
        .iter()
        .map(|index| heading(*index, lang).to_owned())
        .collect();
    let sections: Vec<Section> = kinds
        .into_iter()
        .map(|(kind, rows)| section(kind, &rows, &ids, &headings, lang))
        .collect();
    let signs = GrantState::ALL.map(|state| (mark(Some(state)), state_in_words(state, lang)));
    console.folded(&sections, &signs)?;
    Ok(())
}

fn section(
    kind: AccountKind,
    rows: &[Row],
    ids: &[PermissionSetId],
    titles: &[String],
    lang: Lang,
) -> Section {
    let applies = |index: &usize| rows.iter().any(|row| row.states[*index].is_some());
    let columns: Vec<usize> = (0..ids.len()).filter(applies).collect();
    let kind = kind_word(kind, lang);
    Section {
        heading: match lang {
            Lang::En => format!("{kind}: {} × {} permission sets", rows.len(), columns.len()),
            Lang::Zh => format!("{kind}：{} 个 × {} 个权限集", rows.len(), columns.len()),
        },
        titles: titles.to_vec(),
        columns: columns
            .iter()
            .map(|index| ids[*index].to_string())
            .collect(),
        rows: rows
            .iter()
            .map(|row| MarkedRow {
                titles: row.titles.clone(),
                marks: columns
                    .iter()
                    .map(|index| mark(row.states[*index]))
                    .collect(),
            })
            .collect(),
        legend: columns
            .iter()
            .map(|index| legend(ids[*index], lang))
            .collect(),
    }
}

fn legend(id: PermissionSetId, lang: Lang) -> String {
    let Some(set) = permission::get(id) else {
        let unknown = lang.choose("not in the catalogue", "不在目录中");
        return format!("{id} {unknown}");
    };
    let (first, second) = match lang {
        Lang::En => (&set.name_en, &set.name_zh),
        Lang::Zh => (&set.name_zh, &set.name_en),
    };
    let name = match (first.as_str(), second.as_str()) {
        ("", "") => lang.choose("name not known", "名称未知"),
        ("", other) | (other, _) => other,
    };
    let doubt = match set.uncertain {
        true => lang.choose(" (uncertain)", "（存疑）"),
        false => "",
    };
    format!("{id} {name}{doubt}")
}

fn title(account: &Authorizer, index: usize, lang: Lang) -> String {
    match FIXED[index] {
        "appid" => account.appid.to_string(),
        "nick_name" => account.nick_name.clone().unwrap_or_default(),
        "kind" => kind_word(account.kind, lang).to_owned(),
        _ => status_word(account.status, lang).to_owned(),
    }
}

fn heading(index: usize, lang: Lang) -> &'static str {
    match FIXED[index] {
        "appid" => "Appid",
        "nick_name" => lang.choose("Name", "名称"),
        "kind" => lang.choose("Kind", "类型"),
        _ => lang.choose("Status", "授权"),
    }
}

fn mark(state: Option<GrantState>) -> Mark {
    let (sign, tone) = match state {
        None => return NOTHING,
        Some(GrantState::Granted) => ("✓", Tone::Good),
        Some(GrantState::Missing) => ("✗", Tone::Bad),
        Some(GrantState::HeldElsewhere) => ("!", Tone::Warn),
        Some(GrantState::NotConfigured) => ("o", Tone::Accent),
        Some(GrantState::Unknown) => ("?", Tone::Muted),
    };
    Mark { sign, tone }
}
