//! Pages that say why a merchant cannot go on.

use super::html::{Layout, Page, escape};
use crate::sandbox::http::Reply;
use crate::sandbox::merchant::Declined;

const WRONG: &str = "参数错误，请从第三方平台重新发起授权";

/// What the page says, and what the sandbox adds for the operator of the platform.
#[derive(Debug)]
pub struct Refusal {
    status: u16,
    text: String,
    note: Option<String>,
}

impl Refusal {
    /// A page with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            status: 200,
            text: text.into(),
            note: None,
        }
    }

    /// The visit is unknown or past.
    pub fn past() -> Self {
        Self::new("页面已失效，请从第三方平台重新发起授权")
            .with_note("the sandbox knows no open page of this id; open a link again".to_owned())
    }

    /// The caller may not do this.
    pub fn forbidden(why: &'static str) -> Self {
        Self {
            status: 403,
            ..Self::new("请求被拒绝").with_note(why.to_owned())
        }
    }

    /// The page takes no such request.
    pub fn method() -> Self {
        Self {
            status: 405,
            ..Self::new("请求被拒绝").with_note("GET reads, POST confirms".to_owned())
        }
    }

    /// The same with another note.
    pub fn with_note(mut self, note: String) -> Self {
        self.note = Some(note);
        self
    }

    /// The page. WeChat answers 200 whatever its pages say.
    pub fn into_reply(self) -> Reply {
        let note = self.note.map_or_else(String::new, |note| {
            format!(
                "<p class=\"note\" lang=\"en\"><b>Sandbox note</b> {}</p>",
                escape(&note)
            )
        });
        let body = format!(
            "<section class=\"card result\"><div class=\"mark bad\" aria-hidden=\"true\">!</div>\
             <h1>无法继续授权</h1><p id=\"refusal\">{}</p></section>{note}",
            escape(&self.text)
        );
        let mut page = Page::new("无法继续授权", Layout::Phone, body);
        page.status = self.status;
        page.into_reply()
    }
}

impl From<Declined> for Refusal {
    /// Where no text of the page is published, one in its manner stands for it.
    fn from(declined: Declined) -> Self {
        let text = match declined.kind {
            "link" | "redirect_uri" => WRONG,
            "pre_auth_code" => "预授权码无效或已过期，请从第三方平台重新发起授权",
            "administrator" => "当前微信号不是该账号的管理员，无法授权",
            "account_kind" | "account_status" => "该账号当前无法授权给第三方平台",
            "not_released" => "该第三方平台未全网发布，仅授权测试列表中的账号可以授权",
            "too_many_platforms" => {
                "该账号授权的第三方平台已达上限（15 个），请先取消其他平台的授权"
            }
            "unknown_account" | "unknown_platform" | "not_authorized" => "授权关系不存在或已取消",
            "nothing_ticked" => "请至少选择一项权限",
            // No link that WeChat's console makes leads here.
            _ if declined.message.is_ascii() => WRONG,
            _ => return Self::new(declined.message),
        };
        Self::new(text).with_note(declined.message)
    }
}
