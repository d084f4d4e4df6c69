use crate::app::AppState;
use axum::Router;
use gururmm_ids::AgentId;
pub struct Gateway;
impl Gateway {
    pub fn disconnect_removed(&self, _agent_id: AgentId) {}
    pub fn connected(&self) -> usize {
        0
    }
}
pub fn routes() -> Router<AppState> {
    Router::new()
}
