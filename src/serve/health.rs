//! Stand-in.
use axum::http::StatusCode;
pub(super) async fn answer() {}
pub(super) async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}
