//! Requests that WeChat makes no sense of, beside the same ones made rightly.

use serde_json::json;

use super::{Office, call, cause, errcode};

#[test]
fn fields_belong_in_the_body_as_json() {
    let office = Office::open();
    let path = format!(
        "/cgi-bin/component/api_component_token?component_appid={}&x",
        office.sandbox.text("component_appid")
    );
    let refused = call(&office, &path, "", &json!({"other": 1}));
    assert_eq!(errcode(&refused), 41018, "{refused}");
    let told = cause(&office.desk, &refused.to_string(), "sent_as_a_form");
    told.run(&office.desk, "wxauth token component", &[])
        .expect_code(0);
}

#[test]
fn the_appsecret_has_a_name_of_its_own_in_each_call() {
    let office = Office::open();
    let body = json!({
        "component_appid": office.sandbox.text("component_appid"),
        "component_appsecret": office.sandbox.text("component_appsecret"),
    });
    let refused = call(
        &office,
        "/cgi-bin/component/api_start_push_ticket",
        "",
        &body,
    );
    assert_eq!(errcode(&refused), 41004, "{refused}");
    let told = cause(&office.desk, &refused.to_string(), "secret_has_three_names");
    told.run(&office.desk, "wxauth ticket request", &[])
        .expect_code(0);
}

#[test]
fn an_appid_that_nobody_has_is_corrected() {
    let office = Office::with_profile(&["--mint", "wxauth"]);
    let set = ["profile", "set", "component_appid", "wx0123456789abcdef"];
    office.run(set).expect_code(0);
    let failed = office.run(["ticket", "request", "-o", "json"]);
    assert_eq!(failed.json_error()["errcode"], 40013, "{}", failed.stderr);
    let told = cause(&office.desk, &failed.stderr, "platform_appid_wrong");
    let right = office.sandbox.text("component_appid");
    let filled = [("APPID", right.as_str())];
    told.run(&office.desk, "wxauth profile set component_appid", &filled)
        .expect_code(0);
    office.run(["ticket", "request"]).expect_code(0);
    office.run(["token", "component"]).expect_code(0);
}
