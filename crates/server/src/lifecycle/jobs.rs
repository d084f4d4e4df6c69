//! Periodic jobs: each is idempotent, takes no input and runs again soon if it fails.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::Database;
use crate::app::AppState;
use crate::features;
use crate::platform::auth::keys_used;
use crate::platform::time::Time;
use crate::platform::{audit, rate_limit};

const DATABASE_EVERY: Duration = Duration::from_secs(2);
const OVERDUE_EVERY: Duration = Duration::from_secs(5);
const OFFER_EVERY: Duration = Duration::from_secs(3);
const SETTLE_EVERY: Duration = Duration::from_secs(15);
const RUNS_EVERY: Duration = Duration::from_secs(1);
const SCHEDULES_EVERY: Duration = Duration::from_secs(5);
const MARKS_EVERY: Duration = Duration::from_hours(1);
const SEAL_EVERY: Duration = Duration::from_secs(2);
const SIGN_EVERY: Duration = Duration::from_mins(1);
const TRIM_EVERY: Duration = Duration::from_hours(1);
const SESSIONS_EVERY: Duration = Duration::from_hours(1);
const IDLE_EVERY: Duration = Duration::from_mins(10);
const REPORTS_EVERY: Duration = Duration::from_hours(1);
const ROLL_UP_EVERY: Duration = Duration::from_secs(30);
const PURGE_EVERY: Duration = Duration::from_hours(1);
const PARTITIONS_EVERY: Duration = Duration::from_hours(1);
/// A run that failed is tried again after this, if its period is longer.
const AGAIN_AFTER: Duration = Duration::from_mins(1);

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
    every(app, stopping, "carry runs of commands on", RUNS_EVERY, |app: AppState| async move {
        features::command_runs::jobs::advance(&app).await
    });
    every(app, stopping, "end runs of commands", SETTLE_EVERY, |app: AppState| async move {
        features::command_runs::jobs::settle(&app).await
    });
    every(app, stopping, "carry out schedules of the clock", SCHEDULES_EVERY, |app: AppState| async move {
        features::schedules::jobs::by_the_clock(&app).await
    });
    every(app, stopping, "carry out schedules that machines set off", SCHEDULES_EVERY, |app: AppState| async move {
        features::schedules::jobs::by_machines(&app).await
    });
    every(app, stopping, "forget which machines schedules had", MARKS_EVERY, |app: AppState| async move {
        features::schedules::jobs::purge(&app).await
    });
    app.tasks.spawn(features::command_runs::jobs::tell(app.clone(), stopping.clone()));
    every(app, stopping, "maintain partitions of measurements", PARTITIONS_EVERY, |app: AppState| async move {
        super::maintain_partitions(&app.db, app.clock.now(), &app.config).await
    });
    every(app, stopping, "roll measurements up", ROLL_UP_EVERY, |app: AppState| async move {
        features::history::roll_up(&app.db, app.clock.now()).await.map(drop)
    });
    every(app, stopping, "purge old measurements", PURGE_EVERY, |app: AppState| async move {
        features::history::purge(&app.db, app.clock.now()).await.map(drop)
    });
    every(app, stopping, "purge old commands", PURGE_EVERY, |app: AppState| async move {
        features::commands::jobs::purge(&app).await.map(drop)
    });
    every(app, stopping, "forget old sessions", SESSIONS_EVERY, |app: AppState| async move {
        features::auth::jobs::forget_sessions(&app).await.map(drop)
    });
    every(app, stopping, "remove machines that stay away", IDLE_EVERY, |app: AppState| async move {
        features::enrolment::jobs::remove_idle(&app).await.map(drop)
    });
    every(app, stopping, "forget old install reports", REPORTS_EVERY, |app: AppState| async move {
        features::install_reports::jobs::purge(&app).await.map(drop)
    });
    every(app, stopping, "seal the audit log", SEAL_EVERY, |app: AppState| async move {
        audit::seal(&mut *app.db.owner().await?, app.clock.now()).await.map(drop)
    });
    every(app, stopping, "sign the audit log", SIGN_EVERY, |app: AppState| async move {
        app.checkpoints.keep(&mut *app.db.owner().await?, app.clock.now()).await
    });
    every(app, stopping, "trim the audit log", TRIM_EVERY, |app: AppState| async move {
        audit::trim(&mut *app.db.owner().await?, &app.checkpoints, app.clock.now()).await.map(drop)
    });
    every(app, stopping, "note when API keys were used", keys_used::WRITE_EVERY, |app: AppState| async move {
        app.keys_used.write(&app.db, Time(app.clock.now())).await
    });
    every(app, stopping, "forget old attempts", rate_limit::SWEEP_EVERY, |app: AppState| async move {
        app.limits.sweep();
        app.refusals.sweep();
        app.gateway.strangers.sweep(Instant::now());
        Ok(())
    });
}

/// Seals and signs what was told until the server stopped: who cuts off the end after it leaves a trace.
pub(super) async fn seal_at_the_end(app: &AppState) {
    let sealed = async {
        let (mut owner, now) = (app.db.owner().await?, app.clock.now());
        audit::seal(&mut owner, now).await?;
        app.checkpoints.keep(&mut owner, now).await
    };
    if let Err(error) = sealed.await {
        tracing::warn!(%error, "the end of the audit log is sealed at the next start");
    }
}

fn every<F, R>(app: &AppState, stopping: &CancellationToken, name: &'static str, period: Duration, job: F)
where
    F: Fn(AppState) -> R + Send + Sync + 'static,
    R: Future<Output = sqlx::Result<()>> + Send,
{
    let (state, stopping) = (app.clone(), stopping.clone());
    app.tasks.spawn(async move { repeat(&stopping, name, period, || job(state.clone())).await });
}

/// Runs the job again and again. One run may fail, even by a panic; the next comes all the same, and soon.
async fn repeat<F, R>(stopping: &CancellationToken, name: &str, period: Duration, job: F)
where
    F: Fn() -> R,
    R: Future<Output = sqlx::Result<()>>,
{
    let mut pause = period;
    while stopping.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        let Some(result) = stopping.run_until_cancelled(AssertUnwindSafe(job()).catch_unwind()).await else { return };
        pause = pause_after(&result, period);
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(job = name, %error, "a job failed; it runs again"),
            Err(_) => tracing::error!(job = name, "a job panicked; it runs again"),
        }
    }
}

fn pause_after<P>(result: &Result<sqlx::Result<()>, P>, period: Duration) -> Duration {
    if matches!(result, Ok(Ok(()))) { period } else { period.min(AGAIN_AFTER) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_job_that_fails_or_panics_runs_again() {
        let (stopping, runs) = (CancellationToken::new(), Cell::new(0));
        let job = || {
            runs.set(runs.get() + 1);
            let (run, stopping) = (runs.get(), stopping.clone());
            async move {
                match run {
                    1 => Err(sqlx::Error::RowNotFound),
                    2 => panic!("a mistake"),
                    3 => Ok(()),
                    _ => {
                        stopping.cancel();
                        Ok(())
                    }
                }
            }
        };
        repeat(&stopping, "a job", Duration::from_millis(1), job).await;
        assert_eq!(runs.get(), 4);
    }

    #[test]
    fn a_rare_job_that_failed_does_not_wait_for_its_next_turn() {
        let (failed, panicked) = (Ok::<_, ()>(Err(sqlx::Error::RowNotFound)), Err(()));
        let hour = Duration::from_hours(1);
        assert_eq!(pause_after(&failed, hour), AGAIN_AFTER);
        assert_eq!(pause_after(&panicked, hour), AGAIN_AFTER);
        assert_eq!(pause_after(&panicked, OFFER_EVERY), OFFER_EVERY);
        assert_eq!(pause_after(&Ok::<_, ()>(Ok(())), hour), hour);
    }
}
