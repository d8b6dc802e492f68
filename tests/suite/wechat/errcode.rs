//! The table of error codes.

use wxauth::wechat::errcode;

#[test]
fn the_table_parses_and_every_entry_is_found_and_says_what_to_do() {
    assert!(errcode::all().len() >= 160);
    for entry in errcode::all() {
        assert_eq!(errcode::lookup(entry.code).unwrap().code, entry.code);
        assert!(!entry.cause_zh.is_empty() && !entry.fix_en.is_empty());
        assert!(matches!(entry.exit, 0 | 4 | 5 | 6), "{}", entry.code);
    }
    assert!(errcode::lookup(123_456).is_none());
}

#[test]
fn only_passing_troubles_are_transient() {
    assert!(errcode::is_transient(-1));
    assert!(errcode::is_transient(45102));
    for code in [
        0, 40001, 40013, 40091, 42001, 45009, 45011, 61003, 61023, 999,
    ] {
        assert!(!errcode::is_transient(code), "{code}");
    }
    for code in errcode::all().iter().map(|entry| entry.code) {
        if errcode::is_stale_token(code) {
            assert!(errcode::is_retryable(code), "{code}");
        }
    }
}
