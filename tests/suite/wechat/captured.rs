//! Answers whose shape was seen in public between 2014 and 2025.

use std::path::Path;

use wxauth::wechat::account::AccountKind;
use wxauth::wechat::wire::{Authorization, AuthorizerInfo, FuncInfo, ListPage, Reply};

pub(crate) fn body(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/captured");
    #[allow(clippy::disallowed_methods)]
    std::fs::read(path.join(name)).unwrap()
}

fn info(name: &str) -> AuthorizerInfo {
    AuthorizerInfo::from_reply(&Reply::parse(&body(name)).unwrap()).unwrap()
}

fn ids(granted: &[FuncInfo]) -> Vec<u32> {
    granted.iter().map(|set| set.id.0).collect()
}

#[test]
fn a_service_account_of_2015_has_no_refresh_token_and_its_sets_keep_their_order() {
    let info = info("info-2015-service-account.json");
    assert_eq!(info.nick_name.as_deref(), Some("示例工作室"));
    assert_eq!(info.user_name.as_ref().unwrap().as_str(), "gh_000000000001");
    assert_eq!(info.alias.as_deref(), Some("demoxx"));
    assert_eq!((info.service_type, info.verify_type), (Some(2), Some(0)));
    assert_eq!(info.kind(), AccountKind::OfficialAccount);
    assert_eq!(info.account_status, None);
    let grant = &info.authorization;
    assert_eq!(grant.authorizer_appid.as_str(), "wx00000000000000a1");
    assert_eq!(grant.authorizer_refresh_token, None);
    assert_eq!(ids(&grant.func_info), [1, 15, 7, 2, 3, 6, 8, 13, 9, 12]);
}

#[test]
fn the_answer_of_2014_has_its_qr_code_at_the_root_and_an_older_name_for_the_appid() {
    let info = info("info-2014-qrcode-at-root.json");
    assert_eq!(info.qrcode_url.as_deref(), Some("URL"));
    assert_eq!(
        info.authorization.authorizer_appid.as_str(),
        "wx00000000000000a2"
    );
    assert_eq!(info.kind(), AccountKind::OfficialAccount);
    assert_eq!(info.principal_name, None);
}

#[test]
fn a_mini_program_carries_confirm_info_on_some_sets_and_its_kind_by_its_own_object() {
    let info = info("info-mini-program-confirm.json");
    assert_eq!(info.kind(), AccountKind::MiniProgram);
    assert_eq!(info.alias, None, "sent empty");
    assert_eq!(info.principal_name.as_deref(), Some("示例集团股份有限公司"));
    let sets = &info.authorization.func_info;
    assert_eq!(ids(sets), [17, 18, 19, 25, 30, 31, 36, 37, 40]);
    assert_eq!(sets[0].need_confirm, None);
    assert_eq!(
        (
            sets[1].need_confirm,
            sets[1].already_confirm,
            sets[1].can_confirm
        ),
        (Some(false), Some(false), Some(false))
    );
    let token = info.authorization.authorizer_refresh_token.unwrap();
    assert_eq!(token.expose(), "refreshtoken@@@EXAMPLE");
}

#[test]
fn what_is_kept_of_an_answer_is_all_of_it_but_the_token() {
    for name in [
        "info-2014-qrcode-at-root.json",
        "info-2015-service-account.json",
        "info-mini-program-confirm.json",
    ] {
        let mut expected: serde_json::Value = serde_json::from_slice(&body(name)).unwrap();
        expected["authorization_info"]
            .as_object_mut()
            .unwrap()
            .remove("authorizer_refresh_token");
        let raw = info(name).raw;
        assert!(!raw.get().contains("refreshtoken"), "{name}");
        let kept: serde_json::Value = serde_json::from_str(raw.get()).unwrap();
        assert_eq!(kept, expected, "{name}");
    }
}

#[test]
fn an_account_whose_code_was_never_exchanged_is_listed_without_a_refresh_token() {
    let page =
        ListPage::from_reply(&Reply::parse(&body("list-without-refresh-token.json")).unwrap())
            .unwrap();
    assert_eq!(page.total_count, 2);
    assert_eq!(page.list[0].appid.as_str(), "wx00000000000000a4");
    assert_eq!(page.list[0].refresh_token, None);
    assert_eq!(page.list[0].auth_time, Some(1_685_428_690));
    let second = page.list[1].refresh_token.as_ref().unwrap();
    assert_eq!(second.expose(), "refreshtoken@@@EXAMPLE");
}

#[test]
fn the_exchange_of_a_code_gives_both_tokens() {
    let body = body("query-auth-mini-program.json");
    let grant = Authorization::from_reply(&Reply::parse(&body).unwrap()).unwrap();
    assert_eq!(grant.authorizer_appid.as_str(), "wx00000000000000a3");
    assert_eq!(grant.expires_in, Some(7200));
    assert_eq!(
        grant.authorizer_access_token.as_ref().unwrap().expose(),
        "97_EXAMPLE"
    );
    assert!(grant.authorizer_refresh_token.is_some());
    assert_eq!(ids(&grant.func_info), [17, 18, 19]);
}

#[test]
fn captured_refusals_give_rid_and_address() {
    let refusal = |name: &str| Reply::parse(&body(name)).unwrap().refusal().unwrap();
    let whitelist = refusal("error-61004-request-ip.json");
    assert_eq!(whitelist.errcode, 61004);
    assert_eq!(whitelist.request_ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(whitelist.rid.as_deref(), Some("64f69b23-60f73830-19f36488"));
    assert_eq!(
        whitelist.errmsg,
        "access clientip is not registered requestIP: 192.0.2.7"
    );
    let missing = refusal("error-61007-rid.json");
    assert_eq!(missing.errmsg, "api is unauthorized to component");
    assert_eq!(missing.rid.as_deref(), Some("5f86b686-58438a0a-043ad7f1"));
    assert_eq!(missing.request_ip, None);
}
