//! Stand-in.
use super::{server::Stop, shared::Shared};
pub(super) async fn run(_: Shared, _: Stop) {}
