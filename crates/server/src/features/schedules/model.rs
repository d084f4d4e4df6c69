//! What a schedule is.

use std::collections::BTreeMap;

use gururmm_ids::{ClientId, OrgId, ScheduleId, ScriptId, SiteId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mandate::{self, Mandate, Signed};
use super::trigger::{Occurrence, Trigger};
use crate::features::command_runs::{Pace, Wanted};
use crate::platform::audit::Target;
use crate::platform::auth::{OrgScope, Place};
use crate::platform::http::Problem;
use crate::platform::secrets::ServerSecrets;
use crate::platform::time::Time;

/// Where a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScheduleStatus)]
pub(crate) enum Status {
    /// It works.
    Active,
    /// Somebody has paused it.
    Paused,
    /// It cannot work any more until somebody changes or resumes it.
    Suspended,
}

impl Status {
    /// The name in SQL and JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Suspended => "suspended",
        }
    }
}

/// What came of the last time that a schedule was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScheduleOutcome)]
pub(crate) enum OutcomeName {
    /// A run.
    Ran,
    /// Nothing: it was missed.
    Skipped,
    /// Nothing: there was no machine for it.
    Nothing,
    /// Nothing: it could not begin.
    Refused,
}

/// When a version of a script runs by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// Its id.
    pub(crate) id: ScheduleId,
    /// Its name, unique without regard to case.
    pub(crate) name: String,
    /// The client to which its machines belong; null: the whole organisation.
    pub(crate) client_id: Option<ClientId>,
    /// That client's name.
    pub(crate) client_name: Option<String>,
    /// The site to which its machines belong; null: the whole client.
    pub(crate) site_id: Option<SiteId>,
    /// That site's name.
    pub(crate) site_name: Option<String>,
    /// What sets it off.
    pub(crate) trigger: Trigger,
    /// The same in a sentence.
    pub(crate) sentence: String,
    /// Which machines of its place.
    pub(crate) targets: Wanted,
    /// The script.
    pub(crate) script_id: ScriptId,
    /// What it is called.
    pub(crate) script_name: String,
    /// Which version runs.
    pub(crate) script_version: i32,
    /// The version that is approved now: if it is another, the schedule is to be looked at.
    pub(crate) script_approved_version: Option<i32>,
    /// Values for the script's parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// How fast, and in which order.
    pub(crate) pace: Pace,
    /// How long an absent machine may take to come back; null: a day.
    pub(crate) expires_in_seconds: Option<i64>,
    /// Where it stands.
    #[schema(value_type = Status)]
    pub(crate) status: String,
    /// Why, when it is suspended.
    pub(crate) status_reason: Option<String>,
    /// A second person lets runs on so many machines begin without being asked; null: they are asked each time, where the organisation wants it.
    pub(crate) machines_max: Option<i32>,
    /// That person's name.
    pub(crate) approved_by_name: Option<String>,
    /// When they agreed.
    pub(crate) approved_at: Option<Time>,
    /// When it is next due, in the time zone that comes first; null while it is not active, and where machines set it off.
    pub(crate) next_at: Option<Time>,
    /// When it was last due.
    pub(crate) last_due_at: Option<Time>,
    /// What came of that.
    #[schema(value_type = Option<OutcomeName>)]
    pub(crate) last_outcome: Option<String>,
    /// Why, when nothing ran.
    pub(crate) last_reason: Option<String>,
    /// Who made it.
    pub(crate) created_by_name: Option<String>,
    /// When it was made.
    pub(crate) created_at: Time,
    /// Who changed it last: it works in their name.
    pub(crate) changed_by: UserId,
    /// Their name.
    pub(crate) changed_by_name: Option<String>,
    /// When it last changed.
    pub(crate) updated_at: Time,
}

/// A schedule, and what is to come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ScheduleDetails {
    /// It.
    #[serde(flatten)]
    pub(crate) schedule: Schedule,
    /// The next ten times, while it is active.
    pub(crate) next: Vec<Occurrence>,
    /// Names all that it says: whoever approves it names what they have read.
    pub(crate) digest: String,
}

/// A schedule as it is stored.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: ScheduleId,
    pub(super) org_id: OrgId,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) client_id: Option<ClientId>,
    pub(super) client_name: Option<String>,
    pub(super) site_id: Option<SiteId>,
    pub(super) site_name: Option<String>,
    pub(super) script_id: ScriptId,
    pub(super) script_name: String,
    pub(super) script_version: i32,
    pub(super) script_approved_version: Option<i32>,
    pub(super) mandate: String,
    pub(super) mandate_signature: Vec<u8>,
    pub(super) mandate_key_id: String,
    pub(super) status: String,
    pub(super) status_reason: Option<String>,
    pub(super) machines_max: Option<i32>,
    pub(super) approved_by_name: Option<String>,
    pub(super) approved_at: Option<Time>,
    pub(super) next_at: Option<Time>,
    pub(super) last_due_at: Option<Time>,
    pub(super) last_outcome: Option<String>,
    pub(super) last_reason: Option<String>,
    pub(super) created_by_name: Option<String>,
    pub(super) created_at: Time,
    pub(super) changed_by: UserId,
    pub(super) changed_by_name: Option<String>,
    pub(super) updated_at: Time,
    pub(super) sort_name: String,
}

impl Row {
    /// What it says, for people who look at it; what its row says of it where that cannot be read, as when a newer version of this program has
    /// written it: it can still be paused, deleted and said anew.
    fn said(&self) -> (Mandate, String) {
        if let Some(mandate) = Mandate::read(&self.mandate) {
            let sentence = mandate.trigger.sentence();
            return (mandate, sentence);
        }
        let mandate = Mandate {
            schedule_id: self.id,
            org_id: self.org_id,
            client_id: self.client_id,
            site_id: self.site_id,
            given_by: self.changed_by,
            trigger: Trigger::unknown(&self.kind),
            script_id: self.script_id,
            script_version: self.script_version,
            script_digest: String::new(),
            parameters: BTreeMap::new(),
            targets: Wanted::Ids(Vec::new()),
            pace: Pace::default(),
            expires_in_seconds: None,
            agreed: None,
        };
        (mandate, "What it says cannot be read here. Save it again.".to_owned())
    }

    /// As people see it.
    pub(super) fn shown(self) -> Schedule {
        let (mandate, sentence) = self.said();
        Schedule {
            id: self.id,
            name: self.name,
            client_id: self.client_id,
            client_name: self.client_name,
            site_id: self.site_id,
            site_name: self.site_name,
            sentence,
            trigger: mandate.trigger,
            targets: mandate.targets,
            script_id: self.script_id,
            script_name: self.script_name,
            script_version: self.script_version,
            script_approved_version: self.script_approved_version,
            parameters: mandate.parameters,
            pace: mandate.pace,
            expires_in_seconds: mandate.expires_in_seconds,
            next_at: self.next_at.filter(|_| self.status == "active"),
            status: self.status,
            status_reason: self.status_reason,
            machines_max: self.machines_max,
            approved_by_name: self.approved_by_name,
            approved_at: self.approved_at,
            last_due_at: self.last_due_at,
            last_outcome: self.last_outcome,
            last_reason: self.last_reason,
            created_by_name: self.created_by_name,
            created_at: self.created_at,
            changed_by: self.changed_by,
            changed_by_name: self.changed_by_name,
            updated_at: self.updated_at,
        }
    }

    /// Names all that it says.
    pub(super) fn digest(&self) -> String {
        mandate::digest(&self.name, &self.mandate)
    }

    /// Its mandate, if this server has signed it for this schedule: nothing else is ever signed again.
    pub(super) fn opened(&self, scope: &OrgScope, secrets: &ServerSecrets) -> Result<Mandate, Problem> {
        let signed = Signed {
            text: self.mandate.clone(),
            signature: self.mandate_signature.clone(),
            key_id: self.mandate_key_id.clone(),
        };
        let opened = signed.open_for(secrets, (self.id, scope.org_id), self.changed_by);
        let place = Place::of(self.client_id, self.site_id);
        opened.filter(|mandate| mandate.place() == place).ok_or_else(|| {
            Problem::conflict("schedule_changed", "What it says is not what this server has signed. Save it again.")
        })
    }

    /// Refuses who decides about something else than they have read.
    pub(super) fn must_be(&self, read: &str) -> Result<(), Problem> {
        if self.digest() == read {
            return Ok(());
        }
        let detail = "This schedule has changed since you read it. Read it again, then decide.";
        Err(Problem::conflict("schedule_changed", detail))
    }
}

impl Schedule {
    /// Where its machines are.
    pub(super) const fn place(&self) -> Place {
        Place::of(self.client_id, self.site_id)
    }

    /// The schedule as the target of an audit event.
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            kind: "schedule",
            id: Some(self.id.as_uuid()),
            name: Some(&self.name),
            client_id: self.client_id,
            site_id: self.site_id,
            ..Target::default()
        }
    }

    /// What the audit log keeps of it.
    pub(super) fn told(&self) -> serde_json::Value {
        serde_json::json!({
            "name": self.name,
            "client_name": self.client_name,
            "site_name": self.site_name,
            "when": self.sentence,
            "trigger": self.trigger,
            "script": self.script_name,
            "script_version": self.script_version,
            "parameters": self.parameters,
            "targets": self.targets.told().unwrap_or_default(),
            "pace": self.pace,
            "expires_in_seconds": self.expires_in_seconds,
            "status": self.status,
        })
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("schedule_not_found", "There is no such schedule.")
}

pub(super) fn name_taken() -> Problem {
    Problem::conflict("name_taken", "Another schedule has this name. Choose another one.")
}
