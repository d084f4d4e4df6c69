//! How far runs have come, in numbers.

use std::collections::HashMap;

use gururmm_ids::CommandRunId;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::Run;

/// Commands of a run, by where they stand: each is counted once besides in `total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CommandRunCounts)]
pub(crate) struct Counts {
    /// All of them.
    total: i64,
    /// Wait for a second person.
    awaiting_approval: i64,
    /// Wait for their turn.
    waiting: i64,
    /// On their way.
    queued: i64,
    /// Wait for their machine, which is away.
    offline: i64,
    /// Run.
    running: i64,
    /// Exited with 0.
    completed: i64,
    /// Exited otherwise, or could not start.
    failed: i64,
    /// Ran into their time limit.
    timeout: i64,
    /// Were lost.
    interrupted: i64,
    /// Were cancelled.
    cancelled: i64,
    /// Their machine did not come in time, or nobody approved in time.
    expired: i64,
    /// A second person said no.
    rejected: i64,
}

impl Counts {
    /// How many there are.
    pub(super) const fn total(&self) -> i64 {
        self.total
    }

    /// How many have not ended.
    pub(super) const fn open(&self) -> i64 {
        self.awaiting_approval + self.waiting + self.queued + self.offline + self.running
    }

    fn add(&mut self, status: &str, count: i64) {
        let place = match status {
            "awaiting_approval" => &mut self.awaiting_approval,
            "waiting" => &mut self.waiting,
            "queued" => &mut self.queued,
            "offline" => &mut self.offline,
            "running" => &mut self.running,
            "completed" => &mut self.completed,
            "failed" => &mut self.failed,
            "timeout" => &mut self.timeout,
            "interrupted" => &mut self.interrupted,
            "cancelled" => &mut self.cancelled,
            "expired" => &mut self.expired,
            "rejected" => &mut self.rejected,
            _ => return,
        };
        *place += count;
        self.total += count;
    }
}

/// Counts what the transaction sees of these runs.
pub(super) async fn count(tx: &mut PgConnection, runs: &mut [Run]) -> sqlx::Result<()> {
    let ids: Vec<Uuid> = runs.iter().map(|run| run.id.as_uuid()).collect();
    let rows = sqlx::query!(
        r#"select run_id as "run_id!: CommandRunId", status as "status!", count as "count!" from command_run_counts($1)"#,
        &ids,
    )
    .fetch_all(tx)
    .await?;
    let mut counts: HashMap<CommandRunId, Counts> = HashMap::new();
    for row in rows {
        counts.entry(row.run_id).or_default().add(&row.status, row.count);
    }
    for run in runs {
        run.counts = counts.remove(&run.id).unwrap_or_default();
    }
    Ok(())
}
