//! What `explain` says to people.

use std::io;

use crate::console::{Console, Page, Tone};

use super::answer::{Answer, CauseRow};

pub(super) fn write(out: &mut Page, console: &Console, answer: &Answer) -> io::Result<()> {
    let lang = console.lang();
    out.paint(Tone::Strong, &answer.subject);
    writeln!(out, "  {}", answer.title)?;
    if !answer.meaning.is_empty() {
        writeln!(out, "{}", answer.meaning)?;
    }
    if let Some(advice) = &answer.advice {
        writeln!(out, "{}{advice}", lang.choose("What to do: ", "处理："))?;
    }
    if !answer.causes.is_empty() {
        let heading = lang.choose("Causes, the likeliest first", "可能原因（按可能性排序）");
        writeln!(out)?;
        writeln!(out, "{heading}")?;
    }
    for (index, row) in answer.causes.iter().enumerate() {
        cause(out, console, index + 1, row)?;
    }
    if !answer.commands.is_empty() {
        writeln!(out)?;
        writeln!(out, "{}", lang.choose("Next", "下一步"))?;
        for command in &answer.commands {
            self::command(out, "  ", command)?;
        }
    }
    if !answer.notes.is_empty() {
        writeln!(out)?;
    }
    for note in &answer.notes {
        writeln!(out, "{}{note}", lang.choose("Note: ", "说明："))?;
    }
    facts(out, console, answer)
}

fn cause(out: &mut Page, console: &Console, number: usize, row: &CauseRow) -> io::Result<()> {
    let lang = console.lang();
    writeln!(out, "{number}. {}", row.cause)?;
    writeln!(out, "   {}{}", lang.choose("Sign: ", "识别："), row.sign)?;
    for command in &row.commands {
        self::command(out, "   ", command)?;
    }
    if let Some(path) = row.console {
        writeln!(out, "   {}{path}", lang.choose("A person: ", "人工："))?;
    }
    // Only where the sandbox is what is looked at is its verb of use.
    let sandbox = console.options().platform_flag.as_deref() == Some("--sandbox");
    if let Some(verb) = row.in_sandbox.as_ref().filter(|_| sandbox) {
        writeln!(
            out,
            "   {}{verb}",
            lang.choose("In the sandbox: ", "沙箱中：")
        )?;
    }
    Ok(())
}

fn command(out: &mut Page, indent: &str, command: &str) -> io::Result<()> {
    out.put(indent);
    out.paint(Tone::Accent, command);
    writeln!(out)
}

/// The exit code, whether to repeat, the rid and the page.
fn facts(out: &mut Page, console: &Console, answer: &Answer) -> io::Result<()> {
    let lang = console.lang();
    let mut facts = Vec::new();
    if let Some(code) = answer.exit_code.filter(|_| answer.errcode.is_some()) {
        facts.push(format!("{} {code}", lang.choose("exit code", "退出码")));
    }
    if let Some(retryable) = answer.retryable {
        facts.push(match retryable {
            true => lang.choose("may be repeated", "可重试").to_owned(),
            false => lang
                .choose("repeating changes nothing", "重试无效")
                .to_owned(),
        });
    }
    if let Some(rid) = answer.rid.as_ref().filter(|rid| **rid != answer.subject) {
        facts.push(format!("rid {rid}"));
    }
    if !facts.is_empty() {
        writeln!(out)?;
        writeln!(out, "{}", facts.join(lang.choose(", ", "，")))?;
    }
    match &answer.source_url {
        Some(url) => writeln!(out, "{}{url}", lang.choose("See ", "参见 ")),
        None => Ok(()),
    }
}
