//! What stands before a Redis: passwords, users, TLS; and what is said when it cannot be reached.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

use super::scene;
use crate::crash::scene::Scene;
use crate::support::{Desk, RedisServer, free_port};

/// A token is made, kept, and found again by the next process.
#[track_caller]
fn works(scene: &Scene) {
    let first = scene.accepted(&["component"]);
    assert_eq!(scene.accepted(&["component"]), first);
    assert_eq!(scene.calls("api_component_token"), 1);
}

/// The error of a command that the store does not let through.
#[track_caller]
fn refused(address: &str) -> serde_json::Value {
    let scene = scene(address, 1);
    let outcome = scene.run(["token", "component", "-o", "json", "-vv"]);
    assert!(
        !outcome.stderr.contains("open sesame"),
        "{}",
        outcome.stderr
    );
    let error = outcome.expect_code(7).json_error();
    assert_eq!(error["kind"], "store", "{error}");
    assert_ne!(error["hints"][0], serde_json::Value::Null, "{error}");
    assert_eq!(scene.calls("api_component_token"), 0);
    error
}

fn message(error: &serde_json::Value) -> String {
    error["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_password_and_a_user_are_given_and_a_wrong_one_is_said() {
    let server = RedisServer::with(&["--requirepass", "open sesame"]);
    // What `wxauth help redis` says a user of its own needs.
    let topic = Desk::new().run(["help", "redis"]).expect_code(0).stdout;
    let rights = topic.lines().find_map(|line| line.split_once("needs: `"));
    let rights = rights.expect("the line").1.trim_end_matches("`.");
    let user = [
        "-a",
        "open sesame",
        "ACL",
        "SETUSER",
        "wx",
        "on",
        ">open sesame",
    ];
    let rights: Vec<&str> = user.into_iter().chain(rights.split(' ')).collect();
    server.cli(&rights);
    let at = |who: &str| format!("redis://{who}127.0.0.1:{}/1", server.port());
    works(&scene(&at(":open%20sesame@"), 1));
    works(&scene(
        &format!(
            "redis+unix://:open%20sesame@{}?db=2",
            server.socket().display()
        ),
        1,
    ));
    let user = at("wx:open%20sesame@").replace("/1", "/3");
    let limited = scene(&user, 1);
    works(&limited);
    limited.run(["authorizers", "sync"]).expect_code(0);
    limited.run(["authorizers", "refresh"]).expect_code(0);
    limited.run(["store", "info"]).expect_code(0);
    for wrong in ["", ":no@", "nobody:open%20sesame@"] {
        let error = refused(&at(wrong));
        assert!(
            error["hints"].to_string().contains("WXAUTH_SANDBOX_STORE="),
            "{error}"
        );
    }
    server.cli(&[
        "-a",
        "open sesame",
        "ACL",
        "SETUSER",
        "wx",
        "resetkeys",
        "~other:*",
    ]);
    let error = refused(&user);
    assert!(error["hints"].to_string().contains("wxauth:*"), "{error}");
}

#[test]
fn what_is_not_there_is_said_at_once_with_the_way_to_look() {
    let port = free_port();
    let error = refused(&format!("redis://:open%20sesame@127.0.0.1:{port}"));
    assert!(
        message(&error).contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
    assert!(error["hints"].to_string().contains("redis-cli"), "{error}");
}

/// PEM files of an authority, a server's and a client's certificate.
pub(super) struct Papers {
    folder: tempfile::TempDir,
}

impl Papers {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters
            .distinguished_name
            .push(DnType::CommonName, "authority");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let authority = parameters.self_signed(&key).unwrap().pem();
        std::fs::write(folder.path().join("ca.pem"), authority).unwrap();
        let issuer = Issuer::new(parameters, key);
        for (name, host) in [("server", "localhost"), ("client", "operator")] {
            let key = KeyPair::generate().unwrap();
            let mut parameters = CertificateParams::new([host.to_owned()]).unwrap();
            // One that is named as its issuer would count as its own.
            parameters.distinguished_name.push(DnType::CommonName, host);
            let pem = parameters.signed_by(&key, &issuer).unwrap().pem();
            std::fs::write(folder.path().join(format!("{name}.pem")), pem).unwrap();
            std::fs::write(
                folder.path().join(format!("{name}.key")),
                key.serialize_pem(),
            )
            .unwrap();
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A server that speaks TLS at this port and wants a certificate.
    pub(super) fn server(&self, port: u16) -> RedisServer {
        RedisServer::with(&[
            "--tls-port",
            &port.to_string(),
            "--tls-ca-cert-file",
            &self.text("ca.pem"),
            "--tls-cert-file",
            &self.text("server.pem"),
            "--tls-key-file",
            &self.text("server.key"),
            "--tls-auth-clients",
            "yes",
        ])
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }
}

#[test]
fn tls_is_spoken_with_ones_own_authority_and_certificate() {
    let papers = Papers::new();
    let port = free_port();
    let server = papers.server(port);
    let trusted = format!("rediss://localhost:{port}?ca={}", papers.text("ca.pem"));
    let known = format!(
        "{trusted}&cert={}&key={}",
        papers.text("client.pem"),
        papers.text("client.key")
    );
    works(&scene(&known, 1));
    assert!(server.cli(&["DBSIZE"]).parse::<u64>().unwrap() > 0);
    // Without a certificate of ours the server hangs up; a server that nobody vouches for, we do.
    refused(&trusted);
    refused(&format!("rediss://localhost:{port}"));
    // A certificate is for a name, not for an address.
    refused(&known.replace("localhost", "127.0.0.1"));
    let missing = papers.text("nowhere.pem");
    let error = refused(&format!("rediss://localhost:{port}?ca={missing}"));
    assert!(message(&error).contains(&missing), "{error}");
}
