//! `get_authorizer_option` and `set_authorizer_option`, in both generations.

use super::call::Call;
use super::gate::{self, Holder};
use super::refusal::Refusal;
use super::{ok, push_text};
use crate::sandbox::state::World;
use crate::sandbox::state::behaviours::OptionToken;
use crate::sandbox::state::quota::Owner;

/// Names and highest values.
const OPTIONS: [(&str, u8); 3] = [
    ("location_report", 2),
    ("voice_recognize", 1),
    ("customer_service", 1),
];

/// The old generation of get.
pub fn get_old(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let target = old_target(world, call)?;
    let value = read(world, call, target)?;
    let appid = world.naming().appid(target.account);
    Ok(value_body(call, Some(&appid), &value))
}

/// The old generation of set.
pub fn set_old(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let target = old_target(world, call)?;
    write(world, call, target)
}

/// The present generation of get.
pub fn get(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let target = target(world, call)?;
    let value = read(world, call, target)?;
    Ok(value_body(call, None, &value))
}

/// The present generation of set.
pub fn set(world: &mut World, call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let target = target(world, call)?;
    write(world, call, target)
}

#[derive(Clone, Copy)]
struct Target {
    account: u32,
    owner: Owner,
}

fn old_target(world: &World, call: &Call<'_>) -> Result<Target, Refusal> {
    let platform = gate::platform(world, call)?;
    named_account(world, call, platform)
}

/// The present pages disagree about the token, so either works unless a switch says otherwise.
fn target(world: &World, call: &Call<'_>) -> Result<Target, Refusal> {
    let holder = gate::holder(world, call)?;
    match (holder, world.behaviours.option_token) {
        (Holder::Platform(_), OptionToken::Authorizer) => Err(61015.into()),
        (Holder::Authorizer { .. }, OptionToken::Component) => Err(61014.into()),
        (Holder::Platform(platform), _) => named_account(world, call, platform),
        (Holder::Authorizer { account, .. }, _) => Ok(Target {
            account,
            owner: holder.owner(),
        }),
    }
}

fn named_account(world: &World, call: &Call<'_>, platform: u8) -> Result<Target, Refusal> {
    let appid = call.text("authorizer_appid").ok_or(40013)?;
    let account = world.account_index(appid).ok_or(61003)?;
    world.standing_grant(platform, account).ok_or(61003)?;
    Ok(Target {
        account,
        owner: Owner::Platform(platform),
    })
}

fn option(call: &Call<'_>) -> Result<(usize, u8), Refusal> {
    let name = call.text("option_name").ok_or(61012)?;
    let place = OPTIONS
        .iter()
        .position(|(known, _)| *known == name)
        .ok_or(61012)?;
    Ok((place, OPTIONS[place].1))
}

fn read(world: &mut World, call: &Call<'_>, target: Target) -> Result<String, Refusal> {
    let (place, _) = option(call)?;
    call.spend(world, target.owner)?;
    let set = world
        .account_change(target.account)
        .and_then(|change| change.options[place].clone());
    Ok(set.unwrap_or_else(|| "0".to_owned()))
}

fn write(world: &mut World, call: &Call<'_>, target: Target) -> Result<Vec<u8>, Refusal> {
    let (place, highest) = option(call)?;
    let value = call.text("option_value").ok_or(61013)?;
    let in_range = value.len() == 1 && value.parse::<u8>().is_ok_and(|value| value <= highest);
    if !in_range {
        return Err(61013.into());
    }
    call.spend(world, target.owner)?;
    world.change_account(target.account, |change| {
        change.options[place] = Some(value.to_owned());
    });
    Ok(ok())
}

fn value_body(call: &Call<'_>, appid: Option<&str>, value: &str) -> Vec<u8> {
    let mut body = b"{".to_vec();
    if let Some(appid) = appid {
        body.extend_from_slice(br#""authorizer_appid":"#);
        push_text(&mut body, appid);
        body.push(b',');
    }
    body.extend_from_slice(br#""option_name":"#);
    push_text(&mut body, call.text("option_name").unwrap_or(""));
    body.extend_from_slice(br#","option_value":"#);
    push_text(&mut body, value);
    body.push(b'}');
    body
}
