//! Periodic jobs: each is idempotent, takes no input and runs again soon if it fails.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Database;
use crate::app::AppState;
use crate::features;
use crate::platform::rate_limit;

const DATABASE_EVERY: Duration = Duration::from_secs(2);
const OVERDUE_EVERY: Duration = Duration::from_secs(5);
const OFFER_EVERY: Duration = Duration::from_secs(3);
const SESSIONS_EVERY: Duration = Duration::from_hours(1);
const PARTITIONS_EVERY: Duration = Duration::from_hours(1);

/// Starts the jobs; they end with `stopping`.
pub(super) fn spawn(app: &AppState, database: &Database, stopping: &CancellationToken) {
    let database = database.clone();
    every(app, stopping, "keep the database running", DATABASE_EVERY, move |_| {
        let database = database.clone();
        async move {
            database.keep_running().await;
            Ok(())
        }
    });
    every(app, stopping, "end overdue commands", OVERDUE_EVERY, |app: AppState| async move {
        features::commands::jobs::end_overdue(&app).await.map(drop)
    });
    every(app, stopping, "offer commands again", OFFER_EVERY, |app: AppState| async move {
        features::commands::offer_again(&app).await.map(drop)
    });
    every(app, stopping, "maintain partitions of metrics", PARTITIONS_EVERY, |app: AppState| async move {
        features::metrics::maintain(&app.db, app.clock.now(), app.config.metrics_retention_days).await.map(drop)
    });
    every(app, stopping, "forget old sessions", SESSIONS_EVERY, |app: AppState| async move {
        features::auth::jobs::forget_sessions(&app).await.map(drop)
    });
    every(app, stopping, "forget old attempts", rate_limit::SWEEP_EVERY, |app: AppState| async move {
        app.limits.sweep();
        Ok(())
    });
}

fn every<F, R>(app: &AppState, stopping: &CancellationToken, name: &'static str, period: Duration, job: F)
where
    F: Fn(AppState) -> R + Send + 'static,
    R: Future<Output = sqlx::Result<()>> + Send,
{
    let (app, stopping) = (app.clone(), stopping.clone());
    app.tasks.clone().spawn(async move {
        while stopping.run_until_cancelled(tokio::time::sleep(period)).await.is_some() {
            match stopping.run_until_cancelled(job(app.clone())).await {
                Some(Err(error)) => tracing::warn!(job = name, %error, "a job failed; it runs again"),
                Some(Ok(())) => {}
                None => return,
            }
        }
    });
}
