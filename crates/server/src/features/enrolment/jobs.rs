//! Machines that come and go by themselves.

use super::db;
use crate::app::AppState;
use crate::platform::live::LiveKind;

/// Machines that are removed in one transaction.
const AT_ONCE: i32 = 100;

/// Removes machines that have been offline for as long as their site says; says how many.
pub async fn remove_idle(app: &AppState) -> sqlx::Result<usize> {
    let mut owner = app.db.owner().await?;
    let mut count = 0;
    loop {
        let removed = db::remove_idle(&mut owner, app.clock.now(), AT_ONCE).await?;
        for (agent_id, org_id) in &removed {
            app.gateway.disconnect_removed(*agent_id);
            app.live.publish(*org_id, LiveKind::AgentChanged { agent_id: *agent_id });
            app.live.publish(*org_id, LiveKind::TreeChanged {});
        }
        count += removed.len();
        if removed.len() < AT_ONCE as usize {
            return Ok(count);
        }
    }
}
