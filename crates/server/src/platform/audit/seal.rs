//! Sealing: what waits gets the next number of its organisation, and its hash.
//!
//! Idempotent, takes no input, may be stopped anywhere. Servers that share a database take turns, organisation by organisation. Numbers
//! follow the sealing and not the time: a transaction that commits late gets a later one.

use gururmm_ids::OrgId;
use jiff::Timestamp;
use sqlx::{Connection as _, PgConnection, QueryBuilder};
use uuid::Uuid;

use super::chain::{self, BEGINNING, Fields, Hash};
use crate::platform::time::Time;

/// Events of one transaction.
const BATCH: i64 = 5_000;

/// The newest event of a chain, or where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) hash: Hash,
}

impl Head {
    pub(super) fn new(seq: i64, hash: &[u8]) -> Self {
        // the column's check allows no other length
        Self { seq, hash: hash.try_into().unwrap_or(BEGINNING) }
    }
}

/// Seals what waits; says how many events. Needs the owner's connection.
pub async fn seal(owner: &mut PgConnection, now: Timestamp) -> sqlx::Result<u64> {
    let orgs = sqlx::query_scalar!(r#"select distinct org_id as "org_id: OrgId" from audit_pending"#)
        .fetch_all(&mut *owner)
        .await?;
    let mut sealed = 0;
    for org_id in orgs {
        loop {
            let count = seal_some(owner, org_id, now).await?;
            sealed += count;
            if count < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(sealed)
}

async fn seal_some(owner: &mut PgConnection, org_id: OrgId, now: Timestamp) -> sqlx::Result<u64> {
    let mut tx = owner.begin().await?;
    lock(&mut tx, org_id).await?;
    let waiting = waiting(&mut tx, org_id).await?;
    let mut head = head(&mut tx, org_id).await?;
    let (mut seqs, mut ids, mut hashes, mut marks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, fields) in &waiting {
        head = Head { seq: head.seq + 1, hash: chain::hash(org_id, head.seq + 1, &head.hash, fields) };
        seqs.push(head.seq);
        ids.push(*id);
        hashes.push(head.hash.to_vec());
        marks.push(chain::marks(fields));
    }
    sqlx::query!(
        "insert into audit_chain (org_id, seq, event_id, hash, fields, sealed_at)
         select $1, seq, event_id, hash, fields, $6
         from unnest($2::bigint[], $3::uuid[], $4::bytea[], $5::bytea[]) as sealed (seq, event_id, hash, fields)",
        org_id as _,
        &seqs,
        &ids,
        &hashes,
        &marks,
        Time(now) as _,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from audit_pending where org_id = $1 and event_id = any ($2)", org_id as _, &ids)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(waiting.len() as u64)
}

/// Until the end of the transaction nobody else changes this chain.
pub(super) async fn lock(tx: &mut PgConnection, org_id: OrgId) -> sqlx::Result<()> {
    sqlx::query!("select from pg_advisory_xact_lock(hashtextextended('audit ' || $1::text, 0))", org_id.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

async fn waiting(tx: &mut PgConnection, org_id: OrgId) -> sqlx::Result<Vec<(Uuid, Fields)>> {
    let mut query = QueryBuilder::new("select e.id, ");
    chain::push_fields(&mut query);
    query.push(
        " from audit_pending p join audit_events e on e.id = p.event_id and e.org_id = p.org_id where p.org_id = ",
    );
    query.push_bind(org_id).push(" order by p.event_id limit ").push_bind(BATCH);
    query.build_query_as().fetch_all(tx).await
}

pub(super) async fn head(tx: &mut PgConnection, org_id: OrgId) -> sqlx::Result<Head> {
    let newest = sqlx::query!(
        r#"select seq as "seq!", hash as "hash!" from (
               (select seq, hash from audit_chain where org_id = $1 order by seq desc limit 1)
               union all (select seq, hash from audit_anchors where org_id = $1 order by seq desc limit 1)) newest
           order by seq desc limit 1"#,
        org_id as _,
    )
    .fetch_optional(tx)
    .await?;
    Ok(newest.map_or(Head { seq: 0, hash: BEGINNING }, |row| Head::new(row.seq, &row.hash)))
}
