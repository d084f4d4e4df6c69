use crate::app::AppState;
use axum::Router;
use utoipa::openapi::OpenApi;
pub fn routes(_d: &OpenApi) -> Router<AppState> {
    Router::new()
}
