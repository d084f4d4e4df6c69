//! Collecting a batch, and writing it until it is written.

use std::collections::HashMap;
use std::time::Duration;

use gururmm_ids::{AgentId, SpoolId};
use gururmm_protocol::record::Body;
use tokio::time::{Instant, timeout_at};

use super::announce::announce_batch;
use super::queue::{Item, ItemReceiver, Queued};
use super::write::{Fault, fault, write};
use crate::app::AppState;
use crate::features::metrics;

/// What is written once for each agent of a batch is written the less often the larger the batches are; an answer to somebody who waits
/// comes the later.
const BATCH_MAX: usize = 2_000;
const COMPANY_WAIT: Duration = Duration::from_millis(100);
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Writes batches until the queue is closed, or until the server stops and nothing waits.
pub async fn run(app: AppState, mut items: ItemReceiver) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        tokio::select! {
            count = items.recv_many(&mut batch, BATCH_MAX) => if count == 0 { return },
            () = app.stopping.cancelled(), if items.is_empty() => return,
        }
        wait_for_company(&mut items, &mut batch).await;
        for part in one_spool_per_agent(std::mem::take(&mut batch)) {
            if !write_until_done(&app, &part).await {
                return;
            }
        }
    }
}

async fn wait_for_company(items: &mut ItemReceiver, batch: &mut Vec<Queued>) {
    let until = Instant::now() + COMPANY_WAIT;
    while batch.len() < BATCH_MAX && !batch.iter().any(|queued| is_urgent(&queued.item)) {
        let room = BATCH_MAX - batch.len();
        match timeout_at(until, items.recv_many(batch, room)).await {
            Ok(count) if count > 0 => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// Whether somebody is waiting for it.
fn is_urgent(item: &Item) -> bool {
    !matches!(item.record.body, Body::Metrics(_) | Body::Unknown)
}

/// A batch locks each agent's mark once, for one spool: the rare record of an agent's next spool goes into a part of its own.
fn one_spool_per_agent(batch: Vec<Queued>) -> Vec<Vec<Queued>> {
    let mut parts: Vec<Vec<Queued>> = vec![Vec::with_capacity(batch.len())];
    let mut place: HashMap<AgentId, (usize, SpoolId)> = HashMap::new();
    for queued in batch {
        let (part, spool) = place.entry(queued.item.connection.agent_id).or_insert((0, queued.item.spool_id));
        if *spool != queued.item.spool_id {
            (*part, *spool) = (*part + 1, queued.item.spool_id);
        }
        if *part == parts.len() {
            parts.push(Vec::new());
        }
        let part = *part;
        parts[part].push(queued);
    }
    parts
}

/// Writes a part, again and again while the database is away. False when the server stopped first: the records were not
/// acknowledged, the agents send them again.
async fn write_until_done(app: &AppState, part: &[Queued]) -> bool {
    let mut pause = RETRY_FIRST;
    loop {
        let items: Vec<&Item> = part.iter().map(|queued| &queued.item).collect();
        match write_and_acknowledge(app, &items).await {
            Ok(()) => return true,
            Err(error) => match fault(&error) {
                Fault::Data if items.len() > 1 => return write_one_by_one(app, part).await,
                Fault::Data => {
                    leave_out(&items, &error);
                    return true;
                }
                Fault::NoPartition => make_partitions(app).await,
                Fault::Away => {
                    tracing::warn!(%error, records = items.len(), "records could not be written; they wait");
                }
            },
        }
        if app.stopping.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return false;
        }
        pause = (pause * 2).min(RETRY_MAX);
    }
}

/// The clock has jumped over the days that were made ahead, or the job that makes them fails.
async fn make_partitions(app: &AppState) {
    tracing::warn!("a day of measurements has no partition; making it");
    if let Err(error) = metrics::make_partitions(&app.db, app.clock.now(), app.config.metrics_retention_days).await {
        tracing::warn!(%error, "partitions could not be made; the records wait");
    }
}

async fn write_one_by_one(app: &AppState, part: &[Queued]) -> bool {
    for queued in part {
        if !Box::pin(write_until_done(app, std::slice::from_ref(queued))).await {
            return false;
        }
    }
    true
}

/// The record is lost, and said so: the mark passes it with the next one, so that it cannot hold up what comes after.
fn leave_out(items: &[&Item], error: &sqlx::Error) {
    for item in items {
        let (agent_id, sequence) = (item.connection.agent_id, item.record.sequence);
        tracing::error!(agent.id = %agent_id, sequence, %error, "a record was refused by the database and left out");
    }
}

async fn write_and_acknowledge(app: &AppState, items: &[&Item]) -> sqlx::Result<()> {
    let (rows, written) = write(&app.db, items, app.clock.now(), app.config.metrics_retention_days).await?;
    for item in items {
        let sequence = item.record.sequence;
        item.connection.acknowledged.send_if_modified(|mark| {
            let is_higher = sequence > *mark;
            *mark = (*mark).max(sequence);
            is_higher
        });
    }
    announce_batch(app, &rows, &written);
    Ok(())
}
