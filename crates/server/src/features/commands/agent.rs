//! What agents hear of commands: orders and cancels, as they arrive and while they are connected.

use gururmm_ids::{AgentId, CommandId, OrgId};
use gururmm_protocol::command::SignedOrder;
use gururmm_protocol::limits::COMMANDS_HELD_MAX;
use gururmm_protocol::message::ServerMessage;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::status::CommandStatus;
use crate::app::AppState;
use crate::platform::live::LiveKind;
use crate::platform::time::Time;

/// Orders, and cancels, that one agent is offered in one round of [`offer_again`]: a quarter of what may wait for its connection.
const OFFERED_SHARE: i32 = 16;
/// Orders, and cancels, that are offered in one round, all agents together.
const OFFERED_MAX: i32 = 1_000;

/// A command that its agent must hear of, or whose status has just changed.
pub(crate) struct Matter {
    action: String,
    status: String,
    id: CommandId,
    org_id: OrgId,
    agent_id: AgentId,
    signed_order: Option<String>,
    signature: Option<Vec<u8>>,
    key_id: Option<String>,
}

impl Matter {
    /// An order whose turn it is.
    pub(crate) fn order(id: CommandId, (org_id, agent_id): (OrgId, AgentId), signed: SignedOrder) -> Self {
        let SignedOrder { order, key_id, signature } = signed;
        Self {
            action: "run".to_owned(),
            status: "queued".to_owned(),
            id,
            org_id,
            agent_id,
            signed_order: Some(order),
            signature: Some(signature.to_vec()),
            key_id: Some(key_id),
        }
    }

    /// The message for the agent, if there is one. An order goes out as it was signed when somebody asked for it.
    pub(crate) fn message(self) -> Option<ServerMessage> {
        match self.action.as_str() {
            "run" => Some(ServerMessage::CommandRun(SignedOrder {
                order: self.signed_order?,
                key_id: self.key_id?,
                signature: self.signature?.try_into().ok()?,
            })),
            "cancel" => Some(ServerMessage::CommandCancel { command_id: self.id }),
            _ => None,
        }
    }

    /// The event for the browsers, if the status has changed.
    pub(crate) fn event(&self) -> Option<(OrgId, LiveKind)> {
        let kind = LiveKind::CommandChanged {
            command_id: self.id,
            agent_id: self.agent_id,
            status: CommandStatus::name_of(&self.status),
        };
        (self.action == "changed").then_some((self.org_id, kind))
    }
}

/// Brings an arriving agent and the database together: see `gateway_reconcile_commands`.
pub(crate) async fn reconcile(
    tx: &mut PgConnection,
    agent_id: AgentId,
    known: &[CommandId],
    now: Timestamp,
) -> sqlx::Result<Vec<Matter>> {
    let known: Vec<_> = known.iter().map(|id| id.as_uuid()).collect();
    sqlx::query_as!(
        Matter,
        r#"select action as "action!", status as "status!", id as "id!: CommandId", org_id as "org_id!: OrgId",
                  agent_id as "agent_id!: AgentId", signed_order, signature, key_id
           from gateway_reconcile_commands($1, $2, $3, $4)"#,
        agent_id as _,
        &known,
        Time(now) as _,
        COMMANDS_HELD_MAX as i32,
    )
    .fetch_all(tx)
    .await
}

/// Hands out again what connected agents have not answered: see `gateway_offer_commands`. Says how much that was.
pub async fn offer_again(app: &AppState) -> sqlx::Result<usize> {
    let connected: Vec<_> = app.gateway.connected_agents().into_iter().map(AgentId::as_uuid).collect();
    if connected.is_empty() {
        return Ok(0);
    }
    let mut tx = app.db.begin_ingest().await?;
    let matters = sqlx::query_as!(
        Matter,
        r#"select action as "action!", status as "status!", id as "id!: CommandId", org_id as "org_id!: OrgId",
                  agent_id as "agent_id!: AgentId", signed_order, signature, key_id
           from gateway_offer_commands($1, $2, $3, $4, $5)"#,
        &connected,
        Time(app.clock.now()) as _,
        OFFERED_SHARE,
        OFFERED_MAX,
        COMMANDS_HELD_MAX as i32,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let count = matters.len();
    hand_out(app, matters).await?;
    Ok(count)
}

/// Tells agents what is theirs. What did not reach them is handed out again.
pub(crate) async fn hand_out(app: &AppState, matters: Vec<Matter>) -> sqlx::Result<()> {
    let mut failed = Vec::new();
    for matter in matters {
        let (agent_id, command_id) = (matter.agent_id, matter.id);
        if let Some(message) = matter.message()
            && !app.gateway.send(agent_id, message)
        {
            failed.push(command_id.as_uuid());
        }
    }
    if !failed.is_empty() {
        let mut tx = app.db.begin_ingest().await?;
        sqlx::query!("select gateway_offers_failed($1) as done", &failed).fetch_one(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
