//! `GET /api/audit-chain`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::audit::db;
use crate::platform::audit::chain::hex;
use crate::platform::auth::{Caller, Permission, Place};
use crate::platform::http::Problem;
use crate::platform::http::problem::ProblemBody;
use crate::platform::time::Time;

/// How far the audit log is sealed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditChain {
    /// The time of the newest event that is sealed; null when none is.
    sealed_until: Option<Time>,
    /// Its number.
    seq: i64,
    /// Its hash, hexadecimal; null when none is sealed.
    hash: Option<String>,
    /// The number with which the log begins.
    first: i64,
    /// When what was before it was removed; null when nothing was.
    trimmed_at: Option<Time>,
}

/// Get how far the audit log is sealed
///
/// Events get a number and a hash within seconds. `gururmm-server audit verify` compares them with what was signed outside the database.
#[utoipa::path(get, path = "/audit-chain", operation_id = "audit_chain_get", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("audit.view"))),
    responses((status = 200, body = AuditChain), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn audit_chain_get(State(app): State<AppState>, caller: Caller) -> Result<Json<AuditChain>, Problem> {
    let scope = caller.require(Permission::AuditView)?;
    scope.at(Place::Organisation)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let (sealed, anchor) = (db::sealed(&mut tx, &scope).await?, db::anchor(&mut tx, &scope).await?);
    Ok(Json(AuditChain {
        sealed_until: sealed.as_ref().map(|sealed| sealed.until),
        seq: sealed.as_ref().map_or(0, |sealed| sealed.seq),
        hash: sealed.map(|sealed| hex(&sealed.hash)),
        first: anchor.map_or(1, |(seq, _)| seq + 1),
        trimmed_at: anchor.map(|(_, at)| at),
    }))
}
