//! What an invitation is, and where it stands.

use gururmm_ids::{ClientId, InvitationId, RoleId, SiteId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::features::users::Wish;
use crate::platform::audit::Target;
use crate::platform::auth::role::BuiltInRole;
use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Its link works.
    Open,
    /// Somebody used it.
    Accepted,
    /// Somebody took it back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// A link by which somebody becomes a member.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for: it works for an account of this address only.
    pub email: String,
    /// Where it stands.
    pub state: InvitationState,
    /// What it gives.
    pub grants: Vec<InvitedGrant>,
    /// Who made it; null for the console.
    pub invited_by_name: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When its link ends by itself.
    pub expires_at: Time,
    /// When it was used.
    pub accepted_at: Option<Time>,
    /// When it was taken back.
    pub revoked_at: Option<Time>,
}

/// A role that an invitation gives, and where, with names.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitedGrant {
    /// A built-in role.
    pub built_in: Option<BuiltInRole>,
    /// A role of the organisation's own.
    pub role_id: Option<RoleId>,
    /// That role's name; null when it was deleted.
    pub role_name: Option<String>,
    /// The client it holds for; null: the whole organisation.
    pub client_id: Option<ClientId>,
    /// That client's name.
    pub client_name: Option<String>,
    /// The site it holds for.
    pub site_id: Option<SiteId>,
    /// That site's name.
    pub site_name: Option<String>,
}

impl InvitedGrant {
    /// The role and the place.
    pub(super) const fn wish(&self) -> Wish {
        Wish { built_in: self.built_in, role_id: self.role_id, client_id: self.client_id, site_id: self.site_id }
    }
}

/// An invitation as it is stored.
pub(super) struct Row {
    pub(super) id: InvitationId,
    pub(super) email: String,
    pub(super) grants: Vec<InvitedGrant>,
    pub(super) invited_by_name: Option<String>,
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
    pub(super) accepted_at: Option<Time>,
    pub(super) revoked_at: Option<Time>,
}

impl Row {
    fn state(&self, now: Timestamp) -> InvitationState {
        if self.accepted_at.is_some() {
            InvitationState::Accepted
        } else if self.revoked_at.is_some() {
            InvitationState::Revoked
        } else if self.expires_at.0 <= now {
            InvitationState::Expired
        } else {
            InvitationState::Open
        }
    }

    /// The invitation as clients see it at this moment.
    pub(super) fn at(self, now: Timestamp) -> Invitation {
        let named = |grant: InvitedGrant| InvitedGrant {
            role_name: grant.built_in.map(|role| role.title().to_owned()).or(grant.role_name),
            ..grant
        };
        Invitation {
            state: self.state(now),
            id: self.id,
            email: self.email,
            grants: self.grants.into_iter().map(named).collect(),
            invited_by_name: self.invited_by_name,
            created_at: self.created_at,
            expires_at: self.expires_at,
            accepted_at: self.accepted_at,
            revoked_at: self.revoked_at,
        }
    }
}

impl Invitation {
    /// The invitation as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target { kind: "invitation", id: Some(self.id.as_uuid()), name: Some(&self.email), ..Target::default() }
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("invitation_not_found", "There is no such invitation.")
}
