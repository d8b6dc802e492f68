//! What is sent: fields, a text, a file, a form.

use std::path::Path;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::ApiArgs;
use super::fields::{pairs, put, split, typed};
use super::multipart::{self, Part};
use crate::api::RawRequest;
use crate::api::raw::{CONTENT, JSON, header};
use crate::cli::commands::input;
use crate::cli::error::CliError;
use crate::lang::text;
use crate::wechat::wire::Document;

/// The largest body or file that is sent: WeChat takes far less.
const LIMIT: u64 = 256 << 20;

/// What is sent beside the token.
pub(super) enum Body {
    /// Nothing was given.
    Nothing,
    /// Fields: JSON, or the query of a GET.
    Fields(Map<String, Value>),
    /// A text or a file, sent as it is.
    Verbatim(Vec<u8>),
    /// A form with files.
    Form(Vec<Part>),
}

/// What the flags say is sent, if they say anything.
pub(super) async fn read(args: &ApiArgs) -> Result<Option<Body>, CliError> {
    if let Some(data) = &args.data {
        let content = match data.strip_prefix('@') {
            Some(path) => input::bytes(Path::new(path), LIMIT).await?,
            None => data.clone().into_bytes(),
        };
        return Ok(Some(of_text(content, args)?));
    }
    if let Some(path) = &args.input {
        let content = input::bytes(path, LIMIT).await?;
        return Ok(Some(of_text(content, args)?));
    }
    let mut parts = Vec::new();
    for text in &args.form {
        let (name, value) = split(text)?;
        parts.push(match value.strip_prefix('@') {
            Some(file) => {
                let (file, kind) = match file.split_once(";type=") {
                    Some((file, kind)) => (file, Some(kind)),
                    None => (file, None),
                };
                let path = Path::new(file);
                Part::file(name, path, kind, input::bytes(path, LIMIT).await?)?
            }
            None => Part::text(name, value)?,
        });
    }
    let mut fields = Map::new();
    for text in &args.field {
        let (name, value) = split(text)?;
        put(&mut fields, name, Value::from(value))?;
    }
    for text in &args.typed_field {
        let (name, value) = split(text)?;
        let value = match value.strip_prefix('@') {
            Some(path) => {
                let content = input::bytes(Path::new(path), LIMIT).await?;
                Value::from(String::from_utf8_lossy(&content))
            }
            None => typed(value),
        };
        put(&mut fields, name, value)?;
    }
    if !parts.is_empty() {
        for (name, value) in pairs(&fields)? {
            parts.push(Part::text(&name, &value)?);
        }
        return Ok(Some(Body::Form(parts)));
    }
    Ok((!fields.is_empty()).then_some(Body::Fields(fields)))
}

/// A given body: JSON unless a header says what else it is. WeChat refuses `\u` escapes (47002), so
/// that a text with any is written anew without them.
fn of_text(content: Vec<u8>, args: &ApiArgs) -> Result<Body, CliError> {
    if !args.paginate && headers(&args.header)?.contains_key(CONTENT) {
        return Ok(Body::Verbatim(content));
    }
    let Ok(document) = Document::parse(&content) else {
        return Err(
            CliError::usage(text!("the body is no JSON", "请求体不是 JSON")).hint(text!(
                "if that is right, say what it is: `-H 'Content-Type: …'`",
                "如确需发送，请用 `-H 'Content-Type: …'` 说明类型"
            )),
        );
    };
    if args.paginate {
        return match serde_json::from_slice(&content) {
            Ok(Value::Object(fields)) => Ok(Body::Fields(fields)),
            _ => Err(CliError::usage(text!(
                "`--paginate` wants an object as the body",
                "使用 `--paginate` 时请求体必须是 JSON 对象"
            ))),
        };
    }
    let escaped = content.windows(2).any(|two| two == b"\\u");
    Ok(Body::Verbatim(match escaped {
        // What was parsed has a JSON form.
        true => serde_json::to_vec(&document).unwrap_or(content),
        false => content,
    }))
}

/// The headers of `-H`.
pub(super) fn headers(given: &[String]) -> Result<HeaderMap, CliError> {
    let mut headers = HeaderMap::new();
    for given in given {
        let (name, value) = header(given).ok_or_else(|| {
            CliError::usage(text!(
                "`{given}` is no header that can be sent: write `Name: value`",
                "`{given}` 不是可发送的请求头，请写成 `Name: value`"
            ))
        })?;
        headers.insert(name, value);
    }
    Ok(headers)
}

impl Body {
    /// Adds a field that is not there, where the body is made of fields.
    pub(super) fn fill(&mut self, name: &str, value: &str) {
        match self {
            Self::Nothing => {
                let mut fields = Map::new();
                fields.insert(name.to_owned(), value.into());
                *self = Self::Fields(fields);
            }
            Self::Fields(fields) => {
                fields.entry(name).or_insert_with(|| value.into());
            }
            Self::Verbatim(_) | Self::Form(_) => {}
        }
    }

    /// Puts it into a request: fields of a GET into the query, all else into the body.
    pub(super) fn apply(&self, request: &mut RawRequest) -> Result<(), CliError> {
        let get = request.method == Method::GET;
        let (kind, content) = match self {
            Self::Nothing if get => return Ok(()),
            Self::Fields(fields) if get => {
                request.query.extend(pairs(fields)?);
                return Ok(());
            }
            Self::Verbatim(_) | Self::Form(_) if get => {
                return Err(
                    CliError::usage(text!("a GET has no body", "GET 请求没有请求体")).hint(text!(
                        "give fields for the query (`-f`), or another method: `-X POST`",
                        "请用 `-f` 提供查询参数，或用 `-X POST` 改变方法"
                    )),
                );
            }
            // WeChat takes an empty body for a broken one (44002).
            Self::Nothing => (JSON, b"{}".to_vec()),
            // Texts, numbers and what holds them always have a JSON form.
            Self::Fields(fields) => (JSON, serde_json::to_vec(fields).unwrap_or_default()),
            Self::Verbatim(content) => (JSON, content.clone()),
            Self::Form(parts) => {
                let (kind, content) = multipart::encode(parts);
                let kind = HeaderValue::from_str(&kind).unwrap_or(JSON);
                (kind, content)
            }
        };
        request.headers.entry(CONTENT).or_insert(kind);
        request.body = content;
        Ok(())
    }
}
