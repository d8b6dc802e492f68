//! SIGKILL while WeChat holds its answer, before and after it did what was asked.

use std::os::unix::process::ExitStatusExt;
use std::process::Child;

use serde_json::json;

use super::scene::Scene;

/// What the operator was doing.
#[derive(Clone, Copy, Debug)]
enum Doing {
    TokenComponent,
    TokenAuthorizer,
    RefreshNamed,
    RefreshDue,
    Sync,
}

impl Doing {
    /// The call during which death comes.
    fn call(self) -> &'static str {
        match self {
            Self::TokenComponent => "api_component_token",
            Self::TokenAuthorizer | Self::RefreshNamed | Self::RefreshDue => "api_authorizer_token",
            Self::Sync => "api_get_authorizer_info",
        }
    }

    fn start(self, scene: &Scene) -> Child {
        let appid = scene.merchants[0].as_str();
        match self {
            Self::TokenComponent => scene.start(["token", "component"]),
            Self::TokenAuthorizer => scene.start(["token", "authorizer", appid]),
            Self::RefreshNamed => scene.start(["authorizers", "refresh", appid]),
            Self::RefreshDue => scene.start(["authorizers", "refresh"]),
            Self::Sync => scene.start(["authorizers", "sync", "--full"]),
        }
    }

    /// Lets it be due: the component token, or every merchant's, is near its end. A refresh by
    /// name comes while the token is in its prime.
    fn make_due(self, scene: &Scene) {
        for appid in &scene.merchants {
            scene.accepted(&["authorizer", appid]);
        }
        match self {
            Self::TokenComponent | Self::RefreshDue | Self::TokenAuthorizer => {
                scene.sandbox.pass("1h52m");
            }
            // A pull of everything asks for what is older than its own beginning.
            Self::RefreshNamed | Self::Sync => scene.sandbox.pass("10s"),
        }
        if !matches!(self, Self::TokenComponent) {
            scene.accepted(&["component"]);
        }
    }
}

fn dies_while_held(doing: Doing, when: &str, rotates: bool) {
    let scene = Scene::synced(3);
    scene.behave(&json!({"refresh_token_rotates": rotates}));
    doing.make_due(&scene);
    let call = doing.call();
    scene
        .sandbox
        .fault(&format!("{call}: once hold 1500ms {when}"));
    let mut child = doing.start(&scene);
    scene.until_held(1);
    child.kill().expect("it lives");
    let status = child.wait().expect("it ends");
    assert_eq!(
        status.signal(),
        Some(9),
        "it was killed at {doing:?}, not before"
    );
    scene.converges();
}

macro_rules! stories {
    ($($name:ident: $doing:ident, $when:literal, $rotates:literal;)+) => {
        $(#[test]
        fn $name() {
            dies_while_held(Doing::$doing, $when, $rotates);
        })+
    };
}

stories! {
    killed_before_wechat_makes_the_component_token: TokenComponent, "before", false;
    killed_after_wechat_made_the_component_token: TokenComponent, "after", false;
    killed_before_wechat_makes_a_merchants_token: TokenAuthorizer, "before", false;
    killed_after_wechat_made_a_merchants_token: TokenAuthorizer, "after", false;
    killed_before_wechat_replaces_a_token_in_its_prime: RefreshNamed, "before", false;
    killed_after_wechat_replaced_a_token_in_its_prime: RefreshNamed, "after", false;
    killed_before_wechat_answers_a_bulk_refresh: RefreshDue, "before", false;
    killed_after_wechat_answered_in_a_bulk_refresh: RefreshDue, "after", false;
    killed_before_wechat_rotates_a_refresh_token: TokenAuthorizer, "before", true;
    killed_after_wechat_rotated_a_refresh_token: TokenAuthorizer, "after", true;
    killed_after_a_bulk_refresh_rotated_a_refresh_token: RefreshDue, "after", true;
    killed_in_the_middle_of_a_sync: Sync, "after", false;
}

#[test]
fn killed_while_a_returning_merchants_code_is_exchanged() {
    for when in ["before", "after"] {
        let scene = Scene::synced(2);
        let appid = scene.merchants[0].clone();
        scene.accepted(&["authorizer", &appid]);
        // It leaves and comes back while the token it had would still have an hour.
        scene.sandbox.post("revoke", &json!({"appid": appid}));
        scene.sandbox.pass("10m");
        let code = scene.code_of(&appid);
        let file = scene.desk.home().join("code");
        std::fs::write(&file, code).expect("a file with the code");
        let file = file.to_str().expect("UTF-8");
        let fault = format!("api_query_auth: once hold 1500ms {when}");
        scene.sandbox.fault(&fault);
        let mut child = scene.start(["authorizers", "redeem", "--file", file]);
        scene.until_held(1);
        child.kill().expect("it lives");
        child.wait().expect("it ends");
        scene.until_held(0);
        // The code is spent, and what it gave is in WeChat's list.
        scene
            .run(["authorizers", "redeem", "--file", file])
            .expect_code(6);
        scene.run(["authorizers", "sync"]).expect_code(0);
        scene.converges();
    }
}

#[test]
fn a_refusal_in_between_does_not_make_the_dead_holders_call_forgotten() {
    let scene = Scene::synced(1);
    Doing::TokenComponent.make_due(&scene);
    let call = Doing::TokenComponent.call();
    scene
        .sandbox
        .fault(&format!("{call}: once hold 1500ms before"));
    let mut child = Doing::TokenComponent.start(&scene);
    scene.until_held(1);
    child.kill().expect("it lives");
    child.wait().expect("it ends");
    scene.sandbox.fault(&format!("{call}: once 45009"));
    scene.run(["token", "component"]).expect_code(6);
    scene.converges();
}
