//! What WeChat answers, read tolerantly: a missing `errcode` is 0, numbers may come as text,
//! unknown fields and ids are passed by, and the older shapes of each answer are understood.

mod authorization;
mod authorizer_info;
mod authorizers;
mod diagnosis;
mod document;
mod lenient;
mod mending;
mod refusal;
mod reply;
mod tokens;
mod veil;

pub use super::account::AccountKind;
pub use authorization::{Authorization, FuncInfo};
pub use authorizer_info::AuthorizerInfo;
pub use authorizers::{AuthorizerOption, ListPage, ListedAuthorizer};
pub use diagnosis::{
    ApiQuota, CallbackCheck, CallbackName, CallbackPing, LoggedRequest, RateLimit, addresses,
};
pub use document::Document;
pub use mending::mended;
pub use refusal::Refusal;
pub use reply::{Expected, FieldError, NotJson, Reply};
pub use tokens::{AuthorizerToken, ComponentToken, PreAuthCode, PushTicketState};
pub use veil::veiled;
