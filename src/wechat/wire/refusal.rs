//! A refusal and what its message carries beside the text: the rid and the caller's address.

/// WeChat's "no": an `errcode` other than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code, sent as a number or as a text that is one.
    pub errcode: i64,
    /// The message without its rid.
    pub errmsg: String,
    /// The id under which WeChat keeps the request for seven days, or the older hint in its place.
    pub rid: Option<String>,
    /// The caller's address as WeChat saw it, where the message names it (61004).
    pub request_ip: Option<String>,
}

impl Refusal {
    pub(super) fn new(errcode: i64, message: &str) -> Self {
        let (text, rid) = split_rid(message);
        Self {
            errcode,
            errmsg: text.to_owned(),
            rid: rid.map(str::to_owned),
            request_ip: request_ip(message).map(str::to_owned),
        }
    }
}

/// The markers that precede an id, newest first; the closing bracket ends the bracketed ones.
const MARKERS: [(&str, char); 4] = [
    ("rid:", ' '),
    ("hints: [ req_id:", ']'),
    ("hints:[req_id:", ']'),
    ("hint: [", ']'),
];

/// The longest id that is taken for one; WeChat's have about 30 characters.
const LONGEST_ID: usize = 100;

fn split_rid(message: &str) -> (&str, Option<&str>) {
    let found = MARKERS.iter().find_map(|(marker, end)| {
        let start = message.rfind(marker)?;
        let before = message.get(..start)?;
        // `rid:` must be a word of its own.
        if before.ends_with(|last: char| last.is_alphanumeric()) {
            return None;
        }
        let tail = message.get(start + marker.len()..)?.trim();
        let id = tail.split(*end).next().unwrap_or(tail).trim();
        (!id.is_empty() && id.len() <= LONGEST_ID).then_some((before, id))
    });
    match found {
        Some((before, id)) => (
            before.trim_end_matches(|last: char| last.is_whitespace() || last == ','),
            Some(id),
        ),
        None => (message.trim_end(), None),
    }
}

fn request_ip(message: &str) -> Option<&str> {
    let (_, tail) = message.split_once("requestIP:")?;
    let address = tail
        .split_whitespace()
        .next()?
        .trim_end_matches([',', ';', '.']);
    address
        .parse::<std::net::IpAddr>()
        .is_ok()
        .then_some(address)
}
