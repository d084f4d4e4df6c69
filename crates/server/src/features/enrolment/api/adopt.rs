//! `POST /api/agents/{id}/adopt`

use axum::Json;
use axum::extract::State;
use gururmm_ids::AgentId;
use gururmm_protocol::message::GoodbyeCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents::{self, Agent};
use crate::features::enrolment::db;
use crate::features::enrolment::standing::Standing;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, Permission, giving};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Path, Problem};
use crate::platform::live::LiveKind;

#[derive(Deserialize, ToSchema)]
#[schema(as = AgentAdopt)]
#[serde(deny_unknown_fields)]
pub(crate) struct Adopt {
    /// The newer record of the same machine, which goes up in this one.
    agent_id: AgentId,
}

/// Continue a machine's record
///
/// For a machine that was installed anew and enrolled again: this record goes on with the identity of the newer one, which is gone. Name, place, history and audit
/// log stay; the key that this record had is good no more. It must be offline. When the two are not known to have the same hardware, the permission
/// `agents.delete` is needed besides.
#[utoipa::path(post, path = "/agents/{id}/adopt", operation_id = "agent_adopt", tag = "enrolment", params(("id" = AgentId, Path)),
    request_body = Adopt, security(("bearer" = [])), extensions(("x-permission" = json!("agents.approve"))),
    responses((status = 200, body = Agent), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_adopt(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<Adopt>,
) -> Result<Json<Agent>, Problem> {
    let mut standing = Standing::of_unlocked(&app, &caller, id).await?;
    let newer = agents::find(&mut standing.tx, &standing.scope, body.agent_id).await?.ok_or_else(no_such_agent)?;
    let (from, to) = (newer.target().place(), standing.agent.target().place());
    standing.scope.at(from)?;
    // the machine goes where the older record is, and the newer record goes for good: both as by themselves
    giving::may_move(caller.access(), from, to)?;
    let may_delete = giving::must_hold(caller.access(), Permission::AgentsDelete, from).is_ok();
    match db::adopt(&mut standing.tx, (&newer, &standing.agent), may_delete, app.clock.now()).await?.as_str() {
        "done" => {}
        "online" => {
            return Err(Problem::conflict(
                "agent_online",
                "This machine is online, so it is another one than the newer record's.",
            ));
        }
        "closed" => return Err(Problem::conflict("agent_state", "The newer record neither works nor waits.")),
        "older" => return Err(Problem::field("agent_id", "This is the older record of the two.")),
        "different" => {
            let detail = "These are not known to be the same machine, so this removes one: that needs agents.delete.";
            return Err(Problem::forbidden("forbidden", detail));
        }
        _ => return Err(no_such_agent()),
    }
    let detail = json!({ "adopted_id": newer.id, "adopted_hostname": newer.hostname, "before": { "hostname": standing.agent.hostname,
        "serial": standing.agent.serial }, "after": { "hostname": newer.hostname, "serial": newer.serial } });
    let org_id = standing.scope.org_id;
    // at its own place, and without a name from another
    let event = AuditEvent { action: "agent.merged", target: newer.target(), detail: json!({ "agent_id": id }) };
    audit::record(&mut standing.tx, &standing.scope, app.clock.now(), event).await?;
    let agent = standing.done(&app, "agent.adopted", detail).await?;
    app.gateway.forget_turns(id);
    // nobody goes on with what it was before
    app.gateway.disconnect(id, GoodbyeCode::Refused, "This record goes on with another identity.");
    // it comes again at once, and is told its id
    app.gateway.disconnect(newer.id, GoodbyeCode::Shutdown, "This machine goes on with the record that it had before.");
    app.live.publish(org_id, LiveKind::AgentChanged { agent_id: newer.id });
    app.live.publish(org_id, LiveKind::TreeChanged {});
    Ok(Json(agent))
}

fn no_such_agent() -> Problem {
    Problem::field("agent_id", "There is no such machine besides this one.")
}
