//! Jobs: schedules are carried out, and what is over is forgotten.

use super::{db, fire};
use crate::app::AppState;
use crate::platform::time::Time;

/// Carries out what is due. One that fails does not keep others from it; it is looked at again in a moment.
pub async fn carry_out(app: &AppState) -> sqlx::Result<()> {
    let mut tx = app.db.begin_ingest().await?;
    let due = db::due(&mut tx, Time(app.clock.now())).await?;
    tx.commit().await?;
    for (id, org_id) in due {
        if let Err(problem) = fire::one(app, (id, org_id)).await {
            tracing::warn!(%id, detail = %problem.detail, error = ?problem.source, "a schedule was not carried out; it is tried again");
        }
    }
    Ok(())
}

/// Forgets machines' runs of days that are over everywhere.
pub async fn purge(app: &AppState) -> sqlx::Result<()> {
    let mut tx = app.db.begin_ingest().await?;
    db::purge_marks(&mut tx, Time(app.clock.now())).await?;
    tx.commit().await
}
