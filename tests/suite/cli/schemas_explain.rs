//! The answers of `explain` for the check of schemas.

use serde_json::Value;

use super::office::Office;

/// One answer of each kind.
pub fn answers(office: &Office) -> Vec<Value> {
    let kinds = [
        "61007",
        "61099",
        "64f69b23-60f73830-19f36488",
        "exit 5",
        "wx0123456789abcdef",
        "ticket@@@given-as-an-argument",
        "authorized",
        "weapp_audit_fail",
        "授权入口页所在域名：空",
        "https://mp.weixin.qq.com/cgi-bin/componentloginpage?x=1",
        "<xml><Encrypt>x</Encrypt></xml>",
        "/wxa/commit",
        "set 18",
        "nonsense",
    ];
    let explained = kinds.map(|what| {
        let answer = office.run(["explain", what, "-o", "json"]);
        answer.expect_code(0).json()
    });
    explained.into()
}
