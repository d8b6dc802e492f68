//! What the platform did in a case, and why that was not enough.

use super::TEXT;
use crate::sandbox::push::xml;
use crate::sandbox::state::World;
use crate::sandbox::state::credential::CredentialKind;
use crate::sandbox::state::pushing::{Outcome, Push};

/// `Err` tells why the case failed.
pub type Judged = Result<(), String>;

/// Whether the receiver took the push at all.
pub fn taken(outcome: &Outcome) -> Judged {
    if outcome.delivered {
        return Ok(());
    }
    let problem = outcome.problems.first();
    Err(
        problem.map_or_else(String::new, |problem| match &problem.detail {
            Some(detail) => format!("{}: {detail}", problem.kind),
            None => problem.kind.clone(),
        }),
    )
}

/// Whether the reply to the plain text is the right one.
pub fn reply(push: &Push, outcome: &Outcome) -> Judged {
    let Some(reply) = &outcome.reply else {
        return Err("there is no reply; an encrypted text has to come at once".to_owned());
    };
    let expected = format!("{TEXT}_callback");
    let asked = |name: &str| xml::element(&push.text, name);
    for (name, wanted) in [
        ("MsgType", Some("text".to_owned())),
        ("Content", Some(expected)),
        ("ToUserName", asked("FromUserName")),
        ("FromUserName", asked("ToUserName")),
    ] {
        let found = xml::element(reply, name);
        if found != wanted {
            let (found, wanted) = (found.unwrap_or_default(), wanted.unwrap_or_default());
            return Err(format!("{name} of the reply is `{found}`, not `{wanted}`"));
        }
    }
    Ok(())
}

/// Whether the platform did by the API what the code asks for.
pub fn reaction(world: &World, push: &Push, code: &str) -> Judged {
    let serial = (world.read(code))
        .filter(|credential| credential.kind == CredentialKind::AuthCode)
        .map(|credential| credential.serial);
    let exchanged = serial
        .and_then(|serial| world.auth_code(serial))
        .is_some_and(|code| code.used);
    if !exchanged {
        return Err("api_query_auth was not called with the code".to_owned());
    }
    let texts = world.pushing.customer_texts.iter();
    let mut own = texts.filter(|text| Some(text.account) == push.account);
    let Some(text) = own.next_back() else {
        return Err("no customer-service text was sent for the account".to_owned());
    };
    let openid = push.addressee.as_ref().map(|addressee| &addressee.openid);
    if openid != Some(&text.openid) {
        return Err(format!(
            "the text was sent to `{}`, not to whom wrote",
            text.openid
        ));
    }
    if text.content != format!("{code}_from_api") {
        return Err("the text sent is not the code with `_from_api` behind it".to_owned());
    }
    Ok(())
}
