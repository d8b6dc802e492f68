//! Stand-in.
use super::{Notice, server::Stop, shared::Shared};
use crate::sys::http::HttpClientError;
pub(super) struct Alerts;
impl Alerts {
    pub(super) fn new(
        _: &super::AlertOptions,
        _: Option<&std::path::Path>,
    ) -> Result<Self, HttpClientError> {
        Ok(Self)
    }
    pub(super) fn consider(&self, _: &Notice) {}
}
pub(super) async fn run(_: Shared, _: Stop) {}
