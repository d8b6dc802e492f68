//! One line on stderr for everything that happens in the server, as text or as JSON.

use std::io::Write;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::console::{Console, when};
use crate::flow::{AnotherHolder, ClockFault, CodeFate};
use crate::lang::clean_json;
use crate::serve::{ForwardResult, Notice};
use crate::store::messages::MessageOutcome;
use crate::sys::clock::Clock;

use super::args::LogForm;

/// The longest text of a value, in characters: a stranger's may have thousands.
const LONGEST: usize = 300;

/// A line before it has a form.
struct Line {
    level: &'static str,
    what: &'static str,
    fields: Vec<(&'static str, Value)>,
}

pub(super) fn logger(console: &Console, form: LogForm) -> Arc<dyn Fn(&Notice) + Send + Sync> {
    let (writer, zone) = (console.log_writer(), console.zone().clone());
    let lang = console.lang();
    Arc::new(move |notice| {
        let mut line = line(notice);
        line.fields.iter_mut().for_each(|(_, value)| shorten(value));
        let now = Clock::system().now();
        let text = match form {
            LogForm::Json => {
                let mut object = Map::new();
                object.insert("at".to_owned(), json!(now));
                object.insert("level".to_owned(), line.level.into());
                object.insert("what".to_owned(), line.what.into());
                for (name, value) in line.fields {
                    object.insert(name.to_owned(), value);
                }
                clean_json(&Value::Object(object).to_string()).into_owned()
            }
            LogForm::Text => {
                let mut text = format!(
                    "{} {:5} {}",
                    when::log_time(now, &zone),
                    line.level,
                    lang.choose(line.what, chinese(line.what))
                );
                for (name, value) in &line.fields {
                    match value {
                        Value::Null => {}
                        Value::String(word) => text.push_str(&format!(" {name}={}", quoted(word))),
                        other => {
                            text.push_str(&format!(" {name}={}", clean_json(&other.to_string())));
                        }
                    }
                }
                text
            }
        };
        // In one piece, or lines of several threads run into each other. A log that nobody reads is
        // no reason to stop.
        let _ = writer.clone().write_all(format!("{text}\n").as_bytes());
    })
}

/// Cuts every text in a value that is too long for a log.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(values) => values.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A value as it stands, in quotes where it has blanks or what a terminal would obey.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        clean_json(&json!(word).to_string()).into_owned()
    }
}

fn line(notice: &Notice) -> Line {
    let platform = |platform: &crate::wechat::id::ComponentAppid| ("platform", json!(platform));
    match notice {
        Notice::EventAccepted {
            platform: of,
            id,
            info_type,
            appid,
            repeated,
            previous_key,
            elapsed,
        } => Line {
            level: "info",
            what: "event_accepted",
            fields: vec![
                platform(of),
                ("event", json!(id)),
                ("info_type", json!(info_type)),
                ("appid", json!(appid)),
                (
                    "repeated",
                    if *repeated { json!(true) } else { Value::Null },
                ),
                (
                    "key",
                    if *previous_key {
                        json!("previous")
                    } else {
                        Value::Null
                    },
                ),
                ("milliseconds", json!(elapsed.as_millis() as u64)),
            ],
        },
        Notice::EventWorked {
            platform: of,
            id,
            info_type,
            appid,
            outcome,
            code,
            error,
        } => Line {
            level: if error.is_some() { "warn" } else { "info" },
            what: "event_worked",
            fields: vec![
                platform(of),
                ("event", json!(id)),
                ("info_type", json!(info_type)),
                ("appid", json!(appid)),
                ("outcome", json!(outcome.as_str())),
                ("code", code_word(*code)),
                ("error", json!(error)),
            ],
        },
        Notice::MessageTaken {
            platform: of,
            account,
            what,
            outcome,
            release_check,
        } => Line {
            level: match outcome {
                MessageOutcome::New | MessageOutcome::Repeated => "info",
                MessageOutcome::TooOld => "warn",
            },
            what: "message_taken",
            fields: vec![
                platform(of),
                ("account", json!(account)),
                ("kind", json!(what)),
                (
                    "outcome",
                    match outcome {
                        MessageOutcome::New => Value::Null,
                        outcome => json!(outcome),
                    },
                ),
                (
                    "release_check",
                    if *release_check {
                        json!(true)
                    } else {
                        Value::Null
                    },
                ),
            ],
        },
        Notice::ReleaseCheckAnswered {
            platform: of,
            appid,
            error,
        } => Line {
            level: if error.is_some() { "warn" } else { "info" },
            what: "release_check_answered",
            fields: vec![
                platform(of),
                ("appid", json!(appid)),
                ("error", json!(error)),
            ],
        },
        Notice::Rejected {
            platform: of,
            route,
            why,
        } => Line {
            level: "warn",
            what: "rejected",
            fields: vec![
                ("platform", json!(of)),
                ("route", json!(route)),
                ("why", json!(why.kind())),
                ("detail", json!(why.detail())),
            ],
        },
        Notice::LeftOut { what, count } => Line {
            level: "warn",
            what: "left_out",
            fields: vec![("lines", json!(what)), ("count", json!(count))],
        },
        Notice::Forwarded {
            platform: of,
            event,
            result,
            tries,
        } => {
            let (level, result, detail) = forwarded(result);
            Line {
                level,
                what: "forwarded",
                fields: vec![
                    platform(of),
                    ("event", json!(event)),
                    ("result", json!(result)),
                    ("tries", json!(tries)),
                    ("detail", detail),
                ],
            }
        }
        Notice::LinkMade { platform: of } => Line {
            level: "info",
            what: "link_made",
            fields: vec![platform(of)],
        },
        Notice::BrowserReturned {
            platform: of,
            appid,
            left,
        } => Line {
            level: "info",
            what: "browser_returned",
            fields: vec![
                platform(of),
                ("appid", json!(appid)),
                ("left_to_event", json!(left)),
            ],
        },
        Notice::Refreshed {
            platform: of,
            refreshed,
            failed,
            dead,
            error,
            ..
        } => Line {
            level: if error.is_some() || *failed > 0 {
                "warn"
            } else {
                "info"
            },
            what: "refreshed",
            fields: vec![
                platform(of),
                ("refreshed", json!(refreshed)),
                ("failed", json!(failed)),
                (
                    "dead",
                    match dead.is_empty() {
                        true => Value::Null,
                        false => json!(dead),
                    },
                ),
                ("error", json!(error)),
            ],
        },
        Notice::PageFailed {
            platform: of,
            route,
            id,
            error,
        } => Line {
            level: "error",
            what: "page_failed",
            fields: vec![
                platform(of),
                ("route", json!(route)),
                ("id", json!(id)),
                ("error", json!(error)),
            ],
        },
        Notice::AlertSent { kind, error } => Line {
            level: if error.is_some() { "warn" } else { "info" },
            what: "alert",
            fields: vec![("kind", json!(kind)), ("error", json!(error))],
        },
        Notice::ClockFault {
            platform: of,
            fault,
        } => {
            let what = |fault: &ClockFault| {
                let among = [
                    (fault.ticket, "ticket"),
                    (fault.component_token, "component_token"),
                ];
                let among = among.into_iter().filter(|(is_among, _)| *is_among);
                among.map(|(_, what)| what).collect::<Vec<_>>().join(",")
            };
            let ahead = |fault: &ClockFault| fault.ahead.map(|ahead| ahead.as_secs());
            Line {
                level: if fault.is_some() { "error" } else { "info" },
                what: "clock_fault",
                fields: vec![
                    platform(of),
                    ("stored_in_the_future", json!(fault.as_ref().map(what))),
                    ("seconds_ahead", json!(fault.as_ref().and_then(ahead))),
                    (
                        "resolved",
                        if fault.is_none() {
                            json!(true)
                        } else {
                            Value::Null
                        },
                    ),
                ],
            }
        }
        Notice::ClockSetBack { platform: of, by } => Line {
            level: "warn",
            what: "clock_set_back",
            fields: vec![platform(of), ("seconds", json!(by.as_secs()))],
        },
        Notice::AnotherHolder {
            platform: of,
            holder,
        } => {
            let of_holder = |value: fn(&AnotherHolder) -> Value| json!(holder.as_ref().map(value));
            Line {
                level: if holder.is_some() { "warn" } else { "info" },
                what: "another_holder",
                fields: vec![
                    platform(of),
                    ("since", of_holder(|another| json!(another.since))),
                    ("latest", of_holder(|another| json!(another.latest))),
                    (
                        "component_token",
                        of_holder(|another| json!(another.component_token())),
                    ),
                    (
                        "authorizers",
                        of_holder(|another| json!(another.authorizers().len())),
                    ),
                    (
                        "resolved",
                        if holder.is_none() {
                            json!(true)
                        } else {
                            Value::Null
                        },
                    ),
                ],
            }
        }
        Notice::StoreRecovered { platform: of } => Line {
            level: "info",
            what: "store_recovered",
            fields: vec![platform(of)],
        },
        Notice::MessageNotCounted {
            platform: of,
            error,
        } => Line {
            level: "warn",
            what: "message_not_counted",
            fields: vec![platform(of), ("error", json!(error))],
        },
        Notice::StoreFailed {
            platform: of,
            error,
        } => Line {
            level: "error",
            what: "store_failed",
            fields: vec![platform(of), ("error", json!(error))],
        },
    }
}

fn code_word(code: CodeFate) -> Value {
    match code {
        CodeFate::None => Value::Null,
        CodeFate::Spent => json!("spent"),
        CodeFate::Unspent => json!("unspent"),
    }
}

fn forwarded(result: &ForwardResult) -> (&'static str, &'static str, Value) {
    match result {
        ForwardResult::Delivered { status } => ("info", "delivered", json!(status)),
        ForwardResult::Failed { why } => ("error", "failed", json!(why)),
        ForwardResult::Retrying { why } => ("warn", "retrying", json!(why)),
        ForwardResult::Dropped => ("error", "dropped", Value::Null),
    }
}

/// What happened, for people who read Chinese; names of fields and their words are the same.
fn chinese(what: &'static str) -> &'static str {
    match what {
        "event_accepted" => "收到事件",
        "event_worked" => "处理事件",
        "message_taken" => "收到消息",
        "release_check_answered" => "应答全网发布检测",
        "rejected" => "拒绝请求",
        "left_out" => "省略日志",
        "forwarded" => "转发",
        "link_made" => "生成链接",
        "browser_returned" => "浏览器返回",
        "refreshed" => "刷新令牌",
        "page_failed" => "页面出错",
        "alert" => "告警",
        "clock_fault" => "时钟异常",
        "clock_set_back" => "时钟被回拨",
        "another_holder" => "其他程序获取令牌",
        "store_recovered" => "存储恢复写入",
        "store_failed" => "存储出错",
        other => other,
    }
}
