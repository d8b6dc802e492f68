//! Merchants by permission sets as one page for a browser, read as a file.

use serde_json::Value;

use super::matrix::with_gaps;
use crate::support::rename_merchant;

/// A nickname that would end the page's data and run a script of its own.
const HOSTILE: &str = "</script><script>document.title='owned'</script>{{data}}";

/// What the page's script reads.
fn data_of(page: &str) -> Value {
    let (_, data) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .expect("the page's data");
    let (data, _) = data.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn the_page_holds_every_row_and_a_hostile_name_stays_text() {
    let (office, merchant) = with_gaps();
    rename_merchant(&office.store(), &merchant, HOSTILE, None);
    let saved = office.desk.home().join("matrix.html");
    let path = saved.to_str().expect("UTF-8");
    let told = office
        .run(["permissions", "matrix", "--html", path])
        .expect_code(0);
    assert!(
        told.stdout.is_empty() && told.stderr.contains("matrix.html"),
        "{told:?}"
    );
    let page = std::fs::read_to_string(&saved).expect("the page");
    assert_eq!(
        page.matches("<script").count(),
        2,
        "only the data and the page's own script"
    );
    let data = data_of(&page);
    let rows = data["rows"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row[0] == merchant.as_str())
        .expect("the row");
    assert_eq!(row[1], HOSTILE);
    let sets = data["sets"].as_array().expect("sets");
    let letters: Vec<char> = row[4].as_str().expect("letters").chars().collect();
    assert_eq!(letters.len(), sets.len());
    let letter = |id: u32| letters[sets.iter().position(|set| set["id"] == id).expect("a set")];
    assert_eq!([17, 19, 18, 49, 1].map(letter), ['g', 'm', 'h', 'n', '-']);
    for elsewhere in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(elsewhere), "the page loads {elsewhere}");
    }
    let nowhere = office.run(["permissions", "matrix", "--html", "no/such/folder.html"]);
    assert!(
        nowhere
            .expect_code(2)
            .stderr
            .contains("there is no folder no/such")
    );
}
