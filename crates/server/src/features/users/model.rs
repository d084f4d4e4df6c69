//! What a member is, and a grant as it is shown.

use gururmm_ids::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::audit::Target;
use crate::platform::auth::stored::StoredGrant;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Whether somebody belongs to the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// They do.
    Active,
    /// They do, and may not log in.
    Suspended,
    /// They did: what they have done still names them.
    Removed,
}

impl MemberStatus {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// A person of the organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// The address they log in with.
    pub email: String,
    /// `active` or `suspended`.
    #[schema(value_type = MemberStatus)]
    pub status: String,
    /// When they last logged in to this organisation.
    pub last_login_at: Option<Time>,
    /// Since when they belong to it.
    pub created_at: Time,
    /// What they were given, and what is denied to them.
    pub grants: Vec<GrantInfo>,
    /// The name as the list sorts it.
    #[serde(skip)]
    pub(super) sort_name: String,
}

/// A grant, with the names of what it is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GrantInfo {
    /// The grant.
    #[serde(flatten)]
    pub grant: StoredGrant,
    /// The client's name.
    pub client_name: Option<String>,
    /// The site's name.
    pub site_name: Option<String>,
    /// When it was given.
    pub created_at: Time,
    /// Who gave it; null for the set-up and the console.
    pub created_by_name: Option<String>,
    #[serde(skip)]
    pub(super) user_id: UserId,
}

/// A place where somebody is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct OpenSession {
    /// Its id.
    pub(super) id: SessionId,
    /// When it began.
    pub(super) created_at: Time,
    /// When it ends by itself.
    pub(super) expires_at: Time,
    /// From which address.
    pub(super) ip: Option<String>,
    /// With which browser.
    pub(super) user_agent: Option<String>,
}

impl Member {
    /// The person as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "user", id: Some(self.id.as_uuid()), name: Some(&self.name), ..Target::default() }
    }

    /// Their grants as the rules read them.
    pub(super) fn stored_grants(&self) -> Vec<StoredGrant> {
        self.grants.iter().map(|info| info.grant.clone()).collect()
    }
}

impl GrantInfo {
    /// The grant in words of the audit log: what, and where.
    pub(super) fn words(&self) -> serde_json::Value {
        let place = match (&self.client_name, &self.site_name) {
            (Some(client), Some(site)) => format!("{client} / {site}"),
            (Some(client), None) => client.clone(),
            _ if self.grant.client_id.is_some() => "a client".to_owned(),
            _ => "the whole organisation".to_owned(),
        };
        serde_json::json!({ "effect": self.grant.effect, "role": self.grant.role_name, "place": place })
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("user_not_found", "There is no such person in this organisation.")
}

pub(super) fn grant_not_found() -> Problem {
    Problem::not_found("grant_not_found", "There is no such grant.")
}

/// What the database says at the commit, as an answer.
pub(super) fn committed(result: sqlx::Result<()>) -> Result<(), Problem> {
    match result {
        Err(error) if crate::platform::http::problem::violates(&error, "last_owner") => Err(Problem::conflict(
            "last_owner",
            "The last owner of an organisation stays. Make somebody else an owner first.",
        )),
        Err(error) if crate::platform::http::problem::violates(&error, "owner_denied") => {
            Err(Problem::conflict("owner_denied", "Nothing is denied to an owner. Take the role away instead."))
        }
        result => Ok(result?),
    }
}
