//! What the authorization page shows and refuses.

use super::link::Link;
use crate::sandbox::catalogue;
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;
use crate::sandbox::state::credential::CredentialKind;

/// Why the page lets a merchant not go on.
#[derive(Debug)]
pub struct Declined {
    /// A word for programs.
    pub kind: &'static str,
    /// What is wrong, with the page's own text where one is published.
    pub message: String,
}

impl Declined {
    /// A refusal with this word and text.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }
}

/// How many platforms an account may authorize at the same time.
const PLATFORMS_PER_ACCOUNT: u32 = 15;

/// The number of a pre-authorization code that `platform` may still use.
pub fn usable_code(world: &World, platform: u8, text: &str) -> Result<u64, Declined> {
    let invalid = |why: &str| {
        Declined::new(
            "pre_auth_code",
            format!("pre_auth_code {why} (预授权码无效或已过期)"),
        )
    };
    let serial = world
        .read(text)
        .filter(|code| code.kind == CredentialKind::PreAuthCode)
        .map(|code| code.serial)
        .ok_or_else(|| invalid("is unknown"))?;
    let code = world
        .pre_auth_code(serial)
        .ok_or_else(|| invalid("is unknown"))?;
    if code.platform != platform {
        return Err(invalid("belongs to another platform"));
    }
    if code.used {
        return Err(invalid("was used"));
    }
    if world.now() >= code.ends_at {
        return Err(invalid("has expired"));
    }
    Ok(serial)
}

/// Launch domain and redirect host must be the same.
pub fn check_redirect(
    world: &World,
    platform: u8,
    user_name: &str,
    uri: &str,
) -> Result<(), Declined> {
    let host = url::Url::parse(uri)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .and_then(|url| url.host_str().map(str::to_owned))
        .ok_or_else(|| Declined::new("redirect_uri", "redirect_uri is no web address"))?;
    let domain = world.platform(platform).launch_domain(user_name);
    if host == domain {
        return Ok(());
    }
    Err(Declined::new(
        "launch_domain",
        format!(
            "请确认授权入口页所在域名，与授权后回调页所在域名相同，并且，此两者都必须与申请第三方平台时填写的授权发起页域名相同。授权入口页所在域名：{domain}，授权后回调页所在域名：{host}"
        ),
    ))
}

/// `biz_appid` and `auth_type`; where both are given, `biz_appid` wins.
pub fn check_offered(account: &Account, appid: &str, link: &Link) -> Result<(), Declined> {
    if let Some(wanted) = &link.biz_appid {
        if wanted == appid {
            return Ok(());
        }
        let text = format!("该第三方平台仅支持指定账号「{wanted}」进行授权");
        return Err(Declined::new("biz_appid", text));
    }
    let auth_type = link.auth_type.unwrap_or(3);
    match account.kind.offered_by(auth_type) {
        Some(true) => Ok(()),
        None => Err(Declined::new(
            "auth_type",
            format!("auth_type is not documented: {auth_type}"),
        )),
        Some(false) => Err(Declined::new(
            "auth_type",
            match auth_type {
                1 => "该授权仅支持公众号账号".to_owned(),
                2 => "该授权仅支持小程序账号".to_owned(),
                3 => "该授权支持小程序和公众号账号，当前微信号尚未绑定为任何小程序或公众号的管理员"
                    .to_owned(),
                _ => format!("auth_type {auth_type} offers no account of this kind"),
            },
        )),
    }
}

/// Who may confirm, and for which accounts.
pub fn check_account(
    world: &World,
    platform: u8,
    account: &Account,
    user: Option<&str>,
) -> Result<(), Declined> {
    if let Some(user) = user.filter(|user| !account.administrators().contains(user)) {
        let message = format!("{user} is no administrator of the account");
        return Err(Declined::new("administrator", message));
    }
    if !account.kind.can_authorize() {
        return Err(Declined::new(
            "account_kind",
            "accounts of this kind cannot authorize",
        ));
    }
    if !account.in_good_standing() {
        let message = format!(
            "the account is not offered: account_status {}",
            account.status
        );
        return Err(Declined::new("account_status", message));
    }
    let owner = world.platform(platform);
    let user_name = world.naming().user_name(account.index);
    if !owner.released && !owner.test_list.contains(&user_name) {
        return Err(Declined::new(
            "not_released",
            format!(
                "the platform is not released and its test list lacks {user_name} (平台未全网发布)"
            ),
        ));
    }
    let platforms = world.platforms.len() as u8;
    let others = (0..platforms).filter(|other| {
        *other != platform && world.standing_grant(*other, account.index).is_some()
    });
    let already = world.standing_grant(platform, account.index).is_some();
    let held = account.elsewhere() + others.count() as u32;
    if !already && held >= PLATFORMS_PER_ACCOUNT {
        let message = format!("the account has authorized {held} platforms, which is the most");
        return Err(Declined::new("too_many_platforms", message));
    }
    Ok(())
}

/// What the merchant grants of what is offered, and what is left out because another platform
/// holds it.
pub fn choose(
    world: &World,
    platform: u8,
    account: &Account,
    shown: Option<&[u32]>,
    ticked: Option<&[u32]>,
) -> Result<(Vec<u32>, Vec<u32>), Declined> {
    let offered: Vec<u32> = (world.platform(platform).permission_ids.iter().copied())
        .filter(|id| shown.is_none_or(|shown| shown.contains(id)))
        .filter(|id| catalogue::fits(*id, account.kind))
        .collect();
    if offered.is_empty() {
        return Err(Declined::new(
            "permissions",
            "该第三方平台指定了无效的权限，或权限类型与当前微信号绑定的账号类型不一致",
        ));
    }
    if let Some(id) = ticked.and_then(|ticked| ticked.iter().find(|id| !offered.contains(id))) {
        let message = format!("the page does not offer permission set {id}");
        return Err(Declined::new("permissions", message));
    }
    let (left_out, granted): (Vec<u32>, Vec<u32>) = offered
        .into_iter()
        .filter(|id| ticked.is_none_or(|ticked| ticked.contains(id)))
        .partition(|id| {
            catalogue::is_exclusive(*id) && held_elsewhere(world, platform, account, *id)
        });
    if granted.is_empty() {
        return Err(Declined::new(
            "permissions",
            "no permission set is left to grant",
        ));
    }
    Ok((granted, left_out))
}

fn held_elsewhere(world: &World, platform: u8, account: &Account, id: u32) -> bool {
    let holds = |other: u8| {
        other != platform
            && world
                .standing_grant(other, account.index)
                .is_some_and(|grant| grant.sets.contains(&id))
    };
    account.held_elsewhere().contains(&id) || (0..world.platforms.len() as u8).any(holds)
}
