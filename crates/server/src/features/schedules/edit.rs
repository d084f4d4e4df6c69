//! Making and changing schedules: what is asked for, checked against what its author may do, becomes a mandate.

use std::collections::BTreeMap;

use gururmm_ids::{ClientId, ScheduleId, ScriptId, SiteId};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::db;
use super::mandate::Mandate;
use super::model::{Row, Schedule, name_taken, not_found};
use super::trigger::Trigger;
use super::zones;
use crate::app::AppState;
use crate::features::command_runs::{Pace, Wanted};
use crate::features::commands::expiry;
use crate::features::scripts::{self, Use};
use crate::features::sites;
use crate::platform::auth::{Caller, OrgScope, Permission, Place, giving};
use crate::platform::http::Problem;
use crate::platform::http::problem::violates;
use crate::platform::time::Time;
use crate::platform::validate;

/// Most machines that a schedule names one by one.
const IDS_MAX: usize = 1_000;
/// Most schedules of an organisation.
const SCHEDULES_MAX: i64 = 500;

/// A schedule as it is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ScheduleWish)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// 1 to 200 characters, unique without regard to case.
    name: String,
    /// The client to which its machines belong; absent: the whole organisation.
    client_id: Option<ClientId>,
    /// The site to which its machines belong; absent: the whole client, or the organisation.
    site_id: Option<SiteId>,
    /// What sets it off.
    trigger: Trigger,
    /// Which machines of its place, at most 1,000 by name; each time those that are found then.
    targets: Wanted,
    /// The script.
    script_id: ScriptId,
    /// The number of the version; the approved one unless told. Another one needs `commands.run` at its place.
    script_version: Option<i32>,
    /// Values for the script's parameters by their names, as text. They are kept with the schedule: no place for secrets.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    /// How fast, and in which order; all at once unless told.
    #[serde(default)]
    pace: Pace,
    /// How long an absent machine may take to come back, and its turn to come, 30 to 2,592,000; a day unless told.
    expires_in_seconds: Option<i64>,
    /// The `digest` of what was read, when a schedule is replaced: if it says something else by now, it stays as it is.
    pub(super) based_on: Option<String>,
}

/// A schedule, which nobody else changes until the end of the transaction.
pub(super) async fn locked(tx: &mut PgConnection, scope: &OrgScope, id: ScheduleId) -> Result<Row, Problem> {
    db::lock(tx, scope, id).await?;
    db::find(tx, scope, id).await?.ok_or_else(not_found)
}

/// The place that is asked for, where the caller may do it.
pub(super) async fn place(
    tx: &mut PgConnection,
    scope: &OrgScope,
    asked: (Option<ClientId>, Option<SiteId>),
) -> Result<Place, Problem> {
    let place = sites::place_of(tx, scope, asked).await?;
    scope.at(place)?;
    Ok(place)
}

/// The version that is asked for, if the caller may run it at this place.
pub(super) async fn script(
    tx: &mut PgConnection,
    (caller, scope): (&Caller, &OrgScope),
    asked: (ScriptId, Option<i32>),
    given: BTreeMap<String, String>,
    place: Place,
) -> Result<Use, Problem> {
    let script = scripts::find_use(tx, scope, asked, given).await?;
    if !script.is_approved() {
        giving::must_hold(caller.access(), Permission::CommandsRun, place)?;
    }
    script.wish()?.checked()?;
    Ok(script)
}

impl Wish {
    async fn mandate(
        self,
        tx: &mut PgConnection,
        (caller, scope): (&Caller, &OrgScope),
        id: ScheduleId,
    ) -> Result<Mandate, Problem> {
        let place = place(tx, scope, (self.client_id, self.site_id)).await?;
        let trigger = self.trigger.checked()?;
        if matches!(&self.targets, Wanted::Ids(ids) if ids.is_empty() || ids.len() > IDS_MAX) {
            let detail = format!("A schedule names 1 to {IDS_MAX} machines; choose more by a filter, such as a tag.");
            return Err(Problem::field("targets", detail));
        }
        self.targets.told()?;
        expiry(self.expires_in_seconds)?;
        let pace = trigger.check_pace(self.pace)?;
        let script = script(tx, (caller, scope), (self.script_id, self.script_version), self.parameters, place).await?;
        let (client_id, site_id) = place.ids();
        Ok(Mandate {
            schedule_id: id,
            org_id: scope.org_id,
            client_id,
            site_id,
            given_by: scope.user_id,
            trigger,
            script_id: script.script.id,
            script_version: script.number(),
            script_digest: script.digest()?,
            parameters: script.given,
            targets: self.targets,
            pace,
            expires_in_seconds: self.expires_in_seconds,
            agreed: None,
        })
    }
}

/// Stores what is asked for: a new schedule, or what an existing one says from now on.
pub(super) async fn save(
    app: &AppState,
    tx: &mut PgConnection,
    (caller, scope): (&Caller, &OrgScope),
    (id, before): (ScheduleId, Option<&Schedule>),
    wish: Wish,
) -> Result<Schedule, Problem> {
    let now = Time::stored(app.clock.now());
    let name = validate::name("name", &wish.name)?;
    let mandate = wish.mandate(tx, (caller, scope), id).await?;
    let signed = mandate.sign(&app.secrets)?;
    let begins_anew = before.is_none_or(|before| before.trigger != mandate.trigger || before.status == "suspended");
    let is_new = before.is_none();
    if is_new && db::count(tx).await? >= SCHEDULES_MAX {
        let detail = format!("An organisation has at most {SCHEDULES_MAX} schedules. Delete one first.");
        return Err(Problem::conflict("schedule_limit_reached", detail));
    }
    match db::save(tx, scope, (&mandate, &signed), &name, (is_new, begins_anew), now).await {
        Err(error) if violates(&error, "schedules_name") => return Err(name_taken()),
        Ok(false) => return Err(not_found()),
        result => drop(result?),
    }
    if begins_anew {
        begin(tx, scope, &mandate, now).await?;
    }
    Ok(db::find(tx, scope, id).await?.ok_or_else(not_found)?.shown())
}

/// What is due begins now: what came before is not its business.
pub(super) async fn begin(tx: &mut PgConnection, scope: &OrgScope, mandate: &Mandate, now: Time) -> sqlx::Result<()> {
    let zones = zones::of_place(tx, scope, mandate.place(), mandate.trigger.time_zone()).await?;
    let names: Vec<String> = zones.into_iter().map(|zone| zone.name).collect();
    db::begin(tx, mandate.schedule_id, &names, now).await
}
