//! One call as the handlers see it.

use std::borrow::Cow;

use hyper::Method;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::sandbox::http::Received;
use crate::sandbox::state::World;
use crate::sandbox::state::credential::{Credential, CredentialKind};
use crate::sandbox::state::quota::Owner;

/// A call of WeChat's API.
pub struct Call<'a> {
    /// The request.
    pub received: &'a Received,
    /// Its path, as a text that lasts.
    pub path: &'static str,
    /// The fields of its body.
    pub fields: &'a Map<String, Value>,
    /// Sandbox time of the call.
    pub now: i64,
    /// The token in the query, under either name.
    pub token: Option<Cow<'a, str>>,
    /// What the token stands for.
    pub credential: Option<Credential>,
}

impl<'a> Call<'a> {
    /// Reads the token of a request.
    pub fn new(
        world: &World,
        received: &'a Received,
        path: &'static str,
        fields: &'a Map<String, Value>,
    ) -> Self {
        let token = ["access_token", "component_access_token"]
            .into_iter()
            .filter_map(|name| received.query(name))
            .find(|token| !token.is_empty());
        let credential = token.as_deref().and_then(|token| world.read(token));
        Self {
            received,
            path,
            fields,
            now: world.now(),
            token,
            credential,
        }
    }

    /// A text field of the body; absent, empty or of another type counts as missing.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// Counts the call against the day's limit.
    pub fn spend(&self, world: &mut World, owner: Owner) -> Result<(), Refusal> {
        if world.quota.spend(owner, self.path, self.now) {
            Ok(())
        } else {
            Err(45009.into())
        }
    }

    /// The platform and the account that the call is about, as far as it says.
    pub fn parties(&self, world: &World) -> (Option<u8>, Option<u32>) {
        let of_token = self.credential.map(|credential| credential.platform);
        let platform = of_token
            .or_else(|| world.platform_index(self.fields.get("component_appid")?.as_str()?));
        let of_body = || {
            if let Some(appid) = self.text("authorizer_appid") {
                return world.account_index(appid);
            }
            let code = world.read(self.text("authorization_code")?)?;
            (code.kind == CredentialKind::AuthCode).then_some(code.account)
        };
        let account = match self.credential {
            Some(credential) if credential.kind == CredentialKind::AuthorizerToken => {
                Some(credential.account)
            }
            _ => of_body(),
        };
        (platform, account)
    }
}

/// The fields of a body, or the errcode of one that is none.
pub fn fields(received: &Received) -> Result<Map<String, Value>, i32> {
    if received.method != Method::POST {
        return Ok(Map::new());
    }
    let body = received.body.trim_ascii();
    let form = received
        .header(hyper::header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if body.is_empty() {
        // Fields in the query are not looked at, but they count as something sent.
        let in_query =
            received.query("component_appid").is_some() || received.query("appsecret").is_some();
        return if in_query { Ok(Map::new()) } else { Err(44002) };
    }
    let multipart = received
        .header(hyper::header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if multipart {
        return Ok(Map::new());
    }
    // wechatpy and curl send JSON under the form type: only a body that is no JSON is a form.
    if form && body.first() != Some(&b'{') {
        return Ok(Map::new());
    }
    if has_unicode_escape(body) {
        return Err(47002);
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(47001),
    }
}

/// Whether a JSON text holds `\uXXXX`; an escaped backslash before a `u` is none.
fn has_unicode_escape(body: &[u8]) -> bool {
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        if *byte == b'\\' && bytes.next() == Some(&b'u') {
            return true;
        }
    }
    false
}
