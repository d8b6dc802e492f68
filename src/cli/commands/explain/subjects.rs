//! What is said of everything but errcodes.

use jiff::{SignedDuration, Timestamp};

use crate::cli::knowledge::{self, Event, Thing, Trouble, Words};
use crate::lang::text;
use crate::wechat::api_permission;
use crate::wechat::event::InfoType;
use crate::wechat::id::PermissionSetId;
use crate::wechat::link::{Finding, Severity};
use crate::wechat::permission;

use super::answer::{Answer, Voice};
use super::words;

/// How long WeChat can be asked about a request.
const RID_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) fn rid(rid: &str, voice: &Voice<'_>) -> Answer {
    let asked_at = words::asked_at(rid).and_then(|at| Timestamp::from_second(at).ok());
    let now = voice.console.now();
    let meaning = match asked_at {
        Some(at) if now - SignedDuration::from_mins(10) > at + RID_LIFE => text!(
            "The id of a request of {at}. WeChat keeps requests for 7 days: this one is gone.",
            "{at} 的一次请求。微信只保留 7 天，该请求已无法查询。"
        ),
        Some(at) => text!(
            "The id of a request of {at}. WeChat tells its path, body and answer, to a token of the same account.",
            "{at} 的一次请求。用同一账号的令牌可以查询其路径、请求体和返回内容。"
        ),
        None => text!(
            "The id of a request in the form before 2020; it cannot be looked up.",
            "2020 年之前格式的请求标识，已无法查询。"
        ),
    };
    Answer {
        kind: "rid",
        subject: rid.to_owned(),
        known: true,
        title: voice.text(&text!("A request id (rid)", "请求标识 rid")),
        meaning: voice.text(&meaning),
        commands: voice.commands(&["wxauth rid RID"]),
        rid: Some(rid.to_owned()),
        ..Answer::default()
    }
}

pub(super) fn exit_code(code: u8, voice: &Voice<'_>) -> Answer {
    let mut notes = Vec::new();
    if voice.reading.bare_exit_code {
        notes.push(voice.text(&match code {
            0 => text!(
                "taken for an exit code; as an errcode of WeChat's, 0 is success too",
                "按退出码解释；作为微信 errcode，0 同样表示成功"
            ),
            _ => text!(
                "taken for an exit code of wxauth: WeChat has no errcode {code}",
                "按 wxauth 退出码解释：微信没有值为 {code} 的 errcode"
            ),
        }));
    }
    let answer = match knowledge::exit_code(code) {
        Some(known) => trouble(known, voice),
        None => unknown(voice),
    };
    Answer {
        kind: "exit_code",
        subject: format!("exit {code}"),
        notes,
        exit_code: Some(code),
        retryable: matches!(code, 2 | 4..=6).then_some(code == 5),
        ..answer
    }
}

pub(super) fn trouble(trouble: &Trouble, voice: &Voice<'_>) -> Answer {
    Answer {
        kind: "trouble",
        subject: trouble.name.to_owned(),
        known: true,
        title: voice.say(trouble.title),
        meaning: trouble
            .meaning
            .map(|meaning| voice.say(meaning))
            .unwrap_or_default(),
        causes: voice.causes(trouble),
        source_url: trouble.source_url.map(str::to_owned),
        ..Answer::default()
    }
}

pub(super) fn value(thing: Thing, shown: &str, voice: &Voice<'_>) -> Answer {
    let known = knowledge::value(thing);
    let mut notes = Vec::new();
    if known.by_shape {
        notes.push(voice.text(&text!(
            "its shape alone tells it: it may be something else",
            "仅根据形状判断，也可能是其他内容"
        )));
    }
    if shown.starts_with("wx") && shown.chars().any(|letter| letter.is_ascii_uppercase())
        || shown.starts_with("WX")
    {
        notes.push(voice.text(&text!(
            "appids are written in lower case: WeChat refuses this one with 40013",
            "appid 应为小写，当前写法会返回 40013"
        )));
    }
    // An id that may be shown is an account to look at.
    let commands = known.commands.iter().map(|template| match known.secret {
        None => template.replace("WHO", shown),
        Some(_) => (*template).to_owned(),
    });
    Answer {
        kind: "value",
        subject: shown.to_owned(),
        known: true,
        title: voice.say(known.title),
        meaning: voice.say(known.meaning),
        commands: commands.map(|template| voice.command(&template)).collect(),
        notes,
        uncertain: known.by_shape,
        ..Answer::default()
    }
}

pub(super) fn info_type(info_type: &InfoType, voice: &Voice<'_>) -> Answer {
    let (english, chinese) = (info_type.english, info_type.chinese);
    let push = knowledge::info_type(info_type.name);
    let fields = push.map_or("", |push| push.fields);
    Answer {
        kind: "info_type",
        subject: info_type.name.to_owned(),
        known: true,
        title: voice.text(&text!(
            "A push to the authorization event URL: {english}",
            "推送到授权事件接收 URL：{chinese}"
        )),
        meaning: voice.text(&text!(
            "Beside AppId, CreateTime and InfoType it has: {fields}. The answer is HTTP 200 with `success` within 5 \
             seconds.",
            "除 AppId、CreateTime、InfoType 外的字段：{fields}。须在 5 秒内以 HTTP 200 返回 `success`。"
        )),
        advice: push.map(|push| voice.say(push.advice)),
        commands: push.map(|push| voice.commands(push.commands)).unwrap_or_default(),
        ..Answer::default()
    }
}

pub(super) fn event(event: &Event, voice: &Voice<'_>) -> Answer {
    let (Words(english, chinese), fields) = (event.title, event.push.fields);
    Answer {
        kind: "event",
        subject: event.name.to_owned(),
        known: true,
        title: voice.text(&text!(
            "A push to the message URL: {english}",
            "推送到消息与事件接收 URL：{chinese}"
        )),
        meaning: voice.text(&text!(
            "MsgType is event, Event is this name. Its own fields: {fields}. The answer is `success` within 5 seconds.",
            "MsgType 为 event，Event 为该名称。自有字段：{fields}。须在 5 秒内返回 `success`。"
        )),
        advice: Some(voice.say(event.push.advice)),
        commands: voice.commands(event.push.commands),
        ..Answer::default()
    }
}

pub(super) fn link(lead: &str, findings: &[Finding], voice: &Voice<'_>) -> Answer {
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let meaning = match errors {
        0 => text!(
            "A link for an administrator of the merchant's account. Nothing in it keeps it from working; whether its \
             code still lives only WeChat knows.",
            "供商家账号管理员确认授权的链接。格式未发现错误；预授权码是否仍有效只有微信知道。"
        ),
        errors => text!(
            "A link for an administrator of the merchant's account. It does not work as it stands; errors: {errors}.",
            "供商家账号管理员确认授权的链接。存在 {errors} 处错误，无法使用。"
        ),
    };
    let notes = findings.iter().map(|finding| {
        let (severity, code) = (finding.severity.as_str(), finding.code.as_str());
        match &finding.parameter {
            Some(parameter) => format!("{severity}: {code} ({parameter})"),
            None => format!("{severity}: {code}"),
        }
    });
    Answer {
        kind: "link",
        subject: lead.to_owned(),
        known: true,
        title: voice.text(&text!("An authorization link", "授权链接")),
        meaning: voice.text(&meaning),
        advice: Some(voice.text(&text!(
            "Each finding is explained, with what stands there and what should, by the command below.",
            "用下面的命令查看每条问题的说明、现值与应有值。"
        ))),
        commands: voice.commands(&["wxauth link --lint LINK", "wxauth link"]),
        notes: notes.collect(),
        ..Answer::default()
    }
}

pub(super) fn push(voice: &Voice<'_>) -> Answer {
    Answer {
        kind: "push",
        subject: "<Encrypt>…</Encrypt>".to_owned(),
        known: true,
        title: voice.text(&text!("An encrypted push of WeChat's", "微信的加密推送")),
        meaning: voice.text(&text!(
            "Its Token checks it and its EncodingAESKey opens it; the query of its address (msg_signature, timestamp, \
             nonce) belongs to it.",
            "用 Token 校验、用 EncodingAESKey 解密，还需要请求地址中的 msg_signature、timestamp、nonce。"
        )),
        commands: voice.commands(&["wxauth events decode FILE --query QUERY"]),
        ..Answer::default()
    }
}

pub(super) fn path(path: &str, voice: &Voice<'_>) -> Answer {
    let found = api_permission::find(path);
    let call = found.first();
    let known = call.map_or(path, |call| &call.path);
    let meaning = match call {
        Some(call) => {
            let (method, token) = (&call.method, call.token.as_str());
            let (chinese, name) = (&call.name_zh, &call.name);
            let english = if name.is_empty() { chinese } else { name };
            let sets: Vec<_> = call
                .permission_sets
                .iter()
                .map(ToString::to_string)
                .collect();
            match sets.is_empty() {
                true => text!(
                    "{method} {english}. Its token: {token}. It needs no permission set.",
                    "{method} {chinese}。使用令牌：{token}。无需权限集。"
                ),
                false => {
                    let sets = sets.join(", ");
                    text!(
                        "{method} {english}. Its token: {token}. It needs a permission set, any one of: {sets}.",
                        "{method} {chinese}。使用令牌：{token}。需要以下任一权限集：{sets}。"
                    )
                }
            }
        }
        None => text!(
            "No call of this path is known; the command below suggests near ones.",
            "没有收录该路径；下面的命令会给出相近的接口。"
        ),
    };
    Answer {
        kind: "path",
        subject: known.to_owned(),
        known: call.is_some(),
        title: voice.text(&text!("A call of WeChat's API", "微信接口")),
        meaning: voice.text(&meaning),
        commands: vec![voice.command(&format!("wxauth permissions why {known} --all"))],
        uncertain: call.is_some_and(|call| call.uncertain),
        source_url: call.map(|call| call.source_url.clone()),
        ..Answer::default()
    }
}

pub(super) fn permission_set(id: PermissionSetId, voice: &Voice<'_>) -> Answer {
    let set = permission::get(id);
    let name = set.map_or_else(String::new, |set| match set.name_en.is_empty() {
        true => set.name_zh.clone(),
        false => voice.lang().choose(&set.name_en, &set.name_zh).to_owned(),
    });
    let exclusive = set.is_some_and(|set| set.mutually_exclusive == Some(true));
    Answer {
        kind: "permission_set",
        subject: id.to_string(),
        known: set.is_some(),
        title: voice.text(&text!("Permission set {id} {name}", "权限集 {id} {name}")),
        meaning: voice.text(&match exclusive {
            true => text!(
                "Mutually exclusive: one platform only can hold it of an account.",
                "互斥权限集：同一账号只能授权给一个第三方平台。"
            ),
            false => text!(
                "What it opens, and how many merchants granted it, the command below tells.",
                "开放的接口及授权情况可用下面的命令查看。"
            ),
        }),
        commands: vec![
            voice.command(&format!("wxauth permissions show {id}")),
            voice.command(&format!("wxauth permissions plan {id}")),
        ],
        source_url: set.map(|set| set.source_url.clone()),
        ..Answer::default()
    }
}

pub(super) fn unknown(voice: &Voice<'_>) -> Answer {
    let community = knowledge::COMMUNITY;
    Answer {
        kind: "unknown",
        subject: "…".to_owned(),
        title: voice.text(&text!("Not recognised", "无法识别")),
        meaning: voice.text(&text!(
            "There is no errcode, rid, value, InfoType, link or API path in this text that is known.",
            "文本中没有可识别的 errcode、rid、值、InfoType、链接或接口路径。"
        )),
        advice: Some(voice.text(&text!(
            "Paste the whole answer of WeChat's, with errcode and rid; else look at the page of the call, or ask at \
             {community}.",
            "请粘贴微信返回的完整内容（含 errcode 和 rid）；或查看接口页面、到微信开放社区提问：{community}。"
        ))),
        commands: voice.commands(&["wxauth explain -", "wxauth doctor"]),
        source_url: Some(knowledge::RETURN_CODES.to_owned()),
        ..Answer::default()
    }
}
