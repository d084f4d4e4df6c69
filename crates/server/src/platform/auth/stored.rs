//! Grants as the database answers them, and as people are told of them.

use gururmm_ids::{ClientId, GrantId, RoleId, SiteId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{Effect, Grant, Place};
use super::permission::{Permission, PermissionSet};
use super::role::BuiltInRole;

/// Whether a grant gives or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantEffect {
    /// It gives.
    Allow,
    /// It takes, whatever else gives.
    Deny,
}

impl GrantEffect {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
        }
    }
}

/// A grant as it is stored (`auth_grants`): a role, and where it holds. Exactly one of `built_in` and `role_id` is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StoredGrant {
    /// Its id.
    pub id: GrantId,
    /// Whether it gives or takes.
    pub effect: GrantEffect,
    /// A built-in role.
    pub built_in: Option<BuiltInRole>,
    /// A role of the organisation's own.
    pub role_id: Option<RoleId>,
    /// That role's name.
    pub role_name: Option<String>,
    /// The permissions that the role names.
    #[serde(default, deserialize_with = "known")]
    #[schema(value_type = Option<Vec<String>>)]
    pub permissions: Option<Vec<Permission>>,
    /// The client it holds for; null: the whole organisation.
    pub client_id: Option<ClientId>,
    /// The site it holds for; null: the whole client.
    pub site_id: Option<SiteId>,
}

impl StoredGrant {
    /// The grant as people are told of it: with the role's name and what it names, whoever made the role.
    #[must_use]
    pub fn told(&self) -> Self {
        let role_name = self.built_in.map(|role| role.title().to_owned()).or_else(|| self.role_name.clone());
        Self { role_name, permissions: Some(self.named().iter().collect()), ..self.clone() }
    }

    /// Where it holds.
    pub const fn place(&self) -> Place {
        Place::of(self.client_id, self.site_id)
    }

    /// What its role names.
    pub fn named(&self) -> PermissionSet {
        match self.built_in {
            Some(role) => role.permissions(),
            None => self.permissions.iter().flatten().copied().collect(),
        }
    }
}

/// The grants as the rule reads them.
pub fn access_of(grants: &[StoredGrant]) -> Vec<Grant> {
    let effect = |grant: &StoredGrant| match grant.effect {
        GrantEffect::Allow => Effect::Allow,
        GrantEffect::Deny => Effect::Deny,
    };
    grants
        .iter()
        .map(|grant| Grant { id: grant.id, effect: effect(grant), permissions: grant.named(), place: grant.place() })
        .collect()
}

/// Permissions by name; those that a newer server wrote mean nothing here.
fn known<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Permission>>, D::Error> {
    let names = Option::<Vec<String>>::deserialize(deserializer)?;
    Ok(names.map(|names| names.iter().filter_map(|name| Permission::named(name)).collect()))
}
