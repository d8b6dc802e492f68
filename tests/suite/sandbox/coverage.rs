//! Every rule, call and refusal of the specification has its story, or a reason to have none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use super::tables::emits;

#[derive(Deserialize)]
struct Coverage {
    rules: BTreeMap<String, String>,
    calls: BTreeMap<String, String>,
    errors: BTreeMap<String, String>,
    /// Calls beyond the specification that answer more than a plain success.
    business: BTreeMap<String, String>,
}

fn coverage() -> Coverage {
    toml::from_str(include_str!("../../data/coverage.toml")).expect("coverage.toml reads")
}

fn assert_same(what: &str, covered: &BTreeMap<String, String>, wanted: &BTreeSet<String>) {
    let covered: BTreeSet<String> = covered.keys().cloned().collect();
    let gaps: Vec<_> = wanted.difference(&covered).collect();
    let idle: Vec<_> = covered.difference(wanted).collect();
    assert!(gaps.is_empty(), "{what} without a story: {gaps:?}");
    assert!(
        idle.is_empty(),
        "{what} that the specification lacks: {idle:?}"
    );
}

#[test]
fn every_rule_has_its_story() {
    let mut rules: BTreeSet<String> = (1..=30).map(|number| format!("R{number}")).collect();
    rules.extend(["R8a", "R8b", "R8c"].map(str::to_owned));
    assert_same("rules", &coverage().rules, &rules);
}

#[test]
fn every_call_has_its_story() {
    let calls = emits().calls.into_iter().map(|call| call.call).collect();
    assert_same("calls", &coverage().calls, &calls);
}

#[test]
fn every_business_answer_has_its_story() {
    let source = include_str!("../../../src/sandbox/wechat/samples.rs");
    let texts = source.split('"').skip(1).step_by(2);
    let paths =
        texts.filter(|text| text.starts_with("/cgi-bin/") || text.starts_with("/channels/"));
    let paths = paths.map(str::to_owned).collect();
    assert_same("business answers", &coverage().business, &paths);
}

#[test]
fn every_refusal_of_every_call_has_its_story() {
    #[derive(Deserialize)]
    struct Row {
        code: i64,
        endpoints: Vec<String>,
    }
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("../../../src/data/errors.json")).unwrap();
    let of_table = rows.iter().flat_map(|row| {
        row.endpoints
            .iter()
            .map(|endpoint| format!("{endpoint} {}", row.code))
    });
    let calls = emits().calls;
    let of_pages = calls.iter().flat_map(|call| {
        call.errcodes
            .iter()
            .map(|errcode| format!("{} {errcode}", call.call))
    });
    let wanted = of_table.chain(of_pages).collect();
    assert_same("refusals", &coverage().errors, &wanted);
}

#[test]
fn every_story_that_is_named_exists() {
    let coverage = coverage();
    let stories = coverage
        .rules
        .iter()
        .chain(&coverage.calls)
        .chain(&coverage.business)
        .chain(&coverage.errors);
    for (what, story) in stories {
        if let Some(reason) = story.strip_prefix("not enforceable:") {
            assert!(reason.len() > 20, "{what}: {reason} is no reason");
            continue;
        }
        let (module, name) = story.rsplit_once("::").expect("a path");
        let file = format!("tests/suite/{}.rs", module.replace("::", "/"));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        #[allow(clippy::disallowed_methods, reason = "reads the sources of this suite")]
        let source =
            std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{what}: no {file:?}"));
        let found = source.contains(&format!("fn {name}()"));
        assert!(found, "{what}: no story {story}");
    }
}
