//! What a line of the audit log says.

use gururmm_ids::{AgentId, AuditEventId, ClientId, RequestId, SiteId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::time::Time;

/// Who does things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    User,
    /// A machine.
    Agent,
    /// The server.
    System,
}

/// One thing that was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub occurred_at: Time,
    /// `user`, `agent` or `system`.
    #[schema(value_type = ActorKind)]
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Their name at the time.
    pub actor_name: Option<String>,
    /// What was done, such as `client.created`.
    pub action: String,
    /// The kind of thing it was done to, such as `client`.
    pub target_kind: Option<String>,
    /// The thing it was done to.
    pub target_id: Option<Uuid>,
    /// That thing's name at the time.
    pub target_name: Option<String>,
    /// The machine it concerns, even when the thing is a command of it.
    pub agent_id: Option<AgentId>,
    /// The client it belongs to.
    pub client_id: Option<ClientId>,
    /// The site it belongs to.
    pub site_id: Option<SiteId>,
    /// What else there is to know, such as old and new values.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// Where the request came from.
    pub ip: Option<String>,
    /// The request, as the server's log names it.
    pub request_id: Option<RequestId>,
}
