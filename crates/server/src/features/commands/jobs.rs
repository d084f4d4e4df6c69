//! Ending what can no longer end by itself.

use gururmm_ids::{AgentId, CommandId, OrgId};

use super::status::CommandStatus;
use crate::app::AppState;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Expires orders past their time and interrupts commands of machines that stay away; says how many.
pub async fn end_overdue(app: &AppState) -> sqlx::Result<usize> {
    let mut tx = app.db.begin_ingest().await?;
    let ended = sqlx::query!(
        r#"select id as "id!: CommandId", org_id as "org_id!: OrgId", agent_id as "agent_id!: AgentId", status as "status!"
           from commands_end_overdue($1)"#,
        Time(app.clock.now()) as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    for row in &ended {
        let status = CommandStatus::name_of(&row.status);
        app.live.publish(row.org_id, LiveKind::CommandChanged { command_id: row.id, agent_id: row.agent_id, status });
    }
    Ok(ended.len())
}
