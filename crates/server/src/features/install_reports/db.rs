//! SQL of the table `install_reports`. Names are read from `clients` (clients), `sites` (sites) and `site_keys` (site_keys).

use gururmm_ids::{ClientId, InstallReportId, SiteId, SiteKeyId};
use jiff::Timestamp;
use sqlx::PgConnection;

use super::model::InstallReport;
use crate::platform::auth::OrgScope;
use crate::platform::http::Cursor;
use crate::platform::time::Time;

/// Reports of a site that are kept.
const KEPT_MAX: i32 = 200;

/// A report to be.
pub(super) struct New {
    /// Hexadecimal digits.
    pub(super) site_key_hash: String,
    pub(super) hostname: String,
    pub(super) os: String,
    pub(super) arch: String,
    pub(super) agent_version: String,
    pub(super) step: String,
    pub(super) message: String,
    pub(super) log: Option<String>,
    pub(super) ip: String,
}

/// Keeps a report; says whether its site key is known.
pub(super) async fn insert(tx: &mut PgConnection, new: &New, now: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select install_report_add(decode($1, 'hex'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::inet, $12) as "kept!""#,
        new.site_key_hash,
        InstallReportId::generate() as _,
        Time(now) as _,
        new.hostname,
        new.os,
        new.arch,
        new.agent_version,
        new.step,
        new.message,
        new.log,
        new.ip,
        KEPT_MAX,
    )
    .fetch_one(tx)
    .await
}

/// Which reports are wanted.
pub(super) struct Filter {
    pub(super) client_id: Option<ClientId>,
    pub(super) site_id: Option<SiteId>,
}

/// Reports, the newest first, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    scope: &OrgScope,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
) -> sqlx::Result<Vec<InstallReport>> {
    sqlx::query_as!(
        InstallReport,
        r#"select r.id as "id: InstallReportId", r.client_id as "client_id: ClientId", c.name as client_name, r.site_id as "site_id: SiteId",
                  s.name as site_name, r.site_key_id as "site_key_id: SiteKeyId", k.name as "site_key_name?", r.reported_at, r.hostname, r.os,
                  r.arch, r.agent_version, r.step, r.message, r.log, host(r.ip) as "ip!"
           from install_reports r join clients c on c.id = r.client_id join sites s on s.id = r.site_id
               left join site_keys k on k.id = r.site_key_id
           where r.org_id = $1 and ($2::uuid is null or r.client_id = $2) and ($3::uuid is null or r.site_id = $3)
             and ($4::uuid is null or r.id < $4)
           order by r.id desc limit $5"#,
        scope.org_id as _,
        filter.client_id as _,
        filter.site_id as _,
        after.map(|cursor| cursor.id),
        i64::from(limit) + 1,
    )
    .fetch_all(tx)
    .await
}

/// Removes reports from before a moment; says how many.
pub(super) async fn purge(owner: &mut PgConnection, before: Time) -> sqlx::Result<u64> {
    let result = sqlx::query!("delete from install_reports where reported_at < $1", before as _).execute(owner).await?;
    Ok(result.rows_affected())
}
