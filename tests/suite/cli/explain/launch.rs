//! What WeChat's page says in place of a confirmation, and the links that work afterwards.

use super::{Cause, Office, cause, plain_client, text};

/// A fresh link, made by these flags.
fn link(office: &Office, flags: &[&str]) -> String {
    let made = office.run(["link", "-o", "json"].iter().chain(flags));
    text(&made.expect_code(0).json(), "url")
}

/// The page that a link opens when it is typed into a browser: no page leads to it.
fn opened(office: &Office, link: &str) -> String {
    let (_, path) = link.split_once(".qq.com").expect("a link of WeChat's");
    let url = format!(
        "{}{}",
        office.sandbox.url(),
        path.replace("#wechat_redirect", "")
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let page = plain_client().get(url).send().await.expect("a page");
        page.text().await.expect("a text")
    })
}

/// What the page tells a merchant who confirms this link; nothing when the confirmation succeeds.
fn refused(office: &Office, link: &str, who: &str) -> Option<String> {
    let confirmed = office.run(["sandbox", "authorize", who, "--link", link]);
    (confirmed.code != 0).then_some(confirmed.stderr)
}

fn told(office: &Office, page: &str, id: &str) -> Cause {
    cause(&office.desk, page, id)
}

#[test]
fn a_pasted_pc_link_becomes_one_that_can_be_scanned() {
    let office = Office::open();
    let page = opened(&office, &link(&office, &["--pc"]));
    assert!(page.contains("授权入口页所在域名"), "{page}");
    let pasted = told(&office, &page, "link_pasted");
    let made = pasted.run(&office.desk, "wxauth link", &[]).expect_code(0);
    let scanned = made
        .stdout
        .lines()
        .find(|line| line.contains("bindcomponent"));
    let page = opened(&office, scanned.expect("an H5 link").trim());
    assert!(!page.contains("授权入口页所在域名"), "{page}");
}

#[test]
fn a_redirect_to_another_host_is_seen_by_the_lint_and_corrected() {
    let office = Office::with_profile(&[
        "--mint",
        "wxauth",
        "--redirect-uri",
        "https://other.example.com/back",
    ]);
    let failed = office.run(["link"]);
    assert_eq!(failed.code, 2, "{}", failed.stderr);
    let page = "请确认授权入口页所在域名，与授权后回调页所在域名相同";
    let elsewhere = told(&office, page, "redirect_elsewhere");
    let bad = format!(
        "https://mp.weixin.qq.com/cgi-bin/componentloginpage?component_appid={}&pre_auth_code=preauthcode@@@{}&redirect_uri=https%3A%2F%2Fother.example.com%2F&auth_type=3",
        office.sandbox.text("component_appid"),
        "a".repeat(86)
    );
    let judged = elsewhere
        .run(&office.desk, "wxauth link --lint", &[("LINK", &bad)])
        .expect_code(3);
    assert!(judged.stdout.contains("redirect_host"), "{}", judged.stdout);
    let right = office.sandbox.text("redirect_uri");
    elsewhere
        .run(
            &office.desk,
            "wxauth profile set redirect_uri",
            &[("REDIRECT", &right)],
        )
        .expect_code(0);
    link(&office, &[]);
}

#[test]
fn a_launch_domain_that_differs_in_the_console_is_set_there() {
    let office = Office::open();
    let who = office.accounts("mini_program", false).remove(0);
    let right = office.sandbox.text("launch_domain");
    office
        .run([
            "sandbox",
            "platform",
            "--launch-domain",
            "old.example.com",
            "--released",
            "true",
        ])
        .expect_code(0);
    let page = refused(&office, &link(&office, &[]), &who).expect("a refusal");
    let differs = told(&office, &page, "launch_domain_differs");
    differs.play(&office.desk, &[("HOST", &right)]);
    assert_eq!(refused(&office, &link(&office, &[]), &who), None);
}

#[test]
fn before_the_release_the_test_list_or_the_release_lets_a_merchant_in() {
    for id in ["not_in_the_test_list", "release_pending"] {
        let office = Office::open();
        let list = office
            .sandbox
            .get("accounts?kind=mini_program&authorized=false");
        let (who, user_name) = (text(&list[0], "appid"), text(&list[0], "user_name"));
        office
            .run(["sandbox", "platform", "--released", "false"])
            .expect_code(0);
        let page = refused(&office, &link(&office, &[]), &who);
        assert!(page.is_some(), "nobody but the test list may authorize");
        let told = cause(&office.desk, "61028", id);
        told.play(&office.desk, &[("IDS", &user_name)]);
        assert_eq!(refused(&office, &link(&office, &[]), &who), None, "{id}");
    }
}

#[test]
fn a_link_that_is_too_old_is_made_anew() {
    let office = Office::open();
    let who = office.accounts("mini_program", false).remove(0);
    let old = link(&office, &[]);
    office.sandbox.pass("+31m");
    assert!(refused(&office, &old, &who).is_some());
    let told = cause(&office.desk, "invalid pre_auth_code", "link_too_old");
    let made = told.run(&office.desk, "wxauth link", &[]).expect_code(0);
    let fresh = made
        .stdout
        .lines()
        .find(|line| line.contains("bindcomponent"));
    assert_eq!(refused(&office, fresh.expect("a link").trim(), &who), None);
}

#[test]
fn a_link_for_official_accounts_only_is_widened_for_a_mini_program() {
    let office = Office::open();
    let who = office.accounts("mini_program", false).remove(0);
    let narrow = link(&office, &["--type", "official-account"]);
    assert!(refused(&office, &narrow, &who).is_some());
    let told = cause(&office.desk, "该授权仅支持公众号账号", "kind_not_offered");
    let made = told
        .run(&office.desk, "wxauth link --type all", &[])
        .expect_code(0);
    let wide = made
        .stdout
        .lines()
        .find(|line| line.contains("bindcomponent"));
    assert_eq!(refused(&office, wide.expect("a link").trim(), &who), None);
}

#[test]
fn a_pasted_link_is_judged_without_showing_its_code() {
    let office = Office::open();
    let good = link(&office, &[]);
    let bad = good.replace("#wechat_redirect", "");
    for (pasted, found) in [(&good, false), (&bad, true)] {
        let answer = office
            .desk
            .run_with_input(["explain", "-", "-o", "json"], pasted);
        let answer = answer.expect_code(0);
        assert!(
            !answer.stdout.contains("preauthcode@@@"),
            "{}",
            answer.stdout
        );
        let answer = answer.json();
        assert_eq!(answer["kind"], "link");
        let notes = answer["notes"].to_string();
        assert_eq!(notes.contains("fragment_missing"), found, "{notes}");
        assert!(
            answer["commands"][0]
                .as_str()
                .is_some_and(|command| command.starts_with("wxauth link --lint"))
        );
    }
}
