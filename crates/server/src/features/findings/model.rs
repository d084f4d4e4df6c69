//! What a finding is.

use gururmm_ids::{AgentId, ClientId, FindingId, SiteId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Another machine of the client has the same host name.
    DuplicateHostname,
    /// Another record has the same hardware: the machine was installed anew, or copied.
    KnownHardware,
    /// It looks like a machine that takes software apart.
    Sandbox,
    /// Two machines use its identity.
    Clone,
}

impl FindingKind {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateHostname => "duplicate_hostname",
            Self::KnownHardware => "known_hardware",
            Self::Sandbox => "sandbox",
            Self::Clone => "clone",
        }
    }
}

/// Something about a machine that somebody should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// The machine.
    pub agent_id: AgentId,
    /// What people call it.
    pub agent_name: String,
    /// Its state.
    pub agent_state: String,
    /// Its client.
    pub client_id: ClientId,
    /// That client's name.
    pub client_name: String,
    /// Its site.
    pub site_id: SiteId,
    /// That site's name.
    pub site_name: String,
    /// `duplicate_hostname`, `known_hardware`, `sandbox` or `clone`.
    #[schema(value_type = FindingKind)]
    pub kind: String,
    /// The other machine, where there is one that the reader may see.
    pub other_agent_id: Option<AgentId>,
    /// What people call that one.
    pub other_agent_name: Option<String>,
    /// `online` or `offline`: whether that one is connected.
    pub other_agent_status: Option<String>,
    /// What else is known: `reason` of a sandbox; `first` and `second` of a clone, each with `hostname`, `serial`, `model` and `ip`.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// When it was found.
    pub found_at: Time,
}

impl Finding {
    /// The machine as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "agent",
            id: Some(self.agent_id.as_uuid()),
            name: Some(&self.agent_name),
            agent_id: Some(self.agent_id),
            client_id: Some(self.client_id),
            site_id: Some(self.site_id),
        }
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("finding_not_found", "There is no such finding.")
}
