//! Jobs: schedules are carried out, and what is over is forgotten.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gururmm_ids::{OrgId, ScheduleId};
use tokio::time::timeout;

use super::{db, fire};
use crate::app::AppState;
use crate::platform::time::Time;

/// Schedules that are looked at at the same time, of those of the clock and of those that machines set off.
const AT_ONCE: usize = 3;
/// How long one may take; then it is given up, nothing of it is stored, and it is tried again.
const ONE_MAX: Duration = Duration::from_mins(1);

/// Carries out what the clock has made due. One that fails or takes long does not keep others from it; it is looked at again in a moment.
pub async fn by_the_clock(app: &AppState) -> sqlx::Result<()> {
    carry_out(app, true).await
}

/// Carries out what machines have set off.
pub async fn by_machines(app: &AppState) -> sqlx::Result<()> {
    carry_out(app, false).await
}

/// One schedule of each organisation at a time: many, or slow ones, of one keep nobody else's waiting for longer than one of them takes.
async fn carry_out(app: &AppState, is_clock: bool) -> sqlx::Result<()> {
    let mut looked_at = HashSet::new();
    loop {
        let mut tx = app.db.begin_ingest().await?;
        let waiting = db::waiting(&mut tx, is_clock, Time(app.clock.now())).await?;
        tx.commit().await?;
        let mut organisations = HashSet::new();
        let turn: Vec<_> = waiting
            .into_iter()
            .filter(|(id, org_id)| !looked_at.contains(id) && organisations.insert(*org_id))
            .collect();
        if turn.is_empty() {
            return Ok(());
        }
        looked_at.extend(turn.iter().map(|(id, _)| *id));
        stream::iter(turn).for_each_concurrent(AT_ONCE, |schedule| one(app, schedule)).await;
    }
}

async fn one(app: &AppState, schedule: (ScheduleId, OrgId)) {
    let id = schedule.0;
    match timeout(ONE_MAX, fire::one(app, schedule)).await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => {
            tracing::warn!(%id, detail = %problem.detail, error = ?problem.source, "a schedule was not carried out; it is tried again");
        }
        Err(_) => tracing::warn!(%id, "a schedule took too long; it is tried again"),
    }
}

/// Forgets machines' runs of days that are over everywhere.
pub async fn purge(app: &AppState) -> sqlx::Result<()> {
    let mut tx = app.db.begin_ingest().await?;
    db::purge_marks(&mut tx, Time(app.clock.now())).await?;
    tx.commit().await
}
