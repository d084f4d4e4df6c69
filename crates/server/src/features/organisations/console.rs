//! What the server's console does for organisations, as the owner of the database. Each act is a row in the audit log of the organisation.

use gururmm_ids::OrgId;
use jiff::Timestamp;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::model::{Limits, PlatformOrganisation};
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::time::Time;

/// Every organisation by name.
pub async fn list(owner: &mut PgConnection) -> sqlx::Result<Vec<PlatformOrganisation>> {
    sqlx::query_as!(
        PlatformOrganisation,
        r#"select o.id as "id: OrgId", o.name, lower(o.name) as "sort_name!", o.created_at as "created_at: Time", o.suspended_at as "suspended_at: Time", o.agents_max,
                  o.users_max, o.retention_days_max, (select count(*) from agents a where a.org_id = o.id and a.state not in ('left', 'revoked')) as "agent_count!",
                  (select count(*) from memberships m where m.org_id = o.id and m.status <> 'removed') as "user_count!"
           from organisations o order by lower(o.name), o.id"#
    )
    .fetch_all(owner)
    .await
}

/// Makes an organisation; its first owner is invited next.
pub async fn create(owner: &mut PgConnection, name: &str, now: Timestamp) -> anyhow::Result<OrgId> {
    let name =
        crate::platform::validate::name("name", name).map_err(|problem| anyhow::anyhow!("{}", problem.detail))?;
    let id = OrgId::generate();
    let mut tx = owner.begin().await?;
    sqlx::query!(
        "insert into organisations (id, name, created_at, updated_at) values ($1, $2, $3, $3)",
        id as _,
        name,
        Time(now) as _
    )
    .execute(&mut *tx)
    .await?;
    let target = Target { name: Some(&name), ..Target::organisation(id) };
    audit::record_own(&mut tx, id, now, AuditEvent { action: "organisation.created", target, detail: json!({}) })
        .await?;
    tx.commit().await?;
    Ok(id)
}

/// Sets all limits of an organisation, or suspends or resumes it: what is none stays as it is.
pub async fn update(
    owner: &mut PgConnection,
    id: OrgId,
    limits: Option<Limits>,
    suspended: Option<bool>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let limits = limits.map(Limits::check).transpose().map_err(|problem| anyhow::anyhow!("{}", problem.detail))?;
    let mut tx = owner.begin().await?;
    let before = sqlx::query!(
        r#"select name, agents_max, users_max, retention_days_max, suspended_at as "suspended_at: Time" from organisations where id = $1
           for no key update"#,
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| anyhow::anyhow!("there is no organisation {id}: see `gururmm-server org list`"))?;
    let after = sqlx::query!(
        r#"update organisations set
               agents_max = case when $2 then $3 else agents_max end, users_max = case when $2 then $4 else users_max end,
               retention_days_max = case when $2 then $5 else retention_days_max end, updated_at = $7,
               suspended_at = case $6::boolean when true then coalesce(suspended_at, $7) when false then null else suspended_at end
           where id = $1 returning agents_max, users_max, retention_days_max, suspended_at as "suspended_at: Time""#,
        id as _,
        limits.is_some(),
        limits.and_then(|limits| limits.agents),
        limits.and_then(|limits| limits.users),
        limits.and_then(|limits| limits.days),
        suspended,
        Time(now) as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let detail = json!({
        "before": { "agents_max": before.agents_max, "users_max": before.users_max, "retention_days_max": before.retention_days_max,
                    "suspended_at": before.suspended_at },
        "after": { "agents_max": after.agents_max, "users_max": after.users_max, "retention_days_max": after.retention_days_max,
                   "suspended_at": after.suspended_at },
    });
    let target = Target { name: Some(&before.name), ..Target::organisation(id) };
    audit::record_own(&mut tx, id, now, AuditEvent { action: "organisation.limits_changed", target, detail }).await?;
    tx.commit().await?;
    Ok(())
}
