//! `DELETE /api/sites/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use gururmm_ids::SiteId;
use serde_json::json;

use crate::app::AppState;
use crate::features::site_keys;
use crate::features::sites::{db, model};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Path, Problem};
use crate::platform::live::LiveKind;

/// Delete a site that has no agents and no schedules
///
/// Its site keys are deleted with it.
#[utoipa::path(delete, path = "/sites/{id}", operation_id = "site_delete", tag = "sites", params(("id" = SiteId, Path)),
    security(("bearer" = [])), extensions(("x-permission" = json!("sites.edit"))),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn site_delete(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<SiteId>,
) -> Result<StatusCode, Problem> {
    let scope = caller.require(Permission::SitesEdit)?;
    let mut tx = app.db.begin_scoped(&scope).await?;
    let site = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(site.target().place())?;
    let keys = site_keys::names_of(&mut tx, &scope, id).await?;
    match db::delete(&mut tx, &scope, id).await {
        Err(error) if violates(&error, "agents_site_fkey") => {
            return Err(Problem::conflict("site_not_empty", "This site still has agents. Move or remove them first."));
        }
        Err(error) if violates(&error, "schedules_site_fkey") => {
            let detail = "This site still has schedules. Somebody who may edit schedules there has to delete or move them first.";
            return Err(Problem::conflict("site_not_empty", detail));
        }
        // somebody else removed it since: theirs is the audit row
        Ok(false) => return Err(model::not_found()),
        result => result?,
    };
    audit::record(
        &mut tx,
        &scope,
        app.clock.now(),
        AuditEvent {
            action: "site.deleted",
            target: site.target(),
            detail: json!({ "client_name": site.client_name, "site_keys": keys }),
        },
    )
    .await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    Ok(StatusCode::NO_CONTENT)
}
