//! Stand-in.
/// Stand-in.
#[derive(Default)]
pub struct Metrics;
impl Metrics {
    pub(super) fn count(&self, _: &super::Notice) {}
    /// Stand-in.
    pub fn call(&self, _: &crate::api::CallReport) {}
}
pub(super) async fn answer() {}
