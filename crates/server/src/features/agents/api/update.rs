//! `PATCH /api/agents/{id}`

use axum::Json;
use axum::extract::State;
use gururmm_ids::{AgentId, SiteId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents::change::{self, TagsWish, Wish};
use crate::features::agents::db;
use crate::features::agents::model::{self, Agent};
use crate::features::{custom_fields, tags};
use crate::platform::auth::{Caller, Permission};
use crate::platform::http::problem::ProblemBody;
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
    /// All its tags from now on: at most 20 of 1 to 40 characters without a comma, told apart without regard to case.
    tags: Option<Vec<String>>,
    /// Values of custom fields by the fields' ids; null takes one away, absent leaves it.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    custom_fields: custom_fields::Wishes,
}

/// Change an agent
///
/// Its display name, its tags, what its custom fields say, and the site it belongs to.
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
    let tags = match body.tags {
        Some(texts) => TagsWish::Set(tags::list("tags", &texts)?),
        None => TagsWish::Keep,
    };
    let mut tx = app.db.begin_scoped(&scope).await?;
    db::lock(&mut tx, &scope, &[id]).await?;
    let before = db::find(&mut tx, &scope, id).await?.ok_or_else(model::not_found)?;
    scope.at(before.target().place())?;
    let site = match body.site_id {
        Some(site_id) => Some(change::find_site(&mut tx, &scope, site_id).await?),
        None => None,
    };
    let fields = custom_fields::check(&mut tx, &scope, body.custom_fields).await?;
    let wish = Wish { display_name, site, tags, fields };
    let changed = change::apply(&mut tx, (&scope, caller.access()), &before, &wish, app.clock.now()).await?;
    let Some(after) = changed else { return Ok(Json(before)) };
    tx.commit().await?;
    app.live.publish(scope.org_id, LiveKind::AgentChanged { agent_id: id });
    if before.site_id != after.site_id {
        app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    }
    Ok(Json(after))
}
