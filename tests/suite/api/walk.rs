//! Where a walk over the account list ends, also when the list does not.

use wxauth::api::{ApiError, ListWalk};
use wxauth::wechat::id::Appid;
use wxauth::wechat::wire::{ListPage, ListedAuthorizer};

/// A page with so many rows of a list that says it holds `total`.
fn page(rows: u64, total: u64) -> ListPage {
    let row = ListedAuthorizer {
        appid: Appid::from_wire("wx0123456789abcdef"),
        refresh_token: None,
        auth_time: None,
    };
    ListPage {
        total_count: total,
        list: (0..rows).map(|_| row.clone()).collect(),
    }
}

/// Reads to the end, at most so many pages; how many there were.
fn walk(most: u64, answer: impl Fn(u64) -> ListPage) -> Result<u64, ApiError> {
    let mut walk = ListWalk::default();
    for pages in 1..=most {
        if !walk.take(&answer(walk.offset()))? {
            return Ok(pages);
        }
    }
    panic!("not at its end after {most} pages");
}

/// A page of 500 rows, or what is left.
fn full(offset: u64, total: u64) -> ListPage {
    page(500.min(total - offset), total)
}

#[test]
fn reads_lists_of_a_million_to_their_end() {
    for total in [0, 1, 500, 501, 1_000_000] {
        let pages = walk(2_100, |offset| full(offset, total));
        assert_eq!(pages.unwrap(), total.div_ceil(500).max(1), "{total}");
    }
    // Accounts come while it is read; and a page may be short.
    let grown = walk(2_100, |offset| full(offset, 600_000 + offset / 3));
    assert_eq!(grown.unwrap(), 1_800);
    let short = walk(100, |offset| page(5.min(300 - offset), 300));
    assert_eq!(short.unwrap(), 60);
}

#[test]
fn an_empty_page_ends_a_list() {
    let pages = walk(3, |offset| page(if offset < 500 { 500 } else { 0 }, 2_000));
    assert_eq!(pages.unwrap(), 2);
}

#[test]
fn gives_up_a_list_that_does_not_end() {
    // It grows with every page, speaks of far too many, or gives a few of very many.
    let grows = walk(110, |offset| page(500, offset + 1_000));
    let speaks = walk(1, |_| page(3, 1_000_000_000));
    let gives = walk(101, |_| page(3, 1_000_000));
    for endless in [grows, speaks, gives] {
        assert!(
            matches!(endless, Err(ApiError::Endless { .. })),
            "{endless:?}"
        );
    }
}
