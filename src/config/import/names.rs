//! The names that SDKs use.

/// What a name stands for here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Meaning {
    Appid,
    Secret,
    Token,
    AesKey,
}

impl Meaning {
    pub(super) const SECRETS: [Self; 3] = [Self::Secret, Self::Token, Self::AesKey];

    /// The setting of a profile.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Appid => "component_appid",
            Self::Secret => "appsecret",
            Self::Token => "token",
            Self::AesKey => "encoding_aes_key",
        }
    }
}

/// The last words of a name, put together, and what they mean. Before them stands whose it is.
const ENDS: [(&str, Meaning); 6] = [
    ("appid", Meaning::Appid),
    ("secret", Meaning::Secret),
    ("appsecret", Meaning::Secret),
    ("token", Meaning::Token),
    ("aeskey", Meaning::AesKey),
    ("encodingaeskey", Meaning::AesKey),
];

/// The most words that such an end has: `Encoding`, `AES`, `Key`.
const LONGEST: usize = 3;

/// The words of a name, in lower case: divided where its letters are no letters, and where a
/// capital begins a word. `wx.open.aesKey`, `WX_OPEN_AES_KEY` and `wx.open.aes-key` are the same.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        // `aesKey` begins a word at K, `AESKey` too: a capital after small letters, or before one.
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        if begins {
            words.push(std::mem::take(&mut word));
        }
        word.extend(letter.to_lowercase());
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// What a name stands for, and the words before that: whose it is.
pub(super) fn meaning(words: &[String]) -> Option<(Meaning, &[String])> {
    (1..=LONGEST.min(words.len())).rev().find_map(|length| {
        let (whose, end) = words.split_at(words.len() - length);
        let end = end.concat();
        let (_, meaning) = ENDS.iter().find(|(known, _)| *known == end)?;
        Some((*meaning, whose))
    })
}

/// How surely words mean a third-party platform, the surest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// An account of another kind.
    Other,
    /// Nobody says.
    Unmarked,
    /// Something of the open platform (开放平台).
    Open,
    /// The component: WeChat's own word for it.
    Component,
}

/// Words for what is no third-party platform.
const OTHERS: [&str; 25] = [
    "alipay",
    "authorizer",
    "corp",
    "cp",
    "douyin",
    "dingtalk",
    "game",
    "ma",
    "mini",
    "miniapp",
    "miniprogram",
    "mp",
    "oauth",
    "official",
    "officialaccount",
    "openwork",
    "oss",
    "pay",
    "payment",
    "qq",
    "qy",
    "sms",
    "tenpay",
    "website",
    "work",
];

const OPEN: [&str; 7] = [
    "open",
    "openplatform",
    "wxopen",
    "wechatopen",
    "third",
    "thirdparty",
    "thirdplatform",
];

/// What the words before a name's end say of whose it is; the last that says anything counts.
pub(super) fn rank(whose: &[String]) -> Rank {
    let has = |word: &str| whose.iter().any(|known| known == word);
    if has("component") || has("components") {
        return Rank::Component;
    }
    // Senparc's `WxOpen` is a mini program, and the names without a word are an official account's.
    if has("senparc") {
        return Rank::Other;
    }
    let mut marks = whose.iter().filter_map(|word| match word.as_str() {
        word if OTHERS.contains(&word) => Some(Rank::Other),
        word if OPEN.contains(&word) => Some(Rank::Open),
        _ => None,
    });
    marks.next_back().unwrap_or(Rank::Unmarked)
}
