//! The full-network-release check (全网发布检测): WeChat's own accounts and the two texts that a
//! platform must answer (the notes on pushes, section 6).

use super::message::Message;
use super::secret::Secret;

/// An account that WeChat runs the check with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckAccount {
    /// Its appid.
    pub appid: &'static str,
    /// Its original id.
    pub user_name: &'static str,
    /// A mini program, or else an official account.
    pub mini_program: bool,
}

const fn official(appid: &'static str, user_name: &'static str) -> CheckAccount {
    CheckAccount {
        appid,
        user_name,
        mini_program: false,
    }
}

const fn mini_program(appid: &'static str, user_name: &'static str) -> CheckAccount {
    CheckAccount {
        appid,
        user_name,
        mini_program: true,
    }
}

/// All ten, in the order of their groups. They stay in the account list after a check although
/// their tokens give 61003.
pub const ACCOUNTS: [CheckAccount; 10] = [
    official("wx570bc396a51b8ff8", "gh_3c884a361561"),
    mini_program("wxd101a85aa106f53e", "gh_8dad206e9538"),
    official("wx9252c5e0bb1836fc", "gh_c0f28a78b318"),
    mini_program("wxc39235c15087f6f3", "gh_905ae9d01059"),
    official("wx8e1097c5bc82cde9", "gh_3f222ed8d140"),
    mini_program("wx7720d01d4b2a4500", "gh_393666f1fdf4"),
    official("wx14550af28c71a144", "gh_26128078e9ab"),
    mini_program("wx05d483572dcd5d8b", "gh_39abb5d4e1b7"),
    official("wxa35b9c23cfe664eb", "gh_2b3713f184a6"),
    mini_program("wx5910277cae6fd970", "gh_7818dcb60240"),
];

/// Whether an appid or an original id belongs to the check.
#[must_use]
pub fn is_check_account(id: &str) -> bool {
    ACCOUNTS
        .iter()
        .any(|account| account.appid == id || account.user_name == id)
}

/// What a message of the check asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Answer at once with this text.
    ReplyText(String),
    /// Answer with nothing; then exchange the code and send `<code>_from_api` to the sender as a
    /// customer-service text.
    QueryCode(Secret),
}

/// The task in a message, by its text alone: anybody can type it, so let strangers' accounts be
/// told apart with [`is_check_account`].
#[must_use]
pub fn task(message: &Message) -> Option<Task> {
    let content = message.content.as_deref()?;
    if message.msg_type != "text" {
        return None;
    }
    match content.trim() {
        "TESTCOMPONENT_MSG_TYPE_TEXT" => Some(Task::ReplyText(
            "TESTCOMPONENT_MSG_TYPE_TEXT_callback".to_owned(),
        )),
        content => content
            .strip_prefix("QUERY_AUTH_CODE:")
            .filter(|code| !code.is_empty())
            .map(|code| Task::QueryCode(Secret::new(code))),
    }
}
