//! Which path is which call.

use hyper::Method;

use super::call::Call;
use super::refusal::Refusal;
use super::{authorizers, codes, diagnosis, info, options, quota, tokens};
use crate::sandbox::catalogue::{self, Api};
use crate::sandbox::state::World;

/// Answers one documented call with its body.
pub type Handler = fn(&mut World, &Call<'_>) -> Result<Vec<u8>, Refusal>;

/// A documented call.
pub struct Documented {
    path: &'static str,
    method: Method,
    /// What answers it.
    pub handler: Handler,
}

/// What a path stands for.
pub enum Route {
    /// A call of the authorization domain.
    Documented(&'static Documented),
    /// Any other API path.
    Business(&'static Api),
}

impl Route {
    /// The path, as a text that lasts.
    pub fn path(&self) -> &'static str {
        match self {
            Self::Documented(documented) => documented.path,
            Self::Business(api) => &api.path,
        }
    }

    /// The method it wants.
    pub fn method(&self) -> &'static Method {
        match self {
            Self::Documented(documented) => &documented.method,
            Self::Business(api) if api.method == "GET" => &Method::GET,
            Self::Business(_) => &Method::POST,
        }
    }
}

const fn post(path: &'static str, handler: Handler) -> Documented {
    Documented {
        path,
        method: Method::POST,
        handler,
    }
}

const fn get(path: &'static str, handler: Handler) -> Documented {
    Documented {
        path,
        method: Method::GET,
        handler,
    }
}

/// The calls that are made most come first.
static DOCUMENTED: [Documented; 21] = [
    post("/cgi-bin/component/api_get_authorizer_info", info::info),
    post(
        "/cgi-bin/component/api_authorizer_token",
        tokens::authorizer_token,
    ),
    post(
        "/cgi-bin/component/api_get_authorizer_list",
        authorizers::list,
    ),
    post(
        "/cgi-bin/component/api_component_token",
        tokens::component_token,
    ),
    post(
        "/cgi-bin/component/api_create_preauthcode",
        codes::create_pre_auth_code,
    ),
    post("/cgi-bin/component/api_query_auth", codes::query_auth),
    post(
        "/cgi-bin/component/api_start_push_ticket",
        tokens::start_push_ticket,
    ),
    post(
        "/cgi-bin/component/api_get_authorizer_option",
        options::get_old,
    ),
    post(
        "/cgi-bin/component/api_set_authorizer_option",
        options::set_old,
    ),
    post("/cgi-bin/component/get_authorizer_option", options::get),
    post("/cgi-bin/component/set_authorizer_option", options::set),
    post("/cgi-bin/clear_quota", quota::clear),
    post("/cgi-bin/component/clear_quota", quota::clear_old),
    post("/cgi-bin/component/clear_quota/v2", quota::clear_by_secret),
    post("/cgi-bin/clear_quota/v2", quota::clear_own_by_secret),
    post("/cgi-bin/openapi/quota/get", quota::get),
    post("/cgi-bin/openapi/quota/clear", quota::clear_path),
    post("/cgi-bin/openapi/rid/get", diagnosis::rid),
    post("/cgi-bin/callback/check", diagnosis::callback_check),
    get("/cgi-bin/get_api_domain_ip", diagnosis::api_addresses),
    get("/cgi-bin/getcallbackip", diagnosis::push_addresses),
];

/// What `path` stands for, if anything.
pub fn find(path: &str) -> Option<Route> {
    match DOCUMENTED.iter().find(|documented| documented.path == path) {
        Some(documented) => Some(Route::Documented(documented)),
        None => catalogue::api(path).map(Route::Business),
    }
}

/// A known path, as a text that lasts.
pub fn lasting_path(path: &str) -> Option<&'static str> {
    find(path).map(|route| route.path())
}
