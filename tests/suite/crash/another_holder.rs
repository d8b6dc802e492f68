//! Another program that has the platform's secrets requests tokens: by what it is noticed, and what is
//! not taken for it.

use serde_json::{Value, json};

use crate::support::{Desk, Outcome, plain_client};

use super::scene::Scene;

/// A call that every access token of a merchant may make.
const ADDRESSES: &str = "/cgi-bin/get_api_domain_ip";

fn for_each_store(test: impl Fn(Desk)) {
    test(Desk::new());
    #[cfg(feature = "redis")]
    test(Desk::new().with("WXAUTH_SANDBOX_STORE", crate::support::shared_redis()));
}

/// A platform with merchants, on each kind of store.
fn scenes(count: usize, test: impl Fn(Scene)) {
    for_each_store(|desk| {
        let scene = Scene::at_desk(desk, count);
        scene.run(["authorizers", "sync"]).expect_code(0);
        test(scene);
    });
}

/// A program with a store of its own requests a component token, and six minutes pass: the one stored
/// here is refused from now on.
fn component_token_requested_elsewhere(scene: &Scene) {
    let desk = (scene.sandbox.environment().into_iter())
        .fold(Desk::new(), |desk, (name, value)| desk.with(&name, value));
    desk.run(["token", "component"]).expect_code(0);
    scene.sandbox.pass("6m");
}

/// The same for a merchant's token; the component token here stays as it is.
fn access_token_requested_elsewhere(scene: &Scene, appid: &str) {
    let component = scene.accepted(&["component"]);
    let ask = |call: &str, more: Value| {
        let mut body = json!({
            "component_appid": scene.sandbox.text("component_appid"),
            "authorizer_appid": appid,
        });
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        let base = scene.sandbox.url();
        let url = format!("{base}/cgi-bin/component/{call}?component_access_token={component}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let answer: Value = runtime.expect("a runtime").block_on(async {
            let sent = plain_client().post(url).json(&body).send().await;
            let answer = sent.expect("the sandbox answers");
            answer.json().await.expect("JSON")
        });
        assert!(
            answer["errcode"].is_null() || answer["errcode"] == 0,
            "{answer}"
        );
        answer
    };
    let info = ask("api_get_authorizer_info", json!({}));
    let refresh_token = &info["authorization_info"]["authorizer_refresh_token"];
    ask(
        "api_authorizer_token",
        json!({ "authorizer_refresh_token": refresh_token }),
    );
    scene.sandbox.pass("6m");
}

/// The rows of `check` about it.
fn rows(scene: &Scene) -> Vec<Value> {
    let report = scene.run(["check", "--all", "-o", "json"]).json();
    let rows = report["checks"].as_array().expect("rows").iter();
    let of_holders = rows.filter(|row| row["name"] == "another_holder");
    of_holders.cloned().collect()
}

#[track_caller]
fn assert_not_noticed(scene: &Scene) {
    let rows = rows(scene);
    let found = (&rows[0]["target"], &rows[0]["status"], &rows[0]["since"]);
    assert_eq!(found, (&Value::Null, &json!("pass"), &Value::Null));
    assert_says(&rows[0], "wxauth's own calls");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let status = scene.run(["status", "-o", "json"]).json();
    assert_eq!(status["another_holder"], Value::Null, "{status}");
}

/// The only row, about the only owner whose token was refused.
#[track_caller]
fn noticed(scene: &Scene) -> Value {
    let rows = rows(scene);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["status"], "warn");
    assert!(rows[0]["since"].is_string(), "{rows:?}");
    rows[0].clone()
}

#[track_caller]
fn assert_says(row: &Value, words: &str) {
    let detail = row["detail"].as_str().expect("a text");
    assert!(detail.contains(words), "{detail}");
}

/// The time on the sandbox's clock, to the second.
fn now(scene: &Scene) -> i64 {
    let clock = scene.sandbox.post("clock", &json!({ "offset": "+0s" }));
    let now: jiff::Timestamp = clock["now"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("a time");
    now.as_second()
}

#[test]
fn a_component_token_requested_elsewhere_is_noticed() {
    scenes(2, |scene| {
        scene.accepted(&["component"]);
        component_token_requested_elsewhere(&scene);
        assert_not_noticed(&scene);
        let began = now(&scene);
        scene.run(["link"]).expect_code(0);
        let row = noticed(&scene);
        let since = row["since"].clone();
        assert_eq!(row["target"], Value::Null);
        assert_says(&row, "refused the component token");
        let at: jiff::Timestamp = since.as_str().expect("a time").parse().expect("a time");
        assert!((began..began + 20).contains(&at.as_second()), "{since}");

        // Further refusals are of the same story; each token counts once.
        scene.sandbox.pass("1h");
        component_token_requested_elsewhere(&scene);
        scene.run(["link"]).expect_code(0);
        scene.run(["link"]).expect_code(0);
        let row = noticed(&scene);
        assert_eq!(row["since"], since);
        assert_says(&row, "2 component tokens");
        assert_says(&row, "`wxauth --sandbox token component`");
        scene.run(["check", "--strict"]).expect_code(3);
        let status = scene.run(["status", "-o", "json"]).expect_code(3).json();
        let holder = &status["another_holder"];
        assert_eq!(
            (&holder["since"], &holder["component_token"]),
            (&since, &json!(true))
        );
        assert_eq!(holder["authorizers"], json!([]));
        let problem = status["problems"][0].as_str().expect("a text");
        assert!(problem.contains("(first 1 h "), "{problem}");
        let zh = scene.run(["status", "--lang", "zh"]).expect_code(3).stdout;
        assert!(zh.replace('\n', "").contains("最早"), "{zh}");
        let zh = scene.run(["check", "--lang", "zh"]).expect_code(0).stdout;
        assert!(zh.contains("其他程序"), "{zh}");

        // It is over a day after the last one.
        scene.sandbox.pass("24h1m");
        assert_not_noticed(&scene);
    });
}

#[test]
fn a_merchants_token_requested_elsewhere_is_noticed() {
    scenes(2, |scene| {
        let appid = scene.merchants[1].clone();
        scene.accepted(&["authorizer", &appid]);
        access_token_requested_elsewhere(&scene, &appid);
        scene.run(["api", ADDRESSES, "--as", &appid]).expect_code(0);
        let row = noticed(&scene);
        assert_eq!(row["target"], json!(appid));
        assert_says(
            &row,
            &format!("`wxauth --sandbox token authorizer {appid}`"),
        );
        let status = scene.run(["status", "-o", "json"]).expect_code(3).json();
        let holder = &status["another_holder"];
        assert_eq!(
            (&holder["component_token"], &holder["authorizers"]),
            (&json!(false), &json!([appid]))
        );
    });
}

#[test]
fn a_component_token_refused_when_merchants_tokens_are_requested_is_noticed_once() {
    for (count, words) in [
        (1, ["token", "authorizer"]),
        (12, ["authorizers", "refresh"]),
    ] {
        scenes(count, |scene| {
            component_token_requested_elsewhere(&scene);
            let one = (count == 1).then(|| scene.merchants[0].as_str());
            scene.run(words.into_iter().chain(one)).expect_code(0);
            let row = noticed(&scene);
            assert_eq!(row["target"], Value::Null);
            assert_says(&row, "refused the component token");
        });
    }
}

#[test]
fn a_token_that_another_process_replaced_is_none() {
    scenes(1, |scene| {
        let appid = scene.merchants[0].clone();
        scene.accepted(&["authorizer", &appid]);
        scene
            .sandbox
            .fault("get_api_domain_ip: once hold 7s before");
        let call = scene.start(["api", ADDRESSES, "--as", &appid]);
        scene.until_held(1);
        scene.run(["authorizers", "refresh", &appid]).expect_code(0);
        // The clocks of both still agree, and the token in the call is five minutes behind.
        scene.sandbox.pass("4m57s");
        let told = Outcome::of(call).expect_code(0);
        assert!(told.stderr.contains("40001"), "{}", told.stderr);
        assert_not_noticed(&scene);
    });
}

#[test]
fn a_token_past_its_expiry_is_none() {
    scenes(1, |scene| {
        let appid = scene.merchants[0].clone();
        scene.accepted(&["authorizer", &appid]);
        access_token_requested_elsewhere(&scene, &appid);
        component_token_requested_elsewhere(&scene);
        scene.sandbox.pass("2h");
        scene.run(["link"]).expect_code(0);
        scene.run(["api", ADDRESSES, "--as", &appid]).expect_code(0);
        // One is refused because WeChat counts its time from earlier.
        scene.sandbox.fault("get_api_domain_ip: once 42001");
        scene.run(["api", ADDRESSES, "--as", &appid]).expect_code(0);
        assert_not_noticed(&scene);
    });
}

#[test]
fn a_token_refused_while_the_clock_is_wrong_is_none() {
    scenes(1, |scene| {
        for seconds in [-600, 600] {
            scene.accepted(&["component"]);
            scene.behave(&json!({ "date_skew_seconds": seconds }));
            component_token_requested_elsewhere(&scene);
            let told = scene.run(["link"]).expect_code(0);
            assert!(told.stderr.contains("40001"), "{}", told.stderr);
            assert_not_noticed(&scene);
        }
    });
}

#[test]
fn a_token_of_a_request_whose_outcome_is_unknown_is_none() {
    scenes(1, |scene| {
        let appid = scene.merchants[0].clone();
        let token = "api_authorizer_token";
        scene
            .sandbox
            .fault(&format!("{token}: once hold 11s before"));
        let told = scene.run(["token", "authorizer", &appid]).expect_code(0);
        assert!(told.stderr.contains("asking again"), "{}", told.stderr);
        scene.sandbox.fault("get_api_domain_ip: once 40001");
        let told = scene.run(["api", ADDRESSES, "--as", &appid]).expect_code(0);
        assert!(told.stderr.contains("40001"), "{}", told.stderr);
        assert_not_noticed(&scene);
    });
}

/// WeChat accepts a replaced token for five minutes: nobody can have ended one that is newer.
#[test]
fn a_token_refused_within_five_minutes_of_its_request_is_none() {
    scenes(1, |scene| {
        let appid = scene.merchants[0].clone();
        let call = ["api", ADDRESSES, "--as", &appid];
        scene.accepted(&["authorizer", &appid]);
        for (minutes, rows) in [("4m", "pass"), ("6m", "warn")] {
            scene.sandbox.pass(minutes);
            scene.sandbox.fault("get_api_domain_ip: once 40001");
            let told = scene.run(call).expect_code(0);
            assert!(told.stderr.contains("40001"), "{}", told.stderr);
            assert_eq!(self::rows(&scene)[0]["status"], rows, "{minutes}");
        }
    });
}

/// WeChat's answer to the exchange shows that it accepted the newer component token, whatever else it
/// refuses.
#[test]
fn a_component_token_refused_before_an_exchange_that_fails_is_noticed() {
    scenes(1, |scene| {
        let appid = scene.merchants[0].clone();
        component_token_requested_elsewhere(&scene);
        scene.sandbox.post("revoke", &json!({ "appid": appid }));
        let told = scene.run(["token", "authorizer", &appid]).expect_code(4);
        assert!(told.stderr.contains("40001"), "{}", told.stderr);
        assert_eq!(noticed(&scene)["target"], Value::Null);
    });
}

/// `check` replaces no token, so it cannot know for certain: it says so and notes nothing.
#[test]
fn a_component_token_that_the_online_check_finds_refused_is_reported_and_not_noted() {
    scenes(1, |scene| {
        scene.accepted(&["component"]);
        component_token_requested_elsewhere(&scene);
        let online = ["check", "--online", "--all", "-o", "json"];
        let report = scene.run(online).expect_code(3).json();
        let rows = report["checks"].as_array().expect("rows").iter();
        let of = |name: &'static str| rows.clone().filter(move |row| row["name"] == name);
        let holders: Vec<_> = of("another_holder").collect();
        assert_eq!(holders.len(), 1, "{report}");
        assert_eq!(holders[0]["status"], "warn");
        assert_says(holders[0], "refused the component token");
        assert!(of("account_list").all(|row| row["status"] == "fail"));
        assert_not_noticed(&scene);
    });
}

/// A call that takes another kind of token refuses every one; so does one that is out of order.
#[test]
fn a_call_that_refuses_every_token_shows_nothing() {
    scenes(1, |scene| {
        let appid = scene.merchants[0].clone();
        scene.accepted(&["component"]);
        scene.accepted(&["authorizer", &appid]);
        scene.sandbox.pass("6m");
        scene.sandbox.fault("api_create_preauthcode: 40001");
        scene.run(["link"]).expect_code(6);
        scene.sandbox.fault("get_api_domain_ip: 40001");
        scene.run(["api", ADDRESSES, "--as", &appid]).expect_code(6);
        assert_not_noticed(&scene);
    });
}

#[test]
fn an_authorization_that_ended_or_was_renewed_shows_nothing() {
    scenes(2, |scene| {
        let [ended, renewed] = [0, 1].map(|index| scene.merchants[index].clone());
        for appid in [&ended, &renewed] {
            scene.accepted(&["authorizer", appid]);
        }
        scene.behave(&json!({
            "revoked_access_token": "40001",
            "update_changes_refresh_token": true,
        }));
        scene.sandbox.pass("6m");
        scene.sandbox.post("revoke", &json!({ "appid": ended }));
        scene.run(["api", ADDRESSES, "--as", &ended]).expect_code(4);

        let granted = &scene.json(["authorizers", "show", &renewed])["permission_ids"];
        let fewer = json!({ "appid": renewed, "permissions": [granted[0]] });
        scene.sandbox.post("update", &fewer);
        scene.sandbox.pass("6m");
        scene.sandbox.fault("get_api_domain_ip: once 40001");
        let told = scene.run(["api", ADDRESSES, "--as", &renewed]);
        let told = told.expect_code(0);
        assert!(told.stderr.contains("refresh token"), "{}", told.stderr);
        assert_not_noticed(&scene);
    });
}

/// Who lets a backend request the tokens knows of it.
#[test]
fn nothing_is_said_where_others_request_tokens_by_agreement() {
    let scene = Scene::unseen(1);
    let desk = (scene.sandbox.environment().into_iter())
        .fold(Desk::new(), |desk, (name, value)| desk.with(&name, value));
    desk.run(["token", "component"]).expect_code(0);
    scene.sandbox.fault("api_create_preauthcode: once 40001");
    desk.run(["link"]).expect_code(0);
    let check = ["check", "--all", "-o", "json"];
    let mentions = |desk: &Desk| desk.run(check).stdout.contains("another_holder");
    assert!(mentions(&desk));
    assert!(!mentions(&desk.with("WXAUTH_MINT", "never")));
}
