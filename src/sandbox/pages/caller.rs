//! Who may open the pages: phones and computers, but no page of another site on their behalf.

use hyper::header;

use super::refusal::Refusal;
use crate::sandbox::http::Received;

/// A phone is another machine than this one, so the caller may be anywhere; but the name must be
/// an address or one of WeChat's, which no other site has, and another site may not post here.
pub fn check(received: &Received) -> Result<(), Refusal> {
    let host = received.header(header::HOST).unwrap_or("");
    let url = url::Url::parse(&format!("http://{host}/"));
    let own = match url.as_ref().map(url::Url::host) {
        Ok(Some(url::Host::Domain(name))) => {
            name == "localhost" || name.ends_with(".weixin.qq.com")
        }
        Ok(Some(_)) => true,
        _ => false,
    };
    if !own {
        return Err(Refusal::forbidden(
            "the pages answer to addresses, to localhost and to WeChat's names only",
        ));
    }
    let Some(origin) = received.headers.get(header::ORIGIN) else {
        return Ok(());
    };
    // A proxy in front may speak https.
    let same = ["http://", "https://"]
        .iter()
        .any(|scheme| origin.as_bytes().strip_prefix(scheme.as_bytes()) == Some(host.as_bytes()));
    match same {
        true => Ok(()),
        false => Err(Refusal::forbidden("the pages take no forms of other sites")),
    }
}
