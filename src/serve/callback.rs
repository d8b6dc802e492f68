//! Stand-in.
pub(super) async fn show() {}
