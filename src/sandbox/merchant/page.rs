//! What the authorization page shows and refuses.

use super::link::Link;
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::kind::Kind;

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
/// `auth_type` where a link has none: official accounts and mini programs.
const BOTH: u32 = 3;

/// The number of a pre-authorization code that `platform` may still use.
pub fn usable_code(world: &World, platform: u8, text: &str) -> Result<u64, Declined> {
    let serial = world
        .read(text)
        .filter(|code| code.kind == CredentialKind::PreAuthCode)
        .map(|code| code.serial)
        .ok_or_else(|| unusable_code("is unknown"))?;
    check_code(world, platform, serial, false)?;
    Ok(serial)
}

/// Whether the code can be used, by the page that used it up when it was opened (`viewed`) or by
/// another one.
pub fn check_code(world: &World, platform: u8, serial: u64, viewed: bool) -> Result<(), Declined> {
    let code = world
        .pre_auth_code(serial)
        .ok_or_else(|| unusable_code("is unknown"))?;
    if code.platform != platform {
        return Err(unusable_code("belongs to another platform"));
    }
    if code.used && !viewed {
        return Err(unusable_code("was used"));
    }
    if world.now() >= code.ends_at {
        return Err(unusable_code("has expired"));
    }
    Ok(())
}

fn unusable_code(why: &str) -> Declined {
    Declined::new(
        "pre_auth_code",
        format!("pre_auth_code {why} (预授权码无效或已过期)"),
    )
}

/// `biz_appid` and `auth_type`; where both are given, `biz_appid` wins.
pub fn check_offered(account: &Account, appid: &str, link: &Link) -> Result<(), Declined> {
    if let Some(wanted) = &link.biz_appid {
        return match wanted == appid {
            true => Ok(()),
            false => Err(nothing_fits(link)),
        };
    }
    let auth_type = link.auth_type.unwrap_or(BOTH);
    match account.kind.offered_by(auth_type) {
        Some(true) => Ok(()),
        _ => Err(nothing_fits(link)),
    }
}

/// What the page says to a user without an account that the link offers.
pub fn nothing_fits(link: &Link) -> Declined {
    if let Some(wanted) = &link.biz_appid {
        let text = format!("该第三方平台仅支持指定账号「{wanted}」进行授权");
        return Declined::new("biz_appid", text);
    }
    let auth_type = link.auth_type.unwrap_or(BOTH);
    if Kind::MiniProgram.offered_by(auth_type).is_none() {
        let message = format!("auth_type is not documented: {auth_type}");
        return Declined::new("auth_type", message);
    }
    let (kinds, any) = match auth_type {
        1 => ("仅支持公众号", "公众号"),
        2 => ("仅支持小程序", "小程序"),
        3 => ("支持小程序和公众号", "小程序或公众号"),
        4 => ("仅支持小程序推客", "小程序推客"),
        5 => ("仅支持视频号", "视频号"),
        8 => ("仅支持带货助手", "带货助手"),
        _ => ("支持公众号、小程序和视频号", "公众号、小程序或视频号"),
    };
    let text = format!("该授权{kinds}账号，当前微信号尚未绑定为任何{any}的管理员");
    Declined::new("auth_type", text)
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
    check_release(world, platform, account)?;
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

/// Before the full release only accounts of the test list may authorize (rule R14).
pub fn check_release(world: &World, platform: u8, account: &Account) -> Result<(), Declined> {
    let owner = world.platform(platform);
    let user_name = world.naming().user_name(account.index);
    if owner.released || owner.test_list.contains(&user_name) {
        return Ok(());
    }
    Err(Declined::new(
        "not_released",
        format!(
            "the platform is not released and its test list lacks {user_name} (平台未全网发布)"
        ),
    ))
}
