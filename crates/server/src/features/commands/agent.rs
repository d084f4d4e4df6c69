//! What agents hear of commands: orders and cancels, as they arrive and while they are connected.

use gururmm_ids::{AgentId, CommandId, OrgId};
use gururmm_protocol::limits::COMMANDS_HELD_MAX;
use gururmm_protocol::message::ServerMessage;
use jiff::Timestamp;
use sqlx::PgConnection;

use super::model::{CommandStatus, OrderRow, signed_order};
use crate::app::AppState;
use crate::platform::live::LiveKind;
use crate::platform::secrets::ServerSecrets;
use crate::platform::time::Time;

/// Orders, and cancels, that one agent is offered in one round of [`offer_again`]: a quarter of what may wait for its connection.
const OFFERED_SHARE: i32 = 16;
/// Orders, and cancels, that are offered in one round, all agents together.
const OFFERED_MAX: i32 = 1_000;

/// A command that its agent must hear of, or whose status has just changed.
pub(crate) struct Matter {
    action: String,
    status: String,
    org_id: OrgId,
    order: OrderRow,
}

struct MatterRow {
    action: String,
    status: String,
    id: CommandId,
    org_id: OrgId,
    agent_id: AgentId,
    command_type: String,
    command: String,
    context: String,
    timeout_seconds: i32,
    elevated: bool,
    on_disconnect: String,
    created_at: Time,
    expires_at: Time,
    nonce: Vec<u8>,
}

impl From<MatterRow> for Matter {
    fn from(row: MatterRow) -> Self {
        let order = OrderRow {
            id: row.id,
            agent_id: row.agent_id,
            command_type: row.command_type,
            command: row.command,
            context: row.context,
            timeout_seconds: row.timeout_seconds,
            elevated: row.elevated,
            on_disconnect: row.on_disconnect,
            created_at: row.created_at,
            expires_at: row.expires_at,
            nonce: row.nonce,
        };
        Self { action: row.action, status: row.status, org_id: row.org_id, order }
    }
}

impl Matter {
    /// The message for the agent, if there is one.
    pub(crate) fn message(self, secrets: &ServerSecrets) -> Option<ServerMessage> {
        match self.action.as_str() {
            "run" => signed_order(secrets, self.order).map(ServerMessage::CommandRun),
            "cancel" => Some(ServerMessage::CommandCancel { command_id: self.order.id }),
            _ => None,
        }
    }

    /// The event for the browsers, if the status has changed.
    pub(crate) fn event(&self) -> Option<(OrgId, LiveKind)> {
        let kind = LiveKind::CommandChanged {
            command_id: self.order.id,
            agent_id: self.order.agent_id,
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
    let rows = sqlx::query_as!(
        MatterRow,
        r#"select action as "action!", status as "status!", id as "id!: CommandId", org_id as "org_id!: OrgId",
                  agent_id as "agent_id!: AgentId", command_type as "command_type!", command as "command!", context as "context!",
                  timeout_seconds as "timeout_seconds!", elevated as "elevated!", on_disconnect as "on_disconnect!",
                  created_at as "created_at!", expires_at as "expires_at!", nonce as "nonce!"
           from gateway_reconcile_commands($1, $2, $3, $4)"#,
        agent_id as _,
        &known,
        Time(now) as _,
        COMMANDS_HELD_MAX as i32,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Matter::from).collect())
}

/// Hands out again what connected agents have not answered: see `gateway_offer_commands`. Says how much that was.
pub async fn offer_again(app: &AppState) -> sqlx::Result<usize> {
    let connected: Vec<_> = app.gateway.connected_agents().into_iter().map(AgentId::as_uuid).collect();
    if connected.is_empty() {
        return Ok(0);
    }
    let mut tx = app.db.begin_ingest().await?;
    let rows = sqlx::query_as!(
        MatterRow,
        r#"select action as "action!", status as "status!", id as "id!: CommandId", org_id as "org_id!: OrgId",
                  agent_id as "agent_id!: AgentId", command_type as "command_type!", command as "command!", context as "context!",
                  timeout_seconds as "timeout_seconds!", elevated as "elevated!", on_disconnect as "on_disconnect!",
                  created_at as "created_at!", expires_at as "expires_at!", nonce as "nonce!"
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
    let count = rows.len();
    let mut failed = Vec::new();
    for matter in rows.into_iter().map(Matter::from) {
        let (agent_id, command_id) = (matter.order.agent_id, matter.order.id);
        if let Some(message) = matter.message(&app.secrets)
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
    Ok(count)
}
