//! What an organisation is, as its people see it and as operators do.

use gururmm_ids::OrgId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::http::Problem;
use crate::platform::time::Time;

/// Most machines, people and days that a limit can name.
const AGENTS: std::ops::RangeInclusive<i64> = 0..=1_000_000;
const USERS: std::ops::RangeInclusive<i64> = 1..=100_000;
const DAYS: std::ops::RangeInclusive<i64> = 2..=4_000;

/// The organisation, as its people see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OrganisationSettings)]
pub struct Organisation {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// Machines it may have; null without limit.
    pub agents_max: Option<i32>,
    /// Machines it has.
    pub agent_count: i64,
    /// People it may have; null without limit.
    pub users_max: Option<i32>,
    /// People it has.
    pub user_count: i64,
    /// Days for which measurements are kept at most; null: what the server keeps.
    pub retention_days_max: Option<i32>,
    /// A second person decides about runs on more machines than this; null: never.
    pub approval_threshold: Option<i32>,
    /// Days for which commands that have ended are kept, with their output; null: for ever.
    pub command_days: Option<i32>,
    /// Whether who has written a version of a script may not approve it.
    pub scripts_need_other_person: bool,
    /// The time zone of sites that name none, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Since when all commands are stopped; null: they are not.
    pub commands_stopped_at: Option<Time>,
    /// Who stopped them.
    pub commands_stopped_by: Option<String>,
    /// Why.
    pub commands_stopped_reason: Option<String>,
}

/// An organisation, as operators see it: no name of anything in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlatformOrganisation {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was suspended; null: it is not.
    pub suspended_at: Option<Time>,
    /// Machines it may have; null without limit.
    pub agents_max: Option<i32>,
    /// Machines it has.
    pub agent_count: i64,
    /// People it may have; null without limit.
    pub users_max: Option<i32>,
    /// People it has.
    pub user_count: i64,
    /// Days for which measurements are kept at most; null: what the server keeps.
    pub retention_days_max: Option<i32>,
    /// The name as the list sorts it.
    #[serde(skip)]
    pub(super) sort_name: String,
}

/// What an organisation may have; null without limit.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[schema(as = OrganisationLimits)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Machines, 0 to 1,000,000.
    pub agents_max: Option<i64>,
    /// People, 1 to 100,000.
    pub users_max: Option<i64>,
    /// Days for which measurements are kept, 2 to 4,000.
    pub retention_days_max: Option<i64>,
}

/// Checked limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckedLimits {
    pub(super) agents: Option<i32>,
    pub(super) users: Option<i32>,
    pub(super) days: Option<i32>,
}

impl Limits {
    pub(super) fn check(self) -> Result<CheckedLimits, Problem> {
        Ok(CheckedLimits {
            agents: within("agents_max", self.agents_max, AGENTS)?,
            users: within("users_max", self.users_max, USERS)?,
            days: within("retention_days_max", self.retention_days_max, DAYS)?,
        })
    }
}

fn within(
    field: &'static str,
    limit: Option<i64>,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<i32>, Problem> {
    let wrong =
        || Problem::field(field, format!("Between {} and {}, or null for no limit.", range.start(), range.end()));
    match limit {
        None => Ok(None),
        Some(limit) if range.contains(&limit) => i32::try_from(limit).map(Some).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    }
}

pub(super) fn not_found() -> Problem {
    Problem::not_found("organisation_not_found", "There is no such organisation.")
}
