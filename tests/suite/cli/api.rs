//! `api`: which token, which method, what is sent, and what an answer becomes.

use serde_json::{Value, json};

use super::office::{Office, hints, text};

/// An official account that authorized.
fn official(office: &Office) -> String {
    office.accounts("official_account", true).remove(0)
}

fn dry(office: &Office, words: &[&str]) -> Value {
    let flags = ["--dry-run", "-o", "json"];
    let arguments = ["api"].iter().chain(words).chain(&flags);
    office.run(arguments).expect_code(0).json()
}

#[test]
fn method_token_and_its_name_are_those_that_wechat_documents() {
    let office = Office::synced();
    let who = official(&office);
    let before = office.calls();
    let told = |words: &[&str]| {
        let shown = dry(&office, words);
        let url = text(&shown, "url");
        let url = url
            .split_once("/cgi-bin")
            .map_or(url.clone(), |(_, path)| path.to_owned());
        (text(&shown, "method"), url, text(&shown, "token"))
    };
    let expected = |method: &str, url: &str, token: &str| {
        (method.to_owned(), url.to_owned(), token.to_owned())
    };
    assert_eq!(
        told(&["/cgi-bin/menu/get", "--as", &who]),
        expected("GET", "/menu/get?access_token=…", "authorizer")
    );
    assert_eq!(
        told(&["menu/create", "--as", &who, "-f", "x=1"]),
        expected("POST", "/menu/create?access_token=…", "authorizer")
    );
    assert_eq!(
        told(&["/cgi-bin/component/api_get_authorizer_list"]),
        expected(
            "POST",
            "/component/api_get_authorizer_list?component_access_token=…",
            "component"
        )
    );
    // A GET has its fields in the query, after the token.
    assert_eq!(
        told(&["/cgi-bin/user/get", "--as", &who, "-f", "next_openid=o 1"]),
        expected(
            "GET",
            "/user/get?access_token=…&next_openid=o+1",
            "authorizer"
        )
    );
    assert_eq!(
        office.calls(),
        before,
        "nothing is called, and no token made"
    );
}

#[test]
fn an_unknown_path_is_called_all_the_same_and_said_to_be_unknown() {
    let office = Office::open();
    let refused = office.run(["api", "/wxa/comit"]).expect_code(6);
    assert!(
        refused
            .stderr
            .contains("/wxa/comit is not among the known calls: sent as GET")
    );
    assert!(refused.stderr.contains("/wxa/commit"), "{}", refused.stderr);
    assert!(refused.stderr.contains("error: /wxa/comit: errcode 40066"));
    let shown = dry(&office, &["/wxa/comit", "-f", "a=b"]);
    assert_eq!(
        (&shown["method"], &shown["known"]),
        (&json!("POST"), &json!(false))
    );
    let chinese = office
        .run(["api", "/wxa/comit", "--lang", "zh"])
        .expect_code(6);
    assert!(
        chinese.stderr.contains("不在已知接口列表中"),
        "{}",
        chinese.stderr
    );
}

#[test]
fn fields_make_the_body_and_brackets_nest_them() {
    let office = Office::synced();
    let who = official(&office);
    let file = office.file("words.txt", "from a file");
    let from = format!("note=@{}", file.display());
    let fields = [
        "-f",
        "touser=o1",
        "-f",
        "number=7",
        "-F",
        "count=7",
        "-F",
        "yes=true",
        "-F",
        "none=null",
        "-F",
        "word=seven",
        "-f",
        "text[content]=你好",
        "-F",
        "ids[]=1",
        "-F",
        "ids[]=2",
        "-F",
        &from,
    ];
    let words: Vec<_> = ["/cgi-bin/message/custom/send", "--as", &who]
        .into_iter()
        .chain(fields)
        .collect();
    let shown = dry(&office, &words);
    assert_eq!(
        shown["body"],
        json!({
            "touser": "o1", "number": "7", "count": 7, "yes": true, "none": null, "word": "seven",
            "text": {"content": "你好"}, "ids": [1, 2], "note": "from a file",
        })
    );
    for wrong in ["nothing", "=x", "a[=1", "ids[]x=1"] {
        office
            .run(["api", "/wxa/commit", "--as", &who, "-f", wrong])
            .expect_code(2);
    }
    let clash = ["api", "/x/y", "-f", "a=1", "-f", "a[b]=2", "--dry-run"];
    assert!(
        office
            .run(clash)
            .expect_code(2)
            .stderr
            .contains("does not fit")
    );
}

#[test]
fn a_body_comes_from_an_argument_a_file_or_stdin() {
    let office = Office::synced();
    let who = official(&office);
    let file = office.file("body.json", "{\"b\": 1, \"a\": 12345678901234567890}");
    let at = format!("@{}", file.display());
    let path = file.display().to_string();
    let call = [
        "api",
        "/cgi-bin/menu/create",
        "--as",
        &who,
        "--dry-run",
        "-o",
        "json",
    ];
    for flags in [["-d", at.as_str()], ["--input", &path]] {
        let shown = office.run(call.iter().chain(&flags)).expect_code(0);
        assert!(
            shown
                .stdout
                .contains(r#""body":{"b":1,"a":12345678901234567890}"#),
            "order and digits stay: {}",
            shown.stdout
        );
    }
    for flags in [["-d", "@-"], ["--input", "-"]] {
        let shown = office
            .desk
            .run_with_input(call.iter().chain(&flags), "{\"c\":1}");
        assert_eq!(shown.expect_code(0).json()["body"], json!({"c": 1}));
    }
    // WeChat refuses escapes (47002): they are written out.
    let escaped = ["-d", "{\"name\":\"\\u4f60\\u597d\"}"];
    office.run(call[..4].iter().chain(&escaped)).expect_code(0);
    let missing = office.desk.missing_file();
    for (flags, code) in [
        (&["-d", "no json"][..], 2),
        (&["-d", "<xml/>", "-H", "Content-Type: text/xml"], 0),
        (&["-d", "{}", "-f", "a=b"], 2),
        (&["--input", &missing], 2),
        (&["-H", "Host: elsewhere"], 2),
        (&["-X", "BREW"], 2),
    ] {
        office.run(call.iter().chain(flags)).expect_code(code);
    }
    let get = ["api", "/cgi-bin/menu/get", "--as", &who, "-d", "{}"];
    assert!(
        office
            .run(get)
            .expect_code(2)
            .stderr
            .contains("a GET has no body")
    );
}

#[test]
fn an_address_may_be_pasted_and_its_token_is_left_out() {
    let office = Office::synced();
    let who = official(&office);
    let pasted = "https://api.weixin.qq.com/cgi-bin/media/upload?access_token=97_pasted&type=image";
    let shown = office
        .run(["api", pasted, "--as", &who, "--dry-run"])
        .expect_code(0);
    assert!(
        shown.stdout.contains("?access_token=…&type=image"),
        "{}",
        shown.stdout
    );
    assert!(!shown.stdout.contains("97_pasted") && !shown.stderr.contains("97_pasted"));
    assert!(
        shown
            .stderr
            .contains("the token in the address is left out")
    );
    assert!(
        shown.stdout.contains(office.sandbox.url()),
        "the platform's own base is called"
    );
    for foreign in [
        "https://evil.example/wxa/commit",
        "/wxa/../x",
        "/wxa/%63ommit",
        "",
        "/",
    ] {
        office.run(["api", foreign, "--as", &who]).expect_code(2);
    }
}

#[test]
fn who_must_be_named_where_the_call_is_a_merchants() {
    let office = Office::synced();
    let refused = office
        .run(["api", "/wxa/commit", "-o", "json"])
        .expect_code(2);
    assert!(hints(&refused.json_error(), "--as WHO"));
    let who = official(&office);
    let info = [
        "api",
        "/cgi-bin/component/api_get_authorizer_info",
        "--as",
        &who,
    ];
    let refused = office.run(info).expect_code(6);
    assert!(
        refused.stderr.contains("leave `--as` out"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("61014"));
}

#[test]
fn the_answer_is_wechats_own_with_its_order_and_its_digits() {
    let office = Office::synced();
    let who = official(&office);
    let made = ["api", "/cgi-bin/menu/create", "--as", &who, "-d", "{}"];
    for format in [&[][..], &["-o", "json"], &["-o", "ndjson"]] {
        let answered = office.run(made.iter().chain(format)).expect_code(0);
        assert_eq!(answered.stdout, "{\"errcode\":0,\"errmsg\":\"ok\"}\n");
    }
    office.run(made.iter().chain(&["-o", "csv"])).expect_code(2);
    // The appid of the platform is filled in where the call wants it.
    let info = office.run([
        "api",
        "/cgi-bin/component/api_get_authorizer_info",
        "-f",
        &format!("authorizer_appid={who}"),
    ]);
    let info = info.expect_code(0);
    let fields = [
        "nick_name",
        "head_img",
        "service_type_info",
        "principal_name",
    ];
    let places: Vec<_> = fields
        .iter()
        .map(|field| info.stdout.find(field).expect("a field"))
        .collect();
    assert!(places.is_sorted(), "the order is WeChat's");
}

#[test]
fn a_refusal_ends_with_6_and_its_body_is_still_the_answer() {
    let office = Office::synced();
    let who = official(&office);
    office
        .sandbox
        .post("update", &json!({"appid": who, "permissions": [1, 2]}));
    let call = ["api", "/cgi-bin/menu/create", "--as", &who, "-d", "{}"];
    let refused = office.run(call).expect_code(6);
    assert_eq!(refused.json()["errcode"], 61007);
    assert!(refused.stderr.contains(&format!(
        "wxauth permissions why /cgi-bin/menu/create --for {who}"
    )));
    assert!(
        !refused.stderr.contains("as far as known"),
        "the store knows nothing of it yet"
    );
    let line = office
        .run(call.iter().chain(&["-o", "json"]))
        .expect_code(6);
    let error = line.json_error();
    assert_eq!(
        (&error["kind"], &error["errcode"]),
        (&json!("refused"), &json!(61007))
    );
    assert!(error["rid"].is_string());
    assert_eq!(line.stderr.lines().count(), 1, "nothing else is on stderr");
}

#[test]
fn a_known_lack_is_said_before_the_call_and_the_call_is_made() {
    let office = Office::synced();
    let who = official(&office);
    office
        .sandbox
        .post("update", &json!({"appid": who, "permissions": [1, 2]}));
    office
        .run(["authorizers", "sync", "--full", "-q"])
        .expect_code(0);
    let call = ["api", "/cgi-bin/menu/create", "--as", &who, "-d", "{}"];
    let refused = office.run(call).expect_code(6);
    let (warned, failed) = refused.stderr.split_once("error:").expect("a failure");
    assert!(
        warned.contains("did not grant a permission set"),
        "{warned}"
    );
    assert!(warned.contains(&format!(
        "wxauth permissions why /cgi-bin/menu/create --for {who}"
    )));
    assert!(failed.contains("61007"));
}

#[test]
fn a_curl_command_makes_the_same_call() {
    let office = Office::synced();
    let who = official(&office);
    let call = [
        "api",
        "/cgi-bin/menu/create",
        "--as",
        &who,
        "-d",
        "{\"it's\":1}",
        "--curl",
    ];
    let masked = office.run(call).expect_code(0).stdout;
    assert_eq!(
        masked,
        format!(
            "curl -X POST '{}/cgi-bin/menu/create?access_token='\"$(wxauth token authorizer {who})\" \
             -H 'content-type: application/json' --data-raw '{{\"it'\\''s\":1}}'\n",
            office.sandbox.url()
        )
    );
    let token = office.run(["token", "authorizer", &who]).expect_code(0);
    let shown = office.run(call.iter().chain(&["--reveal"])).expect_code(0);
    assert!(shown.stdout.contains(token.stdout.trim()));
    let formatted = office.run(call.iter().chain(&["-o", "json"]));
    formatted.expect_code(2);
}
