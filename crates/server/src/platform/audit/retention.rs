//! How long an organisation keeps its audit log.
//!
//! What is removed is a beginning of the chain, never a piece out of it, and the chain then begins at an *anchor*: the last number that is
//! gone, and its hash. The anchor is signed before it counts.

use std::sync::Arc;

use gururmm_ids::OrgId;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::checkpoints::{Checkpoints, Kind};
use super::seal::{Head, lock};
use super::{AuditEvent, Target, record_own};
use crate::platform::time::Time;

/// Events of one transaction.
const BATCH: i64 = 20_000;
/// Trimming tells of itself: once a day is often enough.
const EVERY: SignedDuration = SignedDuration::from_hours(23);

/// Removes what is older than its organisation keeps; says how many events. Needs the owner's connection.
pub async fn trim(owner: &mut PgConnection, checkpoints: &Arc<Checkpoints>, now: Timestamp) -> sqlx::Result<u64> {
    let due = sqlx::query!(
        r#"select o.id as "org_id: OrgId", o.audit_days as "days!" from organisations o
           where o.audit_days is not null
             and not exists (select from audit_anchors a where a.org_id = o.id and a.anchored_at > $1)"#,
        Time(now.saturating_sub(EVERY).unwrap_or(now)) as _,
    )
    .fetch_all(&mut *owner)
    .await?;
    let mut removed = 0;
    for org in due {
        let kept_from = now.saturating_sub(SignedDuration::from_hours(i64::from(org.days) * 24)).unwrap_or(now);
        loop {
            let count = trim_some(owner, checkpoints, org.org_id, [now, kept_from]).await?;
            removed += count.unsigned_abs();
            if count < BATCH {
                break;
            }
        }
    }
    Ok(removed)
}

/// The end of what can be removed.
struct Prefix {
    last: Head,
    count: i64,
    until: Time,
}

async fn trim_some(
    owner: &mut PgConnection,
    checkpoints: &Arc<Checkpoints>,
    org_id: OrgId,
    [now, kept_from]: [Timestamp; 2],
) -> sqlx::Result<i64> {
    let mut tx = owner.begin().await?;
    lock(&mut tx, org_id).await?;
    let Some(prefix) = prefix(&mut tx, org_id, kept_from).await? else { return Ok(0) };
    sign(checkpoints, org_id, prefix.last, now).await?;
    remove(&mut tx, org_id, prefix.last, now).await?;
    let detail = json!({ "count": prefix.count, "until": prefix.until });
    let event = AuditEvent { action: "audit.trimmed", target: Target::organisation(org_id), detail };
    record_own(&mut tx, org_id, now, event).await?;
    tx.commit().await?;
    Ok(prefix.count)
}

/// The longest beginning of the chain that is older. One that holds nothing but the traces of trimming stays, or each day would remove the
/// trace of another and leave its own.
async fn prefix(tx: &mut PgConnection, org_id: OrgId, kept_from: Timestamp) -> sqlx::Result<Option<Prefix>> {
    let row = sqlx::query!(
        r#"with first as (
               select c.seq, c.hash, e.occurred_at, e.action from audit_chain c join audit_events e on e.id = c.event_id
               where c.org_id = $1 order by c.seq limit $3
           ), old as (
               select * from first
               where seq < coalesce((select min(seq) from first where occurred_at >= $2), 9223372036854775807)
           )
           select seq as "seq!", hash as "hash!", (select count(*) from old) as "count!",
                  (select max(occurred_at) from old) as "until!: Time"
           from old where exists (select from old where action <> 'audit.trimmed') order by seq desc limit 1"#,
        org_id as _,
        Time(kept_from) as _,
        BATCH,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Prefix { last: Head::new(row.seq, &row.hash), count: row.count, until: row.until }))
}

/// Before the commit: an anchor that nobody signed would be taken for somebody else's.
async fn sign(checkpoints: &Arc<Checkpoints>, org_id: OrgId, last: Head, now: Timestamp) -> sqlx::Result<()> {
    let checkpoints = Arc::clone(checkpoints);
    let signed = tokio::task::spawn_blocking(move || checkpoints.append(org_id, Kind::Anchor, last, now)).await;
    signed.map_err(std::io::Error::other)?.map_err(std::io::Error::other)?;
    Ok(())
}

async fn remove(tx: &mut PgConnection, org_id: OrgId, last: Head, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_anchors (org_id, seq, hash, anchored_at) values ($1, $2, $3, $4)",
        org_id as _,
        last.seq,
        &last.hash[..],
        Time(now) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("set local gururmm.audit_retention = 'on'").execute(&mut *tx).await?;
    sqlx::query!(
        "with gone as (delete from audit_chain where org_id = $1 and seq <= $2 returning event_id)
         delete from audit_events where org_id = $1 and id in (select event_id from gone)",
        org_id as _,
        last.seq,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("set local gururmm.audit_retention = 'off'").execute(&mut *tx).await?;
    Ok(())
}
