//! Answers of a few business calls, as their pages describe them: a list in each style of paging, a
//! file, an upload. Every other business call answers a plain success.

use serde_json::{Value, json};

use super::call::Call;
use super::ok;
use super::refusal::Refusal;
use crate::sandbox::catalogue::Api;

/// Followers of every official account: more than the 10,000 of one answer.
const FOLLOWERS: usize = 12_345;
const FOLLOWERS_A_PAGE: usize = 10_000;
/// Products in the window of every account that has one.
const PRODUCTS: usize = 75;
const PRODUCTS_A_PAGE: usize = 200;
/// Drafts of every official account.
const DRAFTS: usize = 45;
const DRAFTS_A_PAGE: usize = 20;

/// What a call is answered with.
pub enum Answer {
    /// JSON.
    Json(Vec<u8>),
    /// A file with the name it is proposed to be saved under.
    File {
        /// Its media type.
        content_type: &'static str,
        /// Its name.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Json(value.to_string().into_bytes())
    }
}

/// What a call that is allowed is answered with; `account` is whom it is made for.
pub fn answer(call: &Call<'_>, api: &Api, account: Option<u32>) -> Result<Answer, Refusal> {
    match (api.path.as_str(), account) {
        ("/cgi-bin/user/get", Some(account)) => followers(call, account),
        ("/channels/ec/window/product/list/get", Some(account)) => products(call, account),
        ("/cgi-bin/draft/batchget", Some(account)) => drafts(call, account),
        ("/cgi-bin/media/get", _) => media(call),
        ("/cgi-bin/media/upload", _) => upload(call),
        _ => Ok(Answer::Json(ok())),
    }
}

fn openid(account: u32, index: usize) -> String {
    format!("oSandbox{account:06}_{index:013}")
}

/// From the openid after the one named, 10,000 at once; without a list past the last.
fn followers(call: &Call<'_>, account: u32) -> Result<Answer, Refusal> {
    let after = call.received.query("next_openid").unwrap_or_default();
    let start = match after.is_empty() {
        true => 0,
        false => {
            let index = after
                .rsplit('_')
                .next()
                .and_then(|index| index.parse().ok());
            let known = index.filter(|index: &usize| *after == openid(account, *index));
            known.ok_or(40097)? + 1
        }
    };
    let end = (start + FOLLOWERS_A_PAGE).min(FOLLOWERS);
    let listed: Vec<_> = (start..end).map(|index| openid(account, index)).collect();
    let next = listed.last().cloned().unwrap_or_default();
    let mut answer = json!({ "total": FOLLOWERS, "count": listed.len(), "next_openid": next });
    if !listed.is_empty() {
        answer["data"] = json!({ "openid": listed });
    }
    Ok(answer.into())
}

/// By a context that means nothing to the caller; past the last product comes an empty list.
fn products(call: &Call<'_>, account: u32) -> Result<Answer, Refusal> {
    let size = call.fields.get("page_size").and_then(Value::as_u64);
    let size = usize::try_from(size.unwrap_or(0)).unwrap_or(usize::MAX);
    if size == 0 || size > PRODUCTS_A_PAGE {
        return Err(40097.into());
    }
    let start = match call.text("last_buffer") {
        None => 0,
        Some(context) => {
            let index = context.strip_prefix("after:");
            let index = index.and_then(|index| index.parse().ok());
            index
                .filter(|index: &usize| *index <= PRODUCTS)
                .ok_or(40097)?
        }
    };
    let end = (start + size).min(PRODUCTS);
    let number = |index: usize| 10_000_000_000 + u64::from(account) * 1_000 + index as u64;
    let listed: Vec<_> = (start..end)
        .map(|index| json!({ "product_id": number(index).to_string(), "product_source": 2 }))
        .collect();
    let mut answer = json!({
        "errcode": 0,
        "errmsg": "ok",
        "products": listed,
        "last_buffer": format!("after:{end}"),
    });
    if call.fields.get("need_total_num") == Some(&Value::Bool(true)) {
        answer["total_num"] = PRODUCTS.into();
    }
    Ok(answer.into())
}

/// From an offset, 20 at once.
fn drafts(call: &Call<'_>, account: u32) -> Result<Answer, Refusal> {
    let number = |name: &str| {
        let number = call.fields.get(name).and_then(Value::as_u64);
        number
            .and_then(|number| usize::try_from(number).ok())
            .ok_or(40097)
    };
    let (offset, count) = (number("offset")?, number("count")?);
    if !(1..=DRAFTS_A_PAGE).contains(&count) {
        return Err(40097.into());
    }
    let end = (offset.saturating_add(count)).min(DRAFTS);
    let item = |index: usize| {
        let article = json!({ "title": format!("第 {index} 篇草稿"), "author": "沙箱" });
        json!({
            "media_id": format!("draft-{account}-{index}"),
            "content": { "news_item": [article] },
            "update_time": call.now,
        })
    };
    let listed: Vec<_> = (offset.min(end)..end).map(item).collect();
    Ok(json!({ "total_count": DRAFTS, "item_count": listed.len(), "item": listed }).into())
}

/// A picture of the sandbox's own: it keeps none that was sent.
fn media(call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.received.query("media_id").unwrap_or_default();
    if id.is_empty() {
        return Err(40097.into());
    }
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(&[0xff, 0xd9]);
    Ok(Answer::File {
        content_type: "image/jpeg",
        name: format!("{id}.jpg"),
        bytes,
    })
}

/// Takes a file and answers with an id made from what is in it.
fn upload(call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = call.received.query("type").unwrap_or_default();
    if !matches!(&*kind, "image" | "voice" | "video" | "thumb") {
        return Err(40097.into());
    }
    let content = file(call, "media").ok_or(40097)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, content);
    let id: String = (digest.as_ref().iter())
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(json!({ "type": kind, "media_id": id, "created_at": call.now }).into())
}

/// The content of the file in the part of that name of a multipart body.
fn file<'a>(call: &'a Call<'_>, name: &str) -> Option<&'a [u8]> {
    let kind = call.received.header(hyper::header::CONTENT_TYPE)?;
    let (_, boundary) = kind.split_once("boundary=")?;
    let opening = format!("--{}", boundary.trim_matches('"'));
    let mut rest: &[u8] = &call.received.body;
    loop {
        let start = find(rest, opening.as_bytes())? + opening.len();
        rest = rest.get(start..)?;
        let head = find(rest, b"\r\n\r\n")?;
        let headers = String::from_utf8_lossy(rest.get(..head)?).into_owned();
        let body = rest.get(head + 4..)?;
        let end = find(body, format!("\r\n{opening}").as_bytes())?;
        if headers.contains(&format!("name=\"{name}\"")) && headers.contains("filename=\"") {
            return body.get(..end);
        }
        rest = body.get(end..)?;
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
