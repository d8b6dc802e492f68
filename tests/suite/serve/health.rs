//! Whether the server says how it is.

use serde_json::{Value, json};

use super::site::Site;

fn health(site: &Site) -> (u16, Value) {
    let seen = site.get("/healthz", &[]);
    let health = serde_json::from_str(&seen.text).expect("JSON");
    (seen.status, health)
}

#[test]
fn it_is_well_while_the_ticket_lives_and_says_when_it_comes_late() {
    let site = Site::open();
    let (status, seen) = health(&site);
    assert_eq!((status, &seen["healthy"]), (200, &json!(true)));
    let platform = &seen["platforms"][0];
    assert_eq!(platform["ticket"], "live");
    assert_eq!(platform["store"], "ok");
    assert_eq!(
        platform["component_appid"],
        site.platform.component_appid().as_str()
    );

    site.control("clock", Some(&json!({"offset": "+26m"})));
    let (status, seen) = health(&site);
    assert_eq!(
        (status, &seen["platforms"][0]["ticket"]),
        (200, &json!("late"))
    );
    assert!(seen["platforms"][0]["ticket_age"].as_i64() >= Some(26 * 60));
}

#[test]
fn it_is_ill_as_soon_as_the_ticket_is_dead_though_a_token_still_lives() {
    let site = Site::open();
    // A link needs a component token, which outlives the ticket by up to two hours.
    site.control("clock", Some(&json!({"offset": "+11h30m"})));
    site.post("/authorize", &[]).expect(200);
    site.control("clock", Some(&json!({"offset": "+1h"})));
    let (status, seen) = health(&site);
    assert_eq!(
        (status, &seen["platforms"][0]["ticket"]),
        (503, &json!("dead"))
    );
    assert_eq!(seen["platforms"][0]["component_token"], true);
    assert_eq!(seen["healthy"], json!(false));
}

#[test]
fn elsewhere_there_is_nothing() {
    let site = Site::open();
    assert_eq!(site.get("/", &[]).status, 404);
    assert_eq!(
        site.get("/metrics", &[]).status,
        404,
        "metrics are not for strangers"
    );
}
