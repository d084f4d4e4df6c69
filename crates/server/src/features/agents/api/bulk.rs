//! `POST /api/agents/bulk`

use std::collections::{BTreeSet, HashMap};

use axum::Json;
use axum::extract::State;
use gururmm_ids::{AgentId, SiteId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents::api::delete;
use crate::features::agents::change::{self, TagsWish, Wish};
use crate::features::agents::db;
use crate::features::agents::model::{self, Agent};
use crate::features::{custom_fields, tags};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::problem::ProblemBody;
use crate::platform::http::{Body, Problem};
use crate::platform::live::LiveKind;

/// Most agents of one request.
const AGENTS_MAX: usize = 500;

#[derive(Deserialize, ToSchema)]
#[schema(as = AgentBulk)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    /// Which agents, 1 to 500.
    #[schema(min_items = 1, max_items = 500)]
    ids: Vec<AgentId>,
    /// What to do with each.
    action: Action,
}

/// What is done with each agent.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = AgentBulkAction)]
pub(crate) enum Action {
    /// They move to a site.
    Move {
        /// Of this or another client.
        site_id: SiteId,
    },
    /// They are removed. Needs `agents.delete` instead of `agents.edit`.
    Delete {},
    /// They get these tags too.
    AddTags {
        /// At most 20.
        tags: Vec<String>,
    },
    /// They lose these tags.
    RemoveTags {
        /// At most 20.
        tags: Vec<String>,
    },
    /// Their custom fields say this.
    SetFields {
        /// Values by the fields' ids; null takes one away.
        #[schema(value_type = BTreeMap<String, Option<String>>)]
        custom_fields: custom_fields::Wishes,
    },
}

/// What came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = AgentBulkResult)]
pub(crate) struct Outcome {
    /// Agents that are as was asked, those included that were so before.
    done: Vec<AgentId>,
    /// Agents that were left as they are.
    refused: Vec<Refused>,
}

/// Why an agent was left as it is.
#[derive(Serialize, ToSchema)]
#[schema(as = AgentBulkRefusal)]
pub(crate) struct Refused {
    /// Which.
    id: AgentId,
    /// The code that the operation on it alone would answer.
    code: &'static str,
    /// What happened and what to do, for a person.
    detail: String,
}

/// Change or remove several agents at once
///
/// Each where it may be done, in one transaction: the answer says which were not, and why. Of each that changes there is an event in the
/// audit log. When none of them is there, nothing is: 404.
#[utoipa::path(post, path = "/agents/bulk", operation_id = "agent_bulk", tag = "agents", request_body = Bulk, security(("bearer" = [])),
    extensions(("x-permission" = json!("agents.edit"))), responses((status = 200, body = Outcome), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn agent_bulk(
    State(app): State<AppState>,
    caller: Caller,
    Body(body): Body<Bulk>,
) -> Result<Json<Outcome>, Problem> {
    let is_delete = matches!(body.action, Action::Delete {});
    let scope = caller.require(if is_delete { Permission::AgentsDelete } else { Permission::AgentsEdit })?;
    let ids: BTreeSet<AgentId> = body.ids.into_iter().collect();
    if ids.is_empty() || ids.len() > AGENTS_MAX {
        return Err(Problem::field("ids", format!("Give 1 to {AGENTS_MAX} machines.")));
    }
    let mut tx = app.db.begin_scoped(&scope).await?;
    let mut work = Work { scope: &scope, caller: &caller, now: app.clock.now(), results: Vec::new() };
    let is_move = matches!(body.action, Action::Move { .. });
    if is_delete {
        work.delete(&mut tx, &ids).await?;
    } else {
        work.change(&mut tx, &ids, body.action).await?;
    }
    let results = work.results;
    tx.commit().await?;
    let mut outcome = Outcome { done: Vec::new(), refused: Vec::new() };
    for (id, result) in results {
        match result {
            Ok(is_changed) => {
                outcome.done.push(id);
                if is_delete {
                    // after the commit: an agent that connects again at once must not find itself
                    app.gateway.disconnect_removed(id);
                }
                if is_changed {
                    app.live.publish(scope.org_id, LiveKind::AgentChanged { agent_id: id });
                }
            }
            Err(problem) => {
                outcome.refused.push(Refused { id, code: problem.code, detail: problem.detail.into_owned() });
            }
        }
    }
    if is_delete || is_move {
        app.live.publish(scope.org_id, LiveKind::TreeChanged {});
    }
    Ok(Json(outcome))
}

/// What is done in the transaction, and what came of it so far: whether an agent has changed, or why it was left.
struct Work<'a> {
    scope: &'a OrgScope,
    caller: &'a Caller,
    now: Timestamp,
    results: Vec<(AgentId, Result<bool, Problem>)>,
}

impl Work<'_> {
    async fn change(&mut self, tx: &mut PgConnection, ids: &BTreeSet<AgentId>, action: Action) -> Result<(), Problem> {
        let wish = wish_of(tx, self.scope, action).await?;
        let all: Vec<AgentId> = ids.iter().copied().collect();
        db::lock_marks(tx, &all).await?;
        db::lock(tx, self.scope, &all).await?;
        for (id, agent) in self.found(tx, ids).await? {
            let result = match agent {
                None => Err(model::not_found()),
                Some(agent) => {
                    let who = (self.scope, self.caller.access());
                    change::apply(tx, who, &agent, &wish, self.now).await.map(|changed| changed.is_some())
                }
            };
            self.note(id, result)?;
        }
        Ok(())
    }

    async fn delete(&mut self, tx: &mut PgConnection, ids: &BTreeSet<AgentId>) -> Result<(), Problem> {
        for (id, agent) in self.found(tx, ids).await? {
            let result = match agent {
                None => Err(model::not_found()),
                Some(agent) => delete::remove(tx, self.scope, &agent, self.now).await.map(|()| true),
            };
            self.note(id, result)?;
        }
        Ok(())
    }

    /// The agents in the order of their ids; a problem when none of them is there.
    async fn found(
        &self,
        tx: &mut PgConnection,
        ids: &BTreeSet<AgentId>,
    ) -> Result<Vec<(AgentId, Option<Agent>)>, Problem> {
        let all: Vec<AgentId> = ids.iter().copied().collect();
        let found = db::find_all(tx, self.scope, &all).await?;
        if found.is_empty() {
            return Err(model::not_found());
        }
        let mut by_id: HashMap<AgentId, Agent> = found.into_iter().map(|agent| (agent.id, agent)).collect();
        Ok(all.into_iter().map(|id| (id, by_id.remove(&id))).collect())
    }

    /// Takes down what came of one. What is wrong with the request or with the server ends all of it.
    fn note(&mut self, id: AgentId, result: Result<bool, Problem>) -> Result<(), Problem> {
        match result {
            Err(problem) if problem.status.is_server_error() || !problem.errors.is_empty() => Err(problem),
            result => {
                self.results.push((id, result));
                Ok(())
            }
        }
    }
}

async fn wish_of(tx: &mut PgConnection, scope: &OrgScope, action: Action) -> Result<Wish, Problem> {
    Ok(match action {
        Action::Move { site_id } => {
            Wish { site: Some(change::find_site(tx, scope, site_id).await?), ..Wish::default() }
        }
        Action::AddTags { tags } => Wish { tags: TagsWish::Add(some_tags(&tags)?), ..Wish::default() },
        Action::RemoveTags { tags } => Wish { tags: TagsWish::Remove(some_tags(&tags)?), ..Wish::default() },
        Action::SetFields { custom_fields } if custom_fields.is_empty() => {
            return Err(Problem::field("custom_fields", "Give at least one field."));
        }
        Action::SetFields { custom_fields } => {
            Wish { fields: custom_fields::check(tx, scope, custom_fields).await?, ..Wish::default() }
        }
        Action::Delete {} => Wish::default(),
    })
}

fn some_tags(texts: &[String]) -> Result<tags::Tags, Problem> {
    let tags = tags::list("tags", texts)?;
    if tags.0.is_empty() { Err(Problem::field("tags", "Give at least one tag.")) } else { Ok(tags) }
}
