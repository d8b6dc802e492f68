//! What the sandbox emits, held against tables taken from the specification and against bodies
//! that WeChat really sent.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::stage::{Stage, assert_refused, text};

/// `tests/data/sandbox-emits.json`
#[derive(Deserialize)]
pub struct Emits {
    pub calls: Vec<PublishedCall>,
    messages: BTreeMap<String, String>,
    exclusive_sets: BTreeSet<u64>,
    confirm_info_sets: BTreeSet<u64>,
}

#[derive(Deserialize)]
pub struct PublishedCall {
    pub call: String,
    method: String,
    path: String,
    body: Vec<String>,
    pub errcodes: Vec<i64>,
}

pub fn emits() -> Emits {
    serde_json::from_str(include_str!("../../data/sandbox-emits.json")).expect("the table reads")
}

struct Shape(Vec<String>);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> serde::de::Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut paths = Vec::new();
        while let Some((name, Shape(inner))) = map.next_entry::<String, Shape>()? {
            paths.extend(inner.into_iter().map(|path| format!("{name}.{path}")));
            let place = paths
                .iter()
                .position(|path| path.starts_with(&format!("{name}.")));
            paths.insert(place.unwrap_or(paths.len()), name);
        }
        Ok(Shape(paths))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let mut paths: Vec<String> = Vec::new();
        while let Some(Shape(inner)) = list.next_element()? {
            for path in inner {
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
        }
        Ok(Shape(paths))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape(Vec::new()))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape(Vec::new()))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape(Vec::new()))
    }
    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape(Vec::new()))
    }
}

/// The paths of all fields of a body, in the order in which they first appear.
pub fn shape(body: &str) -> Vec<String> {
    serde_json::from_str::<Shape>(body).expect("JSON").0
}

/// Calls each documented call in a way that succeeds; the raw bodies by call.
async fn successes(stage: &Stage) -> BTreeMap<String, String> {
    let appid = stage.account("mini_program", true).await;
    let refresh = stage.refresh_token(&appid).await;
    let refused = text(&stage.info("wx00000000000000ff").await, "errmsg");
    let code = stage
        .authorize(&stage.account("mini_program", false).await)
        .await;
    let mut bodies = BTreeMap::new();
    for call in emits().calls {
        let fields = json!({
            "component_appid": stage.component_appid(),
            "component_appsecret": stage.card("component_appsecret"),
            "component_secret": stage.card("component_appsecret"),
            "component_verify_ticket": stage.card("component_verify_ticket"),
            "appid": stage.component_appid(),
            "appsecret": stage.card("component_appsecret"),
            "authorization_code": code,
            "authorizer_appid": appid,
            "authorizer_refresh_token": refresh,
            "offset": 0,
            "count": 1,
            "option_name": "voice_recognize",
            "option_value": "1",
            "cgi_path": "/cgi-bin/component/api_component_token",
            "rid": refused.rsplit(' ').next(),
            "action": "all",
            "check_operator": "DEFAULT",
        });
        let url = format!("{}{}?access_token={}", stage.base, call.path, stage.token);
        let request = match call.method.as_str() {
            "GET" => stage.http.get(url),
            _ => stage.http.post(url).body(fields.to_string()),
        };
        let body = request.send().await.unwrap().text().await.unwrap();
        bodies.insert(call.call, body);
    }
    bodies
}

#[tokio::test]
async fn successes_carry_the_published_fields_in_the_published_order() {
    let stage = Stage::new().await;
    let bodies = successes(&stage).await;
    for call in emits().calls {
        assert_eq!(shape(&bodies[&call.call]), call.body, "{}", call.call);
    }
}

#[tokio::test]
async fn every_published_errcode_can_be_ordered_at_its_call() {
    let stage = Stage::new().await;
    for call in emits().calls {
        for errcode in &call.errcodes {
            let fault = format!("{}: once {errcode}", call.path);
            stage.order("faults", json!({ "fault": fault })).await;
            let url = format!("{}{}", stage.base, call.path);
            let request = match call.method.as_str() {
                "GET" => stage.http.get(url),
                _ => stage.http.post(url).body("{}"),
            };
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            assert_refused(&answer, *errcode);
        }
    }
}

#[tokio::test]
async fn refusals_carry_the_published_texts() {
    let stage = Stage::new().await;
    for (errcode, published) in emits().messages {
        stage
            .order("faults", json!({"fault": format!("any: once {errcode}")}))
            .await;
        let answer = stage.component("api_create_preauthcode", json!({})).await;
        let message = text(&answer, "errmsg");
        let (head, _) = message.split_once("rid: ").expect("a rid");
        assert_eq!(
            head.trim_end().trim_end_matches(','),
            published,
            "{errcode}"
        );
    }
}

#[tokio::test]
async fn the_published_sets_and_no_others_are_exclusive() {
    let stage = Stage::new().await;
    let second = stage.second().await;
    let table: Value =
        serde_json::from_str(include_str!("../../../src/data/permission-sets.json")).unwrap();
    let every: Vec<u64> = table
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|set| set["id"].as_u64())
        .collect();
    for platform in [&stage, &second] {
        let appid = platform.component_appid();
        let change = json!({"component_appid": appid, "permission_ids": every, "released": true});
        stage.order("platform", change).await;
    }
    let mut exclusive = BTreeSet::new();
    for name in [
        "海岸线旅行",
        "晨光口腔预约",
        "阿木修车",
        "北方皮具",
        "带货小助手",
    ] {
        let appid = stage.named(name).await["appid"].clone();
        stage.pre_auth_code().await;
        stage.order("authorize", json!({"appid": appid})).await;
        second.pre_auth_code().await;
        let body = json!({"appid": appid, "platform": second.component_appid()});
        let left_out = stage.order("authorize", body).await["left_out"].clone();
        exclusive.extend(serde_json::from_value::<Vec<u64>>(left_out).unwrap());
    }
    assert_eq!(exclusive, emits().exclusive_sets);
}

#[tokio::test]
async fn the_confirm_flags_are_on_the_published_sets_only() {
    let stage = Stage::new().await;
    let published = emits().confirm_info_sets;
    let mut seen = BTreeSet::new();
    for kind in ["mini_program", "official_account"] {
        let appid = stage.account(kind, true).await;
        let info = stage.info(&appid).await;
        for set in info["authorization_info"]["func_info"].as_array().unwrap() {
            let id = set["funcscope_category"]["id"].as_u64().unwrap();
            assert_eq!(
                set.get("confirm_info").is_some(),
                published.contains(&id),
                "{id}"
            );
            if let Some(flags) = set.get("confirm_info") {
                seen.insert(id);
                assert_eq!(
                    *flags,
                    json!({"need_confirm": 0, "already_confirm": 0, "can_confirm": 0})
                );
            }
        }
    }
    assert_eq!(seen, published);
}

/// Whether all of `part` is in `whole`, in the same order.
fn is_in_order(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|path| rest.any(|other| other == path))
}

#[tokio::test]
async fn bodies_have_the_shape_of_captured_ones() {
    let stage = Stage::new().await;
    let bodies = successes(&stage).await;
    for (call, captured) in [
        (
            "api_query_auth",
            include_str!("../../data/captured/query-auth-mini-program.json"),
        ),
        (
            "api_get_authorizer_info",
            include_str!("../../data/captured/info-mini-program-confirm.json"),
        ),
        (
            "api_get_authorizer_list",
            include_str!("../../data/captured/list-without-refresh-token.json"),
        ),
    ] {
        let mut captured = shape(captured);
        // The first entry that was captured lacks the token, so its field is met late.
        if let Some(place) = captured
            .iter()
            .position(|path| path == "list.refresh_token")
        {
            captured.remove(place);
        }
        assert!(
            is_in_order(&captured, &shape(&bodies[call])),
            "{call}: {captured:?}"
        );
    }
    for (fault, captured) in [
        (
            "61004",
            include_str!("../../data/captured/error-61004-request-ip.json"),
        ),
        (
            "61007",
            include_str!("../../data/captured/error-61007-rid.json"),
        ),
    ] {
        stage
            .order("faults", json!({"fault": format!("any: once {fault}")}))
            .await;
        let answer = stage.component("api_create_preauthcode", json!({})).await;
        let captured: Value = serde_json::from_str(captured).unwrap();
        assert_eq!(answer["errcode"], captured["errcode"]);
        let plain = |value: &Value| {
            text(value, "errmsg")
                .split(' ')
                .map(masked)
                .collect::<Vec<_>>()
        };
        assert_eq!(plain(&answer), plain(&captured));
    }
}

/// A word with every digit and hexadecimal letter of an address or a rid put out.
fn masked(word: &str) -> String {
    if word.contains('.') {
        return "address".to_owned();
    }
    if word.len() == 26 && word.matches('-').count() == 2 {
        return "rid".to_owned();
    }
    word.to_owned()
}
