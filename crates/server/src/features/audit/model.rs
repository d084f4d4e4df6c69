//! What a line of the audit log says.

use gururmm_ids::{AgentId, AuditEventId, ClientId, RequestId, SessionId, SiteId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::words;
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
    /// A program with a person's key.
    ApiKey,
    /// A schedule, in the name of whoever changed it last.
    Schedule,
    /// Somebody who runs the server for all organisations.
    Operator,
    /// Somebody who is not known.
    Anonymous,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuditOutcome)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// The names of what can be done: each has its words.
pub enum AuditAction {}

impl PartialSchema for AuditAction {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What was done; more may come."))
            .enum_values(Some(words::actions()))
            .build()
            .into()
    }
}

impl ToSchema for AuditAction {}

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditChange)]
pub struct Change {
    /// Its name.
    pub field: String,
    /// What it was; null for nothing.
    pub before: Option<String>,
    /// What it is since; null for nothing.
    pub after: Option<String>,
}

/// One thing that was done, or refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub occurred_at: Time,
    /// Who did it, what happened and to what, as a sentence.
    pub summary: String,
    /// What was and what is, where something was changed.
    pub changes: Vec<Change>,
    /// What kind of actor did it.
    #[schema(value_type = ActorKind)]
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Their name at the time.
    pub actor_name: Option<String>,
    /// In whose name they did it; null for their own.
    pub on_behalf_of_id: Option<Uuid>,
    /// That person's name at the time.
    pub on_behalf_of_name: Option<String>,
    /// What was done, such as `client.created`.
    #[schema(value_type = AuditAction)]
    pub action: String,
    /// Whether it was done or refused.
    #[schema(value_type = Outcome)]
    pub outcome: String,
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
    /// The session it was made with.
    pub session_id: Option<SessionId>,
    /// The API key it was made with.
    pub api_key_id: Option<Uuid>,
    /// The request, as the server's log names it.
    pub request_id: Option<RequestId>,
}
