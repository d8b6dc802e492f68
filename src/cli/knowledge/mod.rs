//! What is known of the troubles operators meet, one file each: for `explain`, and for the next step
//! that a failure names.
//!
//! To add one, write a [`Trouble`] with its causes, the likeliest first, and list it in [`ALL`]. Each
//! cause says how to recognise it and what to run; a test runs those commands against the sandbox
//! and sees the fault cured, so a cause without a story in that test is not complete.

use crate::lang::{Lang, Text};

mod account;
mod appsecret;
mod caller_address;
mod codes;
mod exit_codes;
mod info_types;
mod launch_pages;
mod message_crypto;
mod permission;
mod quota;
mod ranges;
mod refresh_token;
mod request;
mod stale_token;
mod ticket;
mod token_kind;
mod values;
mod withdrawn;

pub use exit_codes::exit_code;
pub use info_types::{EVENTS, Event, event, info_type};
pub use ranges::{COMMUNITY, RETURN_CODES, near, range};
pub use values::{Known, Thing, value};

/// The same words in English and in Chinese.
#[derive(Clone, Copy, Debug)]
pub struct Words(pub &'static str, pub &'static str);

impl Words {
    /// The words in `lang`.
    #[must_use]
    pub const fn of(self, lang: Lang) -> &'static str {
        lang.choose(self.0, self.1)
    }
}

impl From<Words> for Text {
    fn from(words: Words) -> Self {
        Self::new(words.0, words.1)
    }
}

/// One trouble: what it is, and why it comes.
#[derive(Debug)]
pub struct Trouble {
    /// Its name, which `explain` takes too.
    pub name: &'static str,
    /// The errcodes WeChat tells it by; none for troubles that WeChat shows on a page or not at all.
    pub codes: &'static [i64],
    /// Parts of texts that tell it where there is no errcode, in lower case.
    pub says: &'static [&'static str],
    /// What it is, in a line.
    pub title: Words,
    /// What it means, where the error table does not say.
    pub meaning: Option<Words>,
    /// The one next step that a failure with its errcode names.
    pub next: Option<Words>,
    /// Why it comes, the likeliest first.
    pub causes: &'static [Cause],
    /// The page that says so, where it is not the error table's.
    pub source_url: Option<&'static str>,
}

/// One cause of a trouble.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Its name in JSON, once in the whole knowledge.
    pub id: &'static str,
    /// What is wrong.
    pub cause: Words,
    /// How to recognise it.
    pub sign: Words,
    /// What to run next: to see it, then to cure it. Capitals stand for what the reader fills in.
    pub commands: &'static [&'static str],
    /// Where in WeChat's console a person cures it, in Chinese as the console is.
    pub console: Option<&'static str>,
    /// The command that plays that person in the sandbox.
    pub in_sandbox: Option<&'static str>,
}

impl Trouble {
    const NONE: Self = Self {
        name: "",
        codes: &[],
        says: &[],
        title: Words("", ""),
        meaning: None,
        next: None,
        causes: &[],
        source_url: None,
    };
}

impl Cause {
    const NONE: Self = Self {
        id: "",
        cause: Words("", ""),
        sign: Words("", ""),
        commands: &[],
        console: None,
        in_sandbox: None,
    };
}

/// Every trouble, by how often operators meet it.
pub const ALL: &[&Trouble] = &[
    &ticket::NONE_ARRIVES,
    &ticket::TOO_OLD,
    &ticket::WRONG,
    &permission::NOT_GRANTED,
    &launch_pages::DOMAIN,
    &launch_pages::SETS_DO_NOT_FIT,
    &launch_pages::OTHER_ACCOUNT,
    &launch_pages::NO_ADMINISTRATOR,
    &launch_pages::PRE_AUTH_CODE,
    &launch_pages::NOT_RELEASED,
    &refresh_token::INVALID,
    &caller_address::NOT_LISTED,
    &stale_token::NOT_NEWEST,
    &stale_token::EXPIRED,
    &withdrawn::NOT_AUTHORIZED,
    &codes::INVALID,
    &codes::EXPIRED,
    &quota::USED_UP,
    &quota::NO_CLEARS_LEFT,
    &permission::NO_ABILITY,
    &appsecret::WRONG,
    &token_kind::COMPONENT_WANTED,
    &token_kind::AUTHORIZER_WANTED,
    &token_kind::NOT_A_PLATFORM,
    &account::LIMITED,
    &request::APPID,
    &request::NO_BODY_FIELD,
    &request::NO_SECRET_FIELD,
    &message_crypto::SIGNATURE,
    &message_crypto::OTHER_PLATFORM,
    &message_crypto::UNREADABLE,
];

/// The trouble that WeChat tells by `code`.
#[must_use]
pub fn of(code: i64) -> Option<&'static Trouble> {
    ALL.iter()
        .copied()
        .find(|trouble| trouble.codes.contains(&code))
}

/// The trouble of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Trouble> {
    ALL.iter().copied().find(|trouble| trouble.name == name)
}

/// The trouble that a text without an errcode tells; `text` in lower case.
#[must_use]
pub fn told_by(text: &str) -> Option<&'static Trouble> {
    let tells = |trouble: &&Trouble| trouble.says.iter().any(|part| text.contains(part));
    ALL.iter().copied().find(tells)
}

/// The next step that a failure with this errcode names.
#[must_use]
pub fn next_step(code: i64) -> Option<Text> {
    of(code)?.next.map(Text::from)
}

/// Where `explain` tells more of an errcode than the failure itself does.
#[must_use]
pub fn more(code: i64) -> Option<Text> {
    let causes = of(code)?.causes.len();
    (causes > 1).then(|| {
        crate::lang::text!(
            "its {causes} causes, each with its sign and its cure: `wxauth explain {code}`",
            "共 {causes} 种原因，逐条列出识别方法和处理命令：`wxauth explain {code}`"
        )
    })
}
