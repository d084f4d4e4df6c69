//! What a client is, and what may be said of one.

use gururmm_ids::ClientId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// What sort of customer it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// A company.
    #[default]
    Corporate,
    /// A household.
    Residential,
    /// The organisation itself.
    Internal,
}

impl ClientKind {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Corporate => "corporate",
            Self::Residential => "residential",
            Self::Internal => "internal",
        }
    }
}

/// A customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// Its name, unique in the organisation.
    pub name: String,
    /// `corporate`, `residential` or `internal`.
    #[schema(value_type = ClientKind)]
    pub kind: String,
    /// Sites it has.
    pub site_count: i64,
    /// Machines enrolled in its sites.
    pub agent_count: i64,
    /// Of those, online now.
    pub online_count: i64,
    /// When it was created.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// The name as the list sorts it.
    #[serde(skip)]
    pub(super) sort_name: String,
}

impl Client {
    /// The client as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "client",
            id: Some(self.id.as_uuid()),
            name: Some(&self.name),
            agent_id: None,
            client_id: Some(self.id),
            site_id: None,
        }
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("client_not_found", "There is no such client.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "Another client has this name. Choose another one.")
}
