//! The code that a merchant scans: as saved, and as the terminal shows it.

use super::office::{Office, text};
use crate::console::scanner::scan;
use crate::console::terminal_codes::{DARK, LIGHT, assert_scans};

fn saved(office: &Office, name: &str) -> (std::path::PathBuf, String) {
    let path = office.desk.home().join(name);
    let shown = path.to_str().expect("a path");
    let link = office
        .run(["link", "--save", shown, "-o", "json"])
        .expect_code(0);
    (path, text(&link.json(), "url"))
}

#[test]
fn a_saved_picture_is_read_by_a_scanner_as_the_link() {
    let office = Office::open();
    let (path, link) = saved(&office, "link.png");
    if let Some(read) = scan(&path) {
        assert_eq!(read, link);
    }
}

#[test]
fn a_saved_page_and_drawing_say_when_the_link_dies() {
    let office = Office::open();
    let (page, link) = saved(&office, "link.html");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains(&link.replace('&', "&amp;")));
    assert!(page.contains("Valid until") && page.contains("有效期至"));
    let (drawing, _) = saved(&office, "link.svg");
    let drawing = std::fs::read_to_string(drawing).expect("a drawing");
    assert!(drawing.starts_with("<svg") || drawing.starts_with("<?xml"));
    assert!(drawing.contains("有效期至"));
}

#[test]
fn a_picture_that_cannot_be_written_is_told_with_its_path() {
    let office = Office::open();
    let inside_a_file = office.file("plain", "").join("link.png");
    let path = inside_a_file.to_str().expect("a path");
    let refused = office.run(["link", "--save", path, "-o", "json"]);
    let error = refused.expect_code(2).json_error();
    assert!(text(&error, "message").contains(path), "{error}");
}

#[test]
fn the_terminals_own_code_scans_as_the_link() {
    let office = Office::open();
    let shown = office.run(["link", "--color", "always"]).expect_code(0);
    let rows = shown
        .stdout
        .lines()
        .take_while(|line| !line.starts_with("http"));
    let code: Vec<_> = rows.filter(|line| !line.trim().is_empty()).collect();
    let link = shown.stdout.lines().find(|line| line.starts_with("http"));
    let link = link.expect("the link below its code");
    assert_scans(&code.join("\n"), DARK, link);
    assert_scans(&code.join("\n"), LIGHT, link);
}
