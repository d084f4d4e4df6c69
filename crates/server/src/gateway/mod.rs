use crate::app::AppState;
use axum::Router;
pub struct Gateway;
impl Gateway {
    pub fn disconnect_removed(&self, _a: gururmm_ids::AgentId) {}
}
pub fn routes() -> Router<AppState> {
    Router::new()
}
