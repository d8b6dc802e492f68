//! Text from strangers, and the language of the user.

use proptest::prelude::*;
use wxauth::lang::{Lang, clean, clean_json};
use wxauth::sys::env::Environment;

#[test]
fn what_acts_on_a_terminal_becomes_visible_and_the_rest_stays() {
    assert_eq!(clean("示例 👨‍👩‍👧 ñ é"), "示例 👨‍👩‍👧 ñ é");
    assert_eq!(clean("a\u{1b}]0;x\u{7}b"), r"a\u{1b}]0;x\u{7}b");
    assert_eq!(clean("\u{9b}2J\r\n\t"), r"\u{9b}2J\r\n\t");
    assert_eq!(
        clean("\u{202e}\u{2066}\u{200b}\u{feff}"),
        r"\u{202e}\u{2066}\u{200b}\u{feff}"
    );
}

#[test]
fn the_language_is_that_of_the_locale() {
    let lang = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Lang::from_locale(&pairs.collect::<Environment>())
    };
    assert_eq!(lang(&[]), Lang::En);
    assert_eq!(lang(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
    assert_eq!(
        lang(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")]),
        Lang::En
    );
    assert_eq!(
        lang(&[("LANG", "de_DE"), ("LC_MESSAGES", "zh_TW")]),
        Lang::Zh
    );
    assert_eq!(lang(&[("LC_ALL", ""), ("LANG", "zh")]), Lang::Zh);
    assert_eq!("zh".parse(), Ok(Lang::Zh));
    assert!("fr".parse::<Lang>().is_err());
}

#[test]
fn cleaned_json_is_visible_and_has_the_same_values() {
    let value = serde_json::json!({"name\u{9b}": "a\u{202e}b\u{7f}\u{e0041}\n示例 👨‍👩‍👧"});
    let json = serde_json::to_string_pretty(&value).expect("JSON");
    let cleaned = clean_json(&json);
    for hidden in ['\u{9b}', '\u{202e}', '\u{7f}', '\u{e0041}'] {
        assert!(
            json.contains(hidden) && !cleaned.contains(hidden),
            "{cleaned}"
        );
    }
    let read: serde_json::Value = serde_json::from_str(&cleaned).expect("JSON");
    assert_eq!(read, value);
}

proptest! {
    #[test]
    fn cleaned_text_holds_no_control_character_and_is_clean(text in any::<String>()) {
        let cleaned = clean(&text).into_owned();
        prop_assert!(!cleaned.chars().any(char::is_control));
        prop_assert_eq!(clean(&cleaned), cleaned.as_str());
    }
}
