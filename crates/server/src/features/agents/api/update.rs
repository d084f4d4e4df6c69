//! `PATCH /api/agents/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{AgentId, ClientId, SiteId};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents::db::{self, Change};
use crate::features::agents::model::{self, Agent};
use crate::features::sites;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, OrgScope, Permission, Place, giving};
use crate::platform::http::problem::{ProblemBody, violates};
use crate::platform::http::{Body, Patch, Path, Problem};
use crate::platform::live::LiveKind;
use crate::platform::validate::name;

#[derive(Deserialize, ToSchema)]
#[schema(as = AgentUpdate)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// 1 to 200 characters; null clears it, absent leaves it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    display_name: Patch<String>,
    /// The site it moves to, of this or another client.
    site_id: Option<SiteId>,
}

/// Rename an agent or move it to another site
#[utoipa::path(patch, path = "/agents/{id}", operation_id = "agent_update", tag = "agents", params(("id" = AgentId, Path)),
    request_body = Update, security(("bearer" = [])), extensions(("x-permission" = json!("agents.edit"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_update(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<Update>,
) -> Result<Json<Agent>, Problem> {
    let scope = caller.require(Permission::AgentsEdit)?;
    let display_name = body.display_name.try_map(|text| name("display_name", &text))?;
    let now = app.clock.now();
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, id).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(before.target().place())?;
    let site = find_site(&mut tx, &scope, body.site_id).await?;
    if let Some((client_id, site_id)) = site {
        giving::may_move(caller.access(), before.target().place(), Place::Site(client_id, site_id))?;
    }
    if is_as_wished(&before, &display_name, body.site_id) {
        return Ok(Json(before));
    }
    match db::update(&mut tx, &scope, id, Change { display_name, site }, now).await {
        Err(error) if violates(&error, "agents_site_fkey") => return Err(no_such_site()),
        result => result?,
    };
    let after = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    let detail = json!({ "before": changeable(&before), "after": changeable(&after) });
    audit::record(&mut tx, &scope, now, AuditEvent { action: "agent.updated", target: after.target(), detail }).await?;
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::AgentChanged { agent_id: id });
    if before.site_id != after.site_id {
        app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    }
    Ok(Json(after))
}

/// The site to move to, where the caller may edit machines too.
async fn find_site(
    tx: &mut PgConnection,
    scope: &OrgScope,
    id: Option<SiteId>,
) -> Result<Option<(ClientId, SiteId)>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let client_id = sites::client_of(tx, scope, id).await?.ok_or_else(no_such_site)?;
    scope.at(Place::Site(client_id, id))?;
    Ok(Some((client_id, id)))
}

/// Whether there is nothing to change.
fn is_as_wished(agent: &Agent, display_name: &Patch<String>, site_id: Option<SiteId>) -> bool {
    let is_named_so = match display_name {
        Patch::Keep => true,
        Patch::Clear => agent.display_name.is_none(),
        Patch::Set(name) => agent.display_name.as_ref() == Some(name),
    };
    is_named_so && site_id.is_none_or(|site_id| site_id == agent.site_id)
}

fn no_such_site() -> Problem {
    Problem::field("site_id", "There is no such site.")
}

fn changeable(agent: &Agent) -> Value {
    json!({ "display_name": agent.display_name, "client_name": agent.client_name, "site_name": agent.site_name,
            "site_id": agent.site_id })
}
