//! Authorization links: built, judged, and the redirect URI in them checked.

mod auth_type;
mod build;
mod lint;
mod redirect_uri;

pub use auth_type::{AuthType, UnknownAuthType};
pub use build::{LinkHosts, LinkKind, LinkRequest, UnknownLinkKind, build};
pub use lint::{Finding, FindingCode, LintContext, Severity, lint};
pub use redirect_uri::{RedirectProblem, check_redirect};
