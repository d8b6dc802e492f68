//! What is said of a Redis that does not let us work, or may lose what we keep there: what happened
//! and what to do, in both languages, and never the words of a library.

use serde_json::Value;

use super::reached::Papers;
use super::scene;
use crate::crash::scene::Scene;
use crate::support::{Desk, RedisServer, free_port};

/// What only a library would say.
const LIBRARY: &[&str] = &[
    "os error",
    "Parse error",
    "ResponseError",
    "AuthenticationFailed",
    "NOAUTH",
    "InvalidContentType",
    "UnknownIssuer",
    "broken pipe",
];

/// Whether any hint of a JSON error holds `part`.
fn hints(error: &Value, part: &str) -> bool {
    let hints = error["hints"].as_array().expect("hints").iter();
    hints
        .filter_map(Value::as_str)
        .any(|hint| hint.contains(part))
}

/// The failure of a command whose store is at `address`; in Chinese it has its own words too.
#[track_caller]
fn failure(address: &str, message: &str, chinese: &str, hint: &str) {
    let desk = Desk::new().with("WXAUTH_SANDBOX_STORE", address);
    let told = desk
        .run(["--sandbox", "status", "-o", "json"])
        .expect_code(7);
    let error = told.json_error();
    let said = format!("{error:#}");
    assert!(error["message"].to_string().contains(message), "{said}");
    assert!(hints(&error, hint), "{said}");
    let told = desk
        .run(["--sandbox", "--lang", "zh", "status"])
        .expect_code(7);
    assert!(told.stderr.contains(chinese), "{}", told.stderr);
    for words in LIBRARY {
        assert!(!said.contains(words), "{said}");
        assert!(!told.stderr.contains(words), "{}", told.stderr);
    }
}

#[test]
fn a_wrong_address_is_told_by_what_is_wrong_with_it() {
    let server = RedisServer::start();
    let port = server.port();
    let at = |end: &str| format!("redis://127.0.0.1:{port}{end}");
    failure(
        &at("/99"),
        "no database",
        "没有该编号的数据库",
        "config get databases",
    );
    let plain = format!("`redis://127.0.0.1:{port}`");
    failure(&at("?sentinel=platform"), "no Sentinel", "不是哨兵", &plain);
    let with_tls = format!("rediss://127.0.0.1:{port}");
    failure(&with_tls, "does not speak TLS", "不支持 TLS", &plain);
    let unknown = "redis://no.such.host.invalid";
    failure(
        unknown,
        "not known here",
        "无法解析主机名",
        "getent hosts no.such.host.invalid",
    );
    let nobody = free_port();
    let ping = format!("redis-cli -h 127.0.0.1 -p {nobody} ping");
    failure(
        &format!("redis://127.0.0.1:{nobody}"),
        "nothing listens",
        "没有程序监听",
        &ping,
    );
    let nowhere = "redis+unix:///nowhere/redis.sock";
    failure(nowhere, "no such socket", "套接字不存在", "unixsocket");
}

#[test]
fn what_is_no_redis_is_not_taken_for_one() {
    let desk = Desk::new();
    let sandbox = crate::support::SandboxProcess::start(&desk, &[]);
    let web = sandbox.url().replacen("http", "redis", 1);
    let web = web.trim_end_matches('/');
    failure(
        web,
        "speaks another protocol",
        "处不是 Redis",
        "host and port",
    );
    let master = RedisServer::start();
    let sentinel = RedisServer::sentinel(master.port());
    let address = format!("redis://127.0.0.1:{}", sentinel.port());
    failure(
        &address,
        "does not know the command",
        "不认识命令",
        "?sentinel=NAME",
    );
}

#[test]
fn tls_that_does_not_come_about_is_told_by_its_reason() {
    let papers = Papers::new();
    let port = free_port();
    let _server = papers.server(port);
    let in_the_clear = format!("redis://localhost:{port}");
    let by_tls = format!("`rediss://localhost:{port}`");
    failure(&in_the_clear, "speaks TLS there", "该端口使用 TLS", &by_tls);
    let at = |host: &str| format!("rediss://{host}:{port}");
    failure(
        &at("localhost"),
        "nobody who is known here",
        "签发者不受本机信任",
        "?ca=FILE",
    );
    let trusted = |host: &str| format!("{}?ca={}", at(host), papers.text("ca.pem"));
    failure(
        &trusted("127.0.0.1"),
        "another name",
        "名称与地址不符",
        "openssl s_client",
    );
    failure(
        &trusted("localhost"),
        "wants a certificate",
        "要求客户端证书",
        "&cert=FILE",
    );
}

#[test]
fn a_full_house_is_no_broken_connection() {
    let server = RedisServer::with(&["--maxclients", "1"]);
    let client = redis::Client::open(server.url()).expect("an address");
    let _guest = client.get_connection().expect("a connection");
    failure(
        &server.url(),
        "as many clients as it takes",
        "连接数已达上限",
        "maxclients",
    );
}

#[test]
fn a_password_is_asked_for_where_it_comes_from() {
    let server = RedisServer::with(&["--requirepass", "open sesame"]);
    let address = format!("redis://127.0.0.1:{}/1", server.port());
    failure(
        &address,
        "asks for a password",
        "需要密码",
        "WXAUTH_SANDBOX_STORE=",
    );
    let wrong = address.replace("127", ":no@127");
    failure(
        &wrong,
        "refuses the user or the password",
        "拒绝了用户名或密码",
        "WXAUTH_SANDBOX_STORE=",
    );
    let elsewhere = Desk::new();
    let sync = ["--sandbox", "authorizers", "sync", "-q"];
    elsewhere.run(sync).expect_code(0);
    let file = elsewhere.home().join("wrong");
    std::fs::write(&file, "no\n").expect("a file");
    let file = file.display().to_string();
    let wrong = ["--password-file", file.as_str()];
    for words in [
        vec!["store", "export", "--to", &address],
        vec!["store", "import", &address],
    ] {
        for more in [&[][..], &wrong] {
            let all = ["--sandbox"].iter().chain(&words).chain(more);
            let told = elsewhere.run(all).expect_code(7).stderr;
            assert!(told.contains("`--password-file FILE`"), "{told}");
            assert!(!told.contains("store_password"), "{told}");
        }
    }
}

/// The line of the doctor about the store.
#[track_caller]
fn store_line(scene: &Scene) -> Value {
    let report = scene.run(["doctor", "-o", "json"]).json();
    let lines = report["checks"].as_array().expect("lines").iter();
    let mut lines = lines.filter(|line| line["name"] == "store");
    lines.next().expect("a line").clone()
}

#[test]
fn what_may_lose_the_store_is_told_by_doctor_and_by_info() {
    let server = RedisServer::with(&["--maxmemory-policy", "allkeys-lru"]);
    let scene = scene(&server.url(), 1);
    let line = store_line(&scene);
    assert_eq!(line["status"], "warn", "{line:#}");
    let info = scene.json(["store", "info"]);
    let warnings = info["warnings"].as_array().expect("warnings");
    assert_eq!(warnings.len(), 2, "{info:#}");
    let detail = line["detail"].as_str().expect("a text");
    for (warning, cure) in warnings.iter().zip(line["cure"].as_array().expect("cures")) {
        let (warning, cure) = (
            warning.as_str().expect("a text"),
            cure.as_str().expect("a text"),
        );
        let danger = warning
            .strip_suffix(cure)
            .and_then(|it| it.strip_suffix("; "));
        let danger = danger.unwrap_or_else(|| panic!("`{cure}` does not end `{warning}`"));
        assert!(detail.contains(danger), "{line:#}");
    }
    let chinese = scene.run(["--lang", "zh", "doctor"]).stdout;
    assert!(chinese.contains("内存满时 Redis 会淘汰令牌"), "{chinese}");

    server.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    server.cli(&["CONFIG", "SET", "appendonly", "yes"]);
    assert_eq!(store_line(&scene)["status"], "pass");
    assert_eq!(
        scene.json(["store", "info"])["warnings"],
        serde_json::json!([])
    );
}

#[test]
fn a_server_that_may_not_be_asked_is_not_suspected() {
    let server = RedisServer::start();
    let scene = scene(&server.url(), 1);
    assert_eq!(store_line(&scene)["status"], "warn");
    server.cli(&["ACL", "SETUSER", "default", "-config"]);
    assert_eq!(store_line(&scene)["status"], "pass");
    scene.run(["store", "info"]).expect_code(0);
    server.cli(&["ACL", "SETUSER", "default", "-info"]);
    assert_eq!(store_line(&scene)["status"], "pass");
    let info = scene.json(["store", "info"]);
    assert_eq!(info["redis"]["version"], Value::Null, "{info:#}");
}
