//! SQL of the tables `metrics` and `agent_processes`. Which agents there are is read from `agents` (agents).

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
        r#"select p.recorded_at as "recorded_at?", coalesce(p.top_cpu, '[]') as "top_cpu!: Json<Vec<Process>>",
                  coalesce(p.top_memory, '[]') as "top_memory!: Json<Vec<Process>>"
           from agents a left join agent_processes p on p.org_id = $1 and p.agent_id = a.id where a.org_id = $1 and a.id = $2"#,
        scope.org_id as _,
        agent_id as _,
    )
    .fetch_optional(tx)
    .await
}
