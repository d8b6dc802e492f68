//! Takes the authorization code out of what an operator pastes: the code itself, or the URL that
//! the merchant's browser came back to.

use url::form_urlencoded;

use super::percent::decoded;
use super::secret::Secret;
use super::value::{self, ValueKind};

/// What a redirect brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectResult {
    /// The authorization code, whole.
    pub code: Secret,
    /// The code's life in seconds from the redirect on, when the redirect says.
    pub expires_in: Option<i64>,
    /// The platform's own parameters that came back, decoded, in order.
    pub parameters: Vec<(String, String)>,
}

/// Why there is no authorization code in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// Nothing was given.
    #[error("nothing was given")]
    Empty,
    /// A URL without `auth_code`.
    #[error("the URL has no auth_code")]
    NoCode,
    /// A pre-auth code, or the link built with one: the merchant has yet to confirm.
    #[error("this is a pre-auth code, not an authorization code")]
    PreAuthCodeGiven,
    /// A login code of the service market, which another call takes.
    #[error("this is a login code of the service market")]
    ServiceMarketCode,
    /// The code without the `queryauthcode@@@` before it.
    #[error("the code lacks its prefix queryauthcode@@@")]
    PrefixMissing,
    /// The prefix with nothing behind it.
    #[error("the code is cut short")]
    Truncated,
    /// A ticket, a token, an id: a value of another kind.
    #[error("this is a {0}, not an authorization code")]
    OtherValue(ValueKind),
    /// Neither a URL nor a value that is known.
    #[error("this is neither an authorization code nor a redirect URL")]
    Unrecognised,
}

const PREFIX: &str = "queryauthcode@@@";

/// Reads a code or a pasted redirect URL, percent-encoded as a whole or not, with the result in
/// the query or behind a fragment route.
///
/// # Errors
/// [`RedirectError`] says what the text is in place of a code.
pub fn parse(text: &str) -> Result<RedirectResult, RedirectError> {
    let text = text
        .trim()
        .trim_matches(['"', '\'', '<', '>', '`', '“', '”'])
        .trim();
    if text.is_empty() {
        return Err(RedirectError::Empty);
    }
    let text = text.replace("&amp;", "&");
    if let Some(result) = from_parameters(&text) {
        return result;
    }
    // Logs and chat programs encode whole URLs, some of them twice.
    let once = decoded(&text);
    let twice = decoded(&once);
    for unwrapped in [&once, &twice] {
        if *unwrapped != text
            && let Some(result) = from_parameters(unwrapped)
        {
            return result;
        }
    }
    if text.contains("pre_auth_code=") {
        Err(RedirectError::PreAuthCodeGiven)
    } else if once.contains("://") {
        Err(RedirectError::NoCode)
    } else {
        bare(&once)
    }
}

/// The result, when `auth_code` is among the parameters behind `?`, `#` or `&`, or at the start.
fn from_parameters(text: &str) -> Option<Result<RedirectResult, RedirectError>> {
    let start = text
        .match_indices("auth_code=")
        .map(|(start, _)| start)
        .find(|start| *start == 0 || text[..*start].ends_with(['?', '#', '&']))?;
    // The parameters begin behind the last `?` before the code: a fragment route may have its own.
    let first = text[..start].rfind(['?', '#']).map_or(0, |mark| mark + 1);
    let mut code = None;
    let mut expires_in = None;
    let mut parameters = own_parameters(&text[..first]);
    let tail = text[first..]
        .split(|letter: char| letter == '#' || letter.is_whitespace())
        .next()
        .unwrap_or_default();
    for (name, value) in form_urlencoded::parse(tail.as_bytes()) {
        match name.as_ref() {
            "auth_code" if code.is_none() => code = Some(value.into_owned()),
            "expires_in" => expires_in = value.parse().ok(),
            _ => parameters.push((name.into_owned(), value.into_owned())),
        }
    }
    let code = code.unwrap_or_default();
    Some(accepted(&decoded(&code)).map(|code| RedirectResult {
        code,
        expires_in,
        parameters,
    }))
}

/// The query before a fragment route belongs to the platform as well.
fn own_parameters(address: &str) -> Vec<(String, String)> {
    let Some((_, query)) = address.split_once('?') else {
        return Vec::new();
    };
    let query = query.split('#').next().unwrap_or_default();
    form_urlencoded::parse(query.trim_end_matches('?').as_bytes())
        .into_owned()
        .collect()
}

/// A code that WeChat put under `auth_code`: of an unknown shape it is taken all the same.
fn accepted(code: &str) -> Result<Secret, RedirectError> {
    match value::recognise(code) {
        ValueKind::AuthorizationCode if code.len() == PREFIX.len() => Err(RedirectError::Truncated),
        ValueKind::AuthorizationCode => Ok(Secret::new(code)),
        ValueKind::Other if code.is_empty() => Err(RedirectError::NoCode),
        ValueKind::Other if is_body(code) => Err(RedirectError::PrefixMissing),
        ValueKind::Other => Ok(Secret::new(code)),
        kind => Err(misplaced(kind)),
    }
}

fn bare(text: &str) -> Result<RedirectResult, RedirectError> {
    let code = match value::recognise(text) {
        ValueKind::Other if !is_body(text) => return Err(RedirectError::Unrecognised),
        _ if text.contains(char::is_whitespace) => return Err(RedirectError::Unrecognised),
        _ => accepted(text)?,
    };
    Ok(RedirectResult {
        code,
        expires_in: None,
        parameters: Vec::new(),
    })
}

fn misplaced(kind: ValueKind) -> RedirectError {
    match kind {
        ValueKind::PreAuthCode => RedirectError::PreAuthCodeGiven,
        ValueKind::ServiceMarketCode => RedirectError::ServiceMarketCode,
        kind => RedirectError::OtherValue(kind),
    }
}

/// What stands behind the prefix of a code: 86 characters, 64 in older ones.
fn is_body(text: &str) -> bool {
    text.len() >= 43 && text.bytes().all(value::is_base64url)
}
