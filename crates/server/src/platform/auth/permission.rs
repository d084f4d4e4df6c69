//! Permissions: one per thing that somebody may be allowed to do. The dashboard's list of them (`api/can.ts`) is written from this one.
//!
//! Each is asked at a place ([`super::access::Place`]) or, where it has none, of the whole organisation. Holding one is holding what it
//! implies: whoever runs commands sees the machine they run on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a permission is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Of the organisation as a whole.
    Organisation,
    /// Of a client, a site or a machine there.
    Place,
}

macro_rules! permissions {
    ($($name:ident = $text:literal, $level:ident, [$($implied:ident),*], $title:literal;)+) => {
        /// Something that somebody may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum Permission {
            $(#[doc = $title] #[serde(rename = $text)] $name,)+
        }

        impl Permission {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// What it is asked of.
            pub const fn level(self) -> Level {
                match self { $(Self::$name => Level::$level),+ }
            }

            /// What it says, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }

            /// What whoever holds it holds too, one step: the first is what its work is seen by.
            const fn implies(self) -> &'static [Self] {
                match self { $(Self::$name => &[$(Self::$implied),*]),+ }
            }
        }
    };
}

permissions! {
    ClientsView = "clients.view", Place, [], "See clients";
    ClientsEdit = "clients.edit", Place, [ClientsView], "Create, rename and delete clients";
    SitesView = "sites.view", Place, [ClientsView], "See sites";
    SitesEdit = "sites.edit", Place, [SitesView], "Create, rename and delete sites";
    AgentsView = "agents.view", Place, [SitesView], "See machines, their measurements and network";
    AgentsEdit = "agents.edit", Place, [AgentsView], "Rename and tag machines, fill in their fields, and move them where one may edit too";
    AgentsDelete = "agents.delete", Place, [AgentsView], "Remove machines";
    AgentsApprove = "agents.approve", Place, [AgentsView], "Let machines in, quarantine them, rotate and revoke their keys";
    SiteKeysView = "site_keys.view", Place, [SitesView], "See which site keys there are, never a key";
    SiteKeysEdit = "site_keys.edit", Place, [SiteKeysView], "Create and revoke site keys";
    CommandsView = "commands.view", Place, [AgentsView], "See commands and what they wrote";
    CommandsRun = "commands.run", Place, [CommandsView], "Run and cancel commands";
    CommandsApprove = "commands.approve", Place, [CommandsView], "Decide about runs that others ask for";
    CommandsStopAll = "commands.stop_all", Organisation, [], "Stop all commands of the organisation, and let them start again";
    ScriptsView = "scripts.view", Place, [], "See the library of scripts";
    ScriptsRun = "scripts.run", Place, [CommandsView, ScriptsView], "Run approved saved scripts";
    ScriptsEdit = "scripts.edit", Organisation, [ScriptsView], "Save scripts and new versions of them";
    ScriptsApprove = "scripts.approve", Organisation, [ScriptsView], "Say which version of a script runs";
    SchedulesView = "schedules.view", Place, [ScriptsView], "See schedules";
    SchedulesEdit = "schedules.edit", Place, [SchedulesView, ScriptsRun], "Make, change, pause and delete schedules of what one may run";
    AuditView = "audit.view", Place, [], "Read the audit log";
    AuditExport = "audit.export", Place, [AuditView], "Save the audit log as a file";
    UsersView = "users.view", Organisation, [], "See people, what they may do and where they are signed in";
    UsersEdit = "users.edit", Organisation, [UsersView], "Invite, suspend and remove people, give and take roles, sign people out";
    RolesEdit = "roles.edit", Organisation, [UsersView], "Make and change roles";
    OwnersEdit = "owners.edit", Organisation, [UsersEdit], "Make and unmake owners";
    ApiKeysOwn = "api_keys.own", Organisation, [], "Make API keys for oneself";
    ApiKeysEdit = "api_keys.edit", Organisation, [UsersView], "See and revoke everybody's API keys";
    OrganisationView = "organisation.view", Organisation, [], "See the organisation's settings";
    OrganisationEdit = "organisation.edit", Organisation, [OrganisationView], "Change the organisation's settings";
}

impl Permission {
    /// The permission of this name.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.as_str() == text)
    }

    /// By what the things are seen that it works on: itself when it is a view.
    #[must_use]
    pub fn sees(self) -> Self {
        match self.implies() {
            [first, ..] if !self.is_view() => *first,
            _ => self,
        }
    }

    /// Whether it only looks.
    pub fn is_view(self) -> bool {
        self.as_str().split('.').next_back() == Some("view")
    }

    /// Whether an API key may hold it: what makes people, roles and keys is for people alone, or a key would outlive its end; and a second
    /// person is a person.
    pub const fn is_for_keys(self) -> bool {
        !matches!(
            self,
            Self::UsersView
                | Self::UsersEdit
                | Self::RolesEdit
                | Self::OwnersEdit
                | Self::ApiKeysOwn
                | Self::ApiKeysEdit
                | Self::OrganisationEdit
                | Self::CommandsApprove
                | Self::CommandsStopAll
                | Self::ScriptsApprove
                | Self::SchedulesEdit
        )
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermissionSet(u64);

const _: () = assert!(Permission::ALL.len() <= 64, "a set is 64 bits");

impl PermissionSet {
    /// All there are.
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    /// These.
    pub const fn of(permissions: &[Permission]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < permissions.len() {
            bits |= 1 << permissions[at] as u64;
            at += 1;
        }
        Self(bits)
    }

    /// Whether it is among them.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other does not have.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// With everything that they imply.
    #[must_use]
    pub fn closed(self) -> Self {
        let mut closed = self;
        loop {
            let next = closed.iter().fold(closed, |set, permission| set.or(Self::of(permission.implies())));
            if next == closed {
                return closed;
            }
            closed = next;
        }
    }

    /// Each of them, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<T: IntoIterator<Item = Permission>>(permissions: T) -> Self {
        permissions.into_iter().fold(Self::default(), |set, permission| set.or(Self::of(&[permission])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_holds_something_sees_what_it_works_on() {
        let closed = PermissionSet::of(&[Permission::CommandsRun]).closed();
        let held: Vec<_> = closed.iter().map(Permission::as_str).collect();
        assert_eq!(held, ["clients.view", "sites.view", "agents.view", "commands.view", "commands.run"]);
        for permission in Permission::ALL {
            assert!(permission.sees().is_view() || *permission == Permission::ApiKeysOwn || !permission.is_view());
            assert_eq!(Permission::named(permission.as_str()), Some(*permission));
        }
        assert_eq!(Permission::AgentsEdit.sees(), Permission::AgentsView);
        assert_eq!(Permission::AgentsView.sees(), Permission::AgentsView);
    }

    #[test]
    fn no_key_makes_people_or_keys() {
        for name in [
            "users.edit",
            "roles.edit",
            "owners.edit",
            "api_keys.own",
            "api_keys.edit",
            "organisation.edit",
            "commands.approve",
        ] {
            assert!(!Permission::named(name).unwrap().is_for_keys(), "{name}");
        }
        assert!(Permission::CommandsRun.is_for_keys());
    }
}
