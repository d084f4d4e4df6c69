//! Ending what can no longer end by itself.

use std::collections::HashMap;

use gururmm_ids::{AgentId, CommandId, CommandRunId, OrgId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::status::CommandStatus;
use crate::app::AppState;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// To which runs commands belong, if they do.
async fn runs_of(tx: &mut PgConnection, ids: &[Uuid]) -> sqlx::Result<HashMap<CommandId, CommandRunId>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"select command_id as "id!: CommandId", run_id as "run_id!: CommandRunId" from command_runs_of($1)"#,
        ids,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.run_id)).collect())
}

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
    let ids: Vec<_> = ended.iter().map(|row| row.id.as_uuid()).collect();
    let runs = runs_of(&mut tx, &ids).await?;
    tx.commit().await?;
    for row in &ended {
        if let Some(run_id) = runs.get(&row.id) {
            app.touched_runs.add([(row.org_id, *run_id)]);
            continue;
        }
        let status = CommandStatus::name_of(&row.status);
        app.live.publish(row.org_id, LiveKind::CommandChanged { command_id: row.id, agent_id: row.agent_id, status });
    }
    Ok(ended.len())
}

/// Commands and runs that are removed at once.
const PURGE_MAX: i32 = 500;

/// Removes commands that have ended longer ago than their organisation keeps them, and runs of which none is left; says how many.
pub async fn purge(app: &AppState) -> sqlx::Result<i64> {
    let mut removed = 0;
    loop {
        let mut tx = app.db.begin_ingest().await?;
        let count =
            sqlx::query_scalar!(r#"select commands_purge($1, $2) as "count!""#, Time(app.clock.now()) as _, PURGE_MAX)
                .fetch_one(&mut *tx)
                .await?;
        tx.commit().await?;
        removed += count;
        if count == 0 {
            return Ok(removed);
        }
    }
}
