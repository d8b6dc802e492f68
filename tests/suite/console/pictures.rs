//! The QR code saved: what a scanner and a browser make of it.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use wxauth::console::qr::{Qr, QrError, Sheet};

use super::scanner::scan;
use super::terminal_codes::LINK;

fn sheet<'a>(title: &'a str, link: &'a str, zone: &'a TimeZone) -> Sheet<'a> {
    Sheet {
        title,
        link,
        dies_at: Timestamp::from_second(1_795_377_000).ok(),
        zone,
    }
}

#[test]
fn a_saved_png_is_read_by_a_scanner_and_has_its_death_time_below() {
    let folder = tempfile::tempdir().unwrap();
    let beijing = TimeZone::fixed(Offset::constant(8));
    for text in ["x", LINK] {
        let code = Qr::encode(text).unwrap();
        let path = folder.path().join("link.PNG");
        code.save(&path, &sheet("示例", text, &beijing)).unwrap();
        if let Some(read) = scan(&path) {
            assert_eq!(read, text);
        }
        let size = |png: &[u8]| {
            let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
            (number(16) as usize, number(20) as usize)
        };
        let (width, height) = size(&std::fs::read(&path).unwrap());
        assert!(width >= code.side() * 8 && height > width);
        assert_eq!(size(&code.png(None).unwrap()), (width, width));
    }
}

#[cfg(unix)]
#[test]
fn what_is_saved_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.svg");
    let code = Qr::encode(LINK).unwrap();
    code.save(&path, &sheet("示例", LINK, &TimeZone::UTC))
        .unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_svg_says_in_both_languages_when_the_link_dies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.svg");
    let beijing = TimeZone::fixed(Offset::constant(8));
    let code = Qr::encode(LINK).unwrap();
    code.save(&path, &sheet("示例", LINK, &beijing)).unwrap();
    let svg = std::fs::read_to_string(&path).unwrap();
    assert!(
        svg.contains(">有效期至：2026-11-23 03:50 +08:00</text>"),
        "{svg}"
    );
    assert!(svg.contains(">Valid until 2026-11-23 03:50 +08:00</text>"));
    assert!(
        code.svg(Some("<a>&\u{1b}"))
            .contains(">&lt;a&gt;&amp;\\u{1b}</text>")
    );
}

#[test]
fn a_page_is_self_contained_and_lets_no_stranger_write_html() {
    let code = Qr::encode(LINK).unwrap();
    let zone = TimeZone::UTC;
    let page = code.html(&sheet("<script>alert(1)</script>\u{202e}", LINK, &zone));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    assert!(page.contains("\\u{202e}") && page.contains("<svg "));
    assert!(page.contains(&format!("<a href=\"{}\">", LINK.replace('&', "&amp;"))));
    assert!(page.contains("请由账号管理员使用微信扫码") && page.contains("Scan with WeChat"));
    assert_eq!(page.matches("2026-11-22 19:50 +00:00").count(), 2);
    assert!(!page.contains(" src=") && !page.contains("url("));

    let page = code.html(&sheet("x", "javascript:alert(1)", &zone));
    assert!(!page.contains("href"));
    let page = code.html(&sheet("x", "https://a/\" onclick=\"b", &zone));
    assert!(!page.contains("onclick=\"") && page.contains("&quot; onclick=&quot;b"));
}

#[test]
fn a_file_name_that_tells_no_form_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.gif");
    let code = Qr::encode(LINK).unwrap();
    let refused = code.save(&path, &sheet("示例", LINK, &TimeZone::UTC));
    assert!(matches!(refused, Err(QrError::UnknownForm { .. })));
    assert!(!path.exists());
}
