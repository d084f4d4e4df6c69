//! `gururmm-server audit verify`: whether the audit log is what was told, and where not.
//!
//! Each chain is walked from its signed anchor, or its beginning, to its end, and compared with the checkpoints. The first thing that is
//! wrong is named; what comes after it proves nothing any more. Nothing is changed.

mod report;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use gururmm_fsx::FileError;
use gururmm_ids::OrgId;
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection as _, PgConnection, QueryBuilder};
use uuid::Uuid;

use super::chain::{self, Fields, Hash, hex};
use super::checkpoints::{self, Checkpoint, Kept, Kind};
use super::seal::Head;
use crate::platform::time::Time;

pub use report::{Finding, Organisation, Report};

/// Events that are read at once.
const PAGE: i64 = 2_000;
/// What is sealed so much later than it was told, and still is not, was left out.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// A chain that is so old has been signed.
const SIGNED_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// Why it cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The checkpoints cannot be read.
    #[error(transparent)]
    Files(#[from] FileError),
    /// A statement failed.
    #[error("the audit log could not be read")]
    Sql(#[from] sqlx::Error),
}

/// Compares every organisation's log, or one's, with the checkpoints in `folder`. Needs the owner's connection.
pub async fn verify(
    owner: &mut PgConnection,
    folder: &Path,
    only: Option<OrgId>,
    now: Timestamp,
) -> Result<Report, VerifyError> {
    // what is signed while we look is not in what we look at, and an anchor is signed before it is there
    let signed_before: HashMap<OrgId, i64> = checkpoints::read(folder)?
        .into_iter()
        .filter_map(|(org, kept)| Some((org, kept.good.iter().map(|it| it.seq).max()?)))
        .collect();
    let mut tx = owner.begin_with("begin isolation level repeatable read read only").await?;
    let known = sqlx::query!(r#"select id as "id: OrgId", name from organisations"#).fetch_all(&mut *tx).await?;
    let names: HashMap<OrgId, String> = known.into_iter().map(|org| (org.id, org.name)).collect();
    let mut files = checkpoints::read(folder)?;
    let orgs: BTreeSet<OrgId> = names.keys().chain(files.keys()).copied().collect();
    let mut organisations = Vec::new();
    for org_id in orgs.into_iter().filter(|org_id| only.is_none_or(|only| only == *org_id)) {
        let signed_before = signed_before.get(&org_id).copied().unwrap_or(0);
        let log = Log::new(org_id, files.remove(&org_id).unwrap_or_default(), signed_before, now);
        organisations.push(log.examine(&mut tx, names.get(&org_id).cloned()).await?);
    }
    Ok(Report::of(organisations))
}

/// One organisation's log and what is known of it outside.
struct Log {
    org_id: OrgId,
    /// The good checkpoints, by number.
    signed: HashMap<i64, Vec<Checkpoint>>,
    count: usize,
    /// The first line that is none.
    bad: Option<(PathBuf, usize)>,
    signed_before: i64,
    now: Timestamp,
}

/// A number of the chain, and the event that should be there.
#[derive(sqlx::FromRow)]
struct Link {
    seq: i64,
    hash: Vec<u8>,
    marks: Vec<u8>,
    sealed_at: Time,
    event_id: Uuid,
    told: Option<Fields>,
}

impl Log {
    fn new(org_id: OrgId, kept: Kept, signed_before: i64, now: Timestamp) -> Self {
        let (count, bad) = (kept.good.len(), kept.bad.into_iter().next());
        let mut signed: HashMap<i64, Vec<Checkpoint>> = HashMap::new();
        for checkpoint in kept.good {
            signed.entry(checkpoint.seq).or_default().push(checkpoint);
        }
        Self { org_id, signed, count, bad, signed_before, now }
    }

    async fn examine(&self, tx: &mut PgConnection, name: Option<String>) -> sqlx::Result<Organisation> {
        let mut organisation =
            Organisation { org_id: self.org_id, name, first: 0, last: 0, checkpoints: self.count, finding: None };
        organisation.finding = self.first_finding(tx, &mut organisation).await?;
        Ok(organisation)
    }

    async fn first_finding(
        &self,
        tx: &mut PgConnection,
        organisation: &mut Organisation,
    ) -> sqlx::Result<Option<Finding>> {
        let anchor = self.anchor(tx).await?;
        if anchor.seq > 0 && !self.signed(anchor.seq).any(|it| it.kind == Kind::Anchor && it.hash == hex(&anchor.hash))
        {
            return Ok(Some(Finding::Forged { seq: anchor.seq, what: "the beginning of the chain is not signed" }));
        }
        let (mut head, mut times) = (anchor, None);
        organisation.first = anchor.seq + 1;
        loop {
            let links = self.links(tx, head.seq).await?;
            for link in &links {
                let first = times.map_or(link.sealed_at, |(first, _)| first);
                times = Some((first, link.sealed_at));
                match self.compare(&head, link) {
                    Ok(hash) => head = Head { seq: link.seq, hash },
                    Err(finding) => return Ok(Some(finding)),
                }
                organisation.last = head.seq;
            }
            if (links.len() as i64) < PAGE {
                break;
            }
        }
        if self.signed_before > head.seq {
            return Ok(Some(Finding::CutOff { seq: head.seq, signed: self.signed_before }));
        }
        if let Some(event_id) = self.unchained(tx, times.map(|(_, last)| last)).await? {
            return Ok(Some(Finding::Unchained { event_id }));
        }
        Ok(self.files_finding(times.map(|(first, _)| first)))
    }

    /// What the files themselves lack.
    fn files_finding(&self, sealed_first: Option<Time>) -> Option<Finding> {
        if let Some((file, line)) = self.bad.clone() {
            return Some(Finding::BadSignature { file, line });
        }
        let is_due = sealed_first.is_some_and(|at| at.0 < self.now.saturating_sub(SIGNED_WITHIN).unwrap_or(self.now));
        (self.count == 0 && is_due).then_some(Finding::NoCheckpoints)
    }

    /// The hash of a link that is right.
    fn compare(&self, previous: &Head, link: &Link) -> Result<Hash, Finding> {
        let seq = previous.seq + 1;
        let Some(told) = link.told.as_ref().filter(|_| link.seq == seq) else {
            return Err(Finding::Missing { seq, event_id: (link.seq == seq).then_some(link.event_id) });
        };
        let hash = chain::hash(self.org_id, seq, &previous.hash, told);
        if hash[..] != link.hash[..] {
            let columns = chain::altered(told, &link.marks);
            return Err(Finding::Altered { seq, event_id: link.event_id, columns });
        }
        if self.signed(seq).any(|it| it.hash != hex(&hash)) {
            return Err(Finding::Forged { seq, what: "the chain is not the one that was signed" });
        }
        Ok(hash)
    }

    fn signed(&self, seq: i64) -> impl Iterator<Item = &Checkpoint> {
        self.signed.get(&seq).into_iter().flatten()
    }

    async fn anchor(&self, tx: &mut PgConnection) -> sqlx::Result<Head> {
        let row = sqlx::query!(
            "select seq, hash from audit_anchors where org_id = $1 order by seq desc limit 1",
            self.org_id as _
        )
        .fetch_optional(tx)
        .await?;
        Ok(row.map_or(Head { seq: 0, hash: chain::BEGINNING }, |row| Head::new(row.seq, &row.hash)))
    }

    async fn links(&self, tx: &mut PgConnection, after: i64) -> sqlx::Result<Vec<Link>> {
        let mut query = QueryBuilder::new(
            "select c.seq, c.hash, c.fields as marks, c.sealed_at, c.event_id, case when e.id is not null then ",
        );
        chain::push_fields(&mut query);
        query.push(" end as told from audit_chain c left join audit_events e on e.id = c.event_id and e.org_id = c.org_id where c.org_id = ");
        query.push_bind(self.org_id).push(" and c.seq > ").push_bind(after).push(" order by c.seq limit ");
        query.push_bind(PAGE).build_query_as().fetch_all(tx).await
    }

    /// An event without a number that does not wait for one, or that was passed over; or one that waits and is not there.
    async fn unchained(&self, tx: &mut PgConnection, sealed_last: Option<Time>) -> sqlx::Result<Option<Uuid>> {
        let passed = sealed_last.and_then(|at| at.0.saturating_sub(SEALED_WITHIN).ok()).unwrap_or(Timestamp::MIN);
        sqlx::query_scalar!(
            r#"select id as "id!" from (
                   select e.id from audit_events e
                   where e.org_id = $1 and not exists (select from audit_chain c where c.event_id = e.id)
                     and (e.occurred_at < $2
                          or not exists (select from audit_pending p where p.org_id = e.org_id and p.event_id = e.id))
                   union all
                   select p.event_id from audit_pending p
                   where p.org_id = $1 and not exists (select from audit_events e where e.id = p.event_id)) unchained
               order by id limit 1"#,
            self.org_id as _,
            Time(passed).since_1970() as _,
        )
        .fetch_optional(tx)
        .await
    }
}
