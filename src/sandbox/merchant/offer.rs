//! Permission sets on the page: which are offered, and what a choice of them grants.

use super::page::Declined;
use crate::sandbox::catalogue;
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;

/// A permission set that the page shows.
#[derive(Debug)]
pub struct Offer {
    /// Its number.
    pub id: u32,
    /// Whether the account granted it to this platform already.
    pub granted: bool,
    /// Who else has it, where one platform at a time may.
    pub holder: Option<Holder>,
}

/// Who holds an exclusive set.
#[derive(Debug)]
pub enum Holder {
    /// A platform of the sandbox, by number.
    Platform(u8),
    /// A platform outside of the sandbox.
    Outside,
}

/// The sets that the platform configured, that fit the account and, where a link narrows them,
/// that the link shows.
pub fn offers(
    world: &World,
    platform: u8,
    account: &Account,
    shown: Option<&[u32]>,
) -> Result<Vec<Offer>, Declined> {
    let standing = world.standing_grant(platform, account.index);
    let offered: Vec<Offer> = (world.platform(platform).permission_ids.iter().copied())
        .filter(|id| shown.is_none_or(|shown| shown.contains(id)))
        .filter(|id| catalogue::fits(*id, account.kind))
        .map(|id| Offer {
            id,
            granted: standing
                .as_ref()
                .is_some_and(|grant| grant.sets.contains(&id)),
            holder: holder(world, platform, account, id),
        })
        .collect();
    if offered.is_empty() {
        return Err(Declined::new(
            "permissions",
            "该第三方平台指定了无效的权限，或权限类型与当前微信号绑定的账号类型不一致",
        ));
    }
    Ok(offered)
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
    let offered = offers(world, platform, account, shown)?;
    let strange = |id: &&u32| offered.iter().all(|offer| offer.id != **id);
    if let Some(id) = ticked.and_then(|ticked| ticked.iter().find(strange)) {
        let message = format!("the page does not offer permission set {id}");
        return Err(Declined::new("permissions", message));
    }
    let (mut granted, mut left_out) = (Vec::new(), Vec::new());
    for offer in offered {
        if ticked.is_some_and(|ticked| !ticked.contains(&offer.id)) {
            continue;
        }
        match offer.holder {
            Some(_) => left_out.push(offer.id),
            None => granted.push(offer.id),
        }
    }
    if granted.is_empty() {
        return Err(Declined::new(
            "permissions",
            "no permission set is left to grant",
        ));
    }
    Ok((granted, left_out))
}

fn holder(world: &World, platform: u8, account: &Account, id: u32) -> Option<Holder> {
    if !catalogue::is_exclusive(id) {
        return None;
    }
    let holds = |other: &u8| {
        *other != platform
            && world
                .standing_grant(*other, account.index)
                .is_some_and(|grant| grant.sets.contains(&id))
    };
    if let Some(other) = (0..world.platforms.len() as u8).find(holds) {
        return Some(Holder::Platform(other));
    }
    let outside = account.held_elsewhere().contains(&id);
    outside.then_some(Holder::Outside)
}
