//! A platform of one's own, the whole way: over TLS with a private authority, through a proxy, with
//! a profile, and with the environment only.

use super::front::{NAME, Proxy, TlsFront, strange_authority};
use super::office::{Office, hints, text};
use crate::support::{Desk, Outcome};

/// Ticket, token, link, merchants: what an operator does on the first day.
#[track_caller]
fn first_day(desk: &Desk, ticket: &str) {
    let path = desk.home().join("ticket.txt");
    std::fs::write(&path, ticket).expect("a file");
    let file = path.to_str().expect("a path");
    desk.run(["ticket", "set", "--file", file]).expect_code(0);
    let token = desk
        .run(["token", "component", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(token["source"], "refreshed");
    let link = desk
        .run(["link", "--no-qr", "-o", "json"])
        .expect_code(0)
        .json();
    // Wherever the API is reached, a merchant's phone goes to WeChat itself.
    assert!(
        text(&link, "url").starts_with("https://open.weixin.qq.com/"),
        "{link}"
    );
    let synced = desk
        .run(["authorizers", "sync", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(synced["added"].as_array().map(Vec::len), Some(8));
    let again = desk
        .run(["token", "component", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        (&again["source"], &again["token"]),
        (&"cache".into(), &token["token"])
    );
    desk.run(["status"]).expect_code(0);
}

#[test]
fn over_tls_with_a_private_authority_named_in_the_profile() {
    let office = Office::unnamed();
    let front = TlsFront::before(office.sandbox.url());
    let url = front.url();
    office
        .init(
            "shop",
            &[
                "--api-base",
                &url,
                "--ca-file",
                front.authority(),
                "--mint",
                "wxauth",
            ],
        )
        .expect_code(0);
    first_day(
        &office.desk,
        &office.sandbox.text("component_verify_ticket"),
    );
}

#[test]
fn over_tls_with_a_private_authority_named_by_the_environment() {
    let office = Office::unnamed();
    let front = TlsFront::before(office.sandbox.url());
    let office = office.with("SSL_CERT_FILE", front.authority());
    let url = front.url();
    office
        .init("shop", &["--api-base", &url, "--mint", "wxauth"])
        .expect_code(0);
    first_day(
        &office.desk,
        &office.sandbox.text("component_verify_ticket"),
    );
}

#[test]
fn an_unknown_or_wrong_authority_is_told_with_the_setting_that_names_it() {
    let office = Office::unnamed();
    let front = TlsFront::before(office.sandbox.url());
    let url = front.url();
    office
        .init("shop", &["--api-base", &url, "--mint", "wxauth"])
        .expect_code(0);
    let ticket = office.sandbox.text("component_verify_ticket");
    office
        .desk
        .run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    let refused = |office: &Office| {
        let refused = office.run(["token", "component", "-o", "json"]);
        let error = refused.expect_code(5).json_error();
        assert!(
            hints(&error, "ca_file") && hints(&error, "SSL_CERT_FILE"),
            "{error}"
        );
    };
    refused(&office);
    let strange = office.file("strange.pem", &strange_authority());
    let strange = strange.to_str().expect("a path");
    office
        .run(["profile", "set", "ca_file", strange])
        .expect_code(0);
    refused(&office);
    assert_eq!(office.calls(), 0);

    office
        .run(["profile", "set", "ca_file", &office.desk.missing_file()])
        .expect_code(0);
    let error = office
        .run(["token", "component", "-o", "json"])
        .expect_code(4)
        .json_error();
    assert!(hints(&error, "profile set ca_file"), "{error}");
    office
        .run(["profile", "set", "ca_file", front.authority()])
        .expect_code(0);
    office.run(["token", "component"]).expect_code(0);
}

#[test]
fn through_a_proxy_that_alone_knows_the_way() {
    let office = Office::unnamed();
    let front = TlsFront::before(office.sandbox.url());
    let proxy = Proxy::to(front.address);
    let base = format!("https://{NAME}");
    office
        .init(
            "shop",
            &[
                "--api-base",
                &base,
                "--ca-file",
                front.authority(),
                "--mint",
                "wxauth",
            ],
        )
        .expect_code(0);
    let ticket = office.sandbox.text("component_verify_ticket");
    office
        .desk
        .run_with_input(["ticket", "set"], &ticket)
        .expect_code(0);
    office.run(["token", "component"]).expect_code(5);

    let office = office.with("HTTPS_PROXY", proxy.url());
    first_day(&office.desk, &ticket);
    let asked = proxy.asked();
    assert!(
        !asked.is_empty()
            && asked
                .iter()
                .all(|line| line.starts_with(&format!("CONNECT {NAME}:443 ")))
    );

    let office = office.with("NO_PROXY", NAME);
    let around = office
        .run(["ticket", "request", "-o", "json"])
        .expect_code(5);
    assert!(
        !around.json_error()["hints"]
            .as_array()
            .expect("hints")
            .is_empty()
    );
}

#[test]
fn a_dead_proxy_is_told_and_loopback_goes_around_it() {
    let office = Office::unnamed();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let dead = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let mut office = office.with("WXAUTH_MINT", "wxauth");
    for (name, value) in office.sandbox.environment() {
        office = office.with(&name, value);
    }
    for name in [
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "https_proxy",
        "http_proxy",
    ] {
        office = office.with(name, &dead);
    }
    office.run(["token", "component"]).expect_code(0);
    let office = office.with("WXAUTH_API_BASE", format!("https://{NAME}"));
    let error = office
        .run(["token", "component", "-o", "json"])
        .expect_code(5)
        .json_error();
    assert!(hints(&error, "HTTPS_PROXY"), "{error}");
}

#[test]
fn with_the_environment_only_and_no_file_at_all() {
    let office = Office::unnamed();
    let front = TlsFront::before(office.sandbox.url());
    let proxy = Proxy::to(front.address);
    let mut office = office;
    for (name, value) in office.sandbox.environment() {
        office = office.with(&name, value);
    }
    let office = office
        .with("WXAUTH_API_BASE", format!("https://{NAME}"))
        .with("SSL_CERT_FILE", front.authority())
        .with("HTTPS_PROXY", proxy.url())
        .with("WXAUTH_STORE", "memory");
    // A base that is no loopback may be somebody else's: minting takes a word.
    office.run(["token", "component"]).expect_code(4);
    let office = office.with("WXAUTH_MINT", "wxauth");
    for command in [
        &["token", "component"][..],
        &["link", "-o", "json"],
        &["authorizers", "sync", "-o", "json"],
        &["status"],
    ] {
        office.run(command).expect_code(0);
    }
    assert!(!office.desk.config_dir().exists(), "no file was written");
    // Nothing is remembered, so each of the three that need one asked for a token.
    assert_eq!(office.sandbox.successes("api_component_token"), 3);

    let office = office.with("WXAUTH_STORE", "");
    let code = office.code();
    let redeemed = office
        .desk
        .run_with_input(["authorizers", "redeem", "-o", "json"], &code);
    redeemed.expect_code(0);
    assert!(office.store().exists() && !office.desk.config_dir().join("config.toml").exists());
}

#[test]
fn a_profile_comes_from_flags_and_environment_where_there_is_no_terminal() {
    let office = Office::unnamed();
    let nothing = office.run(["init", "-o", "json"]).expect_code(2);
    assert!(
        hints(&nothing.json_error(), "by environment"),
        "{}",
        nothing.stderr
    );

    let mut command = office.desk.command(["init", "--mint", "wxauth"]);
    command.envs(office.sandbox.environment());
    Outcome::of(command.spawn().expect("the program")).expect_code(0);
    let shown = office
        .run(["profile", "show", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["name"], "default");
    assert_eq!(
        shown["component_appid"],
        office.sandbox.card["component_appid"]
    );
    assert_eq!(shown["redirect_uri"], office.sandbox.card["redirect_uri"]);
    first_day(
        &office.desk,
        &office.sandbox.text("component_verify_ticket"),
    );

    // A profile is not overwritten unawares.
    let again = office.init("default", &["--mint", "never"]).expect_code(2);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    office
        .init("default", &["--mint", "never", "--force"])
        .expect_code(0);
    // Who does not say who mints has said that somebody else does.
    office.init("silent", &[]).expect_code(0);
    let shown = office
        .run(["profile", "show", "silent", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(shown["mint"], "never");
}
