use crate::app::AppState;
use axum::Router;
pub struct Gateway;
pub fn routes() -> Router<AppState> {
    Router::new()
}
