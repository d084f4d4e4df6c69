//! SQL of the table `metrics`. An agent's latest payload is read from `agent_presence` (agents).

use gururmm_ids::AgentId;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::model::{Disk, MetricsPoint, Process, ProcessList, Range};
use crate::platform::auth::OrgScope;
use crate::platform::time::Time;

/// Points of the range, the oldest first; one more than `limit`.
pub(super) async fn range(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
    range: Range,
    limit: usize,
) -> sqlx::Result<Vec<MetricsPoint>> {
    sqlx::query_as!(
        MetricsPoint,
        r#"select recorded_at, cpu_percent, load_1, memory_used_bytes, memory_total_bytes, swap_used_bytes, swap_total_bytes,
                  disks as "disks: Json<Vec<Disk>>", network_rx_bytes, network_tx_bytes, interval_seconds
           from metrics where org_id = $1 and agent_id = $2 and recorded_at between $3 and $4 order by recorded_at limit $5"#,
        scope.org_id as _,
        agent_id as _,
        Time(range.from) as _,
        Time(range.to) as _,
        limit as i64 + 1,
    )
    .fetch_all(tx)
    .await
}

/// The processes of the latest payload; nothing when there is no such agent.
pub(super) async fn processes(
    tx: &mut PgConnection,
    scope: &OrgScope,
    agent_id: AgentId,
) -> sqlx::Result<Option<ProcessList>> {
    sqlx::query_as!(
        ProcessList,
        r#"select metrics_at as recorded_at, top_cpu as "top_cpu: Json<Vec<Process>>", top_memory as "top_memory: Json<Vec<Process>>"
           from agent_presence where org_id = $1 and agent_id = $2"#,
        scope.org_id as _,
        agent_id as _,
    )
    .fetch_optional(tx)
    .await
}
