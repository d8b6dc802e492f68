//! Authorization links, as the page reads them.

use url::Url;

/// What a link asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// `component_appid`
    pub component_appid: String,
    /// `pre_auth_code`
    pub pre_auth_code: String,
    /// `redirect_uri`
    pub redirect_uri: Option<String>,
    /// `auth_type`
    pub auth_type: Option<u32>,
    /// `biz_appid`
    pub biz_appid: Option<String>,
    /// `category_id_list`
    pub category_ids: Option<Vec<u32>>,
}

/// Paths of the page: for PCs, for phones, and the phones' former one.
pub const PAGES: [&str; 3] = [
    "/cgi-bin/componentloginpage",
    "/wxaopen/safe/bindcomponent",
    "/safe/bindcomponent",
];

impl Link {
    /// Reads a link; the error names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "the link is no URL")?;
        if !PAGES.contains(&url.path()) {
            return Err("the link does not lead to an authorization page");
        }
        let mut link = Self::default();
        for (name, value) in url.query_pairs() {
            let value = value.into_owned();
            match name.as_ref() {
                "component_appid" => link.component_appid = value,
                "pre_auth_code" => link.pre_auth_code = value,
                "redirect_uri" => link.redirect_uri = Some(value),
                "auth_type" => {
                    link.auth_type = Some(value.parse().map_err(|_| "auth_type is no number")?);
                }
                "biz_appid" => link.biz_appid = Some(value).filter(|appid| !appid.is_empty()),
                "category_id_list" => {
                    let ids: Result<_, _> = value.split('|').map(str::parse).collect();
                    link.category_ids =
                        Some(ids.map_err(|_| "category_id_list is no list of numbers")?);
                }
                _ => {}
            }
        }
        if link.component_appid.is_empty() {
            return Err("the link has no component_appid");
        }
        if link.pre_auth_code.is_empty() {
            return Err("the link has no pre_auth_code");
        }
        if link.redirect_uri.is_none() {
            return Err("the link has no redirect_uri");
        }
        Ok(link)
    }
}

/// Where the browser goes after the confirmation. What is added comes at the very end, behind a
/// fragment too.
pub fn redirect(uri: &str, code: &str, expires_in: i64) -> String {
    let joint = if uri.contains('?') { '&' } else { '?' };
    let code = code.replace('@', "%40");
    format!("{uri}{joint}auth_code={code}&expires_in={expires_in}")
}
