//! What `permissions why` says to people.

use std::io;

use crate::cli::commands::permissions::set::label;
use crate::console::{Console, Page, Tone};
use crate::flow::grants::{GrantState, is_exclusive};
use crate::lang::{Lang, text};
use crate::wechat::api_permission::{ApiPermission, CallToken};
use crate::wechat::errcode;

use super::{Why, advice};

/// The two codes that permission sets are behind: not granted to the platform, and no ability.
const ABOUT_PERMISSIONS: [i64; 2] = [61007, 48001];

pub(super) fn write(
    out: &mut Page,
    console: &Console,
    why: &Why,
    call: &ApiPermission,
) -> io::Result<()> {
    let lang = console.lang();
    let name = why.name.unwrap_or_default();
    writeln!(out, "{} {}  {name} {}", why.method, why.path, why.name_zh)?;
    let token = token_in_words(call.token, lang);
    writeln!(out, "{} {token}", lang.choose("Token:", "令牌："))?;
    let needs = match why.permission_ids.len() {
        0 => lang.choose("Permission set: none is needed", "权限集：无需授权"),
        1 => lang.choose("Permission set:", "权限集："),
        _ => lang.choose(
            "Permission sets, any one that fits the account's kind:",
            "权限集（与账号类型相符的任意一个即可）：",
        ),
    };
    writeln!(out, "{needs}")?;
    for id in why.permission_ids {
        let exclusive = match is_exclusive(*id) {
            Some(true) => lang.choose(", exclusive", "，互斥"),
            Some(false) => "",
            None => lang.choose(", exclusive or not is unknown", "，是否互斥未知"),
        };
        writeln!(out, "  {}{exclusive}", label(*id, lang))?;
    }
    if why.uncertain {
        let unsure = lang.choose(
            "This is uncertain; look at",
            "此信息存疑，请以官方文档为准：",
        );
        writeln!(out, "{unsure} {}", why.source_url)?;
    }
    for state in GrantState::ALL {
        let rows = || why.accounts.iter().filter(|row| row.state == state);
        let count = rows().count();
        if count == 0 {
            continue;
        }
        let title = format!("{} ({count})", state_in_words(state, lang));
        writeln!(out)?;
        out.paint(tone(state), &title);
        writeln!(out)?;
        let mut told = None;
        for row in rows() {
            let name = row.nick_name.as_deref().unwrap_or_default();
            writeln!(out, "  {}  {name}", row.appid)?;
            let next = advice::next(row, call, lang);
            // What holds for all of them alike is said once.
            if told.as_ref() != Some(&next) {
                writeln!(out, "      {}", console.addressed(&next))?;
                told = Some(next);
            }
        }
    }
    Ok(())
}

/// Says what is known of the error that was pasted.
pub(super) fn about_error(console: &Console, code: i64) {
    if let Some(entry) = errcode::lookup(code) {
        let (english, chinese) = (&entry.cause_en, &entry.cause_zh);
        console.note(text!("{code}: {english}", "{code}：{chinese}"));
    }
    if !ABOUT_PERMISSIONS.contains(&code) {
        console.note(text!(
            "this error is not about permission sets; what the call needs is told all the same",
            "该错误与权限集无关，以下仅列出接口所需的权限集",
        ));
    }
}

/// The state in words.
pub(in crate::cli::commands::permissions) fn state_in_words(
    state: GrantState,
    lang: Lang,
) -> &'static str {
    match state {
        GrantState::Granted => lang.choose("granted", "已授权"),
        GrantState::Missing => lang.choose("missing", "未授权"),
        GrantState::HeldElsewhere => lang.choose(
            "not granted, perhaps held by another platform",
            "未授权（可能被其他平台占用，或商家尚未更新）",
        ),
        GrantState::NotConfigured => lang.choose("not configured on the platform", "平台未配置"),
        GrantState::Unknown => lang.choose("unknown", "未知"),
    }
}

const fn tone(state: GrantState) -> Tone {
    match state {
        GrantState::Granted => Tone::Good,
        GrantState::Missing | GrantState::NotConfigured => Tone::Bad,
        GrantState::HeldElsewhere => Tone::Warn,
        GrantState::Unknown => Tone::Muted,
    }
}

fn token_in_words(token: CallToken, lang: Lang) -> &'static str {
    match token {
        CallToken::Authorizer => lang.choose(
            "authorizer_access_token of the account",
            "授权账号的 authorizer_access_token",
        ),
        CallToken::Component => lang.choose(
            "component_access_token of the platform",
            "平台的 component_access_token",
        ),
        CallToken::Own => lang.choose(
            "the account's own access_token: no platform can make this call for it",
            "账号自身的 access_token，第三方平台无法代调用",
        ),
        CallToken::Any => lang.choose("any access token", "任意 access_token"),
    }
}
