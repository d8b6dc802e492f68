//! What strangers typed stays text, and other sites stay outside.

use reqwest::header::{CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY};

use super::stage::Stage;
use super::visitor::{CONSOLE, H5, LAUNCH, PC};

const SCRIPT: &str = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27";

#[tokio::test]
async fn what_strangers_typed_stays_text() {
    let stage = Stage::new().await;
    let visit = stage.open(&stage.link(H5, "").await).await.visit();
    let link = stage.link(H5, &format!("&biz_appid={SCRIPT}")).await;
    let named = stage.open(&link).await.visit();
    for address in [
        format!("{H5}?visit={visit}&user={SCRIPT}"),
        format!("{H5}?visit={named}&user=lina"),
        format!("{H5}?visit={SCRIPT}"),
        format!("{H5}?visit={visit}&user=lina&search={SCRIPT}"),
        format!("{CONSOLE}?user={SCRIPT}"),
        format!("{CONSOLE}?user=lina&search={SCRIPT}"),
        format!("{CONSOLE}?user=lina&account={SCRIPT}"),
    ] {
        let page = stage.open(&address).await;
        assert!(!page.html.contains("<script>alert"), "{address}");
        assert!(!page.html.contains("alert(1)</script>\""), "{address}");
    }
    let said = stage.open(&format!("{H5}?visit={named}&user=lina")).await;
    assert!(
        said.refusal()
            .contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;"),
        "{}",
        said.refusal()
    );
}

#[tokio::test]
async fn a_name_that_turns_the_line_around_is_tamed() {
    let stage = Stage::new().await;
    let (page, _) = stage.sets_page("", "=1+1").await;
    let name = page.names()[0];
    assert!(
        name.contains("反向") && name.contains("&quot;引号&quot;"),
        "{name}"
    );
    assert!(!name.contains(['\u{202e}', '\u{202c}', '\u{7}']), "{name}");
}

#[tokio::test]
async fn the_pages_run_nothing_but_their_own_and_tell_nobody_their_address() {
    let stage = Stage::new().await;
    let computer = stage.click(LAUNCH, &stage.link(PC, "").await).await;
    let phone = stage.open(&stage.link(H5, "").await).await;
    let console = stage.open(CONSOLE).await;
    let refusal = stage.open(PC).await;
    let mut nonces = std::collections::BTreeSet::new();
    for page in [computer, phone, console, refusal] {
        let policy = page.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let (_, nonce) = policy.split_once("script-src 'nonce-").unwrap();
        nonces.insert(nonce[..32].to_owned());
        assert!(
            page.html
                .contains(&format!("<style nonce=\"{}\">", &nonce[..32]))
        );
        assert_eq!(page.headers[REFERRER_POLICY], "same-origin");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.html.contains("wxauth sandbox – not WeChat"));
        for outside in ["src=\"http", "href=\"http", "url(", "@import"] {
            assert!(!page.html.contains(outside), "{outside}");
        }
    }
    assert_eq!(nonces.len(), 4, "each page has a nonce of its own");
}

#[tokio::test]
async fn another_site_cannot_confirm_for_the_merchant() {
    let stage = Stage::new().await;
    let (_, form) = stage.sets_page("", "晨光口腔预约").await;
    let url = format!("{}{}", stage.base, form.address);
    let body = format!("user={}&account={}&set=17", form.user, form.account);
    let own = stage.base.clone();
    let send = |name, value: &str| {
        stage
            .http
            .post(&url)
            .header(name, value)
            .body(body.clone())
            .send()
    };
    for origin in ["https://evil.example.com", "null", "http://127.0.0.1:1"] {
        assert_eq!(
            send(ORIGIN, origin).await.unwrap().status(),
            403,
            "{origin}"
        );
    }
    // A name of another site that leads to this machine.
    for host in ["evil.example.com", "evilweixin.qq.com"] {
        assert_eq!(send(HOST, host).await.unwrap().status(), 403, "{host}");
    }
    assert_eq!(stage.named("晨光口腔预约").await["authorized"], false);
    assert_eq!(send(ORIGIN, &own).await.unwrap().status(), 303);
    assert_eq!(stage.named("晨光口腔预约").await["authorized"], true);
}

#[tokio::test]
async fn the_pages_answer_to_the_names_of_wechat() {
    let stage = Stage::new().await;
    let url = format!("{}{}", stage.base, stage.link(H5, "").await);
    let request = stage.http.get(url).header(HOST, "open.weixin.qq.com");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let head = stage.http.head(format!("{}{PC}", stage.base));
    assert_eq!(head.send().await.unwrap().status(), 405);
}
