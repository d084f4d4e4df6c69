use axum::Router; use crate::app::AppState;
pub struct Gateway;
pub fn routes() -> Router<AppState> { Router::new() }
