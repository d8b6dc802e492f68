//! Stand-in.
#[derive(Clone)]
pub(super) struct Worker;
