//! Values are known by prefix and shape.

use wxauth::wechat::value::{ValueKind, recognise};

#[test]
fn each_value_is_recognised() {
    let token = format!("97_{}", "aB-_".repeat(34));
    for (text, kind) in [
        ("ticket@@@abc", ValueKind::Ticket),
        ("preauthcode@@@abc", ValueKind::PreAuthCode),
        ("queryauthcode@@@abc", ValueKind::AuthorizationCode),
        ("refreshtoken@@@abc", ValueKind::RefreshToken),
        (token.as_str(), ValueKind::AccessToken),
        ("0123456789abcdef", ValueKind::ServiceMarketCode),
        ("wx0123456789abcdef", ValueKind::Appid),
        ("gh_0123456789ab", ValueKind::UserName),
        ("wx0123456789ABCDEF", ValueKind::Other),
        ("97_", ValueKind::Other),
        ("", ValueKind::Other),
        ("你好", ValueKind::Other),
    ] {
        assert_eq!(recognise(text), kind, "{text}");
    }
}
