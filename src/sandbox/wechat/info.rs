//! `api_get_authorizer_info`, and the parts of it that other answers share.

use std::io::Write;

use super::call::Call;
use super::refusal::Refusal;
use super::{gate, push_text};
use crate::sandbox::state::World;
use crate::sandbox::state::account::{Account, Confirmation, Confirmations};
use crate::sandbox::state::behaviours::MissingField;
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::kind::{Family, Kind};
use crate::sandbox::state::mixing::scatter;
use crate::sandbox::state::quota::Owner;

/// Everything about one authorizer but its access token.
pub fn info(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let platform = gate::platform(world, call)?;
    let appid = call.text("authorizer_appid").ok_or(40013)?;
    let index = world.account_index(appid).ok_or(61003)?;
    if world.standing_grant(platform, index).is_none() {
        return Err(61003.into());
    }
    call.spend(world, Owner::Platform(platform))?;
    let grant = world.standing_grant(platform, index).ok_or(61003)?;
    let account = world.account(index);
    let mut body = Vec::with_capacity(3072);
    body.extend_from_slice(br#"{"authorizer_info":"#);
    push_authorizer_info(&mut body, &account, &world.naming().user_name(index));
    body.extend_from_slice(br#","authorization_info":{"authorizer_appid":"#);
    push_text(&mut body, appid);
    let refresh = grant.exchanged.then(|| {
        world.text(
            CredentialKind::RefreshToken,
            platform,
            index,
            grant.refresh_serial,
        )
    });
    push_refresh_token(&mut body, world, "authorizer_refresh_token", refresh);
    body.push(b',');
    push_func_info(&mut body, &grant.sets, &world.confirmations(index));
    body.extend_from_slice(b"}}");
    Ok(body)
}

/// `,"NAME":"TOKEN"`, or what stands for a token that is not there.
pub fn push_refresh_token(into: &mut Vec<u8>, world: &World, name: &str, token: Option<String>) {
    let text = match (token, world.behaviours.missing_refresh_token) {
        (Some(token), _) => token,
        (None, MissingField::Empty) => String::new(),
        (None, MissingField::Absent) => return,
    };
    into.push(b',');
    push_text(into, name);
    into.push(b':');
    push_text(into, &text);
}

/// `"func_info":[…]`
pub fn push_func_info(into: &mut Vec<u8>, sets: &[u32], confirmations: &Confirmations) {
    into.extend_from_slice(br#""func_info":["#);
    for (place, id) in sets.iter().enumerate() {
        if place > 0 {
            into.push(b',');
        }
        let _ = write!(into, r#"{{"funcscope_category":{{"id":{id}}}"#);
        // Real answers carry the flags on these sets only, and never another value than 0.
        let flagged = matches!(id, 18 | 25 | 30 | 31 | 33 | 41 | 45 | 49);
        let ordered = confirmations.get(id).copied();
        if let Some(confirmation) = ordered.or(flagged.then_some(Confirmation::None)) {
            let [need, already, can] = confirmation.flags();
            let _ = write!(
                into,
                r#","confirm_info":{{"need_confirm":{need},"already_confirm":{already},"can_confirm":{can}}}"#
            );
        }
        into.push(b'}');
    }
    into.push(b']');
}

fn push_authorizer_info(into: &mut Vec<u8>, account: &Account, user_name: &str) {
    let number = scatter(u64::from(account.index));
    into.extend_from_slice(br#"{"nick_name":"#);
    push_text(into, &account.nick_name());
    let verify = if account.verified { 0 } else { -1 };
    let _ = write!(
        into,
        concat!(
            r#","head_img":"http:\/\/wx.qlogo.cn\/mmopen\/{:016x}\/0","service_type_info":{{"id":{}}},"#,
            r#""verify_type_info":{{"id":{}}},"user_name":"{}","alias":"","#,
            r#""qrcode_url":"http:\/\/mmbiz.qpic.cn\/mmbiz\/{:016x}\/0","#,
            r#""business_info":{{"open_pay":{},"open_shake":0,"open_scan":0,"open_card":0,"open_store":0}},"#,
            r#""idc":1,"principal_name":"#
        ),
        number,
        account.kind.service_type(),
        verify,
        user_name,
        number.rotate_left(32),
        number & 1,
    );
    push_text(into, &account.principal_name());
    into.extend_from_slice(br#","signature":"""#);
    if account.kind.family() == Family::MiniProgram {
        into.extend_from_slice(MINI_PROGRAM_INFO.as_bytes());
    }
    let _ = write!(
        into,
        r#","register_type":0,"account_status":{},"basic_config":{{"is_phone_configured":true,"is_email_configured":true}}"#,
        account.status
    );
    let special = match account.kind {
        Kind::Channels => r#","channels_info":{"id":0}"#,
        Kind::Store => r#","store_info":{"id":0}"#,
        Kind::SalesAssistant => r#","talent_info":{"id":0}"#,
        Kind::Supplier => r#","supplier_info":{"id":0}"#,
        _ => "",
    };
    into.extend_from_slice(special.as_bytes());
    into.push(b'}');
}

const MINI_PROGRAM_INFO: &str = concat!(
    r#","MiniProgramInfo":{"network":{"RequestDomain":["https:\/\/api.example.com"],"#,
    r#""WsRequestDomain":["wss:\/\/ws.example.com"],"UploadDomain":[],"DownloadDomain":[],"#,
    r#""BizDomain":[],"UDPDomain":[],"TCPDomain":[],"PrefetchDNSDomain":[],"#,
    r#""NewRequestDomain":[],"NewWsRequestDomain":[],"NewUploadDomain":[],"NewDownloadDomain":[],"#,
    r#""NewBizDomain":[],"NewUDPDomain":[],"NewTCPDomain":[],"NewPrefetchDNSDomain":[]},"#,
    r#""categories":[{"first":"工具","second":"信息查询"}],"visit_status":0}"#
);
