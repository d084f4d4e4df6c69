//! SQL of the table `network_states`. Whether there is such an agent, and the address it connects from, are read from
//! `agent_presence` (agents).

use gururmm_ids::AgentId;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::model::{Interface, NetworkState};
use crate::platform::auth::OrgScope;
use crate::platform::time::Time;

/// The state of an agent; nothing when there is no such agent.
pub(super) async fn find(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
) -> sqlx::Result<Option<NetworkState>> {
    let row = sqlx::query!(
        r#"select n.recorded_at as "recorded_at?: Time", host(coalesce(p.public_ip, n.wan_address)) as wan_address,
                  n.interfaces as "interfaces?: Json<Vec<Interface>>"
           from agent_presence p left join network_states n on n.org_id = p.org_id and n.agent_id = p.agent_id
           where p.org_id = $1 and p.agent_id = $2"#,
        scope.org_id as _,
        agent_id as _,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| NetworkState {
        recorded_at: row.recorded_at,
        wan_address: row.wan_address,
        interfaces: row.interfaces.map(|Json(interfaces)| interfaces).unwrap_or_default(),
    }))
}
