//! Which machines a run is for.

use std::collections::{BTreeMap, BTreeSet};

use gururmm_ids::{AgentId, ClientId, SiteId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::features::agents::AgentFilter;
use crate::platform::auth::OrgScope;
use crate::platform::http::Problem;

/// There is no machine for a run.
pub(crate) const NO_TARGETS: &str = "no_targets";

/// Most machines of one run.
pub(super) const TARGETS_MAX: usize = 20_000;

/// Which machines.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CommandRunTargets)]
pub(crate) enum Wanted {
    /// These, 1 to 20,000.
    Ids(Vec<AgentId>),
    /// All that the list would show with this filter; those that are not active only when it asks for them.
    Filter(AgentFilter),
}

/// A machine of a run.
pub(crate) struct Target {
    pub(crate) agent_id: AgentId,
    pub(super) name: String,
    pub(super) client_id: ClientId,
    pub(super) site_id: SiteId,
    pub(super) os: String,
    is_active: bool,
    may: bool,
    is_online: bool,
}

/// The machines of a run, and how many were left out by the code of why.
pub(crate) struct Targets {
    pub(crate) found: Vec<Target>,
    pub(super) refused: BTreeMap<&'static str, u32>,
}

/// What a run would reach.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommandRunPreview)]
pub(crate) struct Preview {
    /// Machines that would be told.
    count: usize,
    /// Of these, machines that are away now.
    offline: usize,
    /// Machines that would be left out, by the code of why.
    refused: BTreeMap<&'static str, u32>,
    /// Above how many machines a second person decides; null: never.
    approval_threshold: Option<i32>,
    /// Whether a second person has to approve.
    needs_approval: bool,
}

/// Whether a second person has to approve.
pub(super) fn needs_approval(machines: usize, threshold: Option<i32>) -> bool {
    threshold.is_some_and(|threshold| machines > threshold.unsigned_abs() as usize)
}

impl Targets {
    /// What they mean for a run.
    pub(super) fn preview(self, approval_threshold: Option<i32>) -> Preview {
        Preview {
            count: self.found.len(),
            offline: self.found.iter().filter(|target| !target.is_online).count(),
            needs_approval: needs_approval(self.found.len(), approval_threshold),
            refused: self.refused,
            approval_threshold,
        }
    }

    /// Leaves out those for which it is not so.
    #[must_use]
    pub(super) fn keep(mut self, code: &'static str, is_so: impl Fn(&Target) -> bool) -> Self {
        let before = self.found.len();
        self.found.retain(is_so);
        let left_out = (before - self.found.len()) as u32;
        if left_out > 0 {
            self.refused.insert(code, left_out);
        }
        self
    }

    /// Them, if there are any.
    pub(super) fn some(self) -> Result<Self, Problem> {
        if !self.found.is_empty() {
            return Ok(self);
        }
        let why = match self.refused.keys().next() {
            Some(&"forbidden") => "You may run nothing on any of these machines.",
            Some(&"platform_mismatch") => "The script is not for the systems of these machines.",
            Some(&"parameter_missing") => "These machines have no value of something that the script asks for.",
            Some(&"agent_not_active") => "None of these machines may work: they wait, are quarantined or have left.",
            _ => "There is no such machine. Choose at least one.",
        };
        Err(Problem { code: NO_TARGETS, ..Problem::field("targets", why) })
    }
}

impl Wanted {
    /// What was asked for, as the run remembers it.
    pub(crate) fn told(&self) -> Result<Value, Problem> {
        Ok(match self {
            Self::Ids(ids) => json!({ "ids": ids.len() }),
            Self::Filter(filter) => json!({ "filter": filter.asked()?.told() }),
        })
    }

    /// The machines that the caller sees, in the order of their names.
    pub(crate) async fn find(&self, tx: &mut PgConnection, scope: &OrgScope) -> Result<Targets, Problem> {
        let (ids, filter) = match self {
            Self::Ids(ids) if ids.is_empty() || ids.len() > TARGETS_MAX => return Err(too_many()),
            Self::Ids(ids) => {
                let ids: BTreeSet<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
                (Some(ids.into_iter().collect::<Vec<_>>()), None)
            }
            Self::Filter(filter) => (None, Some(Json(filter.asked()?.or_active()))),
        };
        let rows = sqlx::query_as!(
            Target,
            r#"select agent_id as "agent_id!: AgentId", name as "name!", client_id as "client_id!: ClientId", site_id as "site_id!: SiteId",
                      os as "os!", is_active as "is_active!", may as "may!", is_online as "is_online!"
               from command_run_targets($1, $2, $3, $4)"#,
            scope.org_id as _,
            ids.as_deref(),
            filter as _,
            TARGETS_MAX as i32 + 1,
        )
        .fetch_all(tx)
        .await?;
        if rows.len() > TARGETS_MAX {
            return Err(too_many());
        }
        let missing = ids.map_or(0, |ids| ids.len().saturating_sub(rows.len()));
        Ok(sorted_out(rows, missing))
    }
}

fn sorted_out(rows: Vec<Target>, missing: usize) -> Targets {
    let mut refused = BTreeMap::new();
    let mut found = Vec::with_capacity(rows.len());
    for target in rows {
        let fault = match (target.is_active, target.may) {
            (true, true) => None,
            (_, false) => Some("forbidden"),
            (false, true) => Some("agent_not_active"),
        };
        match fault {
            None => found.push(target),
            Some(code) => *refused.entry(code).or_default() += 1,
        }
    }
    if missing > 0 {
        refused.insert("agent_not_found", missing as u32);
    }
    Targets { found, refused }
}

fn too_many() -> Problem {
    Problem::field("targets", format!("A run is for 1 to {TARGETS_MAX} machines."))
}
