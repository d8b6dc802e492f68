//! 50002: the merchant's account is limited.

use super::{Office, cause};

#[test]
fn a_frozen_account_works_again_when_the_merchant_has_settled_it() {
    let office = Office::synced();
    let who = office.accounts("mini_program", true).remove(0);
    let freeze = ["sandbox", "account", &who, "--status", "frozen"];
    office.run(freeze).expect_code(0);
    let failed = office.run(["token", "authorizer", &who, "-o", "json"]);
    assert_eq!(failed.json_error()["errcode"], 50002, "{}", failed.stderr);
    let told = cause(&office.desk, &failed.stderr, "account_frozen");
    told.run(&office.desk, "wxauth authorizers sync", &[])
        .expect_code(0);
    let filled = [("WHO", who.as_str())];
    let shown = told
        .run(&office.desk, "wxauth authorizers show", &filled)
        .expect_code(0);
    assert!(shown.stdout.contains("frozen"), "{}", shown.stdout);
    told.play(&office.desk, &filled);
    office.run(["token", "authorizer", &who]).expect_code(0);
}
