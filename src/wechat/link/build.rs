//! Building a link, for a phone or for a computer.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use url::Url;

use super::auth_type::AuthType;
use crate::wechat::id::{Appid, ComponentAppid, PermissionSetId};
use crate::wechat::percent::encoded;
use crate::wechat::secret::Secret;

/// Where a link is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// Inside WeChat, on a phone.
    H5,
    /// In a browser of a computer, by a click on a page of the launch domain.
    Pc,
}

/// A text that names no [`LinkKind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of link")]
pub struct UnknownLinkKind(pub String);

impl LinkKind {
    /// The name in JSON: `h5`, `pc`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::H5 => "h5",
            Self::Pc => "pc",
        }
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for LinkKind {
    type Err = UnknownLinkKind;

    fn from_str(text: &str) -> Result<Self, UnknownLinkKind> {
        match text {
            "h5" => Ok(Self::H5),
            "pc" => Ok(Self::Pc),
            _ => Err(UnknownLinkKind(text.to_owned())),
        }
    }
}

/// The hosts that show the authorization page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkHosts {
    /// Base of PC links.
    pub mp: Url,
    /// Base of H5 links.
    pub open: Url,
}

impl LinkHosts {
    /// Both pages under one base, as the sandbox has them.
    #[must_use]
    pub fn at(base: &Url) -> Self {
        Self {
            mp: base.clone(),
            open: base.clone(),
        }
    }
}

#[allow(clippy::expect_used, reason = "two literals, parsed by every test")]
static WECHAT: LazyLock<LinkHosts> = LazyLock::new(|| LinkHosts {
    mp: Url::parse("https://mp.weixin.qq.com").expect("a URL"),
    open: Url::parse("https://open.weixin.qq.com").expect("a URL"),
});

impl Default for LinkHosts {
    /// WeChat's own.
    fn default() -> Self {
        WECHAT.clone()
    }
}

/// What goes into a link.
#[derive(Clone, Copy, Debug)]
pub struct LinkRequest<'a> {
    /// For a phone or for a computer.
    pub kind: LinkKind,
    /// The platform.
    pub component_appid: &'a ComponentAppid,
    /// A code that no other link has used.
    pub pre_auth_code: &'a Secret,
    /// Where the browser goes afterwards; its own parameters come back.
    pub redirect_uri: &'a Url,
    /// The kinds of account offered.
    pub auth_type: AuthType,
    /// The one account that may authorize; it wins over `auth_type`.
    pub biz_appid: Option<&'a Appid>,
    /// The sets offered; none means all that the platform has released.
    pub permission_ids: &'a [PermissionSetId],
    /// WeChat's hosts, or the sandbox's.
    pub hosts: &'a LinkHosts,
}

/// The path of PC links.
pub(super) const PC_PATH: &str = "/cgi-bin/componentloginpage";
/// The path of H5 links.
pub(super) const H5_PATH: &str = "/wxaopen/safe/bindcomponent";
/// What an H5 link must end with.
pub(super) const H5_FRAGMENT: &str = "wechat_redirect";

/// Builds the whole link. It holds the pre-auth code, so it is a secret as well.
#[must_use]
pub fn build(request: &LinkRequest<'_>) -> Secret {
    let (base, path, constants) = match request.kind {
        LinkKind::Pc => (&request.hosts.mp, PC_PATH, ""),
        LinkKind::H5 => (
            &request.hosts.open,
            H5_PATH,
            "action=bindcomponent&no_scan=1&",
        ),
    };
    let mut link = format!(
        "{}{path}?{constants}component_appid={}&pre_auth_code={}&redirect_uri={}&auth_type={}",
        base.as_str().trim_end_matches('/'),
        encoded(request.component_appid.as_str(), ""),
        // WeChat writes the `@` of its codes as it is.
        encoded(request.pre_auth_code.expose(), "@"),
        encoded(request.redirect_uri.as_str(), ""),
        request.auth_type.number(),
    );
    if let Some(appid) = request.biz_appid {
        link.push_str("&biz_appid=");
        link.push_str(&encoded(appid.as_str(), ""));
    }
    if !request.permission_ids.is_empty() {
        let ids: Vec<String> = request
            .permission_ids
            .iter()
            .map(ToString::to_string)
            .collect();
        link.push_str("&category_id_list=");
        link.push_str(&encoded(&ids.join("|"), ""));
    }
    if request.kind == LinkKind::H5 {
        link.push('#');
        link.push_str(H5_FRAGMENT);
    }
    Secret::new(link)
}
