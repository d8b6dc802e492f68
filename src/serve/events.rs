//! Stand-in.
use axum::http::StatusCode;
pub(super) async fn receive() -> StatusCode {
    StatusCode::NOT_IMPLEMENTED
}
