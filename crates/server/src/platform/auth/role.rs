//! The built-in roles: named sets of permissions that every organisation has. Those that an organisation makes are rows of `roles`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::permission::Permission as P;
use super::permission::PermissionSet;

/// A role that every organisation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// Everything, in the whole organisation; nothing is denied to an owner.
    Owner,
    /// Everything but making owners.
    Administrator,
    /// Works with machines.
    Technician,
    /// Runs approved saved scripts and nothing else.
    ScriptRunner,
    /// Looks at machines.
    Viewer,
}

const TECHNICIAN: PermissionSet = PermissionSet::of(&[
    P::AgentsView,
    P::AgentsEdit,
    P::AgentsApprove,
    P::SiteKeysView,
    P::SiteKeysEdit,
    P::CommandsView,
    P::CommandsRun,
    P::CommandsApprove,
    P::ScriptsRun,
    P::ScriptsEdit,
    P::SchedulesEdit,
    P::OrganisationView,
    P::ApiKeysOwn,
]);
const SCRIPT_RUNNER: PermissionSet = PermissionSet::of(&[P::AgentsView, P::CommandsView, P::ScriptsRun]);
/// No keys, and no commands: their texts may hold secrets.
const VIEWER: PermissionSet = PermissionSet::of(&[P::AgentsView, P::OrganisationView]);

impl BuiltInRole {
    /// All of them, from the most to the least.
    pub const ALL: &[Self] = &[Self::Owner, Self::Administrator, Self::Technician, Self::ScriptRunner, Self::Viewer];

    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Technician => "technician",
            Self::ScriptRunner => "script_runner",
            Self::Viewer => "viewer",
        }
    }

    /// The role of this name.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text)
    }

    /// What people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Administrator => "Administrator",
            Self::Technician => "Technician",
            Self::ScriptRunner => "Script runner",
            Self::Viewer => "Viewer",
        }
    }

    /// What it is for, in a sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Owner => "Everything, in the whole organisation. Only owners make owners.",
            Self::Administrator => "Everything but making and unmaking owners.",
            Self::Technician => {
                "Sees, edits and lets in machines, runs commands and decides about those of others, saves scripts and schedules, makes site keys."
            }
            Self::ScriptRunner => "Sees machines and runs approved saved scripts.",
            Self::Viewer => "Sees machines and their measurements; no commands and no keys.",
        }
    }

    /// What it names: without what that implies.
    pub const fn permissions(self) -> PermissionSet {
        match self {
            Self::Owner => PermissionSet::ALL,
            Self::Administrator => PermissionSet::ALL.without(PermissionSet::of(&[P::OwnersEdit])),
            Self::Technician => TECHNICIAN,
            Self::ScriptRunner => SCRIPT_RUNNER,
            Self::Viewer => VIEWER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_what_they_say() {
        let of = |role: BuiltInRole| role.permissions().closed();
        assert_eq!(of(BuiltInRole::Owner), PermissionSet::ALL);
        assert!(!of(BuiltInRole::Administrator).has(P::OwnersEdit) && of(BuiltInRole::Administrator).has(P::UsersEdit));
        for hidden in [P::SiteKeysView, P::CommandsView, P::UsersView, P::AuditView] {
            assert!(!of(BuiltInRole::Viewer).has(hidden), "{hidden:?}");
        }
        assert!(!of(BuiltInRole::ScriptRunner).has(P::CommandsRun));
        for role in BuiltInRole::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
