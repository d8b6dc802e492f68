//! A platform's backend under the release check, with one fault at most.

use serde_json::{Value, json};
use wxauth::wechat::message::{Message, text_reply};
use wxauth::wechat::push::{BodyFormat, KeyUsed, Stamp};

use super::keys::Keys;
use super::receiver::{Heard, Said, said, success};
use crate::sandbox::stage::{COMPONENT, Stage, text};

/// The one thing that a platform does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    TicketUnheard,
    EventUnheard,
    TextUnanswered,
    TextInPlain,
    TextWithoutCallback,
    TextToItself,
    QueryAnswered,
    NotQueried,
    NothingSent,
    OtherSent,
    SentToAnother,
}

/// What a platform knows of itself while it is checked.
#[derive(Clone)]
pub struct Backend {
    base: String,
    card: Value,
    token: String,
    http: reqwest::Client,
    fault: Fault,
}

impl Backend {
    /// The first platform of a stage.
    pub fn of(stage: &Stage, fault: Fault) -> Self {
        Self {
            base: stage.base.clone(),
            card: stage.card.clone(),
            token: stage.token.clone(),
            http: stage.http.clone(),
            fault,
        }
    }

    /// What it answers to a push; what it does by the API goes on beside that.
    pub fn answer(&self, heard: &Heard) -> Said {
        let keys = Keys::of(&self.card);
        if heard.path == "/events" {
            let info_type = text(&keys.event(heard), "InfoType");
            return match (info_type.as_str(), self.fault) {
                ("component_verify_ticket", Fault::TicketUnheard) => said("fail"),
                ("authorized", Fault::EventUnheard) => said("fail"),
                _ => success(),
            };
        }
        let opened = keys.open(heard).expect("a message");
        let message = Message::parse(&opened.message).expect("a message");
        let content = message.content.clone().expect("a text");
        if let Some(code) = content.strip_prefix("QUERY_AUTH_CODE:") {
            let (own, code) = (self.clone(), code.to_owned());
            let to = message.from.clone();
            tokio::spawn(async move { own.call_back(&code, &to).await });
            return match self.fault {
                Fault::QueryAnswered => self.reply(&keys, &message, "a moment"),
                _ => said(""),
            };
        }
        let callback = format!("{content}_callback");
        match self.fault {
            Fault::TextUnanswered => success(),
            Fault::TextInPlain => said(&text_reply(
                &message.from,
                &message.to,
                1_700_000_000,
                &callback,
            )),
            Fault::TextWithoutCallback => self.reply(&keys, &message, &content),
            Fault::TextToItself => {
                let back = Message {
                    to: message.from.clone(),
                    from: message.to.clone(),
                    ..message
                };
                self.reply(&keys, &back, &callback)
            }
            _ => self.reply(&keys, &message, &callback),
        }
    }

    fn reply(&self, keys: &Keys, to: &Message, content: &str) -> Said {
        let text = text_reply(&to.from, &to.to, 1_700_000_000, content);
        let stamp = Stamp {
            timestamp: "1700000000".to_owned(),
            nonce: "42".to_owned(),
            random: [1; 16],
        };
        let appid = keys.appid.parse().expect("an appid");
        let (key, format) = (KeyUsed::Present, BodyFormat::Xml);
        let body = keys.keys.reply(&appid, key, format, &text, &stamp);
        said(&body.expect("a key"))
    }

    async fn call_back(&self, code: &str, openid: &str) {
        if self.fault == Fault::NotQueried {
            return;
        }
        let path = format!(
            "{COMPONENT}api_query_auth?component_access_token={}",
            self.token
        );
        let body = json!({
            "component_appid": self.card["component_appid"],
            "authorization_code": code,
        });
        let answer = self.post(&path, &body).await;
        if self.fault == Fault::NothingSent {
            return;
        }
        let token = text(&answer["authorization_info"], "authorizer_access_token");
        let content = match self.fault {
            Fault::OtherSent => format!("{code}_from_api\n"),
            _ => format!("{code}_from_api"),
        };
        let to = match self.fault {
            Fault::SentToAnother => "somebody",
            _ => openid,
        };
        let path = format!("/cgi-bin/message/custom/send?access_token={token}");
        let body = json!({"touser": to, "msgtype": "text", "text": {"content": content}});
        assert_eq!(self.post(&path, &body).await["errcode"], 0);
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.base);
        let sent = self.http.post(url).body(body.to_string()).send().await;
        sent.expect("an answer").json().await.expect("JSON")
    }
}
