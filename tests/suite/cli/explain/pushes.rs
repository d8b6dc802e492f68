//! -40001 and its kin: a captured push that cannot be checked or opened, until it can.

use super::{Office, cause, ok, receiver};

/// A push as the sandbox sends it: its query, and a file with its body.
fn captured(office: &Office) -> (String, String) {
    let (url, pushes) = receiver([ok("success")]);
    office
        .run(["sandbox", "push", "brand_new", "--to", &url])
        .expect_code(0);
    let request = pushes.recv().expect("a push");
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    let (_, after) = head.split_once('?').expect("a query");
    let query = after.split(' ').next().expect("a query").to_owned();
    let file = office.file("body.xml", body);
    (query, file.to_str().expect("a path").to_owned())
}

#[test]
fn the_consoles_keys_open_a_push_that_others_did_not() {
    for (code, id, key, field, wrong) in [
        ("-40001", "token_differs", "token", "token", "another-token"),
        (
            "-40007",
            "key_changed",
            "encoding_aes_key",
            "encoding_aes_key",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        ),
    ] {
        let office = Office::with_profile(&["--mint", "wxauth"]);
        for (key, field) in [("token", "token"), ("encoding_aes_key", "encoding_aes_key")] {
            let value = office.sandbox.text(field);
            office
                .desk
                .run_with_input(["profile", "set", key], &value)
                .expect_code(0);
        }
        office
            .desk
            .run_with_input(["profile", "set", key], wrong)
            .expect_code(0);
        let (query, file) = captured(&office);
        let told = cause(&office.desk, code, id);
        let filled = [("FILE", file.as_str()), ("QUERY", query.as_str())];
        told.run(&office.desk, "wxauth events decode", &filled)
            .expect_code(3);
        let right = office.sandbox.text(field);
        let set = format!("wxauth profile set {key}");
        told.run_with(&office.desk, &set, &[], &right)
            .expect_code(0);
        told.run(&office.desk, "wxauth events decode", &filled)
            .expect_code(0);
    }
}
