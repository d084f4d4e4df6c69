//! `GET` and `PATCH /api/audit-retention`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::audit::db;
use crate::platform::audit::{self, AuditEvent, Target};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Patch, Problem};

/// Shortest retention, days: what is found late must still be told.
const DAYS_MIN: u32 = 90;
/// Longest, other than for ever.
const DAYS_MAX: u32 = 4_000;

/// How long an organisation keeps its audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditRetention {
    /// Days; null for ever.
    days: Option<i32>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = AuditRetentionUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// Days, 90 to 4,000; null for ever.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    days: Patch<u32>,
}

/// Get the retention of the audit log
#[utoipa::path(get, path = "/audit-retention", operation_id = "audit_retention_get", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("organisation.view"))),
    responses((status = 200, body = AuditRetention), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn audit_retention_get(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<AuditRetention>, Problem> {
    let scope = caller.require(Permission::OrganisationView)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    Ok(Json(AuditRetention { days: db::days(&mut tx, &scope).await? }))
}

/// Change the retention of the audit log
///
/// What is older is removed within a day, from the beginning, and does not come back.
#[utoipa::path(patch, path = "/audit-retention", operation_id = "audit_retention_update", tag = "audit", request_body = Update,
    security(("bearer" = [])), extensions(("x-permission" = json!("organisation.edit"))), responses((status = 200, body = AuditRetention), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn audit_retention_update(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Update>,
) -> Result<Json<AuditRetention>, Problem> {
    let scope = caller.require(Permission::OrganisationEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let before = db::lock_days(&mut tx, &scope).await?;
    let days = match body.days {
        Patch::Keep => before,
        Patch::Clear => None,
        Patch::Set(days) => Some(check(days)?),
    };
    if days != before {
        db::set_days(&mut tx, &scope, days).await?;
        let detail = json!({ "before": { "days": before }, "after": { "days": days } });
        let event =
            AuditEvent { action: "audit.retention_changed", target: Target::organisation(scope.org_id), detail };
        audit::record(&mut tx, &scope, app.clock.now(), event).await?;
        tx.commit().await?;
    }
    Ok(Json(AuditRetention { days }))
}

fn check(days: u32) -> Result<i32, Problem> {
    let within = (DAYS_MIN..=DAYS_MAX).contains(&days).then_some(days).and_then(|days| i32::try_from(days).ok());
    within.ok_or_else(|| Problem::field("days", format!("Between {DAYS_MIN} and {DAYS_MAX}, or null for ever.")))
}
