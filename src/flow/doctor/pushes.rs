//! What pushes are checked and opened with, and the receiver they go to.

use std::sync::Arc;

use url::Url;

use crate::flow::probe::harmless_push;
use crate::flow::{AnswerProblem, FlowError, Outcome, Platform, send_push};
use crate::wechat::push::PushKeys;
use crate::wechat::secret::Secret;

use super::{Diagnosis, Examination, Finding, Line};

pub(super) async fn lines(
    platform: &Platform,
    examination: &Examination,
) -> Result<[Diagnosis; 3], FlowError> {
    let token = token_line(examination.push_token.as_ref());
    let (key, keys) = key_line(examination).await;
    let sound = (token.outcome == Outcome::Pass).then_some(keys).flatten();
    let receiver = match (&examination.receiver, sound) {
        (None, _) => Diagnosis::new(
            Line::Receiver,
            Outcome::Unknown,
            Finding::NoReceiver(likely_receiver(examination)),
        ),
        (Some(url), Some(keys)) => judge(platform, url, &keys, examination).await?,
        (Some(url), None) => {
            let line = match token.outcome {
                Outcome::Pass => Line::EncodingAesKey,
                _ => Line::PushToken,
            };
            Diagnosis::because(Line::Receiver, line).about(url.as_str())
        }
    };
    Ok([token, key, receiver])
}

fn token_line(token: Option<&Secret>) -> Diagnosis {
    let (outcome, finding) = match token {
        None => (Outcome::Warn, Finding::Missing),
        Some(token) if token.is_shaped(3..=32, |letter| letter.is_ascii_alphanumeric()) => {
            (Outcome::Pass, Finding::WellShaped)
        }
        Some(token) => (Outcome::Fail, Finding::Misshapen(token.length())),
    };
    Diagnosis::new(Line::PushToken, outcome, finding)
}

/// The line of the keys, and the keys where they are any.
async fn key_line(examination: &Examination) -> (Diagnosis, Option<PushKeys>) {
    let told = |outcome, finding| Diagnosis::new(Line::EncodingAesKey, outcome, finding);
    let present = match examination.encoding_aes_key.read().await {
        Ok(Some(key)) => key,
        Ok(None) => return (told(Outcome::Warn, Finding::Missing), None),
        Err(error) => {
            let finding = Finding::NotHad(Arc::new(error));
            return (told(Outcome::Fail, finding), None);
        }
    };
    // Without a Token the keys can be judged all the same; they are not used then.
    let token = examination.push_token.clone();
    let token = token.unwrap_or_else(|| Secret::new(""));
    let previous = examination.encoding_aes_key_previous.as_ref();
    match PushKeys::new(token, &present, previous) {
        Ok(keys) => (told(Outcome::Pass, Finding::WellShaped), Some(keys)),
        Err(wrong) => {
            let finding = Finding::BadKey(wrong.key, wrong.error);
            (told(Outcome::Fail, finding), None)
        }
    }
}

async fn judge(
    platform: &Platform,
    url: &Url,
    keys: &PushKeys,
    examination: &Examination,
) -> Result<Diagnosis, FlowError> {
    let now = platform.clock().unix();
    let Some((query, body)) = harmless_push(platform.component_appid(), keys, now) else {
        let line = Line::EncodingAesKey;
        return Ok(Diagnosis::because(Line::Receiver, line));
    };
    let judged = send_push(url, &query, body, &examination.http).await?;
    let (outcome, finding) = if judged.problems.is_empty() {
        (Outcome::Pass, Finding::ReceiverGood(judged.elapsed))
    } else {
        let fails = judged.problems.iter().any(AnswerProblem::fails);
        let outcome = if fails { Outcome::Fail } else { Outcome::Warn };
        (outcome, Finding::ReceiverAnswers(judged.problems))
    };
    Ok(Diagnosis::new(Line::Receiver, outcome, finding).about(url.as_str()))
}

/// Where `serve` would receive pushes on the host of the redirect address.
fn likely_receiver(examination: &Examination) -> Option<Url> {
    let address = examination.redirect_uri.as_deref()?;
    let mut url = Url::parse(address).ok().filter(Url::has_host)?;
    url.set_path("/events");
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
