//! The merchant's text in English; WeChat's own menus keep their names.

use crate::cli::commands::permissions::set::labels;
use crate::lang::{Lang, clean};
use crate::wechat::account::AccountKind;

use super::paths::{ADMINISTRATORS, END_PATHS, Path, UPDATE_PATHS};
use super::{Letter, Occasion, fitting};

pub(super) fn text(letter: &Letter) -> String {
    let account = letter.nick_name.as_ref().map_or_else(
        || "your account".to_owned(),
        |name| format!("“{}”", clean(name)),
    );
    let (greeting, steps) = match letter.occasion {
        Occasion::First => (format!("Please authorize us for {account}:"), first(letter)),
        Occasion::Update => (
            format!("Please update our authorization for {account}:"),
            update(letter),
        ),
        Occasion::End => (
            format!("Only you can end the authorization of {account}. Here is where:"),
            end(letter),
        ),
    };
    let steps = steps.into_iter().enumerate();
    let steps: Vec<_> = steps
        .map(|(index, step)| format!("{}. {step}", index + 1))
        .collect();
    format!("{greeting}\n{}", steps.join("\n"))
}

fn first(letter: &Letter) -> Vec<String> {
    if letter.kind == AccountKind::Store {
        return vec![STORE.to_owned()];
    }
    let mut steps = Vec::new();
    if letter.kind == AccountKind::Channels {
        steps.push(
            "First switch the open ability on in 视频号助手: 直播管理 – 开放能力.".to_owned(),
        );
    }
    steps.push(
        "An administrator of the account opens the authorization link we sent in WeChat, or scans \
         its QR code, chooses the account and confirms. The link works once, until its time is up."
            .to_owned(),
    );
    steps.push("All permissions come ticked: please leave them so and confirm.".to_owned());
    steps.extend(about_sets(letter));
    steps.push(administrator());
    steps.push(LIMIT.to_owned());
    steps
}

fn update(letter: &Letter) -> Vec<String> {
    if letter.kind == AccountKind::Store {
        return vec![STORE.to_owned()];
    }
    let mut ways = vec![
        "an administrator opens the link we sent once more, or scans its QR code, chooses the \
         account and confirms"
            .to_owned(),
    ];
    ways.extend(fitting(&UPDATE_PATHS, letter.kind).map(named));
    let mut steps = vec![format!(
        "One of these ways:\n   {}.",
        ways.join(";\n   or: ")
    )];
    steps.push(
        "New permissions come ticked: please leave them so, and leave the present ones ticked."
            .to_owned(),
    );
    if letter.must_change {
        steps.push(
            "Please change at least one permission, for example untick one you rarely need, and \
             tick it again in a second update: we are told nothing of a confirmation that changes \
             nothing."
                .to_owned(),
        );
    }
    steps.extend(about_sets(letter));
    steps.push(administrator());
    steps
}

fn end(letter: &Letter) -> Vec<String> {
    let mut steps: Vec<_> = fitting(&END_PATHS, letter.kind).map(named).collect();
    if steps.is_empty() {
        steps.push(
            "In the account's own console: look for its authorized providers, and end ours."
                .to_owned(),
        );
    }
    steps.push(administrator());
    steps.push(
        "After that we can do nothing more for the account; to go on, authorize us again."
            .to_owned(),
    );
    steps
}

fn about_sets(letter: &Letter) -> Vec<String> {
    let mut steps = Vec::new();
    if !letter.wanted.is_empty() {
        let sets = labels(&letter.wanted, Lang::En);
        steps.push(format!("We need these permissions: {sets}."));
    }
    if !letter.contested.is_empty() {
        let sets = labels(&letter.contested, Lang::En);
        steps.push(format!(
            "One provider only can have these at a time: {sets}. If another has one, please end \
             that provider's authorization first."
        ));
    }
    steps
}

fn administrator() -> String {
    format!(
        "Only administrators of the account can do it. Who is one: in WeChat follow \
         {ADMINISTRATORS}."
    )
}

/// A path with the accounts that have it.
fn named((accounts, path, _): &Path) -> String {
    format!("{accounts}: {path}")
}

const LIMIT: &str = "An account can authorize 15 providers at the same time; if yours has, please \
                     end one it no longer uses.";

const STORE: &str = "A WeChat store uses no authorization link: please buy our service in \
                     WeChat's service market; the permissions come with the order.";
