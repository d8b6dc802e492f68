//! The checks that a receiver makes, one by one, each with its reason.

use serde::Serialize;

use crate::wechat::crypto::{self, OpenError, Opened};
use crate::wechat::id::ComponentAppid;
use crate::wechat::push::{Envelope, KeyUsed, PushError, PushKeys, PushQuery};

use super::capture::Capture;
use super::holds::{Holds, Unread};

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
    pub(super) found: Option<String>,
    /// Why, and what to do.
    pub(super) explanation: Option<String>,
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
        found: Option<String>,
        explanation: Option<&str>,
    ) {
        self.checks.push(Check {
            check,
            outcome,
            found,
            explanation: explanation.map(str::to_owned),
        });
    }

    fn pass(&mut self, check: &'static str, found: Option<String>) {
        self.note(check, Outcome::Pass, found, None);
    }

    fn fail(&mut self, check: &'static str, found: Option<String>, explanation: &str) {
        self.note(check, Outcome::Fail, found, Some(explanation));
    }

    fn unknown(&mut self, check: &'static str, explanation: &str) {
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
                "not given: add `--query 'signature=…'` or `--url URL`",
            );
            return None;
        };
        match PushQuery::parse(text) {
            Ok(query) => {
                self.pass("query", Some(format!("timestamp {}", query.timestamp)));
                Some(query)
            }
            Err(error) => {
                self.fail(
                    "query",
                    Some(error.to_string()),
                    "quote the whole address: a shell ends it at the first `&`; and see that the \
                     proxy hands the query on",
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
            (Some(_), _) => "for the platform".to_owned(),
            (None, Some(account)) => format!("for the account {account}"),
            (None, None) => "for nobody by name".to_owned(),
        };
        self.pass("envelope", Some(format!("{format}, {whom}")));
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
                "it is not encrypted: either it was decrypted before it was captured, or another \
                 body was sent; WeChat's pushes to a platform always are"
            }
            _ => "take the body as it was received, whole: logs cut and escape",
        };
        self.fail("envelope", Some(error.to_string()), why);
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
                "it is over the query as well, which is not known",
            );
            return;
        };
        if keys.signed(query, envelope) {
            self.pass("signature", None);
            return;
        }
        let why = match keys.token_fits(query) {
            Some(true) => {
                "the Token is right, for `signature` fits it; so `msg_signature` or the body was \
                 changed or cut on its way"
            }
            Some(false) => {
                "the Token is another than the profile's, for `signature` does not fit either: \
                 compare 消息校验Token in the console, then `wxauth profile set token`"
            }
            None => {
                "the Token is another than the profile's (`wxauth profile set token`), or \
                 `msg_signature` or the body was changed on its way"
            }
        };
        self.fail("signature", Some(query.msg_signature.clone()), why);
    }

    fn outer_appid(&mut self, envelope: &Envelope, component_appid: &ComponentAppid) {
        match &envelope.appid {
            None => self.unknown("outer_appid", "a push for an account has none"),
            Some(found) if found == component_appid.as_str() => {
                self.pass("outer_appid", Some(found.clone()));
            }
            Some(found) => self.fail("outer_appid", Some(found.clone()), OTHER_PLATFORM),
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
            Some(name(which).to_owned()),
            (which == KeyUsed::Previous).then_some(
                "the key was changed of late; answer with the previous one, and keep it for now",
            ),
        );
        self.pass("padding", Some(opened.pad.to_string()));
        self.pass("length", Some(format!("{} bytes", opened.message.len())));
        if opened.appid == component_appid.as_str() {
            self.pass("inner_appid", Some(opened.appid));
        } else {
            self.fail("inner_appid", Some(opened.appid), OTHER_PLATFORM);
        }
        Some(opened.message)
    }

    fn not_opened(&mut self, error: OpenError, keys: &PushKeys) {
        let found = Some(error.to_string());
        match error {
            OpenError::Base64 | OpenError::BlockLength { .. } => self.fail(
                "encrypt",
                found,
                "it was cut or changed on its way (a `+` turned into a space, a log that shortens)",
            ),
            OpenError::Padding { .. } => {
                self.pass("encrypt", None);
                let which = if keys.previous.is_some() {
                    "neither the present nor the previous one"
                } else {
                    "not the present one; no previous one is known"
                };
                self.fail(
                    "key",
                    Some(which.to_owned()),
                    "copy 消息加解密Key from the console: `wxauth profile set encoding_aes_key`; the one \
                     before goes to `encoding_aes_key_previous`",
                );
                self.fail("padding", found, "nearly always the mark of a wrong key");
            }
            OpenError::MessageLength { .. } | OpenError::Appid => {
                self.pass("encrypt", None);
                self.unknown("key", "what comes out has a pad, but no message");
                self.pass("padding", None);
                self.fail(
                    "length",
                    found,
                    "the sender counts wrong (bytes, not characters), or the key is another and \
                     the pad right by chance",
                );
            }
        }
    }

    fn message(&mut self, bytes: &[u8], component_appid: &ComponentAppid, reveal: bool) {
        let Ok(message) = std::str::from_utf8(bytes) else {
            self.fail(
                "message",
                None,
                "it is not UTF-8: the sender writes another encoding",
            );
            return;
        };
        let (holds, read) = Holds::read(message, component_appid.as_str(), reveal);
        let kind = holds.as_ref().and_then(|holds| {
            let kind = holds.info_type.as_ref().or(holds.msg_type.as_ref());
            kind.cloned()
        });
        self.holds = holds;
        match read {
            Ok(()) => self.pass("message", kind),
            Err(Unread::Foreign(appid)) => self.fail("message", Some(appid), OTHER_PLATFORM),
            Err(Unread::Broken(reason)) => self.fail(
                "message",
                Some(reason),
                "the push opened, but what is in it is nothing that WeChat sends",
            ),
        }
    }
}

const OTHER_PLATFORM: &str =
    "this push is for another platform: check it with that one's profile (`--profile NAME`)";

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
