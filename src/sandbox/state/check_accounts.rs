//! The dedicated accounts of the full-release check: five groups of an official account and a mini
//! program. They are numbered from the upper end, where no account of the sandbox is.

/// How many groups there are.
pub const GROUPS: u32 = 5;

const FIRST: u32 = u32::MAX - 2 * GROUPS + 1;

/// Appid and original id, the official account of a group before its mini program.
const ACCOUNTS: [(&str, &str); 10] = [
    ("wx570bc396a51b8ff8", "gh_3c884a361561"),
    ("wxd101a85aa106f53e", "gh_8dad206e9538"),
    ("wx9252c5e0bb1836fc", "gh_c0f28a78b318"),
    ("wxc39235c15087f6f3", "gh_905ae9d01059"),
    ("wx8e1097c5bc82cde9", "gh_3f222ed8d140"),
    ("wx7720d01d4b2a4500", "gh_393666f1fdf4"),
    ("wx14550af28c71a144", "gh_26128078e9ab"),
    ("wx05d483572dcd5d8b", "gh_39abb5d4e1b7"),
    ("wxa35b9c23cfe664eb", "gh_2b3713f184a6"),
    ("wx5910277cae6fd970", "gh_7818dcb60240"),
];

/// The numbers of a group's official account and mini program.
pub fn group(number: u32) -> [u32; 2] {
    let first = FIRST + 2 * (number % GROUPS);
    [first, first + 1]
}

/// Whether an account is a dedicated one.
pub fn is_one(index: u32) -> bool {
    index >= FIRST
}

/// Whether a dedicated account is a mini program.
pub fn is_mini_program(index: u32) -> bool {
    (index.wrapping_sub(FIRST)) % 2 == 1
}

/// Appid and original id of a dedicated account.
pub fn names(index: u32) -> Option<(&'static str, &'static str)> {
    let place = index.checked_sub(FIRST)?;
    ACCOUNTS.get(place as usize).copied()
}

/// The number of the dedicated account with this appid or original id.
pub fn index(id: &str) -> Option<u32> {
    let place =
        (ACCOUNTS.iter()).position(|(appid, user_name)| id == *appid || id == *user_name)?;
    Some(FIRST + place as u32)
}
