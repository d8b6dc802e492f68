//! No ticket, an old one, a wrong one: each cause, and that its cure brings a component token.

use super::{Office, Serving, cause, eventually, ok, receiver};
use crate::support::tamper;

/// An office with a profile that has never received a ticket, and can read pushes.
fn without_a_ticket() -> Office {
    let office = Office::unnamed();
    office.init("shop", &["--mint", "wxauth"]).expect_code(0);
    for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
        let value = office.sandbox.text(field);
        office
            .desk
            .run_with_input(["profile", "set", key], &value)
            .expect_code(0);
    }
    office
}

fn has_a_token(office: &Office) -> bool {
    office.run(["token", "component"]).code == 0
}

#[test]
fn a_receiver_that_answers_wrongly_is_found_and_serve_takes_its_place() {
    let office = without_a_ticket();
    let (url, _pushes) = receiver([ok("{\"code\":0}"), ok("{\"code\":0}")]);
    let failed = office.run(["token", "component"]).expect_code(4);
    let answer = cause(&office.desk, &failed.stderr, "receiver_answer");
    let judged = answer
        .run(&office.desk, "wxauth events send", &[("URL", &url)])
        .expect_code(3);
    assert!(judged.stdout.contains("code"), "{}", judged.stdout);
    assert_eq!(answer.typed("wxauth serve", &[]), ["serve"]);
    let server = Serving::start(&office.desk, &[], &[]);
    answer.play(&office.desk, &[("URL", &server.route("events_url"))]);
    eventually(|| has_a_token(&office));
    server.end("TERM").expect_code(0);
}

#[test]
fn pushes_that_stopped_are_asked_for_again() {
    let office = without_a_ticket();
    let ticket = office.sandbox.text("component_verify_ticket");
    office
        .desk
        .run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    let server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    let stop = [
        "sandbox",
        "platform",
        "--tickets",
        "false",
        "--events-url",
        &to,
    ];
    office.run(stop).expect_code(0);
    office.sandbox.pass("+13h");
    let failed = office.run(["token", "component", "-o", "json"]);
    assert_eq!(failed.json_error()["errcode"], 61005, "{}", failed.stderr);
    let stopped = cause(&office.desk, &failed.stderr, "pushes_stopped");
    let asked = stopped
        .run(&office.desk, "wxauth ticket request", &[])
        .expect_code(0);
    assert!(
        asked.stdout.contains("pushes again") || asked.stdout.contains("恢复"),
        "{}",
        asked.stdout
    );
    eventually(|| has_a_token(&office));
    server.end("TERM").expect_code(0);
}

#[test]
fn a_ticket_that_another_process_received_is_handed_over() {
    let office = without_a_ticket();
    office.run(["token", "component"]).expect_code(4);
    let elsewhere = cause(&office.desk, "ticket", "ticket_elsewhere");
    let file = office.file("ticket", &office.sandbox.text("component_verify_ticket"));
    let file = file.to_str().expect("a path");
    elsewhere
        .run(&office.desk, "wxauth ticket set", &[("FILE", file)])
        .expect_code(0);
    assert!(has_a_token(&office));
}

#[test]
fn pushes_that_cannot_be_read_are_read_with_the_consoles_token() {
    let office = without_a_ticket();
    office
        .desk
        .run_with_input(["profile", "set", "token"], "not-the-one")
        .expect_code(0);
    let server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    let push = ["sandbox", "push", "component_verify_ticket", "--to", &to];
    office.run(push).expect_code(3);
    server.end("TERM").expect_code(0);
    let keys = cause(
        &office.desk,
        "component_verify_ticket is past its 12 hours",
        "push_keys_differ",
    );
    let token = office.sandbox.text("token");
    keys.run_with(&office.desk, "wxauth profile set token", &[], &token)
        .expect_code(0);
    let server = Serving::start(&office.desk, &[], &[]);
    let to = server.route("events_url");
    office
        .run(["sandbox", "push", "component_verify_ticket", "--to", &to])
        .expect_code(0);
    assert!(has_a_token(&office));
    server.end("TERM").expect_code(0);
}

#[test]
fn a_ticket_that_is_cut_or_of_another_platform_is_replaced() {
    for id in ["ticket_cut", "ticket_of_another_platform"] {
        let office = without_a_ticket();
        let whole = office.sandbox.text("component_verify_ticket");
        let wrong = match id {
            "ticket_cut" => whole[..whole.len() - 8].to_owned(),
            _ => super::text(
                &office.sandbox.card["platforms"][1],
                "component_verify_ticket",
            ),
        };
        office
            .desk
            .run_with_input(["ticket", "set"], &wrong)
            .expect_code(0);
        // It came a while ago: of two tickets in one second neither is the newer.
        let earlier = "UPDATE tickets SET received_at = received_at - 60";
        assert_eq!(tamper(&office.store(), earlier), 1);
        let failed = office.run(["token", "component", "-o", "json"]);
        assert_eq!(failed.json_error()["errcode"], 61006, "{}", failed.stderr);
        let told = cause(&office.desk, &failed.stderr, id);
        let file = office.file("ticket", &whole);
        let file = file.to_str().expect("a path");
        told.run(&office.desk, "wxauth ticket set", &[("FILE", file)])
            .expect_code(0);
        office.run(["token", "component"]).expect_code(0);
    }
}
