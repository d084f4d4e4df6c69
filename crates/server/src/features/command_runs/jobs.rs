//! Carrying runs on, and telling how far they have come.

use std::time::Duration;

use gururmm_ids::{AgentId, CommandId, CommandRunId, OrgId};
use gururmm_protocol::command::SignedOrder;
use gururmm_protocol::limits::COMMANDS_HELD_MAX;
use tokio_util::sync::CancellationToken;

use super::stop;
use crate::app::AppState;
use crate::features::commands::agent::{Matter, hand_out};
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// A run is told of at most once in this time.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Carries on what has a pace, and gives up what was stopped.
pub async fn advance(app: &AppState) -> sqlx::Result<()> {
    stop::give_up(app).await?;
    step(app, None).await
}

/// Ends runs of which nothing is open, though nobody was told.
pub async fn settle(app: &AppState) -> sqlx::Result<()> {
    let mut tx = app.db.begin_ingest().await?;
    let open = sqlx::query_scalar!(r#"select run_id as "id!: CommandRunId" from command_runs_open()"#)
        .fetch_all(&mut *tx)
        .await?;
    tx.commit().await?;
    step(app, Some(&open)).await
}

/// Releases commands whose turn it is, and ends runs of which nothing is open: of these runs, or of all that have a pace. What it does depends on
/// what is stored alone: it may be called at any time.
async fn step(app: &AppState, runs: Option<&[CommandRunId]>) -> sqlx::Result<()> {
    let runs: Option<Vec<_>> = runs.map(|runs| runs.iter().map(|id| id.as_uuid()).collect());
    let connected: Vec<_> = app.gateway.connected_agents().into_iter().map(AgentId::as_uuid).collect();
    let mut tx = app.db.begin_ingest().await?;
    let steps = sqlx::query!(
        r#"select run_id as "run_id!: CommandRunId", org_id as "org_id!: OrgId", id as "id: CommandId", agent_id as "agent_id: AgentId",
                  signed_order, signature, key_id
           from command_runs_advance($1, $2, $3, $4)"#,
        runs.as_deref(),
        Time(app.clock.now()) as _,
        &connected,
        COMMANDS_HELD_MAX as i64,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    app.touched_runs.add(steps.iter().map(|step| (step.org_id, step.run_id)));
    let orders = steps.into_iter().filter_map(|step| {
        let signature = step.signature?.try_into().ok()?;
        let signed = SignedOrder { order: step.signed_order?, key_id: step.key_id?, signature };
        Some(Matter::order(step.id?, (step.org_id, step.agent_id?), signed))
    });
    hand_out(app, orders.collect()).await
}

/// Tells whoever looks which runs have gone on, a few times a second, and carries those on that wait for what has happened.
pub async fn tell(app: AppState, stopping: CancellationToken) {
    while let Some(runs) = stopping.run_until_cancelled(app.touched_runs.take()).await {
        let ids: Vec<_> = runs.iter().map(|(_, id)| *id).collect();
        if let Err(error) = step(&app, Some(&ids)).await {
            tracing::warn!(%error, "runs were not carried on; the job tries again");
        }
        for (org_id, run_id) in runs {
            app.live.publish(org_id, LiveKind::CommandRunChanged { run_id });
        }
        if stopping.run_until_cancelled(tokio::time::sleep(TELL_EVERY)).await.is_none() {
            return;
        }
    }
}
