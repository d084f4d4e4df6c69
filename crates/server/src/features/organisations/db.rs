//! SQL of the table `organisations`, and the functions by which operators reach it: each asks for the operator's session itself. Counts are
//! read from `agents` and `memberships`.

use gururmm_ids::{InvitationId, OrgId};
use sqlx::PgConnection;

use super::model::{CheckedLimits, Organisation, PlatformOrganisation};
use crate::platform::auth::OrgScope;
use crate::platform::auth::token::Claimed;
use crate::platform::http::Cursor;
use crate::platform::http::origin::Origin;
use crate::platform::time::Time;

/// The scope's organisation.
pub(super) async fn own(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<Organisation> {
    sqlx::query_as!(
        Organisation,
        r#"select o.id as "id: OrgId", o.name, o.created_at as "created_at: Time", o.agents_max, o.users_max, o.retention_days_max,
                  o.approval_threshold, o.command_days, o.scripts_need_other_person, o.time_zone, o.commands_stopped_at as "commands_stopped_at: Time", o.commands_stopped_by, o.commands_stopped_reason,
                  (select count(*) from agents a where a.org_id = o.id and a.state not in ('left', 'revoked')) as "agent_count!",
                  (select count(*) from memberships m where m.org_id = o.id and m.status <> 'removed') as "user_count!"
           from organisations o where o.id = $1"#,
        scope.org_id as _,
    )
    .fetch_one(tx)
    .await
}

/// Holds the scope's organisation until this transaction ends.
pub(super) async fn lock(tx: &mut PgConnection, scope: &OrgScope) -> sqlx::Result<()> {
    sqlx::query!("select from organisations where id = $1 for no key update", scope.org_id as _)
        .fetch_optional(tx)
        .await
        .map(drop)
}

/// What people change of their organisation.
#[derive(PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) name: String,
    pub(super) approval_threshold: Option<i32>,
    pub(super) command_days: Option<i32>,
    pub(super) scripts_need_other_person: bool,
    pub(super) time_zone: String,
}

impl Changed {
    /// As it is.
    pub(super) fn of(organisation: &Organisation) -> Self {
        Self {
            name: organisation.name.clone(),
            approval_threshold: organisation.approval_threshold,
            command_days: organisation.command_days,
            scripts_need_other_person: organisation.scripts_need_other_person,
            time_zone: organisation.time_zone.clone(),
        }
    }
}

/// Sets what people change of the scope's organisation.
pub(super) async fn change(tx: &mut PgConnection, scope: &OrgScope, changed: &Changed, now: Time) -> sqlx::Result<()> {
    sqlx::query!(
        "update organisations set name = $2, approval_threshold = $3, scripts_need_other_person = $4, updated_at = $5,
                                  time_zone = $6, command_days = $7 where id = $1",
        scope.org_id as _,
        changed.name,
        changed.approval_threshold,
        changed.scripts_need_other_person,
        now as _,
        changed.time_zone,
        changed.command_days,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Whether somebody is an operator of the platform.
pub async fn is_operator(tx: &mut PgConnection, claimed: Claimed, now: Time) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select platform_is_operator($1, $2, $3) as "is!""#,
        claimed.session_id as _,
        &claimed.secret_hash[..],
        now as _,
    )
    .fetch_one(tx)
    .await
}

/// Every organisation by name, from the cursor on; one more than `limit`.
pub(super) async fn list(
    tx: &mut PgConnection,
    operator: Claimed,
    after: Option<&Cursor>,
    limit: u32,
    now: Time,
) -> sqlx::Result<Vec<PlatformOrganisation>> {
    sqlx::query_as!(
        PlatformOrganisation,
        r#"select id as "id!: OrgId", name as "name!", sort_name as "sort_name!", created_at as "created_at!: Time", suspended_at as "suspended_at: Time",
                  agents_max, users_max, retention_days_max, agent_count as "agent_count!", user_count as "user_count!"
           from platform_organisations($1, $2, $3, $4, $5, $6)"#,
        operator.session_id as _,
        &operator.secret_hash[..],
        after.and_then(|cursor| cursor.value.as_deref()),
        after.map(|cursor| cursor.id),
        limit.cast_signed() + 1,
        now as _,
    )
    .fetch_all(tx)
    .await
}

/// An organisation to be, and the invitation of its first owner.
pub(super) struct New<'a> {
    pub(super) id: OrgId,
    pub(super) name: &'a str,
    pub(super) limits: CheckedLimits,
    pub(super) invitation_id: InvitationId,
    pub(super) email: &'a str,
    pub(super) token_hash: [u8; 32],
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
}

/// Makes an organisation.
pub(super) async fn create(
    tx: &mut PgConnection,
    operator: Claimed,
    new: &New<'_>,
    origin: &Origin,
) -> sqlx::Result<()> {
    sqlx::query!(
        "select platform_create_organisation($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::inet, $13, $14) as made",
        operator.session_id as _,
        &operator.secret_hash[..],
        new.id as _,
        new.name,
        new.limits.agents,
        new.limits.users,
        new.limits.days,
        new.invitation_id as _,
        new.email,
        &new.token_hash[..],
        new.expires_at as _,
        origin.ip.to_string(),
        origin.request_id as _,
        new.created_at as _,
    )
    .fetch_one(tx)
    .await
    .map(drop)
}

/// Sets all limits where some are given, and suspends or resumes; says whether there was such an organisation.
pub(super) async fn update(
    tx: &mut PgConnection,
    operator: Claimed,
    id: OrgId,
    limits: Option<CheckedLimits>,
    suspended: Option<bool>,
    origin: &Origin,
    now: Time,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select platform_update_organisation($1, $2, $3, $4, $5, $6, $7, $8, $9::text::inet, $10, $11) as "done!""#,
        operator.session_id as _,
        &operator.secret_hash[..],
        id as _,
        limits.is_some(),
        limits.and_then(|limits| limits.agents),
        limits.and_then(|limits| limits.users),
        limits.and_then(|limits| limits.days),
        suspended,
        origin.ip.to_string(),
        origin.request_id as _,
        now as _,
    )
    .fetch_one(tx)
    .await
}
