//! Typed identifiers.
//!
//! Every entity has its own id type, so that a site's id cannot be passed where an agent's is meant. All are UUID version 7:
//! they sort by creation, which keeps indexes and cursors in time order. Raw [`Uuid`]s appear nowhere else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id; its first 48 bits are the current time.
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// Wraps a UUID that is known to be this kind of id.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        #[cfg(feature = "utoipa")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::schema!(Uuid).into()
            }
        }

        #[cfg(feature = "utoipa")]
        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// An enrolled machine.
    AgentId,
    /// A secret by which a program acts for a person.
    ApiKeyId,
    /// One line of the audit log.
    AuditEventId,
    /// A customer of an organisation.
    ClientId,
    /// One command on one machine.
    CommandId,
    /// One request for commands on many machines.
    CommandRunId,
    /// A field that an organisation adds to its machines.
    CustomFieldId,
    /// A machine's own lasting id, made by its agent at enrolment.
    DeviceId,
    /// Something about a machine that somebody should look at.
    FindingId,
    /// A role that a person has at a place.
    GrantId,
    /// What an installation that failed has told.
    InstallReportId,
    /// A link by which somebody becomes a member.
    InvitationId,
    /// A tenant: the managed service provider.
    OrgId,
    /// One HTTP request, as logs and problems name it.
    RequestId,
    /// A role that an organisation has made.
    RoleId,
    /// One run of an agent, from its start to its end.
    RunId,
    /// A view of the table of machines that somebody keeps.
    SavedViewId,
    /// When a script runs by itself.
    ScheduleId,
    /// A script of the library.
    ScriptId,
    /// A login.
    SessionId,
    /// A place of a client.
    SiteId,
    /// A key that lets machines enrol into a site.
    SiteKeyId,
    /// One life of an agent's spool; sequence numbers count within it.
    SpoolId,
    /// A person who logs in.
    UserId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_creation_and_survive_text() {
        let first = AgentId::generate();
        let second = AgentId::generate();
        assert!(first < second);
        assert_eq!(first.to_string().parse::<AgentId>().unwrap(), first);
        assert_eq!(serde_json::to_string(&first).unwrap(), format!("\"{first}\""));
    }
}
