//! A person's browser without a browser: opens pages, reads them, sends their forms.

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, HeaderMap, LOCATION, REFERER};

use super::stage::Stage;

pub const PC: &str = "/cgi-bin/componentloginpage";
pub const H5: &str = "/wxaopen/safe/bindcomponent";
pub const LEGACY: &str = "/safe/bindcomponent";
pub const CONSOLE: &str = "/__sandbox/merchant";
/// A page of the first platform's launch domain.
pub const LAUNCH: &str = "https://platform-one.example.com/shops/7";
const HOME: &str = "https%3A%2F%2Fplatform-one.example.com%2Fback%3Fshop%3D7";

/// What a page shows.
pub struct Shown {
    pub status: u16,
    pub html: String,
    pub headers: HeaderMap,
}

impl Stage {
    /// The path and query of a link with a fresh code and `more` fields.
    pub async fn link(&self, page: &str, more: &str) -> String {
        let code = self.pre_auth_code().await.replace('@', "%40");
        let appid = self.component_appid();
        format!("{page}?component_appid={appid}&pre_auth_code={code}&redirect_uri={HOME}{more}")
    }

    /// Opens an address by typing it.
    pub async fn open(&self, address: &str) -> Shown {
        let url = format!("{}{address}", self.base);
        self.sent(self.http.get(url).header(ACCEPT, "text/html"))
            .await
    }

    /// Opens an address by a click on `page`.
    pub async fn click(&self, page: &str, address: &str) -> Shown {
        let url = format!("{}{address}", self.base);
        self.sent(self.http.get(url).header(REFERER, page)).await
    }

    /// Sends a form.
    pub async fn send(&self, address: &str, fields: &[(&str, &str)]) -> Shown {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let url = format!("{}{address}", self.base);
        self.sent(self.http.post(url).body(form)).await
    }

    /// The page of a phone's link, up to the sets of `name`'s account; with the fields of its form.
    pub async fn sets_page(&self, more: &str, name: &str) -> (Shown, Form) {
        let visit = self.open(&self.link(H5, more).await).await.visit();
        self.sets_page_of(&visit, name).await
    }

    /// The same on a visit that is open.
    pub async fn sets_page_of(&self, visit: &str, name: &str) -> (Shown, Form) {
        let account = self.named(name).await;
        let appid = account["appid"].as_str().unwrap();
        let user = account["administrators"][0].as_str().unwrap();
        let page = self
            .open(&format!("{H5}?visit={visit}&user={user}&account={appid}"))
            .await;
        let form = Form {
            address: format!("{H5}?visit={visit}"),
            user: user.to_owned(),
            account: appid.to_owned(),
            ticked: page.boxes(true),
        };
        (page, form)
    }

    /// Confirms what a form has ticked.
    pub async fn confirm(&self, form: &Form) -> Shown {
        let mut fields = vec![
            ("user", form.user.as_str()),
            ("account", form.account.as_str()),
        ];
        let sets: Vec<String> = form.ticked.iter().map(u64::to_string).collect();
        fields.extend(sets.iter().map(|set| ("set", set.as_str())));
        self.send(&form.address, &fields).await
    }

    async fn sent(&self, request: reqwest::RequestBuilder) -> Shown {
        let answer = request.send().await.expect("an answer");
        Shown {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            html: answer.text().await.expect("a page"),
        }
    }
}

/// The form with the permission sets.
pub struct Form {
    pub address: String,
    pub user: String,
    pub account: String,
    pub ticked: Vec<u64>,
}

impl Shown {
    /// What an error page says; the page must be one.
    #[track_caller]
    pub fn refusal(&self) -> &str {
        let refusal = between(&self.html, "<p id=\"refusal\">", "</p>");
        refusal.unwrap_or_else(|| panic!("no error page: {}", self.html))
    }

    /// The id of the visit that the page belongs to.
    #[track_caller]
    pub fn visit(&self) -> String {
        let visit = between(&self.html, "?visit=", "&").map(|rest| &rest[..32]);
        let visit = visit.unwrap_or_else(|| panic!("no visit in {}", self.html));
        visit.to_owned()
    }

    /// The ids of the sets that can be ticked, which all are, or of those that cannot.
    pub fn boxes(&self, free: bool) -> Vec<u64> {
        let boxes = self.html.split("<input type=\"checkbox\"").skip(1);
        boxes
            .filter_map(|rest| rest.split_once('>'))
            .filter(|(tag, _)| match free {
                true => tag.contains(" checked"),
                false => tag.contains(" disabled"),
            })
            .filter_map(|(tag, _)| between(tag, "value=\"", "\"")?.parse().ok())
            .collect()
    }

    /// The names in a list.
    pub fn names(&self) -> Vec<&str> {
        let names = self.html.split("<bdi class=\"name\">").skip(1);
        names
            .filter_map(|rest| Some(rest.split_once("</bdi>")?.0))
            .collect()
    }

    /// Where the answer leads, and the fields of that address.
    #[track_caller]
    pub fn redirect(&self) -> (String, BTreeMap<String, String>) {
        assert_eq!(self.status, 303, "{}", self.html);
        let address = self.headers[LOCATION].to_str().expect("an address");
        let url = url::Url::parse(address).expect("a URL");
        let fields = url.query_pairs().into_owned().collect();
        (url.host_str().unwrap_or_default().to_owned(), fields)
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}
