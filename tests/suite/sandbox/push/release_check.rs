//! The full-release check, against a platform that does everything right and against ones that do
//! one thing wrong.

use serde_json::json;
use wxauth::wechat::release_check::is_check_account;

use super::backend::{Backend, Fault};
use super::receiver::Receiver;
use crate::sandbox::stage::{Stage, assert_refused, text};

async fn checked(stage: &Stage, fault: Fault) -> Vec<(String, String, Option<String>)> {
    let receiver = Receiver::new().await;
    let backend = Backend::of(stage, fault);
    receiver.answers(move |heard| backend.answer(heard));
    let order =
        json!({"events_url": receiver.events_url(), "messages_url": receiver.messages_url()});
    let cases = stage.order("release-check", order).await;
    let cases = cases.as_array().expect("an array").iter();
    cases
        .map(|case| {
            assert!(!text(case, "name").is_empty() && !text(case, "name_zh").is_empty());
            let reason = case["reason"].as_str().map(str::to_owned);
            (text(case, "case"), text(case, "verdict"), reason)
        })
        .collect()
}

fn failed(cases: &[(String, String, Option<String>)]) -> Vec<&str> {
    let failed = cases.iter().filter(|(_, verdict, _)| verdict == "fail");
    failed.map(|(case, _, _)| case.as_str()).collect()
}

const API_TEXTS: &[&str] = &["api_text_official_account", "api_text_mini_program"];

#[tokio::test]
async fn a_platform_that_does_everything_right_passes() {
    let stage = Stage::new().await;
    let cases = checked(&stage, Fault::None).await;
    assert_eq!(cases.len(), 5);
    for (case, verdict, reason) in &cases {
        assert_eq!((verdict.as_str(), reason), ("pass", &None), "{case}");
    }
    // A second time, perhaps with the same accounts.
    assert_eq!(failed(&checked(&stage, Fault::None).await), [""; 0]);
    // The accounts stay in the list, and have no tokens any more.
    let list = stage
        .component(
            "api_get_authorizer_list",
            json!({"offset": 0, "count": 500}),
        )
        .await;
    let left: Vec<_> = (list["list"].as_array().expect("a list").iter())
        .filter(|entry| is_check_account(&text(entry, "authorizer_appid")))
        .collect();
    assert!(left.len() >= 2, "{list}");
    for entry in left {
        let appid = text(entry, "authorizer_appid");
        let refresh = text(entry, "refresh_token");
        assert_refused(&stage.refresh(&appid, &refresh).await, 61003);
    }
}

#[tokio::test]
async fn each_single_fault_fails_its_own_case_and_says_why() {
    let stage = Stage::new().await;
    let table: &[(Fault, &[&str], &str)] = &[
        (Fault::TicketUnheard, &["ticket"], "other_body"),
        (Fault::EventUnheard, &["authorization"], "other_body"),
        (Fault::TextUnanswered, &["text"], "no reply"),
        (Fault::TextInPlain, &["text"], "Encrypt is missing"),
        (
            Fault::TextWithoutCallback,
            &["text"],
            "Content of the reply",
        ),
        (Fault::TextToItself, &["text"], "ToUserName of the reply"),
        (Fault::QueryAnswered, API_TEXTS, "empty text"),
    ];
    for (fault, cases, words) in table {
        let found = checked(&stage, *fault).await;
        assert_eq!(&failed(&found), cases, "{words}");
        let failed = found.iter().filter(|(_, verdict, _)| verdict == "fail");
        for (_, _, reason) in failed {
            let reason = reason.as_deref().expect("a reason");
            assert!(reason.contains(words), "{reason}");
        }
    }
}

/// A story of its own for what the check waits for in vain.
async fn waited_in_vain(fault: Fault, words: &str) {
    let stage = Stage::new().await;
    let without_mini_program = json!({"permission_ids": [1, 3, 11]});
    stage.order("platform", without_mini_program).await;
    let found = checked(&stage, fault).await;
    assert_eq!(failed(&found), ["api_text_official_account"]);
    let reason = found[3].2.as_deref().expect("a reason");
    assert!(reason.contains(words), "{reason}");
}

#[tokio::test]
async fn a_code_that_nobody_exchanges_fails() {
    waited_in_vain(Fault::NotQueried, "api_query_auth was not called").await;
}

#[tokio::test]
async fn a_text_that_nobody_sends_fails() {
    waited_in_vain(Fault::NothingSent, "no customer-service text").await;
}

#[tokio::test]
async fn another_text_fails() {
    waited_in_vain(Fault::OtherSent, "_from_api").await;
}

#[tokio::test]
async fn a_text_to_somebody_else_fails() {
    waited_in_vain(Fault::SentToAnother, "somebody").await;
}

#[tokio::test]
async fn what_a_platform_does_not_offer_is_skipped() {
    for (sets, skipped) in [
        (json!([1, 11]), vec!["api_text_mini_program"]),
        (
            json!([17, 18, 19]),
            vec!["text", "api_text_official_account"],
        ),
        (
            json!([17, 18]),
            vec![
                "authorization",
                "text",
                "api_text_official_account",
                "api_text_mini_program",
            ],
        ),
    ] {
        let stage = Stage::new().await;
        stage
            .order("platform", json!({"permission_ids": sets}))
            .await;
        let found = checked(&stage, Fault::None).await;
        assert_eq!(failed(&found), [""; 0]);
        let not_run: Vec<_> = (found.iter())
            .filter(|(_, verdict, _)| verdict == "skipped")
            .map(|(case, _, _)| case.as_str())
            .collect();
        assert_eq!(not_run, skipped);
    }
}

#[tokio::test]
async fn without_addresses_there_is_nothing_to_check() {
    let stage = Stage::new().await;
    assert_eq!(
        stage.declined("release-check", json!({})).await,
        "no_receiver"
    );
}
