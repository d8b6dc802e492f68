//! Every way in which a call fails, each told apart, none with a secret in it.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use url::Url;
use wxauth::api::{Api, ApiError, Call, LostCause, UnreachableReason};
use wxauth::sys::http::HttpOptions;
use wxauth::wechat::wire::FieldError;

use super::server::{Server, Step};
use super::{SECRET, api, api_with, platform, secret, token};

/// The error of an exchange of a code: the call that is never repeated once sent.
async fn exchange(api: &Api) -> ApiError {
    let code = secret("queryauthcode@@@");
    let error = api
        .query_auth(&platform(), &token(), &code)
        .await
        .unwrap_err();
    for shown in [format!("{error}"), format!("{error:?}")] {
        assert!(!shown.contains("SECRET"), "{shown}");
        assert!(!shown.contains("access_token="), "{shown}");
    }
    error
}

async fn exchange_with(step: Step) -> ApiError {
    let server = Server::start([step]).await;
    let error = exchange(&api(&server.base)).await;
    assert_eq!(server.seen().len(), 1, "an exchange is sent once");
    error
}

const LOST: ApiError = ApiError::AnswerLost {
    call: Call::QueryAuth,
    cause: LostCause::Cut,
};

#[tokio::test]
async fn a_refusal_has_code_message_and_rid() {
    let error = exchange_with(Step::json(
        r#"{"errcode":"61009","errmsg":"code is invalid rid: 64f69b23-60f73830-19f36488"}"#,
    ))
    .await;
    assert_eq!(error.errcode(), Some(61009));
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.rid.as_deref(), Some("64f69b23-60f73830-19f36488"));
    assert_eq!(
        error.to_string(),
        "api_query_auth: errcode 61009: code is invalid"
    );
    assert!(!error.repeat_is_safe());
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_refusal_that_repeats_what_was_sent_is_cleaned() {
    let error = exchange_with(Step::Json(format!(
        r#"{{"errcode":40001,"errmsg":"bad token 97_{SECRET} or code queryauthcode@@@{SECRET}"}}"#
    )))
    .await;
    assert_eq!(error.refusal().unwrap().errmsg, "bad token … or code …");
}

#[tokio::test]
async fn a_dead_port_is_unreachable_and_repeating_is_safe() {
    let gone = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let base = Url::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let error = exchange(&api(&base)).await;
    let ApiError::Unreachable { host, reason, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*host, format!("127.0.0.1:{port}"));
    assert_eq!(*reason, UnreachableReason::Connect);
    assert!(error.repeat_is_safe());
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_server_without_tls_is_unreachable_by_tls() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let base = Url::parse(&format!("https://127.0.0.1:{port}")).unwrap();
    let error = exchange(&api(&base)).await;
    let ApiError::Unreachable { reason, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(reason, UnreachableReason::Tls);
}

#[tokio::test]
async fn a_connection_dropped_after_the_request_is_a_lost_answer() {
    let error = exchange_with(Step::Drop).await;
    assert_eq!(error, LOST);
    assert!(!error.repeat_is_safe());
    assert!(error.may_have_taken_effect());
}

#[tokio::test]
async fn an_answer_cut_in_its_body_or_its_chunks_is_lost() {
    let half = format!("{{\"authorization_info\":{{\"authorizer_refresh_token\":\"{SECRET}");
    for head in [
        "Content-Length: 500\r\n\r\n".to_owned(),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", half.len()),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{head}{half}").into_bytes();
        assert_eq!(exchange_with(Step::Bytes(bytes)).await, LOST);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_lost() {
    let server = Server::start([Step::Hang]).await;
    let options = HttpOptions {
        timeout: Duration::from_millis(200),
        ..HttpOptions::default()
    };
    let error = exchange(&api_with(&server.base, options)).await;
    assert_eq!(
        error,
        ApiError::AnswerLost {
            call: Call::QueryAuth,
            cause: LostCause::Timeout
        }
    );
}

#[tokio::test]
async fn a_page_in_place_of_json_is_quoted_in_part() {
    let page = format!(
        "<html>\n<body>Sign in\u{7} to continue <a href=\"/?t={SECRET}\">here</a>{}",
        " filler".repeat(400)
    );
    let error = exchange_with(Step::status("200 OK", "text/html", &page)).await;
    let ApiError::NotJson {
        status,
        content_type,
        beginning,
        ..
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(*status, 200);
    assert_eq!(content_type.as_deref(), Some("text/html"));
    assert!(
        beginning.starts_with("<html> <body>Sign in to continue"),
        "{beginning}"
    );
    assert!(beginning.chars().count() <= 120);
    assert!(error.may_have_taken_effect());
}

#[tokio::test]
async fn json_that_ends_early_is_quoted_without_its_values() {
    for half in ["SECRET", "97_SECRET", "refreshtoken@@@SECRET"] {
        let body = format!(r#"{{"expires_in":7200,"authorizer_access_token":"{half}"#);
        let error = exchange_with(Step::status("200 OK", "application/json", &body)).await;
        let ApiError::NotJson { beginning, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(beginning, "{expires_in:7200,authorizer_access_token:…");
    }
}

#[tokio::test]
async fn a_status_without_json_is_a_status_and_with_an_errcode_a_refusal() {
    let error = exchange_with(Step::status("502 Bad Gateway", "text/html", "<html>")).await;
    assert_eq!(
        error,
        ApiError::Status {
            call: Call::QueryAuth,
            status: 502
        }
    );
    assert!(error.may_have_taken_effect());
    let error = exchange_with(Step::status("302 Found", "text/html", "")).await;
    assert!(!error.may_have_taken_effect());
    let error = exchange_with(Step::status("404 Not Found", "application/json", "{}")).await;
    assert!(matches!(error, ApiError::Status { status: 404, .. }));
    let refused = r#"{"errcode":61010,"errmsg":"code is expired"}"#;
    let error = exchange_with(Step::status("412 No", "application/json", refused)).await;
    assert_eq!(error.errcode(), Some(61010));
}

#[tokio::test]
async fn a_success_without_its_field_names_it() {
    let error = exchange_with(Step::json("{}")).await;
    assert_eq!(
        error,
        ApiError::Field {
            call: Call::QueryAuth,
            error: FieldError::Missing("authorization_info")
        }
    );
}

#[tokio::test]
async fn an_answer_above_the_limit_is_refused_whether_announced_or_not() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n{".to_vec();
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    endless.resize(9_000_000, b' ');
    for bytes in [announced, endless] {
        let error = exchange_with(Step::Bytes(bytes)).await;
        assert!(matches!(error, ApiError::TooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_chunked_answer_is_an_answer() {
    let body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                12\r\n{\"total_count\":0,\"\r\n9\r\nlist\":[]}\r\n0\r\n\r\n";
    let server = Server::start([Step::Bytes(body.into())]).await;
    let page = api(&server.base)
        .authorizer_list(&platform(), &token(), 0, 500)
        .await
        .unwrap();
    assert_eq!(page.total_count, 0);
}

#[tokio::test]
async fn a_long_message_is_cut_with_a_note_and_shows_no_half_of_a_secret() {
    let refused = |errmsg: &str| {
        let body = serde_json::json!({"errcode": 40001, "errmsg": errmsg});
        Step::Json(body.to_string())
    };
    let error = exchange_with(refused(&"长".repeat(2_000_000))).await;
    let message = error.refusal().unwrap().errmsg.clone();
    assert_eq!(
        message,
        format!("{}… (6000000 bytes, cut)", "长".repeat(1000))
    );
    // A secret that lies across the end of what is looked into.
    for before in 16_384 - SECRET.len()..=16_384 {
        let errmsg = format!("{}{SECRET} and more", " ".repeat(before));
        let error = exchange_with(refused(&errmsg)).await;
        let message = error.refusal().unwrap().errmsg.clone();
        assert!(!message.contains(&SECRET[..4]), "{message}");
    }
    let whole = "invalid credential rid: 6501a7a1-2b2b2b2b-3c3c3c3c";
    let error = exchange_with(refused(whole)).await;
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.errmsg, "invalid credential");
    assert_eq!(refusal.rid.as_deref(), Some("6501a7a1-2b2b2b2b-3c3c3c3c"));
}
