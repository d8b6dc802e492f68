//! Stand-in.
pub(super) async fn show() {}
pub(super) async fn mint() {}
pub(super) async fn logo() {}
