//! The checks that a receiver makes, one by one, each with its reason.

use serde::Serialize;

use crate::wechat::crypto::{self, OpenError, Opened};
use crate::wechat::id::ComponentAppid;
use crate::wechat::push::{Envelope, KeyUsed, PushError, PushKeys, PushQuery};

use crate::lang::{Text, text};

use super::capture::Capture;
use super::holds::{Holds, Unread};
use super::unread::{key_in_words, unopened, unread};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// As it should be.
    Pass,
    /// Wrong.
    Fail,
    /// There was nothing to check with, or nothing to check.
    Unknown,
    /// Something before it was wrong.
    NotReached,
}

/// One check.
#[derive(Serialize)]
pub(super) struct Check {
    /// What is checked.
    pub(super) check: &'static str,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// What was found.
    pub(super) found: Option<Text>,
    /// Why, and what to do.
    pub(super) explanation: Option<Text>,
}

/// All checks in the order of a receiver.
const ORDER: [&str; 10] = [
    "query",
    "envelope",
    "signature",
    "outer_appid",
    "encrypt",
    "key",
    "padding",
    "length",
    "inner_appid",
    "message",
];

/// What came out.
pub(super) struct Diagnosis {
    /// All checks, in order.
    pub(super) checks: Vec<Check>,
    /// The key that opened it.
    pub(super) key: Option<KeyUsed>,
    /// What it holds.
    pub(super) holds: Option<Holds>,
}

/// Checks a captured push. A wrong signature or appid does not end it: what can be found is found.
pub(super) fn diagnose(
    capture: &Capture,
    keys: &PushKeys,
    component_appid: &ComponentAppid,
    reveal: bool,
) -> Diagnosis {
    let mut diagnosis = Diagnosis {
        checks: Vec::new(),
        key: None,
        holds: None,
    };
    let query = diagnosis.query(capture);
    match Envelope::parse(capture.body.as_bytes()) {
        Ok(envelope) => {
            diagnosis.envelope(&envelope);
            diagnosis.signature(query.as_ref(), &envelope, keys);
            diagnosis.outer_appid(&envelope, component_appid);
            if let Some(message) = diagnosis.opened(&envelope, keys, component_appid) {
                diagnosis.message(&message, component_appid, reveal);
            }
        }
        Err(error) => diagnosis.no_envelope(&error, &capture.body, component_appid, reveal),
    }
    diagnosis.fill_up();
    diagnosis
}

impl Diagnosis {
    /// Whether nothing is wrong.
    pub(super) fn sound(&self) -> bool {
        let mut outcomes = self.checks.iter().map(|check| check.outcome);
        outcomes.all(|outcome| outcome != Outcome::Fail)
    }

    fn note(
        &mut self,
        check: &'static str,
        outcome: Outcome,
        found: Option<Text>,
        explanation: Option<Text>,
    ) {
        self.checks.push(Check {
            check,
            outcome,
            found,
            explanation,
        });
    }

    fn pass(&mut self, check: &'static str, found: Option<Text>) {
        self.note(check, Outcome::Pass, found, None);
    }

    fn fail(&mut self, check: &'static str, found: Option<Text>, explanation: Text) {
        self.note(check, Outcome::Fail, found, Some(explanation));
    }

    fn unknown(&mut self, check: &'static str, explanation: Text) {
        self.note(check, Outcome::Unknown, None, Some(explanation));
    }

    /// What nothing was said of was not reached.
    fn fill_up(&mut self) {
        for check in ORDER {
            if self.checks.iter().all(|made| made.check != check) {
                self.note(check, Outcome::NotReached, None, None);
            }
        }
        let place = |check: &Check| ORDER.iter().position(|name| *name == check.check);
        self.checks.sort_by_key(place);
    }

    fn query(&mut self, capture: &Capture) -> Option<PushQuery> {
        let Some(text) = &capture.query else {
            self.unknown(
                "query",
                text!(
                    "not given: add `--query 'signature=…'` or `--url URL`",
                    "未提供：加上 `--query 'signature=…'` 或 `--url URL`"
                ),
            );
            return None;
        };
        match PushQuery::parse(text) {
            Ok(query) => {
                self.pass(
                    "query",
                    Some(Text::same(format!("timestamp {}", query.timestamp))),
                );
                Some(query)
            }
            Err(error) => {
                self.fail(
                    "query",
                    Some(unread(&error)),
                    text!(
"quote the whole address: a shell ends it at the first `&`; and see that the \
                     proxy hands the query on", "给完整地址加引号：shell 会在第一个 `&` 处截断；并检查代理是否传递了查询参数"),
                );
                None
            }
        }
    }

    fn envelope(&mut self, envelope: &Envelope) {
        let format = match envelope.format {
            crate::wechat::push::BodyFormat::Xml => "XML",
            crate::wechat::push::BodyFormat::Json => "JSON",
        };
        let whom = match (&envelope.appid, &envelope.to_user_name) {
            (Some(_), _) => text!("{format}, for the platform", "{format}，推送给平台"),
            (None, Some(account)) => text!(
                "{format}, for the account {account}",
                "{format}，推送给账号 {account}"
            ),
            (None, None) => text!("{format}, for nobody by name", "{format}，未写明推送对象"),
        };
        self.pass("envelope", Some(whom));
    }

    fn no_envelope(
        &mut self,
        error: &PushError,
        body: &str,
        component_appid: &ComponentAppid,
        reveal: bool,
    ) {
        let why = match error {
            PushError::NoEncrypt => {
                text!(
                    "it is not encrypted: either it was decrypted before it was captured, or another \
                 body was sent; WeChat's pushes to a platform always are",
                    "内容未加密：要么在捕获前已解密，要么是别的请求体；微信推送给第三方平台的内容总是加密的"
                )
            }
            _ => text!(
                "take the body as it was received, whole: logs cut and escape",
                "请使用收到的完整原文：日志会截断和转义"
            ),
        };
        self.fail("envelope", Some(unread(error)), why);
        if *error == PushError::NoEncrypt
            && let (Some(holds), Ok(())) = Holds::read(body, component_appid.as_str(), reveal)
        {
            self.holds = Some(holds);
        }
    }

    fn signature(&mut self, query: Option<&PushQuery>, envelope: &Envelope, keys: &PushKeys) {
        let Some(query) = query else {
            self.unknown(
                "signature",
                text!(
                    "it is over the query as well, which is not known",
                    "签名包含查询参数，而查询参数未知"
                ),
            );
            return;
        };
        if keys.signed(query, envelope) {
            self.pass("signature", None);
            return;
        }
        let why = match keys.token_fits(query) {
            Some(true) => {
                text!(
                    "the Token is right, for `signature` fits it; so `msg_signature` or the body was \
                 changed or cut on its way",
                    "Token 正确，`signature` 与之相符；因此是 `msg_signature` 或请求体在途中被修改或截断"
                )
            }
            Some(false) => {
                text!(
                    "the Token is another than the profile's, for `signature` does not fit either: \
                 compare 消息校验Token in the console, then `wxauth profile set token`",
                    "Token 与配置不同，`signature` 也不相符：核对控制台中的消息校验Token，再 `wxauth profile set token`"
                )
            }
            None => {
                text!(
                    "the Token is another than the profile's (`wxauth profile set token`), or \
                 `msg_signature` or the body was changed on its way",
                    "Token 与配置不同（`wxauth profile set token`），或 `msg_signature`、请求体在途中被修改"
                )
            }
        };
        self.fail("signature", Some(Text::same(&*query.msg_signature)), why);
    }

    fn outer_appid(&mut self, envelope: &Envelope, component_appid: &ComponentAppid) {
        match &envelope.appid {
            None => self.unknown(
                "outer_appid",
                text!(
                    "a push for an account has none",
                    "推送给账号的消息没有该字段"
                ),
            ),
            Some(found) if found == component_appid.as_str() => {
                self.pass("outer_appid", Some(Text::same(found)));
            }
            Some(found) => self.fail("outer_appid", Some(Text::same(found)), other_platform()),
        }
    }

    /// The message, when one of the keys opens the envelope.
    fn opened(
        &mut self,
        envelope: &Envelope,
        keys: &PushKeys,
        component_appid: &ComponentAppid,
    ) -> Option<Vec<u8>> {
        let attempts = [KeyUsed::Present, KeyUsed::Previous].map(|which| {
            let key = keys.key(which)?;
            Some((which, crypto::open(key, &envelope.encrypt)))
        });
        let best = attempts.into_iter().flatten().reduce(|first, second| {
            if reach(&second.1) > reach(&first.1) {
                second
            } else {
                first
            }
        });
        let (which, result) = best?;
        let opened = match result {
            Ok(opened) => opened,
            Err(error) => {
                self.not_opened(error, keys);
                return None;
            }
        };
        self.key = Some(which);
        self.pass("encrypt", None);
        self.note(
            "key",
            Outcome::Pass,
            Some(key_in_words(which)),
            (which == KeyUsed::Previous).then_some(text!(
                "the key was changed of late; answer with the previous one, and keep it for now",
                "密钥最近更换过；请用旧密钥回复，并暂时保留它"
            )),
        );
        self.pass("padding", Some(Text::same(opened.pad.to_string())));
        self.pass(
            "length",
            Some(text!("{} bytes", "{} 字节", opened.message.len())),
        );
        if opened.appid == component_appid.as_str() {
            self.pass("inner_appid", Some(Text::same(opened.appid)));
        } else {
            self.fail(
                "inner_appid",
                Some(Text::same(opened.appid)),
                other_platform(),
            );
        }
        Some(opened.message)
    }

    fn not_opened(&mut self, error: OpenError, keys: &PushKeys) {
        let found = Some(unopened(&error));
        match error {
            OpenError::Base64 | OpenError::BlockLength { .. } => self.fail(
                "encrypt",
                found,
                text!(
"it was cut or changed on its way (a `+` turned into a space, a log that shortens)", "在途中被截断或修改（`+` 变成空格、日志截断等）"),
            ),
            OpenError::Padding { .. } => {
                self.pass("encrypt", None);
                let which = if keys.previous.is_some() {
                    text!(
                        "neither the present nor the previous one",
                        "现用密钥与旧密钥都不对"
                    )
                } else {
                    text!(
                        "not the present one; no previous one is known",
                        "现用密钥不对；没有已知的旧密钥"
                    )
                };
                self.fail(
                    "key",
                    Some(which),
                    text!(
"copy 消息加解密Key from the console: `wxauth profile set encoding_aes_key`; the one \
                     before goes to `encoding_aes_key_previous`", "从控制台复制消息加解密Key：`wxauth profile set encoding_aes_key`；更换前的存入 `encoding_aes_key_previous`"),
                );
                self.fail("padding", found, text!(
"nearly always the mark of a wrong key", "几乎总是密钥错误的表现"));
            }
            OpenError::MessageLength { .. } | OpenError::Appid => {
                self.pass("encrypt", None);
                self.unknown("key", text!(
"what comes out has a pad, but no message", "解密结果有填充，但没有消息"));
                self.pass("padding", None);
                self.fail(
                    "length",
                    found,
                    text!(
"the sender counts wrong (bytes, not characters), or the key is another and \
                     the pad right by chance", "发送方的长度计算有误（应为字节而非字符），或密钥不同而填充碰巧正确"),
                );
            }
        }
    }

    fn message(&mut self, bytes: &[u8], component_appid: &ComponentAppid, reveal: bool) {
        let Ok(message) = std::str::from_utf8(bytes) else {
            self.fail(
                "message",
                None,
                text!(
                    "it is not UTF-8: the sender writes another encoding",
                    "不是 UTF-8：发送方使用了其他编码"
                ),
            );
            return;
        };
        let (holds, read) = Holds::read(message, component_appid.as_str(), reveal);
        let kind = holds.as_ref().and_then(|holds| {
            let kind = holds.info_type.as_ref().or(holds.msg_type.as_ref());
            kind.map(Text::same)
        });
        self.holds = holds;
        match read {
            Ok(()) => self.pass("message", kind),
            Err(Unread::Foreign(appid)) => {
                self.fail("message", Some(Text::same(appid)), other_platform());
            }
            Err(Unread::Broken(reason)) => self.fail(
                "message",
                Some(reason),
                text!(
                    "the push opened, but what is in it is nothing that WeChat sends",
                    "推送已解密，但内容不是微信会发送的"
                ),
            ),
        }
    }
}

fn other_platform() -> Text {
    text!(
        "this push is for another platform: check it with that one's profile (`--profile NAME`)",
        "该推送属于另一个平台：请用该平台的配置检查（`--profile NAME`）"
    )
}

/// How far a key came: the further, the likelier it is the right one.
fn reach(result: &Result<Opened, OpenError>) -> u8 {
    match result {
        Err(OpenError::Base64 | OpenError::BlockLength { .. }) => 0,
        Err(OpenError::Padding { .. }) => 1,
        Err(OpenError::MessageLength { .. } | OpenError::Appid) => 2,
        Ok(_) => 3,
    }
}

/// The word for a key in answers.
pub(super) const fn name(key: KeyUsed) -> &'static str {
    match key {
        KeyUsed::Present => "present",
        KeyUsed::Previous => "previous",
    }
}
