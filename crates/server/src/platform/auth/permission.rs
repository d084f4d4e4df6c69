//! Permissions: one per thing a person may do. An administrator has all of them.

use serde::Serialize;
use utoipa::ToSchema;

macro_rules! permissions {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// Something a person may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
        pub enum Permission {
            $(#[doc = $text] #[serde(rename = $text)] $name,)+
        }

        impl Permission {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

permissions! {
    AgentsDelete = "agents.delete",
    AgentsEdit = "agents.edit",
    AgentsView = "agents.view",
    AuditExport = "audit.export",
    AuditView = "audit.view",
    ClientsEdit = "clients.edit",
    ClientsView = "clients.view",
    CommandsRun = "commands.run",
    CommandsView = "commands.view",
    OrganisationEdit = "organisation.edit",
    OrganisationView = "organisation.view",
    SiteKeysEdit = "site_keys.edit",
    SiteKeysView = "site_keys.view",
    SitesEdit = "sites.edit",
    SitesView = "sites.view",
}

impl Permission {
    /// What a role may do; an unknown role nothing.
    pub fn of_role(role: &str) -> &'static [Self] {
        match role {
            "administrator" => Self::ALL,
            _ => &[],
        }
    }
}
