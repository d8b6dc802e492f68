//! The permission sets as a list to tick.

use std::fmt::Write as _;

use super::label;
use crate::sandbox::merchant::{Holder, Offer};
use crate::sandbox::state::World;

/// The list. Everything that can be granted is ticked: what was granted stays so, and new sets
/// are ticked by default (rule R8a). A set that only one platform may hold, and another one does,
/// cannot be ticked.
pub fn ticks(world: &World, offers: &[Offer]) -> String {
    let updates = offers.iter().any(|offer| offer.granted);
    let mut list = String::from("<fieldset class=\"card sets\"><legend>权限列表</legend>");
    for offer in offers {
        let id = offer.id;
        let name = super::html::escape(&label::set(id));
        let (state, about) = match &offer.holder {
            Some(holder) => (
                format!("disabled aria-describedby=\"about-{id}\""),
                format!(
                    "<small id=\"about-{id}\">互斥权限，已授权给{}；取消该授权后方可勾选</small>",
                    holder_name(world, holder)
                ),
            ),
            None => ("checked".to_owned(), String::new()),
        };
        let tag = match (updates, offer.granted, &offer.holder) {
            (_, _, Some(_)) | (false, ..) => "",
            (true, true, None) => "<span class=\"tag\">已授权</span>",
            (true, false, None) => "<span class=\"tag new\">新增</span>",
        };
        // Writing to a string cannot fail.
        let _ = write!(
            list,
            "<label class=\"set\"><input type=\"checkbox\" name=\"set\" value=\"{id}\" {state}>\
             <span>{name}{about}</span>{tag}</label>"
        );
    }
    list.push_str("</fieldset>");
    list
}

/// The names of sets in one line.
pub fn names(sets: &[u32]) -> String {
    let mut sets = sets.to_vec();
    sets.sort_unstable();
    let names: Vec<String> = sets.into_iter().map(label::set).collect();
    names.join("、")
}

fn holder_name(world: &World, holder: &Holder) -> String {
    match holder {
        Holder::Platform(index) => {
            let appid = &world.platform(*index).appid;
            format!("{}（{appid}）", label::platform(*index))
        }
        Holder::Outside => "其他第三方平台".to_owned(),
    }
}
