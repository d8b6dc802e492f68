//! What an errcode means: the error table, the trouble behind it, or where to look.

use crate::cli::knowledge;
use crate::lang::text;
use crate::wechat::errcode::{self, ErrorEntry};

use super::answer::{Answer, Voice};

/// How many calls are named.
const CALLS: usize = 5;

pub(super) fn answer(code: i64, voice: &Voice<'_>) -> Answer {
    match errcode::lookup(code) {
        Some(entry) => known(entry, voice),
        None => unknown(code, voice),
    }
}

fn known(entry: &ErrorEntry, voice: &Voice<'_>) -> Answer {
    let lang = voice.lang();
    let trouble = knowledge::of(entry.code);
    let mut notes = Vec::new();
    if let Some(address) = &voice.reading.address {
        notes.push(voice.text(&text!(
            "the address WeChat saw: {address}",
            "微信看到的调用 IP：{address}"
        )));
    }
    if voice.reading.rid.is_some() {
        notes.push(voice.text(&rid_note(voice)));
    }
    // Patterns say little; the names of calls say where to look.
    let calls: Vec<_> = entry
        .endpoints
        .iter()
        .filter(|call| !call.contains('*'))
        .take(CALLS)
        .collect();
    if trouble.is_none() && calls.len() == entry.endpoints.len() && !calls.is_empty() {
        let calls = calls
            .into_iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        notes.push(voice.text(&text!(
            "calls that answer it: {calls}",
            "返回该错误码的接口：{calls}"
        )));
    }
    if entry.uncertain {
        notes.push(voice.text(&text!(
            "what is known of this code is uncertain",
            "该错误码的资料存疑"
        )));
    }
    Answer {
        kind: "errcode",
        subject: entry.code.to_string(),
        known: true,
        title: match trouble {
            Some(trouble) => voice.say(trouble.title),
            None => entry.message.clone(),
        },
        meaning: lang.choose(&entry.cause_en, &entry.cause_zh).to_owned(),
        advice: Some(lang.choose(&entry.fix_en, &entry.fix_zh).to_owned()),
        causes: trouble
            .map(|trouble| voice.causes(trouble))
            .unwrap_or_default(),
        notes,
        errcode: Some(entry.code),
        exit_code: Some(entry.exit),
        retryable: Some(entry.retryable),
        uncertain: entry.uncertain,
        source_url: Some(
            trouble
                .and_then(|trouble| trouble.source_url)
                .map_or_else(|| entry.source_url.clone(), str::to_owned),
        ),
        ..Answer::default()
    }
}

/// That WeChat keeps the request for a while.
pub(super) fn rid_note(voice: &Voice<'_>) -> crate::lang::Text {
    let command = voice.command("wxauth rid RID");
    text!(
        "WeChat keeps the request for 7 days, for a token of the same account: `{command}`",
        "微信保留该请求 7 天，用同一账号的令牌可查询：`{command}`"
    )
}

fn unknown(code: i64, voice: &Voice<'_>) -> Answer {
    let mut notes = Vec::new();
    for entry in knowledge::near(code) {
        let (near, cause) = (
            entry.code,
            voice.lang().choose(&entry.cause_en, &entry.cause_zh),
        );
        notes.push(voice.text(&text!(
            "near it is {near}: {cause}",
            "相近的错误码 {near}：{cause}"
        )));
    }
    if voice.reading.rid.is_some() {
        notes.push(voice.text(&rid_note(voice)));
    }
    let community = knowledge::COMMUNITY;
    let meaning = match knowledge::range(code) {
        Some(words) => {
            let (english, chinese) = (words.0, words.1);
            text!(
                "No entry for this code. Codes of its range are about {english}.",
                "没有收录该错误码。所在号段的含义：{chinese}。"
            )
        }
        None => text!(
            "No entry for this code, nor for its range: perhaps another product's, or a number of your own program.",
            "没有收录该错误码及其号段：可能属于其他产品，或是你自己程序中的数字。"
        ),
    };
    let advice = text!(
        "Look at the page of the call that answered it, then at WeChat's list of return codes; the rid in the \
         message can be looked up for 7 days; WeChat's staff answer at {community}.",
        "先查看返回该错误的接口页面，再查全局返回码列表；报错中的 rid 可在 7 天内查询；也可到微信开放社区提问：{community}。"
    );
    Answer {
        kind: "errcode",
        subject: code.to_string(),
        title: voice.text(&text!("Not in the table", "未收录的错误码")),
        meaning: voice.text(&meaning),
        advice: Some(voice.text(&advice)),
        notes,
        errcode: Some(code),
        source_url: Some(knowledge::RETURN_CODES.to_owned()),
        ..Answer::default()
    }
}
