//! Stand-in.
use super::{Notice, ServeOptions, server::Stop, shared::Shared};
use crate::sys::http::HttpClientError;
pub(super) struct Alerts;
impl Alerts {
    pub(super) fn of(options: &ServeOptions) -> Result<Option<Self>, HttpClientError> {
        Ok(options.alerts.as_ref().map(|_| Self))
    }
    pub(super) fn consider(&self, _: &Notice) {}
}
pub(super) async fn run(_: Shared, _: Stop) {}
