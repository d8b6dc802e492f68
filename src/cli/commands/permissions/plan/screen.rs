//! What `permissions plan` says to people: the steps in their order, then what to mind.

use std::io;

use crate::cli::commands::permissions::set::{label, labels};
use crate::console::{Console, Page};
use crate::lang::Lang;
use crate::wechat::id::PermissionSetId;

use super::{Merchants, Plan, Release};

/// How many merchants are named; JSON names all.
const NAMED: usize = 20;

pub(super) fn write(out: &mut Page, console: &Console, plan: &Plan) -> io::Result<()> {
    let lang = console.lang();
    writeln!(out, "{}", labels(&plan.permission_ids, lang))?;
    let to_configure = &plan.to_configure;
    writeln!(out)?;
    if to_configure.is_empty() {
        let offered = lang.choose(
            "The platform offers them already.",
            "平台已配置这些权限集。",
        );
        writeln!(out, "1. {offered}")?;
    } else {
        let configure = lang.choose(
            "Configure on the platform first, there is no call for it: ",
            "先在平台配置（微信未提供接口）：",
        );
        let declare = lang.choose("then say so: ", "然后登记：");
        writeln!(out, "1. {configure}{}", labels(to_configure, lang))?;
        writeln!(out, "   {}", plan.console_path)?;
        let command = console.addressed(plan.declare.of(lang));
        writeln!(out, "   {declare}{command}")?;
    }
    writeln!(out, "2. {}", release(plan.release, lang))?;
    match &plan.merchants {
        Some(merchants) => update(out, console, merchants)?,
        None => writeln!(
            out,
            "3. {}",
            lang.choose(
                "Then each merchant updates: what was granted before does not change by itself.",
                "然后由商家逐一更新授权：已有授权不会自动变化。",
            )
        )?,
    }
    mind(out, plan, lang)
}

fn release(release: Release, lang: Lang) -> &'static str {
    match release {
        Release::NotNeeded => lang.choose(
            "No new release is needed: the platform was fully released, so the edit acts at once.",
            "无需重新全网发布：平台已全网发布，修改立即生效。",
        ),
        Release::Needed => lang.choose(
            "The platform was never fully released: until it is, only the accounts of its test \
             list see the sets.",
            "平台尚未全网发布：发布前仅授权测试列表中的账号可见这些权限集。",
        ),
        Release::Unknown => lang.choose(
            "A new release is needed only if the platform was never fully released; until then \
             only its test list sees the sets. The profile does not say: `released`.",
            "仅当平台从未全网发布时才需要发布，发布前仅测试列表可见；配置中未说明 `released`。",
        ),
    }
}

fn update(out: &mut Page, console: &Console, merchants: &Merchants) -> io::Result<()> {
    let lang = console.lang();
    let must = &merchants.must_update;
    let line = match lang {
        Lang::En => format!(
            "Then these merchants must update: {} (granted already: {}, another kind of account: \
             {}, unknown: {})",
            must.len(),
            merchants.granted,
            merchants.not_concerned,
            merchants.unknown
        ),
        Lang::Zh => format!(
            "然后需更新授权的商家：{} 个（已授权 {}，类型不符 {}，未知 {}）",
            must.len(),
            merchants.granted,
            merchants.not_concerned,
            merchants.unknown
        ),
    };
    writeln!(out, "3. {line}")?;
    for row in must.iter().take(NAMED) {
        let missing: Vec<_> = row.missing.iter().map(ToString::to_string).collect();
        let name = row.nick_name.as_deref().unwrap_or_default();
        writeln!(out, "   {}  {name}  ({})", row.appid, missing.join(","))?;
    }
    if must.len() > NAMED {
        let more = must.len() - NAMED;
        let rest = match lang {
            Lang::En => format!("and {more} more: `-o json` names all"),
            Lang::Zh => format!("另有 {more} 个，`-o json` 可查看全部"),
        };
        writeln!(out, "   {rest}")?;
    }
    if let Some(first) = must.first() {
        let text = match lang {
            Lang::En => "The text to send:",
            Lang::Zh => "发给商家的说明：",
        };
        let command = format!("`wxauth authorizers guide {} --for update`", first.appid);
        writeln!(out, "   {text} {}", console.addressed(&command))?;
    }
    Ok(())
}

fn mind(out: &mut Page, plan: &Plan, lang: Lang) -> io::Result<()> {
    let mut notes = Vec::new();
    let mut note = |ids: &[PermissionSetId], english: &str, chinese: &str| {
        for id in ids {
            notes.push(format!(
                "{}: {}",
                label(*id, lang),
                lang.choose(english, chinese)
            ));
        }
    };
    note(
        &plan.exclusive,
        "exclusive; a merchant who granted it to another platform must end that first, else it \
         is left out in silence",
        "互斥权限集；若已授权给其他平台，须先在其处解除，否则授权时会被静默略去",
    );
    note(
        &plan.exclusivity_unknown,
        "whether it is exclusive is not known",
        "是否互斥未知",
    );
    note(
        &plan.uncertain,
        "the catalogue is unsure of it",
        "资料存疑，请以官方文档为准",
    );
    if plan.ends_manual_release {
        notes.push(
            lang.choose(
                "Set 18 takes version release in the WeChat console away from the merchant: from \
                 then on you release.",
                "授权 18 后，商家不能再在微信公众平台自行发布版本，只能由第三方平台发布。",
            )
            .to_owned(),
        );
    }
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "{}", lang.choose("Mind", "注意"))?;
    notes.iter().try_for_each(|note| writeln!(out, "- {note}"))
}
