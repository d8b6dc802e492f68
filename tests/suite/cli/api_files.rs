//! `api`: pictures and files, in and out; big bodies; answers that are no JSON.

use std::process::Stdio;

use serde_json::{Value, json};

use super::api_tokens::{desk_before, token_step};
use super::office::{Office, hints, text};
use crate::api::server::{Server, Step};
use crate::support::Outcome;

const PICTURE: &str = "/cgi-bin/media/get?media_id=M1";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0M1\xff\xd9";

fn official(office: &Office) -> String {
    office.accounts("official_account", true).remove(0)
}

#[test]
fn a_picture_goes_to_a_file_or_a_pipe_and_not_to_json() {
    let office = Office::synced();
    let who = official(&office);
    let call = ["api", PICTURE, "--as", &who];
    let file = office.desk.home().join("picture.jpg");
    let name = file.display().to_string();
    let saved = office
        .run(call.iter().chain(&["--save", &name, "-o", "json"]))
        .expect_code(0)
        .json();
    assert_eq!(
        saved,
        json!({"path": name, "bytes": 8, "content_type": "image/jpeg", "file_name": "M1.jpg"})
    );
    assert_eq!(std::fs::read(&file).expect("a file"), JPEG);
    let piped = office.desk.command(call).output().expect("the program");
    assert_eq!(
        (piped.status.code(), piped.stdout.as_slice()),
        (Some(0), JPEG)
    );
    let refused = office
        .run(call.iter().chain(&["-o", "json"]))
        .expect_code(2);
    assert_eq!(refused.stdout, "");
    assert!(hints(&refused.json_error(), "--save M1.jpg"));
}

#[test]
fn a_terminal_is_never_sent_a_picture() {
    let office = Office::synced();
    let who = official(&office);
    let Some(shown) = super::terminal::typed(&office, &["api", PICTURE, "--as", &who], &[]) else {
        return;
    };
    let shown = shown.expect_code(2).stdout;
    assert!(shown.contains("no text but a file (image/jpeg)"), "{shown}");
    assert!(!shown.contains("\u{fffd}"), "{shown}");
    let menu = ["api", "/cgi-bin/menu/get", "--as", &who];
    let spread = super::terminal::typed(&office, &menu, &[]).expect("a terminal");
    assert!(
        spread.stdout.contains("  \"errcode\": 0"),
        "{}",
        spread.stdout
    );
}

#[test]
fn the_proposed_name_is_used_in_a_folder_and_never_over_a_file() {
    let office = Office::synced();
    let who = official(&office);
    let folder = office.desk.home().display().to_string();
    let call = ["api", PICTURE, "--as", &who, "--save", &folder];
    office.run(call).expect_code(0);
    let kept = office.desk.home().join("M1.jpg");
    assert_eq!(std::fs::read(&kept).expect("a file"), JPEG);
    assert!(
        office
            .run(call)
            .expect_code(2)
            .stderr
            .contains("is there already")
    );
    let missing = office.desk.home().join("missing");
    let into_missing = missing.join("x").display().to_string();
    let nowhere = ["api", PICTURE, "--as", &who, "--save", &into_missing];
    let refused = office.run(nowhere).expect_code(2);
    assert!(refused.stderr.contains(&into_missing), "{}", refused.stderr);
    assert!(!missing.exists(), "the folder was not asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_elsewhere_is_not_used() {
    for name in [
        "../escape.jpg",
        "/etc/x.jpg",
        ".bashrc",
        "-rf",
        "a\u{202e}gpj.exe",
        "..",
        "c:x",
    ] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Length: 3\r\nConnection: close\r\n\r\nabc"
        );
        let server = Server::start([token_step(), Step::Bytes(answer.into_bytes())]).await;
        let desk = desk_before(&server);
        let folder = desk.home().join("into");
        std::fs::create_dir(&folder).expect("a folder");
        let into = folder.display().to_string();
        let refused = desk
            .run(["api", "/no/such", "--save", &into])
            .expect_code(2);
        assert!(
            refused.stderr.contains("no name that is safe"),
            "{name}: {}",
            refused.stderr
        );
        assert_eq!(
            std::fs::read_dir(&folder).expect("a folder").count(),
            0,
            "{name}"
        );
        assert!(!desk.home().join("escape.jpg").exists());
    }
}

#[test]
fn a_file_is_uploaded_byte_for_byte() {
    let office = Office::synced();
    let who = official(&office);
    let content: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let file = office.desk.home().join("big.png");
    std::fs::write(&file, &content).expect("a file");
    let digest = sha256(&content);
    let form = format!("media=@{}", file.display());
    let upload = "/cgi-bin/media/upload?type=image";
    let answer = office
        .run(["api", upload, "--as", &who, "--form", &form])
        .expect_code(0)
        .json();
    assert_eq!(text(&answer, "media_id"), digest);
    let shown = office
        .run(["api", upload, "--as", &who, "--form", &form, "--dry-run"])
        .expect_code(0);
    assert!(
        shown.stdout.contains("media: big.png (3000000)"),
        "{}",
        shown.stdout
    );
    let curl = office
        .run(["api", upload, "--as", &who, "--form", &form, "--curl"])
        .expect_code(0);
    assert!(
        curl.stdout
            .contains(&format!("-F 'media=@{}'", file.display())),
        "{}",
        curl.stdout
    );
    let missing = [
        "api",
        upload,
        "--as",
        &who,
        "--form",
        "media=@/no/such/file",
    ];
    office.run(missing).expect_code(2);
}

fn sha256(content: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content);
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_has_the_file_its_type_and_the_texts_beside_it() {
    let server = Server::start([token_step(), Step::json("{}")]).await;
    let desk = desk_before(&server);
    std::fs::write(desk.home().join("v.mp4"), "film").expect("a file");
    let form = format!("media=@{}", desk.home().join("v.mp4").display());
    let plain = format!(
        "other=@{};type=text/x-own",
        desk.home().join("v.mp4").display()
    );
    let call = [
        "api",
        "/no/such",
        "--form",
        &form,
        "--form",
        &plain,
        "-f",
        "description={\"title\":\"片\"}",
    ];
    desk.run(call).expect_code(0);
    let seen = server.seen().remove(1);
    let boundary = seen.head.split_once("boundary=").expect("a boundary").1;
    let boundary = boundary.lines().next().expect("a line");
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"v.mp4\"\r\n\
         Content-Type: video/mp4\r\n\r\nfilm\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"other\"; filename=\"v.mp4\"\r\n\
         Content-Type: text/x-own\r\n\r\nfilm\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n\
         {{\"title\":\"片\"}}\r\n--{boundary}--\r\n"
    );
    assert_eq!(seen.body, expected);
    assert!(seen.head.starts_with("POST "), "{}", seen.head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_big_answer_comes_whole_and_a_reader_may_leave() {
    let filler = "字".repeat(3_000_000);
    let big = json!({ "text": filler }).to_string();
    let server = Server::start([token_step(), Step::json(&big)]).await;
    let desk = desk_before(&server);
    let whole = desk.run(["api", "/no/such"]).expect_code(0);
    assert_eq!(
        whole.json(),
        serde_json::from_str::<Value>(&big).expect("JSON")
    );
    let mut child = desk
        .command(["api", "/no/such"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    drop(child.stdout.take());
    let ended = Outcome::of(child).expect_code(0);
    assert!(!ended.stderr.contains("error"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_json_is_told_from_a_file() {
    let page = |kind: &str, body: &str| Step::status("200 OK", kind, body);
    for (step, code) in [
        (page("text/html", "<html>login</html>"), 5),
        (page("text/plain", "oops"), 5),
        (page("application/json", "{\"cut"), 5),
        (page("application/json", ""), 5),
        (Step::status("502 Bad Gateway", "image/png", "x"), 5),
        (page("application/octet-stream", "bytes"), 0),
        (page("text/csv", "a,b"), 0),
        (page("text/plain", "{\"errcode\":0}"), 0),
        (page("text/plain", "\u{feff}[1,2]"), 0),
        (
            page(
                "application/json",
                "{\"errcode\":\"61007\",\"errmsg\":\"no\"}",
            ),
            6,
        ),
        (
            Step::status(
                "500 Oops",
                "application/json",
                "{\"errcode\":61007,\"errmsg\":\"no\"}",
            ),
            6,
        ),
        (page("application/json", &"[".repeat(100_000)), 5),
        (
            page(
                "application/json",
                &format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)),
            ),
            5,
        ),
    ] {
        let server = Server::start([token_step(), step]).await;
        let ended = desk_before(&server).run(["api", "/no/such"]);
        assert_eq!(ended.code, code, "{}{}", ended.stdout, ended.stderr);
    }
}
