//! Which ticket a component token is requested with, and for how long.

use wxauth::flow::{Credentials, FlowError, PlatformOptions, SecretSource};
use wxauth::store::tickets::TicketSource;

use super::bench::Bench;
use super::wechat::COMPONENT;
use crate::store::support::{at, secret};

/// The ticket that the next component token is asked for with.
async fn ticket_used(bench: &Bench) -> String {
    let before = bench.platform.component_token().await;
    if let Ok(held) = before
        && bench.calls(COMPONENT) == 0
    {
        panic!("{held:?}");
    }
    let last = bench.requests(COMPONENT).pop().unwrap().json();
    last["component_verify_ticket"].as_str().unwrap().to_owned()
}

fn with_ticket(ticket: &'static str) -> impl FnOnce(&mut PlatformOptions) {
    move |options| {
        options.credentials = Credentials {
            ticket: SecretSource::Value(secret(ticket)),
            ticket_source: TicketSource::Environment,
            ..options.credentials.clone()
        };
    }
}

#[tokio::test]
async fn the_ticket_that_came_last_is_used() {
    let bench = Bench::without_ticket(with_ticket("ticket@@@environment")).await;
    assert_eq!(ticket_used(&bench).await, "ticket@@@environment");
    bench.pass(2 * 3600);
    bench.ticket("ticket@@@later").await;
    assert_eq!(ticket_used(&bench).await, "ticket@@@later");

    let bench = Bench::without_ticket(with_ticket("ticket@@@environment")).await;
    bench.ticket("ticket@@@earlier").await;
    bench.pass(60);
    assert_eq!(ticket_used(&bench).await, "ticket@@@environment");
}

#[tokio::test]
async fn a_ticket_is_used_for_twelve_hours_from_when_it_was_first_seen() {
    let bench = Bench::without_ticket(with_ticket("ticket@@@environment")).await;
    bench.platform.component_token().await.unwrap();
    for hours in [3, 3, 3] {
        bench.pass(hours * 3600);
        bench.platform.component_token().await.unwrap();
    }
    bench.pass(3 * 3600 - 60);
    bench.platform.component_token().await.unwrap();
    bench.pass(3 * 3600);
    match bench.platform.component_token().await.unwrap_err() {
        FlowError::TicketDead { received_at } => assert!(received_at < at(60)),
        error => panic!("{error:?}"),
    }
    assert_eq!(bench.calls(COMPONENT), 5);
    let none = Bench::without_ticket(|_| {}).await;
    let error = none.platform.component_token().await.unwrap_err();
    assert!(matches!(error, FlowError::NoTicket), "{error:?}");
    let empty = Bench::without_ticket(with_ticket("")).await;
    let error = empty.platform.component_token().await.unwrap_err();
    assert!(matches!(error, FlowError::NoTicket), "{error:?}");
}
