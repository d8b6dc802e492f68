//! What PATH names: a path, with or without `/cgi-bin`, or a pasted address.

use reqwest::Method;
use url::{Url, form_urlencoded};

use crate::cli::error::CliError;
use crate::lang::text;
use crate::wechat::api_permission::{ApiPermission, find};

/// Names that a token has in a query.
const TOKENS: [&str; 4] = [
    "access_token",
    "component_access_token",
    "authorizer_access_token",
    "cloudbase_access_token",
];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "PATCH"];

/// A call by its path.
pub(super) struct Target {
    /// The path, from `/`, as WeChat documents it where it is known.
    pub(super) path: String,
    /// What the query holds beside a token.
    pub(super) query: Vec<(String, String)>,
    /// Whether a token was in the query.
    pub(super) token_left_out: bool,
    /// What is known of the call.
    pub(super) known: Option<&'static ApiPermission>,
    /// The known calls with the path, one for each method.
    candidates: Vec<&'static ApiPermission>,
}

impl Target {
    /// Reads PATH; `base` is where calls go, whatever host stands in an address.
    pub(super) fn read(text: &str, base: &Url) -> Result<Self, CliError> {
        let text = text.trim();
        // A query may hold an address of its own.
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let (path, query) = match path.split_once("://") {
            Some(_) => of_address(text, base)?,
            None => {
                let text = text.split('#').next().unwrap_or_default();
                let (path, query) = text.split_once('?').unwrap_or((text, ""));
                (path.to_owned(), query.to_owned())
            }
        };
        let segments: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        let plain = |part: &&str| {
            let letters = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
            part.chars().all(letters) && !part.chars().all(|letter| letter == '.')
        };
        if segments.is_empty() || !segments.iter().all(plain) {
            return Err(CliError::usage(text!(
                "`{path}` is no path of WeChat's API",
                "`{path}` 不是微信接口的路径"
            ))
            .hint(text!(
                "write it as WeChat documents it: /cgi-bin/menu/create, or /wxa/commit",
                "请按微信文档填写，例如 /cgi-bin/menu/create 或 /wxa/commit"
            )));
        }
        let path = format!("/{}", segments.join("/"));
        let (token, query): (Vec<_>, Vec<_>) = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .partition(|(name, _)| TOKENS.contains(&name.as_str()));
        let candidates = find(&path);
        Ok(Self {
            path: candidates.first().map_or(path, |call| call.path.clone()),
            query,
            token_left_out: !token.is_empty(),
            known: None,
            candidates,
        })
    }

    /// The method that was asked for, else the documented one, else what a body suggests.
    pub(super) fn method(&self, asked: Option<&str>, body: bool) -> Result<Method, CliError> {
        let suggested = if body { "POST" } else { "GET" };
        let name = match (asked, self.candidates.as_slice()) {
            (Some(asked), _) => asked.to_ascii_uppercase(),
            (None, [only]) => only.method.clone(),
            (None, _) => suggested.to_owned(),
        };
        if !METHODS.contains(&name.as_str()) {
            let known = METHODS.join(", ");
            return Err(CliError::usage(text!(
                "`{name}` is no method of WeChat's API",
                "`{name}` 不是微信接口使用的方法"
            ))
            .hint(text!("there are {known}", "可用：{known}")));
        }
        name.parse()
            .map_err(|_| CliError::usage(text!("`{name}` is no method", "`{name}` 不是 HTTP 方法")))
    }

    /// The same target, known as the call with this method, or as the only one with the path.
    pub(super) fn with_method(mut self, method: &Method) -> Self {
        let same = |call: &&&ApiPermission| call.method == method.as_str();
        let found = self.candidates.iter().find(same);
        self.known = found.or(self.candidates.first()).copied();
        self
    }
}

/// Path and query of an address of WeChat, or of the API base.
fn of_address(text: &str, base: &Url) -> Result<(String, String), CliError> {
    let url = Url::parse(text).map_err(|error| {
        let error = error.to_string();
        CliError::usage(text!("that is no address: {error}", "地址无效：{error}"))
    })?;
    let host = url.host_str().unwrap_or_default();
    if !(host.ends_with(".weixin.qq.com") || url.host() == base.host()) {
        return Err(CliError::usage(text!(
            "{host} is no host of WeChat's API",
            "{host} 不是微信接口的域名"
        ))
        .hint(text!(
            "give the path alone: it is called at the platform's API base",
            "只需填写路径，请求会发往该平台配置的接口地址"
        )));
    }
    let query = url.query().unwrap_or_default().to_owned();
    Ok((url.path().to_owned(), query))
}
