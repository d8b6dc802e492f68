//! The main job by hand: each step one command.

use crate::support::Desk;

#[test]
fn a_merchant_confirms_a_link_and_its_token_is_printed() {
    let desk = Desk::new();
    let link = desk
        .run(["--sandbox", "link", "-o", "json"])
        .expect_code(0)
        .json();
    assert!(
        link["url"]
            .as_str()
            .expect("a link")
            .contains("pre_auth_code=preauthcode@@@")
    );

    let confirmed = desk
        .run(["sandbox", "authorize", "-o", "json"])
        .expect_code(0)
        .json();
    let appid = confirmed["authorizer_appid"]
        .as_str()
        .expect("an appid")
        .to_owned();
    let code = confirmed["auth_code"].as_str().expect("a code");

    let redeemed = desk.run_with_input(["--sandbox", "authorizers", "redeem", "-o", "json"], code);
    assert_eq!(
        redeemed.expect_code(0).json()["authorizer"]["appid"],
        *appid
    );

    let list = desk
        .run(["--sandbox", "authorizers", "list", "-o", "json"])
        .expect_code(0)
        .json();
    assert_eq!(list.as_array().expect("a list").len(), 1);
    assert_eq!(list[0]["status"], "active");

    let shown = desk.run(["--sandbox", "authorizers", "show", &appid, "-o", "json"]);
    let shown = shown.expect_code(0).json();
    assert_eq!(
        shown["details"]["authorization_info"]["authorizer_appid"],
        *appid
    );

    let refreshed = desk.run(["--sandbox", "authorizers", "refresh", &appid, "-o", "json"]);
    assert_eq!(refreshed.expect_code(0).json()["refreshed"], 1);

    let token = desk
        .run(["--sandbox", "token", "authorizer", &appid])
        .expect_code(0);
    assert_eq!(token.stdout.lines().count(), 1);
    let again = desk.run(["--sandbox", "token", "authorizer", &appid, "-o", "json"]);
    let again = again.expect_code(0).json();
    assert_eq!(again["source"], "cache");
    assert_eq!(again["token"], token.stdout.trim());
}
