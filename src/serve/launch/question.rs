//! What the address of the launch page asks for.

use url::form_urlencoded;

use crate::flow::{FlowError, LinkOptions, LinkRefusal, OwnId, StateError};
use crate::serve::Hosted;
use crate::serve::page::{Both, escape};
use crate::wechat::id::{Appid, PermissionSetId};
use crate::wechat::link::AuthType;
use crate::wechat::permission;

/// What a visitor is asked to authorize.
pub(super) struct Question {
    /// The only account that may, and what the address called it.
    pub(super) only: Option<(Appid, String)>,
    pub(super) auth_type: AuthType,
    /// Sorted; empty for all that the platform has.
    pub(super) permission_ids: Vec<PermissionSetId>,
    /// The id for whoever authorizes: the operator's where the address is signed.
    pub(super) own: Option<OwnId>,
}

/// Why the address asks for nothing that could be given.
pub(super) enum BadQuestion {
    /// The address is wrong; the text says where.
    Text(Both),
    /// It could not be looked into.
    Flow(FlowError),
}

impl From<FlowError> for BadQuestion {
    fn from(error: FlowError) -> Self {
        Self::Flow(error)
    }
}

impl Question {
    pub(super) async fn read(hosted: &Hosted, query: &str) -> Result<Self, BadQuestion> {
        let mut question = Self {
            only: None,
            auth_type: hosted.link.auth_type,
            permission_ids: Vec::new(),
            own: None,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "for" => question.only = Some((account(hosted, &value).await?, value.into())),
                "type" => question.auth_type = auth_type(&value)?,
                "permissions" => {
                    for text in value.split([',', '，', '|']) {
                        if question.permission_ids.len() >= permission::all().len() {
                            return Err(BadQuestion::Text(too_many_sets()));
                        }
                        question.permission_ids.push(set(text)?);
                    }
                }
                "state" if !value.is_empty() => question.own = Some(own_id(hosted, &value)?),
                // Mailers and advertisements add parameters of their own.
                _ => {}
            }
        }
        question.permission_ids.sort_unstable();
        question.permission_ids.dedup();
        match hosted.platform.judge_link(&question.options(hosted)).await {
            Ok(_) => Ok(question),
            Err(FlowError::Link(refusals)) => match unfit(&refusals) {
                Some(text) => Err(BadQuestion::Text(text)),
                None => Err(FlowError::Link(refusals).into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// The link that answers it.
    pub(super) fn options(&self, hosted: &Hosted) -> LinkOptions {
        LinkOptions {
            auth_type: self.auth_type,
            only: self.only.as_ref().map(|(appid, _)| appid.clone()),
            permission_ids: self.permission_ids.clone(),
            ..hosted.link.clone()
        }
    }
}

/// The account meant by `who`, by its whole id: a part of a name would let strangers search.
async fn account(hosted: &Hosted, who: &str) -> Result<Appid, BadQuestion> {
    let unknown = || {
        let who = escape(who);
        BadQuestion::Text(Both::new(
            format!("链接中的账号 <code>{who}</code> 无法识别。"),
            format!("No account is known as <code>{who}</code>."),
        ))
    };
    if who.is_empty() {
        return Err(unknown());
    }
    let platform = &hosted.platform;
    let found = platform.store().identified(platform.key(), who).await;
    match found.map_err(FlowError::from)? {
        Some(row) => Ok(row.appid),
        None => who.parse().map_err(|_| unknown()),
    }
}

fn own_id(hosted: &Hosted, state: &str) -> Result<OwnId, BadQuestion> {
    let now = hosted.platform.clock().now();
    hosted.signer.read_address(state, now).map_err(|error| {
        BadQuestion::Text(match error {
            StateError::TooLong => Both::new(
                "链接中的 state 过长（最多 128 字节）。",
                "The state in the address is too long: 128 bytes at most.",
            ),
            StateError::Expired => Both::new(
                "链接已过期，请索取新的链接。",
                "This address has expired; ask for a new one.",
            ),
            StateError::Foreign | StateError::Missing => Both::new(
                "链接不完整或已失效，请索取新的链接。",
                "This address is incomplete or no longer valid; ask for a new one.",
            ),
        })
    })
}

fn auth_type(text: &str) -> Result<AuthType, BadQuestion> {
    text.replace('_', "-").parse().map_err(|_| {
        let names = AuthType::ALL.map(AuthType::as_str).join(", ");
        let text = escape(text);
        BadQuestion::Text(Both::new(
            format!("链接中的账号类型 <code>{text}</code> 无效，可用值：{names}。"),
            format!("<code>{text}</code> is no kind of account. Known are: {names}."),
        ))
    })
}

fn set(text: &str) -> Result<PermissionSetId, BadQuestion> {
    permission::resolve(text).map_err(|unknown| {
        let ids: Vec<String> = unknown.candidates.iter().map(ToString::to_string).collect();
        let text = escape(text);
        BadQuestion::Text(if ids.is_empty() {
            Both::new(
                format!("没有名为 <code>{text}</code> 的权限集。"),
                format!("No permission set is called <code>{text}</code>."),
            )
        } else {
            let ids = ids.join(", ");
            Both::new(
                format!("<code>{text}</code> 可能指多个权限集（{ids}），请使用编号。"),
                format!("<code>{text}</code> may mean several sets ({ids}): use the number."),
            )
        })
    })
}

/// More names than there are sets: each of them costs a search.
fn too_many_sets() -> Both {
    let most = permission::all().len();
    Both::new(
        format!("链接中的权限集过多（最多 {most} 个）。"),
        format!("The address names too many permission sets: {most} at most."),
    )
}

/// What the visitor's address is to blame for; the rest is the operator's.
fn unfit(refusals: &[LinkRefusal]) -> Option<Both> {
    refusals.iter().find_map(|refusal| match refusal {
        LinkRefusal::SetsFitNoKind { ids, .. } => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let ids = ids.join(", ");
            Some(Both::new(
                format!("权限集 {ids} 不适用于所选账号类型。"),
                format!("Permission sets that fit no account offered here: {ids}."),
            ))
        }
        LinkRefusal::NoRedirectUri | LinkRefusal::Redirect(_) => None,
    })
}
