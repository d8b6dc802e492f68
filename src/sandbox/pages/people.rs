//! Lists to choose from: people of the sandbox, and accounts.

use std::fmt::Write as _;

use super::html::escape;
use super::label;
use crate::sandbox::merchant::{self, Found};
use crate::sandbox::state::World;
use crate::sandbox::state::account::Account;

/// How many accounts a list shows at once.
pub const SHOWN: usize = 50;

/// Everybody, each as a link that `address` makes of the name.
pub fn people(world: &World, address: impl Fn(&str) -> String) -> String {
    let mut list = String::from("<ul class=\"rows card\">");
    for person in merchant::people(world) {
        let about = match person.administers {
            0 => "不是任何账号的管理员".to_owned(),
            count => format!("{count} 个账号的管理员"),
        };
        row(
            &mut list,
            &address(person.name),
            person.name,
            "person",
            &about,
            None,
        );
    }
    list.push_str("</ul>");
    list
}

/// Accounts, each as a link that `address` makes of the appid; `tag` says more of some.
pub fn accounts(
    world: &World,
    found: &Found,
    address: impl Fn(&str) -> String,
    tag: impl Fn(&Account) -> Option<&'static str>,
) -> String {
    if found.accounts.is_empty() {
        return "<p class=\"quiet\">没有符合条件的账号</p>".to_owned();
    }
    let mut list = String::from("<ul class=\"rows card\">");
    for account in &found.accounts {
        let appid = world.naming().appid(account.index);
        let about = format!("{} · {appid}", label::kind(account.kind));
        row(
            &mut list,
            &address(&appid),
            &account.nick_name(),
            "account",
            &about,
            tag(account),
        );
    }
    list.push_str("</ul>");
    list
}

/// A field to search by name, shown where there are more accounts than fit, with the fields that
/// the list's own address has.
pub fn search(action: &str, kept: &[(&str, &str)], searched: &str, found: &Found) -> String {
    if searched.is_empty() && !found.more {
        return String::new();
    }
    let mut form = format!("<form class=\"search\" method=\"get\" action=\"{action}\">");
    for (name, value) in kept {
        hidden(&mut form, name, value);
    }
    let _ = write!(
        form,
        "<label for=\"search\">按名称或 AppID 查找</label>\
         <input id=\"search\" name=\"search\" type=\"search\" value=\"{}\">\
         <button class=\"plain\">查找</button></form>",
        escape(searched)
    );
    if found.more {
        let _ = write!(form, "<p class=\"quiet\">仅显示前 {SHOWN} 个账号</p>");
    }
    form
}

/// A hidden field of a form.
pub fn hidden(form: &mut String, name: &str, value: &str) {
    let _ = write!(
        form,
        "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
        escape(value)
    );
}

/// An account or person at the head of a page.
pub fn head(name: &str, about: &str) -> String {
    format!(
        "<div class=\"head\">{}<div><bdi class=\"name\">{}</bdi><small>{}</small></div></div>",
        portrait(name, "account"),
        escape(name),
        escape(about)
    )
}

fn row(list: &mut String, address: &str, name: &str, class: &str, about: &str, tag: Option<&str>) {
    let tag = tag.map_or_else(String::new, |tag| {
        format!("<span class=\"tag\">{tag}</span>")
    });
    let _ = write!(
        list,
        "<li><a href=\"{}\">{}<div><bdi class=\"name\">{}</bdi><small>{}</small></div>{tag}</a></li>",
        escape(address),
        portrait(name, class),
        escape(name),
        escape(about),
    );
}

/// The first letter stands for the picture that the sandbox does not have.
fn portrait(name: &str, class: &str) -> String {
    let letter = name.chars().find(|letter| letter.is_alphanumeric());
    let letter = letter.unwrap_or('·').to_uppercase();
    format!("<span class=\"portrait {class}\" aria-hidden=\"true\">{letter}</span>")
}
