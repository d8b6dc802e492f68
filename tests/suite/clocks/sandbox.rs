//! The sandbox's clock, which clients follow: forward and back under a running server.

use serde_json::{Value, json};

use crate::serve::receiver::Receiver;
use crate::support::{Desk, SandboxProcess, eventually};

struct Scene {
    desk: Desk,
    sandbox: SandboxProcess,
    receiver: Receiver,
}

impl Scene {
    /// What `/healthz` says of the platform, when it is well. Who asks too often gets a text instead
    /// (429), as any visitor does.
    fn health(&self) -> Option<Value> {
        let request = b"GET /healthz HTTP/1.1\r\nHost: receiver\r\nConnection: close\r\n\r\n";
        let (status, body) = self.receiver.raw(request);
        let health = |body: &str| serde_json::from_str::<Value>(body.trim()).expect("JSON");
        (status == 200).then(|| health(&body)["platforms"][0].clone())
    }

    /// Waits until a ticket came by the clock as it is now, and all is well.
    #[track_caller]
    fn is_well_again(&self) {
        while self.receiver.told("event_accepted")["info_type"] != "component_verify_ticket" {}
        eventually(|| {
            self.health().is_some_and(|health| {
                let age = health["ticket_age"].as_i64();
                health["ticket"] == "live" && age.is_some_and(|age| (0..300).contains(&age))
            })
        });
    }

    /// Whose token is handed out now: WeChat accepts it, and it has no more time left than it gives.
    #[track_caller]
    fn hands_out(&self, whose: &[&str]) {
        let words = [&["--sandbox", "token"], whose, &["-o", "json"]].concat();
        let token = self.desk.run(words).expect_code(0).json();
        let left = token["expires_in"].as_i64().expect("a number");
        assert!((1..=7200).contains(&left), "{token}");
        let path = format!(
            "/cgi-bin/get_api_domain_ip?access_token={}",
            token["token"].as_str().expect("a token")
        );
        let call = self.sandbox.get_plainly(&path);
        assert_eq!(call["errcode"].as_i64().unwrap_or_default(), 0, "{call}");
    }
}

#[test]
fn everything_works_on_when_the_sandboxs_clock_goes_forward_and_back() {
    let desk = Desk::new();
    let flags = ["--accounts", "4", "--authorized", "all"];
    let sandbox = SandboxProcess::start(&desk, &flags);
    desk.run(["--sandbox", "authorizers", "sync", "-q"])
        .expect_code(0);
    let listed = sandbox.get("accounts?authorized=true");
    let merchant = listed[0]["appid"].as_str().expect("an appid").to_owned();
    let receiver = Receiver::start(&desk, &["--sandbox"]);
    let scene = Scene {
        desk,
        sandbox,
        receiver,
    };
    scene.is_well_again();
    for change in [
        json!({"offset": "+3d"}),
        json!({"reset": true}),
        json!({"offset": "-2d"}),
    ] {
        scene.hands_out(&["component"]);
        scene.hands_out(&["authorizer", &merchant]);
        scene.sandbox.post("clock", &change);
        scene.is_well_again();
        scene.hands_out(&["component"]);
        scene.hands_out(&["authorizer", &merchant]);
        // An event of this time is worked off.
        scene.sandbox.post("revoke", &json!({ "appid": merchant }));
        let worked = scene.receiver.told("event_worked");
        assert_eq!(worked["outcome"], "done", "{worked}");
        let link = scene
            .desk
            .run(["--sandbox", "link", "--no-qr", "-o", "json"]);
        let link = link.expect_code(0).json();
        let order = json!({"appid": merchant, "link": link["url"]});
        scene.sandbox.post("authorize", &order);
        let worked = scene.receiver.told("event_worked");
        assert_eq!(
            (&worked["outcome"], &worked["info_type"]),
            (&json!("done"), &json!("authorized"))
        );
    }
}
