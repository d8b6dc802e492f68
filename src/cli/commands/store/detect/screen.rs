//! What was found, on a screen.

use std::io;

use crate::console::{Console, Page, Tone, when};
use crate::lang::{Lang, Text, text};

use super::{DetectRow, FoundRow};

pub(super) fn draw(out: &mut Page, row: &DetectRow, console: &Console) -> io::Result<()> {
    let lang = console.lang();
    let (scanned, address) = (row.scanned, &row.address);
    let head = text!(
        "{scanned} keys looked at in {address}",
        "已查看 {address} 中的 {scanned} 个键"
    );
    writeln!(out, "{}", head.of(lang))?;
    if row.found.is_empty() {
        let none = lang.choose("No SDK's keys that are known here", "没有已知 SDK 的键");
        writeln!(out)?;
        return writeln!(out, "{none}");
    }
    row.found
        .iter()
        .try_for_each(|found| one(out, found, console))
}

fn one(out: &mut Page, found: &FoundRow, console: &Console) -> io::Result<()> {
    let lang = console.lang();
    let unnamed = lang.choose("a platform that no key names", "键中未指明的平台");
    let platform = found.component_appid.as_deref().unwrap_or(unnamed);
    writeln!(out)?;
    out.paint(Tone::Strong, found.layout);
    writeln!(out, " {platform}")?;
    let prefix = match found.prefix.is_empty() {
        true => text!("none", "无"),
        false => Text::same(format!("`{}`", found.prefix)),
    };
    let (all, with_token) = (found.authorizers, found.authorizer_tokens);
    let merchants = text!(
        "{all}, {with_token} of them with a token",
        "{all} 个，其中 {with_token} 个有令牌"
    );
    let shared = match found.shared {
        true => text!(
            "possible (`mint = \"shared\"`)",
            "可以（`mint = \"shared\"`）"
        ),
        false => text!("no: borrowing only", "不可以，只能借用"),
    };
    let rows = [
        ("  Prefix           ", "  前缀      ", prefix),
        (
            "  Ticket           ",
            "  ticket    ",
            standing(found.ticket, found.ticket_expires_in),
        ),
        (
            "  Component token  ",
            "  平台令牌  ",
            standing(found.component_token, found.component_token_expires_in),
        ),
        ("  Merchants        ", "  商家      ", merchants),
        ("  Writing back     ", "  写回令牌  ", shared),
    ];
    for (english, chinese, said) in rows {
        writeln!(out, "{}{}", lang.choose(english, chinese), said.of(lang))?;
    }
    for (number, missing) in found.missing.iter().enumerate() {
        let head = match number {
            0 => lang.choose("  Not given        ", "  无法提供  "),
            _ => lang.choose("                   ", "            "),
        };
        writeln!(out, "{head}{}", missing.of(lang))?;
    }
    if !found.commands.is_empty() {
        writeln!(out)?;
    }
    found
        .commands
        .iter()
        .try_for_each(|command| writeln!(out, "{command}"))
}

fn standing(word: &str, left: Option<i64>) -> Text {
    match (word, left) {
        ("live", Some(left)) => Text::each(|lang| {
            let left = when::duration(left, lang);
            match lang {
                Lang::En => format!("there, its key ends in {left}"),
                Lang::Zh => format!("有，键在 {left} 后过期"),
            }
        }),
        ("live", None) => text!("there", "有"),
        ("absent", _) => text!("none now", "当前没有"),
        ("not_kept", _) => text!("not kept in Redis", "不保存在 Redis 中"),
        _ => text!("there, and not readable", "有，但无法读取"),
    }
}
