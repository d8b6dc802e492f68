//! Every message in both languages: what stands in one stands in the other.

use super::sources::{Source, rust};

/// Official terms that English texts show as WeChat's consoles and documents write them.
const TERMS: &[&str] = &[
    "第三方平台",
    "预授权码",
    "授权码",
    "全网发布",
    "授权发起页域名",
    "授权后回调 URI",
    "授权事件接收URL",
    "消息与事件接收URL",
    "授权发起页",
    "消息校验Token",
    "消息加解密Key",
    "微信开放平台",
    "公众平台安全助手",
    "绑定查询",
    "微信号绑定账号",
    "白名单IP地址列表",
    "白名单IP",
    "详情",
    "开发配置",
    "开发资料",
    "管理员",
];

/// Titles of columns that are the same in Chinese.
const TITLES: &[&str] = &["Appid", "InfoType"];

/// Code whose strings are still in it: each as its number between two marks.
struct Marked<'a> {
    code: String,
    strings: &'a [String],
}

const MARK: char = '\u{1}';

impl<'a> Marked<'a> {
    fn of(source: &'a Source) -> Self {
        let mut code = String::new();
        let mut pieces = source.code.split("\"\"");
        code.push_str(pieces.next().unwrap_or_default());
        for (number, piece) in pieces.enumerate() {
            code.push_str(&format!("{MARK}{number}{MARK}{piece}"));
        }
        Self {
            code,
            strings: &source.strings,
        }
    }

    /// The arguments of each call of `opening`, which ends in its parenthesis.
    fn calls(&self, opening: &str) -> Vec<Vec<&str>> {
        let starts = self.code.match_indices(opening);
        starts
            .map(|(at, _)| arguments(&self.code[at + opening.len()..]))
            .collect()
    }

    /// The text of an argument that is a literal, or the pattern of one that is formatted.
    fn literal(&self, argument: &str) -> Option<&str> {
        let argument = argument.trim().trim_start_matches('&');
        let argument = argument.strip_prefix("format!(").unwrap_or(argument);
        let (number, after) = argument.trim().strip_prefix(MARK)?.split_once(MARK)?;
        let ends = after.is_empty() || after.starts_with([',', ')']);
        let number: usize = number.parse().ok()?;
        ends.then(|| self.strings[number].as_str())
    }
}

/// The arguments of a call whose parenthesis was opened just before.
fn arguments(code: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut found) = (0, 0, Vec::new());
    for (at, letter) in code.char_indices() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.push(&code[begin..at]);
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&code[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.trim().is_empty());
    found
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

fn has_chinese(text: &str) -> bool {
    text.contains(is_chinese)
}

/// The places for values, in alphabetical order; values of one language each are the same place.
fn places(text: &str) -> Vec<&str> {
    let mut places = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('{') {
        if let Some(after) = after.strip_prefix('{') {
            rest = after;
            continue;
        }
        let Some((place, after)) = after.split_once('}') else {
            break;
        };
        places.push(match place {
            "english" | "chinese" => "",
            place => place,
        });
        rest = after;
    }
    places.sort_unstable();
    places
}

/// Whether there are three English words in a row outside of commands.
fn is_sentence(text: &str) -> bool {
    let outside: String = text.split('`').step_by(2).collect::<Vec<_>>().join("·");
    let mut row = 0;
    for word in outside.split(' ') {
        let word = word.trim_matches(|letter: char| ".,;:!?()".contains(letter));
        let is_word = word.len() > 1 && word.chars().all(|letter| letter.is_ascii_alphabetic());
        row = if is_word { row + 1 } else { 0 };
        if row == 3 {
            return true;
        }
    }
    false
}

/// What is wrong with a text and its Chinese.
fn judged(english: &str, chinese: &str) -> Option<String> {
    let mut left = english.to_owned();
    for term in TERMS {
        left = left.replace(term, "");
    }
    let why = if !has_chinese(chinese) && chinese != english && !names_only(chinese) {
        "no Chinese"
    } else if !has_chinese(chinese) && is_sentence(english) {
        "English in both"
    } else if has_chinese(&left) && has_chinese(chinese) {
        "Chinese in the English"
    } else if places(english) != places(chinese) {
        "other values"
    } else {
        return None;
    };
    Some(format!("{why}: {english:?} and {chinese:?}"))
}

/// Whether a text has nothing to translate: punctuation, values, names in one word.
fn names_only(text: &str) -> bool {
    !text.contains(' ') || !text.contains(|letter: char| letter.is_ascii_alphabetic())
}

#[test]
fn every_text_stands_in_both_languages_with_the_same_values() {
    let (mut wrong, mut pairs) = (Vec::new(), 0);
    for source in rust("src") {
        let marked = Marked::of(&source);
        for opening in ["text!(", "Text::new(", "choose("] {
            for call in marked.calls(opening) {
                let [english, chinese, ..] = call.as_slice() else {
                    continue;
                };
                match (marked.literal(english), marked.literal(chinese)) {
                    (Some(english), Some(chinese)) => {
                        pairs += 1;
                        let why = judged(english, chinese);
                        wrong.extend(why.map(|why| format!("{}: {why}", source.path)));
                    }
                    (None, Some(chinese)) if !has_chinese(chinese) && !names_only(chinese) => {
                        wrong.push(format!("{}: no Chinese: {chinese:?}", source.path));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(pairs > 700, "only {pairs} pairs were found");
}

#[test]
fn what_is_said_to_be_the_same_in_both_languages_is_no_sentence() {
    let mut wrong = Vec::new();
    for source in rust("src") {
        let marked = Marked::of(&source);
        for call in marked.calls("Text::same(") {
            let literal = call.first().and_then(|argument| marked.literal(argument));
            if literal.is_some_and(is_sentence) {
                wrong.push(format!("{}: {literal:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_column_has_a_chinese_title() {
    let (mut wrong, mut titles) = (Vec::new(), 0);
    for source in rust("src") {
        let marked = Marked::of(&source);
        let mut rest = marked.code.as_str();
        while let Some((_, after)) = rest.split_once("Column::new(") {
            let title = arguments(after).get(1).and_then(|it| marked.literal(it));
            let end = after.find("Column::new(").unwrap_or(after.len());
            let chinese = after[..end].split_once(".zh(").and_then(|(_, after)| {
                let argument = *arguments(after).first()?;
                marked.literal(argument)
            });
            let known = title.is_some_and(|title| TITLES.contains(&title));
            titles += 1;
            if title.is_some() && !known && !chinese.is_some_and(has_chinese) {
                wrong.push(format!("{}: {title:?} {chinese:?}", source.path));
            }
            rest = after;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(titles > 60, "only {titles} titles were found");
}

#[test]
fn every_word_on_a_value_of_the_settings_has_its_chinese() {
    let mut wrong = Vec::new();
    let known = rust("src/cli/error");
    let known: Vec<_> = known.iter().flat_map(|source| &source.strings).collect();
    // A list is written the same.
    let known = |text: &str| text.starts_with('[') || known.iter().any(|known| *known == text);
    for source in rust("src/config") {
        for text in &source.strings {
            let told = ["is ", "has ", "names ", "holds ", "starts with "];
            let told = told.iter().any(|start| text.starts_with(start));
            if told && !known(text) {
                wrong.push(format!("{}: {text:?}", source.path));
            }
        }
        let marked = Marked::of(&source);
        for opening in [
            "invalid(",
            "Refused::NotAvailable(",
            "damage(",
            "Damage::new(",
        ] {
            for call in marked.calls(opening) {
                for text in call.iter().filter_map(|it| marked.literal(it)) {
                    if text.contains(' ') && !known(text) {
                        wrong.push(format!("{}: {text:?}", source.path));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_judge_knows_what_is_missing() {
    assert_eq!(judged("saved to {}", "已保存到 {}"), None);
    assert_eq!(judged("before 全网发布", "全网发布之前"), None);
    for (english, chinese) in [
        ("saved to {}", "stored in {}"),
        ("nothing was sent anywhere", "nothing was sent anywhere"),
        ("saved to {path}", "已保存到 {}"),
        ("saved 已保存 to {}", "已保存到 {}"),
    ] {
        assert!(judged(english, chinese).is_some(), "{english}");
    }
}
