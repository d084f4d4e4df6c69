//! Whether a machine may work, as people change it.

use gururmm_ids::AgentId;
use serde::Deserialize;
use serde_json::Value;
use sqlx::{Postgres, Transaction};
use utoipa::ToSchema;

use crate::app::AppState;
use crate::features::agents::{self, Agent, AgentState};
use crate::platform::audit::{self, AuditEvent};
use crate::platform::auth::{Caller, OrgScope, Permission};
use crate::platform::http::Problem;
use crate::platform::live::LiveKind;
use crate::platform::validate::visible;

const REASON_MAX: usize = 500;

/// Why somebody keeps a machine away.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = AgentHold)]
#[serde(deny_unknown_fields)]
pub(super) struct Hold {
    /// Why, at most 500 characters.
    reason: Option<String>,
}

impl Hold {
    /// The checked reason.
    pub(super) fn reason(&self) -> Result<Option<String>, Problem> {
        let Some(text) = &self.reason else { return Ok(None) };
        let text: String = visible(text.trim()).collect();
        if text.chars().count() > REASON_MAX {
            return Err(Problem::field("reason", format!("At most {REASON_MAX} characters.")));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// A machine that is being changed, held until the end of the transaction.
pub(super) struct Standing {
    pub(super) tx: Transaction<'static, Postgres>,
    pub(super) scope: OrgScope,
    pub(super) agent: Agent,
}

impl Standing {
    /// The machine of this id, if the caller may decide about it.
    pub(super) async fn of(app: &AppState, caller: &Caller, id: AgentId) -> Result<Self, Problem> {
        let scope = caller.require(Permission::AgentsApprove)?;
        let mut tx = app.db.begin_scoped(&scope).await?;
        agents::lock(&mut tx, &scope, &[id]).await?;
        Self::found(tx, scope, id).await
    }

    /// The same for what takes its locks itself, in an order of its own.
    pub(super) async fn of_unlocked(app: &AppState, caller: &Caller, id: AgentId) -> Result<Self, Problem> {
        let scope = caller.require(Permission::AgentsApprove)?;
        let tx = app.db.begin_scoped(&scope).await?;
        Self::found(tx, scope, id).await
    }

    async fn found(mut tx: Transaction<'static, Postgres>, scope: OrgScope, id: AgentId) -> Result<Self, Problem> {
        let agent = agents::find(&mut tx, &scope, id).await?.ok_or_else(agents::not_found)?;
        scope.at(agent.target().place())?;
        Ok(Self { tx, scope, agent })
    }

    /// Goes on only with a machine in this state.
    pub(super) fn needs(&self, state: AgentState) -> Result<(), Problem> {
        if self.agent.state == state.as_str() {
            return Ok(());
        }
        Err(Problem::conflict(
            "agent_state",
            format!("This machine is {}, so this cannot be done with it.", self.agent.state),
        ))
    }

    /// Writes what was done, and tells everybody who looks; answers the machine as it is then.
    pub(super) async fn done(mut self, app: &AppState, action: &'static str, detail: Value) -> Result<Agent, Problem> {
        let event = AuditEvent { action, target: self.agent.target(), detail };
        audit::record(&mut self.tx, &self.scope, app.clock.now(), event).await?;
        let after = agents::find(&mut self.tx, &self.scope, self.agent.id).await?.ok_or_else(agents::not_found)?;
        self.tx.commit().await?;
        app.live.publish(self.scope.org_id, LiveKind::AgentChanged { agent_id: after.id });
        Ok(after)
    }
}
