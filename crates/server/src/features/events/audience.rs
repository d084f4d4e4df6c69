//! Who is told of an event: whoever may see what it is about, where it is.
//!
//! Most listeners see every machine of their organisation, and nothing is looked up for them. For the others it is known which machines
//! they see; a machine that was enrolled, moved or removed is looked up when that is told.

use std::collections::HashSet;

use gururmm_ids::{AgentId, CommandRunId, UserId};

use crate::app::AppState;
use crate::platform::auth::{Caller, OrgScope, Permission, PermissionSet};
use crate::platform::live::LiveKind;

/// One listener, and what they may hear of.
pub(super) struct Audience {
    user_id: UserId,
    held: PermissionSet,
    /// Where machines are seen, and where their commands are.
    seen: [Seen; 2],
}

/// The machines of which something may be seen.
struct Seen {
    permission: Permission,
    /// None when it is seen of none.
    scope: Option<OrgScope>,
    /// None when it is seen of all.
    machines: Option<HashSet<AgentId>>,
}

impl Audience {
    /// What a caller may hear of at this moment. When that changes the stream ends.
    pub(super) async fn of(app: &AppState, caller: &Caller) -> sqlx::Result<Self> {
        let seen = |permission| Seen { permission, scope: caller.require(permission).ok(), machines: None };
        let seen = [seen(Permission::AgentsView), seen(Permission::CommandsView)];
        let mut audience = Self { user_id: caller.identity.user_id, held: caller.access().anywhere(), seen };
        audience.look_again(app).await?;
        Ok(audience)
    }

    /// Looks again which machines are seen, because some events were missed.
    pub(super) async fn look_again(&mut self, app: &AppState) -> sqlx::Result<()> {
        for seen in &mut self.seen {
            seen.look_again(app).await?;
        }
        Ok(())
    }

    /// Whether the listener is told of it.
    pub(super) async fn hears(&mut self, app: &AppState, kind: &LiveKind) -> sqlx::Result<bool> {
        if let LiveKind::AccessChanged { user_id } = kind {
            return Ok(*user_id == self.user_id);
        }
        let Some(permission) = kind.permission() else { return Ok(true) };
        if let LiveKind::CommandRunChanged { run_id } = kind {
            return self.sees_run(app, *run_id).await;
        }
        let Some(agent_id) = kind.agent_id() else { return Ok(self.held.has(permission)) };
        let mut was_seen = self.sees(permission, agent_id);
        if matches!(kind, LiveKind::AgentChanged { .. }) {
            for seen in &mut self.seen {
                seen.look_at(app, agent_id).await?;
            }
            // one that has gone is told of too: it is to vanish
            was_seen |= self.sees(permission, agent_id);
        }
        Ok(was_seen)
    }

    /// Whether one of its commands is seen.
    async fn sees_run(&self, app: &AppState, id: CommandRunId) -> sqlx::Result<bool> {
        let commands = self.seen.iter().find(|seen| seen.permission == Permission::CommandsView);
        match commands.and_then(|seen| seen.scope.as_ref()) {
            None => Ok(false),
            Some(scope) if scope.see.is_everything() => Ok(true),
            Some(scope) => crate::features::command_runs::exists(&mut *app.db.begin_scoped(scope).await?, id).await,
        }
    }

    fn sees(&self, permission: Permission, agent_id: AgentId) -> bool {
        self.seen.iter().any(|seen| seen.permission == permission && seen.has(agent_id))
    }
}

impl Seen {
    fn has(&self, agent_id: AgentId) -> bool {
        self.scope.is_some() && self.machines.as_ref().is_none_or(|machines| machines.contains(&agent_id))
    }

    async fn look_again(&mut self, app: &AppState) -> sqlx::Result<()> {
        let Some(scope) = self.scope.as_ref().filter(|scope| !scope.see.is_everything()) else { return Ok(()) };
        let mut tx = app.db.begin_scoped(scope).await?;
        let machines =
            sqlx::query_scalar!(r#"select id as "id: AgentId" from agents where org_id = $1"#, scope.org_id as _)
                .fetch_all(&mut *tx)
                .await?;
        self.machines = Some(machines.into_iter().collect());
        Ok(())
    }

    async fn look_at(&mut self, app: &AppState, agent_id: AgentId) -> sqlx::Result<()> {
        let (Some(scope), Some(machines)) = (&self.scope, &mut self.machines) else { return Ok(()) };
        let mut tx = app.db.begin_scoped(scope).await?;
        if crate::features::agents::exists(&mut tx, scope, agent_id).await? {
            machines.insert(agent_id);
        } else {
            machines.remove(&agent_id);
        }
        Ok(())
    }
}
