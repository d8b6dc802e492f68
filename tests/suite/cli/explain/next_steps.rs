//! The hints of failures come from the same knowledge.

use wxauth::cli::knowledge;
use wxauth::lang::Lang;

use super::Office;
use crate::cli::office::hints;

#[test]
fn a_refusal_names_the_next_step_and_where_more_is_told() {
    let office = Office::open();
    for (code, exit) in [(61003, 4), (61004, 4), (45009, 6), (48001, 6)] {
        office
            .sandbox
            .fault(&format!("api_create_preauthcode: once {code}"));
        let failed = office.run(["link", "-o", "json"]);
        let error = failed.json_error();
        assert_eq!(error["errcode"], code, "{error}");
        assert!(
            failed.code == exit || failed.code == 6,
            "{code}: {}",
            failed.code
        );
        let list = error["hints"].as_array().expect("hints");
        let last = list
            .last()
            .and_then(|hint| hint.as_str())
            .unwrap_or_default();
        assert!(
            last.contains(&format!("`wxauth explain {code}`")),
            "{error}"
        );
        if let Some(next) = knowledge::next_step(code) {
            assert!(hints(&error, next.of(Lang::En)), "{error}");
        }
    }
}

#[test]
fn a_refusal_with_nothing_more_to_tell_does_not_say_so() {
    let office = Office::open();
    office.sandbox.fault("api_create_preauthcode: once 61000");
    let failed = office.run(["link", "-o", "json"]);
    assert!(
        !hints(&failed.json_error(), "wxauth explain"),
        "{}",
        failed.stderr
    );
}
