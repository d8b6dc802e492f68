//! Every API path beyond the authorization domain: who may call it.

use serde_json::Value;

use super::call::Call;
use super::gate::{self, Holder};
use super::refusal::Refusal;
use super::samples::{self, Answer};
use crate::sandbox::catalogue::{self, Api, TokenOwner};
use crate::sandbox::state::World;
use crate::sandbox::state::pushing::CustomerText;

/// A message to a user who wrote to the account; the release check waits for one.
const CUSTOMER_SERVICE: &str = "/cgi-bin/message/custom/send";

/// Checks kind of token, grant, confirmation and ability, in that order.
pub fn answer(world: &mut World, call: &Call<'_>, api: &Api) -> Result<Answer, Refusal> {
    let holder = gate::holder(world, call)?;
    match (holder, api.token) {
        (_, TokenOwner::Own) => return Err(48001.into()),
        (Holder::Platform(_), TokenOwner::Authorizer) => return Err(61015.into()),
        (Holder::Authorizer { .. }, TokenOwner::Component) => return Err(61014.into()),
        (Holder::Platform(_), _) => {}
        (Holder::Authorizer { platform, account }, _) => {
            check_account(world, platform, account, &api.permission_sets, api)?;
        }
    }
    call.spend(world, holder.owner())?;
    if let Holder::Authorizer { account, .. } = holder
        && api.path == CUSTOMER_SERVICE
    {
        let text = call.fields.get("text").and_then(|text| text.get("content"));
        world.keep_customer_text(CustomerText {
            account,
            openid: call.text("touser").unwrap_or_default().to_owned(),
            content: text.and_then(Value::as_str).unwrap_or_default().to_owned(),
        });
    }
    let account = match holder {
        Holder::Platform(_) => None,
        Holder::Authorizer { account, .. } => Some(account),
    };
    samples::answer(call, api, account)
}

fn check_account(
    world: &World,
    platform: u8,
    index: u32,
    opening: &[u32],
    api: &Api,
) -> Result<(), Refusal> {
    let account = world.account(index);
    let grant = world.grant(platform, index).ok_or(61003)?;
    let usable: Vec<u32> = (opening.iter().copied())
        .filter(|id| catalogue::fits(*id, account.kind))
        .collect();
    let serves = api.serves(account.kind);
    let granted = opening.is_empty() || usable.iter().any(|id| grant.sets.contains(id));
    // An interface that no set of this kind of account opens is a matter of ability.
    if !granted && (serves || !usable.is_empty()) {
        return Err(61007.into());
    }
    let confirmations = world.confirmations(index);
    let open = |id: &&u32| {
        let confirmation = confirmations.get(*id);
        grant.sets.contains(id) && confirmation.is_none_or(|stands| stands.lets_through())
    };
    if granted && !usable.is_empty() && !usable.iter().any(|id| open(&id)) {
        return Err(61016.into());
    }
    if !serves || !account.is_able(&usable) {
        return Err(48001.into());
    }
    if !account.in_good_standing() {
        return Err(50002.into());
    }
    Ok(())
}
