//! Sending an alert. The webhook's address holds a key: no error tells it.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::serve::{AlertForm, AlertOptions};
use crate::sys::http::{self, HttpClientError, HttpOptions};

use super::trouble::Message;

/// Robots answer a line; whatever else comes is not read to its end.
const ANSWER_LIMIT: usize = 64 * 1024;

pub(super) struct Webhook {
    url: Url,
    form: AlertForm,
    client: reqwest::Client,
}

/// What a robot says: both kinds use the same words.
#[derive(Deserialize)]
struct RobotAnswer {
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

impl Webhook {
    pub(super) fn new(
        options: &AlertOptions,
        ca_file: Option<&PathBuf>,
    ) -> Result<Self, HttpClientError> {
        let http_options = HttpOptions {
            ca_file: ca_file.cloned(),
            idle_connections: 1,
            ..HttpOptions::default()
        };
        Ok(Self {
            client: http::client(&options.url, &http_options)?,
            url: options.url.clone(),
            form: options.form,
        })
    }

    /// Sends one alert; an error says why the other side did not take it.
    pub(super) async fn send(&self, message: &Message) -> Result<(), String> {
        let body = match self.form {
            AlertForm::Json => json!({
                "kind": message.trouble.kind(),
                "severity": message.trouble.severity(),
                "platform": message.platform,
                "message_en": message.english(),
                "message_zh": message.chinese(),
                "since": message.since,
                "resolved": message.resolved,
            }),
            AlertForm::Wecom | AlertForm::Dingtalk => json!({
                "msgtype": "text",
                "text": { "content": text(message) },
            }),
        };
        let answer = self
            .client
            .post(self.url.clone())
            .header("content-type", "application/json; charset=utf-8")
            .body(body.to_string())
            .send()
            .await
            .map_err(http::innermost)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(format!("HTTP status {}", status.as_u16()));
        }
        if self.form == AlertForm::Json {
            return Ok(());
        }
        accepted(answer).await
    }
}

/// Robots answer 200 to everything and say in the body whether they took it.
async fn accepted(mut answer: reqwest::Response) -> Result<(), String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(http::innermost)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_LIMIT {
            return Err("the robot's answer is too long".to_owned());
        }
    }
    match serde_json::from_slice::<RobotAnswer>(&bytes) {
        Ok(robot) if robot.errcode == 0 => Ok(()),
        Ok(robot) => {
            let errmsg: String = robot.errmsg.chars().take(120).collect();
            Err(format!("errcode {}: {errmsg}", robot.errcode))
        }
        Err(_) => Err("the answer is not a robot's".to_owned()),
    }
}

fn text(message: &Message) -> Value {
    let Message {
        platform, since, ..
    } = message;
    let (chinese, english) = (message.chinese(), message.english());
    json!(format!(
        "[wxauth] {chinese}\n{english}\n平台 {platform}，自 {since} 起"
    ))
}
