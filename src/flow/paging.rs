//! Asking for page after page, in the styles that WeChat's calls have: offset and count, a key of
//! the next page, a page number. Pure.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use crate::wechat::wire::Document;

/// A key that an answer gives for its next page, and the fields it may be asked for by: the first
/// that was sent, else the first.
const KEYS: [(&str, &[&str]); 6] = [
    ("next_key", &["next_key"]),
    ("next_cursor", &["cursor", "next_cursor"]),
    ("next_openid", &["next_openid", "begin_openid"]),
    ("last_index", &["last_index"]),
    ("last_buffer", &["last_buffer"]),
    ("cursor", &["cursor"]),
];
/// Names of a field that says how many rows there are in all.
const TOTALS: [&str; 4] = ["total_count", "total_num", "total", "total_number"];
/// Names of a field that holds the number of a page, and of one that holds its size.
const PAGES: [&str; 5] = ["page", "page_num", "page_no", "page_index", "pageNum"];
const SIZES: [&str; 7] = [
    "page_size",
    "pageSize",
    "pagesize",
    "count",
    "limit",
    "num",
    "size",
];
/// Fields whose presence says that an answer without an array is a list with nothing in it.
const EMPTY: [&str; 4] = ["count", "has_more", "item_count", "page_size"];
/// Arrays that are the rows where there are several.
const ROWS: [&str; 4] = ["list", "item", "items", "data"];
/// Calls that want offset and count, and the most rows that each gives at once.
const COUNTED: [(&str, u64); 4] = [
    ("/cgi-bin/component/api_get_authorizer_list", 500),
    ("/cgi-bin/draft/batchget", 20),
    ("/cgi-bin/freepublish/batchget", 20),
    ("/cgi-bin/material/batchget_material", 20),
];

/// The most pages that are read of any list: of the longest that WeChat has, those of followers, ten
/// thousand in a page, that is a hundred millions.
const PAGES_AT_MOST: u64 = 10_000;
/// How many pages are read whatever the list says of its size.
const GRACE: u64 = 100;

/// The fields of a request, wherever it holds them.
pub type Fields = Map<String, Value>;

/// How a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStyle {
    /// From the number of rows that were read.
    Offset,
    /// From a key that the page gave.
    Key,
    /// By the number of the page.
    Number,
}

/// A list that is read page by page.
#[derive(Debug)]
pub struct Paging {
    fields: Fields,
    begins_at: u64,
    from_start: bool,
    seen: u64,
    pages: u64,
    total: Option<u64>,
    /// The first total, and the rows of the fullest page.
    first_total: Option<u64>,
    fullest: u64,
    is_endless: bool,
    style: Option<PageStyle>,
    /// The rows of the page before, and every value that asked for a page.
    last: Option<u64>,
    asked: Vec<Value>,
}

/// A page that was read.
pub struct Page {
    /// Its rows.
    pub rows: Vec<Document>,
    /// Whether there is another; its fields are then [`Paging::fields`].
    pub more: bool,
}

/// An answer that holds no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoList;

impl Paging {
    /// A list whose first page is asked for with these fields; what its call wants beside them is
    /// filled in.
    #[must_use]
    pub fn new(path: &str, mut fields: Fields) -> Self {
        if let Some((_, most)) = COUNTED.iter().find(|(known, _)| *known == path) {
            fields.entry("offset").or_insert_with(|| 0.into());
            fields.entry("count").or_insert_with(|| (*most).into());
        }
        if path.ends_with("/members/getblacklist") {
            fields.entry("begin_openid").or_insert_with(|| "".into());
        }
        let begins_at = number(&fields, &["offset"]).unwrap_or(0);
        let sent = |name: &&str| fields.get(*name).is_some_and(|value| !is_blank(value));
        let keyed = KEYS.iter().any(|(_, names)| names.iter().any(sent));
        Self {
            from_start: !keyed && number(&fields, &PAGES).unwrap_or(0) <= 1,
            begins_at,
            fields,
            seen: 0,
            pages: 0,
            total: None,
            first_total: None,
            fullest: 0,
            is_endless: false,
            style: None,
            last: None,
            asked: Vec::new(),
        }
    }

    /// The fields of the page to ask for.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// How the list goes on; `None` when nothing in the first page told.
    #[must_use]
    pub fn style(&self) -> Option<PageStyle> {
        self.style
    }

    /// Rows read so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// How many rows WeChat says there are from the first one read, where it says so.
    #[must_use]
    pub fn expected(&self) -> Option<u64> {
        let total = self.total.filter(|_| self.from_start)?;
        Some(total.saturating_sub(self.begins_at))
    }

    /// Whether the list was given up because it does not end: it grows with every page, gives a few
    /// rows of very many, or goes on for 10_000 pages.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.is_endless
    }

    /// Pages read so far.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// Takes the answer to [`Paging::fields`] and makes the next ones.
    ///
    /// # Errors
    /// [`NoList`].
    pub fn take(&mut self, answer: Document) -> Result<Page, NoList> {
        let inner = answer.get("data").cloned();
        let look = |names: &[&str]| {
            let in_data = || names.iter().find_map(|name| inner.as_ref()?.get(name));
            let found = names.iter().find_map(|name| answer.get(name));
            found.or_else(in_data).cloned()
        };
        let total = look(&TOTALS).and_then(|total| u64::try_from(total.integer()?).ok());
        self.total = total.or(self.total);
        let keys: Vec<_> = KEYS
            .iter()
            .filter_map(|(from, to)| Some((look(&[from])?, *to)))
            .collect();
        let says_more = look(&["has_more"]).and_then(|more| more.flag());
        let is_list = total.is_some() || !keys.is_empty() || look(&EMPTY).is_some();
        let rows = match rows(answer) {
            Some(rows) => rows,
            None if is_list || self.pages > 0 => Vec::new(),
            None => return Err(NoList),
        };
        let print = fingerprint(&rows);
        if !rows.is_empty() && self.last.replace(print) == Some(print) {
            // The call pages by other fields, or gives its last page again and again.
            return Ok(Page {
                rows: Vec::new(),
                more: false,
            });
        }
        self.pages += 1;
        let got = rows.len() as u64;
        self.seen += got;
        self.fullest = self.fullest.max(got);
        self.first_total = self.first_total.or(self.expected());
        let complete = self.expected().is_some_and(|total| self.seen >= total);
        let next = self.next(&keys, got);
        let more = match next {
            Some((name, value)) if got > 0 && !complete && says_more != Some(false) => {
                let before = self.fields.insert(name, value.clone());
                let again = before.as_ref() == Some(&value) || self.asked.contains(&value);
                self.asked.push(value);
                !again
            }
            _ => false,
        };
        self.is_endless = more && self.goes_on_and_on();
        Ok(Page {
            rows,
            more: more && !self.is_endless,
        })
    }

    /// Whether more pages were read than a list of this size has.
    fn goes_on_and_on(&self) -> bool {
        let grows = |total: u64| {
            let pages = total.div_ceil(self.fullest.max(1));
            self.pages > pages.saturating_mul(2).saturating_add(GRACE)
        };
        let asked = number(&self.fields, &SIZES).unwrap_or(0);
        // Asked for hundreds, it gives a few, and not because it ends.
        let is_sparse = self.seen < self.pages.saturating_mul(asked) / 10;
        self.pages >= PAGES_AT_MOST
            || self.first_total.is_some_and(grows)
            || (self.pages > GRACE && is_sparse)
    }

    /// The field that asks for the next page, and its value.
    fn next(&mut self, keys: &[(Document, &[&str])], got: u64) -> Option<(String, Value)> {
        let offset = self.fields.contains_key("offset");
        let page = PAGES.iter().find(|name| self.fields.contains_key(**name));
        // Who asks by number is not answered by the key that some calls give beside it.
        if let Some((key, names)) = keys.first().filter(|_| !offset && page.is_none()) {
            self.style = Some(PageStyle::Key);
            let sent = names.iter().find(|name| self.fields.contains_key(**name));
            let name = sent.or(names.first())?;
            let value = match key {
                Document::Text(text) => Value::from(text.as_str()),
                other => Value::from(other.integer()?),
            };
            return (!is_blank(&value)).then(|| ((*name).to_owned(), value));
        }
        if let Some(page) = page.filter(|_| !offset) {
            self.style = Some(PageStyle::Number);
            let size = number(&self.fields, &SIZES);
            if size.is_some_and(|size| got < size) {
                return None;
            }
            let page_now = number(&self.fields, &[*page]).unwrap_or(0);
            let next = page_now.checked_add(1)?;
            return Some(((*page).to_owned(), in_kind(self.fields.get(*page), next)));
        }
        if offset || self.total.is_some() {
            self.style = Some(PageStyle::Offset);
            let size = number(&self.fields, &SIZES);
            // Without a total a short page is the last one.
            if self.total.is_none() && size.is_none_or(|size| got < size) {
                return None;
            }
            let next = self.begins_at.checked_add(self.seen)?;
            return Some((
                "offset".to_owned(),
                in_kind(self.fields.get("offset"), next),
            ));
        }
        None
    }
}

/// What tells a page from another, without keeping it.
fn fingerprint(rows: &[Document]) -> u64 {
    let mut hasher = DefaultHasher::new();
    // What was parsed has a JSON form.
    serde_json::to_vec(rows)
        .unwrap_or_default()
        .hash(&mut hasher);
    hasher.finish()
}

/// A number as what stood there before: a query holds texts.
fn in_kind(before: Option<&Value>, number: u64) -> Value {
    match before {
        Some(Value::String(_)) => Value::from(number.to_string()),
        _ => Value::from(number),
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn number(fields: &Fields, names: &[&str]) -> Option<u64> {
    let value = names.iter().find_map(|name| fields.get(*name))?;
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// The rows of an answer: its array, or that of an object in it.
fn rows(answer: Document) -> Option<Vec<Document>> {
    let Document::Object(fields) = answer else {
        return match answer {
            Document::Array(rows) => Some(rows),
            _ => None,
        };
    };
    let (arrays, others): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .partition(|(_, value)| matches!(value, Document::Array(_)));
    let best = ROWS
        .iter()
        .find_map(|name| arrays.iter().position(|(field, _)| field == name));
    if let Some((_, Document::Array(rows))) = arrays.into_iter().nth(best.unwrap_or(0)) {
        return Some(rows);
    }
    others.into_iter().find_map(|(_, value)| match value {
        Document::Object(fields) => fields.into_iter().find_map(|(_, value)| match value {
            Document::Array(rows) => Some(rows),
            _ => None,
        }),
        _ => None,
    })
}
